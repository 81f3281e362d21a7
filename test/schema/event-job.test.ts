/** Event.job: the job as an event left it, whatever has become of it since. */
import fc from 'fast-check';
import { execute, parse } from 'graphql';
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { cancelledEvent, queuedEvent } from '../../src/jobs/job-events.ts';
import { createJobLoader } from '../../src/log/job-loader.ts';
import type { EventWrite, EventWriter } from '../../src/progress/event-writer.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { endedJob, hasEnded, itemId, type JobState, newJob, requeuedJob } from '../../src/progress/state.ts';
import { ProgressTracker } from '../../src/progress/tracker.ts';
import { newWriteId } from '../../src/progress/write-id.ts';
import type { SchemaContext } from '../../src/schema/context.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { createEventPath, type EventPath, SetClock, unique } from '../setup/harness.ts';
import { schema } from '../setup/schema.ts';
import { tableOf } from '../setup/workflows.ts';
import { ask, makeContext } from './fixtures.ts';

/** All that can be told of the moment. */
const FIELDS = `id projectId workflow taskName title version status progress progressPercent step
  steps { name from to status startedAt finishedAt } message metadata attempt maxAttempts
  result { __typename ... on Result { data } } error { message code details retryAfterSeconds } createdAt startedAt finishedAt lastEventId`;

function contextOf({ jobs }: Pick<EventPath, 'jobs'>): SchemaContext {
  const recordOf = createJobLoader((ids) => jobs.loadRecords(ids));
  return makeContext({ jobs, recordOf });
}

/** The job as it is read right now. */
async function readJob(path: Pick<EventPath, 'jobs'>, projectId: string, id: string): Promise<unknown> {
  const query = `query ($projectId: ID!, $id: ID!) { job(projectId: $projectId, id: $id) { ${FIELDS} } }`;
  const { data, errors } = await ask(query, contextOf(path), { projectId, id });
  expect(errors).toEqual([]);
  return (data as { job: unknown }).job;
}

/** The job of each event, read now. */
async function jobsOf(
  path: Pick<EventPath, 'jobs'>,
  events: readonly LoggedEvent[],
  fields = FIELDS,
): Promise<unknown[]> {
  const document = parse(`subscription { jobEvents(projectId: "p") { ... on Event { job { ${fields} } } } }`);
  const contextValue = contextOf(path);
  const results = await Promise.all(
    events.map(async (rootValue) => await execute({ schema, document, rootValue, contextValue })),
  );
  for (const { errors } of results) expect(errors).toBeUndefined();
  const plain = JSON.parse(JSON.stringify(results)) as { data: { jobEvents: { job: unknown } } }[];
  return plain.map(({ data }) => data.jobEvents.job);
}

/** One job, driven by numbers, each of which decides what happens next. */
class Drive {
  readonly seen: unknown[] = [];
  readonly #path: EventPath;
  readonly #clock = new SetClock();
  readonly #projectId: string;
  readonly #id = unique('job');
  readonly #log: EventWriter;
  #tracker: ProgressTracker | null = null;
  #step = -1;

  constructor(path: EventPath, projectId: string) {
    this.#path = path;
    this.#projectId = projectId;
    this.#log = { append: (write) => this.#append(write) };
  }

  get id(): string {
    return this.#id;
  }

  async create(): Promise<void> {
    const table = tableOf('LIPSYNC');
    const job = { id: this.#id, projectId: this.#projectId, workflow: 'LIPSYNC', taskName: 'lipsync', table };
    const state = newJob({ ...job, maxAttempts: 3, createdAt: this.#clock.now(), title: 'A film' });
    await this.#append({ mode: 'create', event: queuedEvent(state, this.#clock.now()), state });
  }

  async next(choice: number): Promise<void> {
    this.#clock.time += Math.floor(choice / 16) % 3;
    const state = await this.#load();
    if (hasEnded(state.status)) return this.#retry(state);
    if (this.#tracker === null) return choice % 8 === 7 ? this.#cancel(state) : this.#begin(state);
    return this.#work(this.#tracker, state, choice % 16);
  }

  async #work(tracker: ProgressTracker, state: JobState, what: number): Promise<void> {
    const steps = tableOf('LIPSYNC');
    if (what < 6 && this.#step < steps.length - 1) {
      this.#step += 1;
      const { from = 0, name = '' } = steps[this.#step] ?? {};
      tracker.enterStep(name, from, `Doing ${name}`, what % 2 === 0 ? { what } : null);
      return this.#settle();
    }
    if (what < 10) {
      tracker.update(tracker.state.progress, 'processing', `At ${what}`, {
        what,
        long: 'x'.repeat(what === 9 ? 20_000 : 1),
      });
      return this.#settle();
    }
    if (what === 10) return this.#cancel(state);
    // The worker dies: nobody says so.
    if (what === 11) return this.#begin(state);
    if (what === 12) await tracker.complete({ type: 'DataResult', value: what }, 'Fertig');
    else
      await tracker.error('It broke', {
        code: 'PROVIDER_FAILED',
        details: { what },
        willRetry: what > 13,
        retryAfterSeconds: what,
      });
    this.#tracker = null;
  }

  async #begin(state: JobState): Promise<void> {
    const hasBegun = this.#tracker !== null || state.status === 'RETRYING';
    this.#step = -1;
    this.#tracker = new ProgressTracker(state, {
      ...{ log: this.#log, clock: this.#clock, logger: silentLogger, minIntervalMs: 0 },
      onRefused: () => {},
    });
    await this.#tracker.begin(state.attempt + (hasBegun ? 1 : 0));
  }

  async #retry(state: JobState): Promise<void> {
    if (state.status === 'COMPLETED') return;
    this.#tracker = null;
    const requeued = requeuedJob(state);
    await this.#append({ mode: 'retry', event: queuedEvent(requeued, this.#clock.now()), state: requeued });
  }

  async #cancel(state: JobState): Promise<void> {
    const event = cancelledEvent(state, this.#clock.now());
    await this.#append({ mode: 'close', event, state: endedJob(state, event, this.#clock.now()) });
    this.#tracker = null;
  }

  async #load(): Promise<JobState> {
    const state = await this.#path.jobs.load(this.#projectId, this.#id);
    if (state === null) throw new Error('expected the job');
    return state;
  }

