/** Writes jobs and their events as a worker would, through the real tracker, at the pace of the test. */

import type { Redis } from 'ioredis';
import { v7 as uuidv7 } from 'uuid';
import { systemClock } from '../../src/core/clock.ts';
import type { Json, JsonObject } from '../../src/core/json.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { Workflows } from '../../src/jobs/definition.ts';
import { EventLog } from '../../src/log/log.ts';
import type { ProgressEvent } from '../../src/progress/events.ts';
import { mapProgress } from '../../src/progress/mapper.ts';
import { newJob } from '../../src/progress/state.ts';
import type { Workflow } from '../../src/progress/steps.ts';
import { ProgressTracker } from '../../src/progress/tracker.ts';
import { newWriteId } from '../../src/progress/write-id.ts';
import { createKeys, type Keys } from '../../src/redis/keys.ts';
import { WORKFLOWS } from '../setup/workflows.ts';

export class Scribe {
  readonly keys: Keys;
  readonly log: EventLog;
  readonly redis: Redis;

  readonly #workflows: Workflows;

  constructor(redis: Redis, prefix: string, workflows: Workflows = WORKFLOWS) {
    this.#workflows = workflows;
    this.redis = redis;
    this.keys = createKeys(prefix);
    this.log = new EventLog(redis, this.keys);
  }

  /** A job that waits. */
  async queue(projectId: string, workflow: Workflow = 'DIRECTOR'): Promise<ScribedJob> {
    const definition = this.#workflows.get(workflow);
    if (definition === undefined) throw new Error(`expected a workflow ${workflow}`);
    const { taskName, steps: table } = definition;
    const state = newJob({
      id: uuidv7(),
      projectId,
      workflow,
      taskName,
      table,
      maxAttempts: 3,
      createdAt: Date.now(),
    });
    const event: ProgressEvent = {
      type: 'ProgressEvent',
      projectId,
      jobId: state.id,
      taskName,
      attempt: 1,
      timestamp: new Date().toISOString(),
      progress: 0,
      status: 'queued',
      step: null,
      message: 'Waiting for a worker',
      metadata: null,
    };
    const { position } = await this.log.append({ mode: 'create', writeId: newWriteId(), event, state });
    return new ScribedJob(this.log, { ...state, last: position });
  }

  /** A job that runs and has entered a step. */
  async begin(projectId: string, workflow: Workflow = 'DIRECTOR'): Promise<ScribedJob> {
    const job = await this.queue(projectId, workflow);
    await job.begin();
    return job;
  }

  /** Forgets the project's history, as a flush of Redis does; the jobs themselves stay. */
  async loseHistory(projectId: string): Promise<void> {
    const { log, meta } = this.keys.project(projectId);
    await this.redis.unlink(log, meta);
  }
}

export class ScribedJob {
  readonly tracker: ProgressTracker;

  constructor(log: EventLog, state: ConstructorParameters<typeof ProgressTracker>[0]) {
    this.tracker = new ProgressTracker(state, {
      log,
      clock: systemClock,
      logger: silentLogger,
      onRefused: () => {},
      minIntervalMs: 1,
    });
  }

  get id(): string {
    return this.tracker.state.id;
  }

  async begin(attempt = 1): Promise<void> {
    await this.tracker.begin(attempt);
  }

  /** @param share 0..1 inside the step */
  step(name: string, share: number, message: string, metadata: JsonObject | null = null): void {
    const { table: steps } = this.tracker.state;
    const at = steps.findIndex((step) => step.name === name);
    const now = steps.findIndex((step) => step.name === this.tracker.state.step);
    for (const { name: next, from } of steps.slice(now + 1, at + 1)) {
      this.tracker.enterStep(next, from, message, metadata);
    }
    this.tracker.update(mapProgress(steps, name, share), 'processing', message, metadata);
  }

  complete(result: Json): Promise<boolean> {
    return this.tracker.complete(result);
  }

  fail(
    message: string,
    code = 'PROVIDER_FAILED',
    willRetry = false,
    details: JsonObject | null = null,
  ): Promise<boolean> {
    return this.tracker.error(message, {
      code,
      willRetry,
      details,
      retryAfterSeconds: willRetry ? 30 : null,
    });
  }

  close(): Promise<void> {
    return this.tracker.close();
  }
}
