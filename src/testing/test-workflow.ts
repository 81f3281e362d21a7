/** Runs a workflow in this process as a worker would, but without Redis, for tests of the workflow. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../core/clock.ts';
import { PlayheadError } from '../core/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../core/json.ts';
import { silentLogger } from '../core/logger.ts';
import type { StepLine } from '../core/step-lines.ts';
import { Attempt, type AttemptParts, type Outcome, type RunnableWorkflow } from '../jobs/attempt.ts';
import type { StoredFile } from '../jobs/contract.ts';
import type { WorkflowDefinition } from '../jobs/definition.ts';
import { JobFileStore } from '../jobs/files.ts';
import { parseInput } from '../jobs/input-parsing.ts';
import { createRunnable, startWorkflows } from '../jobs/start-workflows.ts';
import { withSave } from '../jobs/with-save.ts';
import type { EventWriter } from '../progress/event-writer.ts';
import type { JobEvent } from '../progress/events.ts';
import {
  endedJob,
  type JobState,
  type JobStatus,
  newJob,
  type StepView,
  viewSteps,
} from '../progress/state.ts';
import { childEnvironment, readConfig } from '../settings/config.ts';
import { FolderStore } from '../store/folder-store.ts';

export interface TestOptions {
  /** The mutation's input; parsed by the workflow's schema. */
  readonly input: unknown;
  /** The maximum number of attempts; after a retryable error, the next follows at once. @default 1 */
  readonly maxAttempts?: number;
  /** Cancels the job when aborted. @default it is not cancelled */
  readonly signal?: AbortSignal;
  /** The second argument of `run`. @default what the workflow's `worker` starts */
  readonly services?: unknown;
  /** Settings of the workflow, by the names of their environment variables. @default those of the environment */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A job that has ended. */
export interface TestedJob {
  readonly status: JobStatus;
  /** What `run` returned, as parsed by its schema; null unless the job has completed. */
  readonly result: JsonObject | null;
  /** The error that ended a failed or cancelled job; the `cause` of an INTERNAL one is what the workflow threw. */
  readonly error: PlayheadError | null;
  /** The number of attempts made. */
  readonly attempts: number;
  /** All steps in order, with what became of each. */
  readonly steps: readonly StepView[];
  /** The events that subscribers would get, in order. Progress within a step comes at most ten times a second. */
  readonly events: readonly JobEvent[];
  /** What the steps, their programs and providers have said. */
  readonly lines: readonly StepLine[];
  /** The workflow's warnings. */
  readonly warnings: readonly string[];
  /** The files stored at the end, by name. */
  readonly files: ReadonlyMap<string, StoredFile>;
  /** Absolute path of a stored file, which exists until this process ends. @throws RangeError when there is none */
  open(name: string): string;
}

const JOB_ID = 'job';
const PROJECT_ID = 'test';

/**
 * Runs a job of a workflow to its end. Steps, retries, time limits and files work as in a worker; admission, queueing and
 * predictions are skipped.
 * @throws PlayheadError BAD_USER_INPUT when the schema rejects the input; ConfigError for an invalid setting
 * @example
 * const job = await testWorkflow(transcode, { input: { source: 'a.mp4', height: 480 } });
 * assert.equal(job.status, 'COMPLETED');
 */