  /** Until what was reported is written. */
  async #settle(): Promise<void> {
    const count = this.seen.length;
    for (let turn = 0; this.seen.length === count && turn < 1_000; turn += 1) await this.#path.redis.ping();
  }

  async #append(write: Omit<EventWrite, 'mode' | 'writeId'> & { readonly mode: string }) {
    const command = { writeId: newWriteId(), ...write } as Parameters<EventPath['log']['append']>[0];
    const outcome = await this.#path.log.append(command);
    expect(outcome.code).toBe('OK');
    this.seen.push(await readJob(this.#path, this.#projectId, this.#id));
    return outcome;
  }
}

test('is for every event what a query gave right behind it, whatever came since', async () => {
  const path = createEventPath();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 47 }), { minLength: 5, maxLength: 30 }), async (choices) => {
      const projectId = unique('project');
      const drive = new Drive(path, projectId);
      await drive.create();
      for (const choice of choices) await drive.next(choice);
      const events = await path.log.readAfter(projectId, ORIGIN, 1_000);
      expect(await jobsOf(path, events)).toEqual(drive.seen);
    }),
    { numRuns: 30 },
  );
});

/** What an event tells by itself. */
const TOLD = `id projectId workflow taskName version status progress progressPercent step message metadata attempt
  result { __typename } error { code } eta { remainingSeconds } finishedAt lastEventId`;

/** A job with a history, which is read as often as `reads` says. */
async function finishedJob() {
  const path = createEventPath();
  const projectId = unique('project');
  const drive = new Drive(path, projectId);
  await drive.create();
  for (const choice of [0, 0, 8, 15, 0, 0, 12]) await drive.next(choice);
  const events = await path.log.readAfter(projectId, ORIGIN, 100);
  const asked: string[] = [];
  const jobs = {
    loadRecords: (ids: Parameters<typeof path.jobs.loadRecords>[0]) => {
      asked.push(...ids.map(({ jobId }) => jobId));
      return path.jobs.loadRecords(ids);
    },
  } as typeof path.jobs;
  return { asked, drive, events, jobs, path, projectId };
}

test('costs no read for what the event tells, and one for all of the rest', async () => {
  const { asked, drive, events, jobs } = await finishedJob();
  expect(await jobsOf({ jobs }, events, TOLD)).toHaveLength(events.length);
  expect(asked).toEqual([]);
  await jobsOf({ jobs }, events.slice(-1), 'title createdAt startedAt maxAttempts steps { name }');
  expect(asked).toEqual([drive.id]);
});

test('of a job that is no longer kept, or that cannot be read, is what the event tells', async () => {
  const { events, jobs, path, projectId, drive } = await finishedJob();
  const told = await jobsOf({ jobs }, events, TOLD);
  const read = 'title startedAt maxAttempts steps { name } items { id }';
  const nothing = { title: null, startedAt: null, steps: [], items: [] };
  const key = path.keys.project(projectId).job(drive.id);
  await path.redis.hset(key, 'status', 'BROKEN');
  expect((await jobsOf({ jobs }, events.slice(-1), read))[0]).toEqual({ ...nothing, maxAttempts: 2 });
  await path.redis.del(key);
  expect(await jobsOf({ jobs }, events, TOLD)).toEqual(told);
  expect((await jobsOf({ jobs }, events.slice(0, 1), read))[0]).toEqual({ ...nothing, maxAttempts: 1 });
});

test('of a batch has its counts, and of its items their batch', async () => {
  const path = await createBatchPath();
  path.fail(1);
  await path.startWorker();
  const batch = await path.enqueueBatch(2);
  await path.ended(batch.id);
  const before = await readJob(path, path.projectId, batch.id);
  await path.commands.retry(path.projectId, batch.id);
  await path.ended(batch.id);
  const events = await path.log.readAfter(path.projectId, ORIGIN, 1_000);
  const own = events.filter(({ event }) => event.jobId === batch.id);
  const jobs = await jobsOf(path, own);
  expect(jobs.at(-1)).toEqual(await readJob(path, path.projectId, batch.id));
  expect(jobs.filter((job) => (job as { status: string }).status === 'COMPLETED')[0]).toEqual(before);
  expect(jobs.at(-1)).toMatchObject({
    message: 'Done',
    metadata: { completed: 2, failed: 0, total: 2 },
    attempt: 2,
  });
  expect(before).toMatchObject({ metadata: { completed: 1, failed: 1, total: 2 }, attempt: 1 });
  const items = events.filter(({ event }) => event.jobId === itemId(batch.id, 1));
  expect(await jobsOf(path, items.slice(-1), 'parent { id items { id status } }')).toEqual([
    {
      parent: {
        id: batch.id,
        items: [0, 1].map((index) => ({ id: itemId(batch.id, index), status: 'COMPLETED' })),
      },
    },
  ]);
});
