/** Runs a workflow without Redis: step outputs are kept in memory, files in a temporary folder. */

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { PlayheadError } from '../../src/core/errors.ts';
import type { Json, JsonObject } from '../../src/core/json.ts';
import { Stopped } from '../../src/jobs/attempt.ts';
import type { JobFiles, StepRun, WorkflowRun } from '../../src/jobs/contract.ts';
import { contentTypeOf } from '../../src/jobs/files.ts';
import type { WorkSize } from '../../src/progress/run-so-far.ts';

export interface StepUpdate<Step> {
  readonly step: Step;
  readonly progress: number;
  readonly message: string;
  readonly metadata: JsonObject | undefined;
}

export interface TestRun<Input, Step extends string> extends WorkflowRun<Input, Step> {
  /** Absolute path of the folder with stored files and scratch. */
  readonly folder: string;
  /** Outputs of finished steps, by name. */
  readonly outputs: Map<Step, Json>;
  /** Steps whose work was called in this run. */
  readonly worked: Step[];
  readonly updates: StepUpdate<Step>[];
  readonly warnings: string[];
  /** What was shown, by the ending of the file, in order. */
  readonly previews: string[];
  /** Everything that was told of the size. */
  readonly size: WorkSize;
  /** Removes scratch, as the runner does at an attempt's end. */
  end(): Promise<void>;
}

export interface TestRunOptions<Input, Step extends string> {
  readonly input: Input;
  /** An earlier attempt to go on from: its files and the outputs of these steps. */
  readonly after?: { readonly run: TestRun<Input, Step>; readonly steps: readonly Step[] };
  readonly signal?: AbortSignal;
  readonly onUpdate?: (update: StepUpdate<Step>) => void;
  /** Folders of other jobs of the project, by job id. */
  readonly jobs?: Readonly<Record<string, string>>;
}

export async function createTestRun<Input, Step extends string>(
  options: TestRunOptions<Input, Step>,
): Promise<TestRun<Input, Step>> {
  const { input, after, signal, onUpdate, jobs } = options;
  const folder = await mkdtemp(join(tmpdir(), 'playhead-run-'));
  if (after) await cp(after.run.folder, folder, { recursive: true });
  await mkdir(join(folder, 'scratch'), { recursive: true });
  const outputs = new Map<Step, Json>();
  for (const step of after?.steps ?? []) outputs.set(step, after?.run.outputs.get(step) ?? null);
  const updates: StepUpdate<Step>[] = [];
  const worked: Step[] = [];
  const size: WorkSize = {};
  const warnings: string[] = [];
  const previews: string[] = [];
  const runSignal = signal ?? new AbortController().signal;
  const stepRun = (step: Step): StepRun => ({
    signal: runSignal,
    update(progress, message, metadata) {
      const update = { step, progress, message, metadata };
      updates.push(update);
      onUpdate?.(update);
    },
    preview: async (path) => {
      previews.push(extname(path));
      await rename(path, join(folder, `preview${extname(path)}`));
    },
    log() {},
  });
  return {
    ...{ projectId: 'film', jobId: 'job', attempt: after ? 2 : 1, input, signal: runSignal },
    ...{ folder, outputs, worked, updates, warnings, previews, size, files: createFiles(folder, jobs ?? {}) },
    async step<Output extends Json>(name: Step, _message: string, work: (step: StepRun) => Promise<Output>) {
      if (outputs.has(name)) return structuredClone(outputs.get(name)) as Output;
      worked.push(name);
      const output = await work(stepRun(name));
      outputs.set(name, JSON.parse(JSON.stringify(output)) as Json);
      return output;
    },
    measure: (told) => void Object.assign(size, told),
    warn: (message) => void warnings.push(message),
    isGivenUp: () => runSignal.reason instanceof Stopped && runSignal.reason.reason === 'ended',
    end: () => rm(join(folder, 'scratch'), { recursive: true, force: true }),
  };
}

function createFiles(folder: string, jobs: Readonly<Record<string, string>>): JobFiles {
  return {
    scratch: join(folder, 'scratch'),
    async save(name, path) {
      const target = join(folder, name);
      await mkdir(dirname(target), { recursive: true });
      await rename(path, target);
      const contentType = contentTypeOf(name) ?? 'application/octet-stream';
      return { name, path: `film/job/${name}`, contentType, sizeBytes: (await stat(target)).size };
    },
    open: async (name) => join(folder, name),
    openArtifact: async (jobId, name) => {
      const other = jobs[jobId];
      if (other === undefined) throw new PlayheadError('INVALID_INPUT', `no job ${jobId}`);
      return join(other, name);
    },
  };
}

/** Command lines of running processes that name this folder. */
export async function processesIn(folder: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args'], { maxBuffer: 10_000_000 });
  return stdout.split('\n').filter((line) => line.includes(folder) && !line.startsWith('ps '));
}