export async function testWorkflow(definition: WorkflowDefinition, options: TestOptions): Promise<TestedJob> {
  const input = parseInput(definition.input, options.input, 'input') as Json;
  const folder = mkdtempSync(join(tmpdir(), 'playhead-test-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { close, runnable } = await start(definition, options);
  try {
    return await new TestRun(definition, runnable, folder).run(input, options);
  } finally {
    await close();
  }
}

interface Started {
  readonly runnable: RunnableWorkflow;
  readonly close: () => Promise<void>;
}

async function start(definition: WorkflowDefinition, options: TestOptions): Promise<Started> {
  if (options.services !== undefined || definition.worker === null) {
    return { runnable: createRunnable(definition, options.services), close: async () => {} };
  }
  const config = readConfig(childEnvironment({}, options.settings), definition.settings);
  const { lockMs, searchPath, security, stepTimeoutMs, workflowSettings } = config;
  const started = await startWorkflows(new Map([[definition.name, definition]]), {
    ...{ lockMs, searchPath, stepTimeoutMs },
    settings: workflowSettings,
    toolLimits: security.toolLimits,
    logger: silentLogger,
    noticeUrl: undefined,
  });
  const runnable = started.workflows[definition.name];
  if (runnable === undefined) throw new TypeError(`expected ${definition.name} to be started`);
  return { runnable, close: () => started.close() };
}

/** Stands in for a worker's Redis and file store, in memory and a temporary folder. */
class TestRun {
  readonly #events: JobEvent[] = [];
  readonly #lines: StepLine[] = [];
  readonly #saved = new Map<string, StoredFile>();
  readonly #parts: AttemptParts;
  /** Where the files of jobs are kept. */
  readonly #folder: string;
  readonly #store: FolderStore;
  readonly #files: JobFileStore;
  #outputs: Record<string, Json> = {};
  #state: JobState;

  constructor(definition: WorkflowDefinition, runnable: RunnableWorkflow, folder: string) {
    this.#folder = join(folder, 'artifacts');
    this.#store = new FolderStore(this.#folder);
    this.#files = new JobFileStore(this.#store, folder);
    this.#state = newJob({
      ...{ id: JOB_ID, projectId: PROJECT_ID, workflow: definition.name, taskName: definition.taskName },
      ...{ table: definition.steps, maxAttempts: 1, createdAt: systemClock.now() },
    });
    const limits = readConfig(childEnvironment({}));
    this.#parts = {
      ...{ log: this.#log(), jobs: this.#jobs(), usage: this.#usage(), files: this.#files },
      lines: { add: async (_project, _job, said) => void this.#lines.push(...said) },
      ...{ runnable, clock: systemClock, logger: silentLogger, onEnded: () => {} },
      ...{ jobTimeoutMs: limits.jobTimeoutMs, stepTimeoutMs: limits.stepTimeoutMs, showsErrors: true },
    };
  }

  async run(input: Json, { maxAttempts = 1, signal }: TestOptions): Promise<TestedJob> {
    let outcome: Outcome;
    let number = 0;
    do {
      number += 1;
      const basis = { state: this.#state, input, outputs: { ...this.#outputs } };
      outcome = await this.#attempt(new Attempt(this.#parts, basis, number), maxAttempts - number, signal);
    } while (outcome.kind === 'retry');
    this.#files.close();
    await this.#dropRemoved();
    return this.#tested(outcome, number);
  }

  async #attempt(attempt: Attempt, retries: number, signal: AbortSignal | undefined): Promise<Outcome> {
    const cancel = (): void => attempt.stop('ended');
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await attempt.run(retries);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  #tested(outcome: Outcome, attempts: number): TestedJob {
    const error = this.#endOf(outcome);
    const state = this.#state;
    const warnings = state.metadata?.['warnings'];
    return {
      status: state.status,
      result: state.status === 'COMPLETED' && isJsonObject(state.result) ? state.result : null,
      ...{ error, attempts },
      steps: viewSteps(state),
      events: this.#events,
      lines: this.#lines,
      warnings: Array.isArray(warnings) ? warnings.map(String) : [],
      files: this.#saved,
      open: (name) => {
        const file = this.#saved.get(name);
        if (file !== undefined) return join(this.#folder, file.path);
        throw new RangeError(`name: expected one of ${[...this.#saved.keys()].join(', ')}, received ${name}`);
      },
    };
  }

  /** A cancelled job's last event is written by whoever cancels it, which is done here. */
  #endOf(outcome: Outcome): PlayheadError | null {
    if (outcome.kind === 'failed') return outcome.error;
    if (outcome.kind !== 'stopped') return null;
    const error = new PlayheadError('CANCELLED', 'Cancelled by the test');
    const now = systemClock.now();
    const { attempt, id, projectId, taskName, workflow } = this.#state;
    const event: JobEvent = {
      ...{ type: 'ErrorEvent', projectId, jobId: id, workflow, taskName, attempt },
      ...{ timestamp: new Date(now).toISOString(), version: this.#events.length + 1 },
      ...{ error: error.message, code: error.code, details: null, willRetry: false, retryAfterSeconds: null },
    };
    this.#events.push(event);
    this.#state = endedJob(this.#state, event, now);
    return error;
  }

  #log(): EventWriter {
    return {
      append: async ({ event, state }) => {
        const version = this.#events.length + 1;
        this.#events.push({ ...event, version });
        this.#state = state;
        return { code: 'OK', version, position: { epoch: 'test', seq: version, hash: '' } };
      },
    };
  }

  #jobs(): AttemptParts['jobs'] {
    return {
      keepOutputs: async (_project, _job, fields) => void Object.assign(this.#outputs, fields),
      forgetOutputs: async (_project, _job, fields) => {
        for (const field of fields) delete this.#outputs[field];
      },
      dropOutputs: async () => {
        this.#outputs = {};
      },
    };
  }

  #usage(): AttemptParts['usage'] {
    return {
      meter: (files) =>
        withSave(files, async (name, path) => {
          const file = await files.save(name, path);
          this.#saved.set(name, file);
          return file;
        }),
      drop: async () => {},
    };
  }

  /**
   * Forgets files that were removed: intermediate ones once the job has completed, and all files of one that exceeded its
   * quota.
   */
  async #dropRemoved(): Promise<void> {
    for (const { name, path } of this.#saved.values()) {
      if ((await this.#store.facts(path)) === null) this.#saved.delete(name);
    }
  }
}
