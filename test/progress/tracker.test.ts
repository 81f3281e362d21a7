import { describe, expect, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import type { AppendCommand } from '../../src/log/append.ts';
import type { EventLog } from '../../src/log/log.ts';
import type { LoggedEvent, ProgressEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { ProgressTracker, type Refusal } from '../../src/progress/tracker.ts';
import { until } from '../setup/deadline.ts';
import {
  createEventPath,
  type EventPath,
  JobWriter,
  OwnRedis,
  range,
  SetClock,
  unique,
} from '../setup/harness.ts';

const NEVER_MS = 3_600_000;

interface Setup {
  readonly path: EventPath;
  readonly job: JobWriter;
  readonly tracker: ProgressTracker;
  readonly refusals: Refusal[];
  readonly clock: SetClock;
  events(): Promise<readonly LoggedEvent[]>;
}

interface SetupOptions {
  readonly url?: string;
  readonly minIntervalMs?: number;
  readonly maxTries?: number;
  readonly log?: (log: EventLog) => Pick<EventLog, 'append'>;
}

/** A created job and the tracker of its first attempt, which has not begun. */
async function setUp(options: SetupOptions = {}): Promise<Setup> {
  const path = createEventPath(options.url === undefined ? {} : { url: options.url });
  const job = new JobWriter(path.log, unique('project'));
  await job.create();
  const refusals: Refusal[] = [];
  const clock = new SetClock();
  const tracker = new ProgressTracker(job.state, {
    log: options.log?.(path.log) ?? path.log,
    clock,
    logger: silentLogger,
    onRefused: (refusal) => refusals.push(refusal),
    minIntervalMs: options.minIntervalMs ?? 0,
    ...(options.maxTries !== undefined && { maxTries: options.maxTries }),
  });
  return {
    path,
    job,
    tracker,
    refusals,
    clock,
    events: () => path.log.readAfter(job.state.projectId, ORIGIN, 10_000),
  };
}

function progressOf(events: readonly LoggedEvent[]): ProgressEvent[] {
  return events.map(({ event }) => event).filter((event) => event.type === 'ProgressEvent');
}

/** A log whose appends wait until they are let through. */
class Gate {
  readonly commands: AppendCommand[] = [];
  #waiting: (() => void)[] = [];
  #open = true;

  readonly wrap = (log: EventLog): Pick<EventLog, 'append'> => ({
    append: async (command) => {
      this.commands.push(command);
      if (!this.#open) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      return log.append(command);
    },
  });

  shut(): void {
    this.#open = false;
  }

  open(): void {
    this.#open = true;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

describe('the tracker of an attempt', () => {
  test('publishes what the earlier system’s events carried', async () => {
    const { tracker, events, job } = await setUp();
    await tracker.begin(1);
    tracker.update(0.35, 'processing', 'Generating clips (3/10)', { current_clip: 3, total_clips: 10 });
    await until(async () => (await events()).length === 3);
    await tracker.complete({ final_video_path: 'a.mp4', total_duration: 60.5 });
    const [, begun, update, completion] = (await events()).map(({ event }) => event);
    const fields = { projectId: job.state.projectId, jobId: job.state.id, taskName: 'lipsync', attempt: 1 };
    expect(begun).toMatchObject({ type: 'ProgressEvent', ...fields, progress: 0, status: 'processing' });
    expect(update).toMatchObject({
      ...fields,
      progress: 0.35,
      status: 'processing',
      message: 'Generating clips (3/10)',
      metadata: { current_clip: 3, total_clips: 10 },
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
    });
    expect(completion).toMatchObject({
      type: 'CompletionEvent',
      ...fields,
      result: { final_video_path: 'a.mp4', total_duration: 60.5 },
    });
  });

  test('keeps progress from going back within an attempt (G5)', async () => {
    const { tracker, events, path, job } = await setUp();
    await tracker.begin(1);
    for (const progress of [0.2, 0.5, 0.3, 0, 0.6, 0.6, 0.1]) {
      tracker.update(progress, 'processing', `at ${progress}`);
      await until(async () => progressOf(await events()).at(-1)?.message === `at ${progress}`);
    }
    expect(progressOf(await events()).map(({ progress }) => progress)).toEqual([
      0, 0, 0.2, 0.5, 0.5, 0.5, 0.6, 0.6, 0.6,
    ]);
    expect(await path.jobs.load(job.state.projectId, job.state.id)).toMatchObject({ progress: 0.6 });
    await tracker.close();
  });

  test('says "retrying" when a new attempt begins, and starts over (G5)', async () => {
    const { tracker, events, path, job } = await setUp();
    await tracker.begin(1);
    tracker.update(0.8, 'processing', 'nearly');
    await tracker.error('provider away', { code: 'PROVIDER_FAILED', willRetry: true, retryAfterSeconds: 3 });
    const state = await path.jobs.load(job.state.projectId, job.state.id);
    if (state === null) throw new Error('expected the job');
    expect(state).toMatchObject({ status: 'RETRYING', attempt: 1 });
    const next = new ProgressTracker(state, {
      log: path.log,
      clock: new SetClock(),
      logger: silentLogger,
      onRefused: () => {},
      minIntervalMs: 0,
    });
    expect(await next.begin(2)).toBe(true);
    next.update(0.1, 'processing', 'again');
    await until(async () => progressOf(await events()).at(-1)?.message === 'again');
    expect(progressOf(await events()).slice(-2)).toMatchObject([
      { attempt: 2, status: 'retrying', progress: 0 },
      { attempt: 2, status: 'processing', progress: 0.1 },
    ]);
    await next.close();
  });

  test.each([-0.1, 1.1, Number.NaN])('refuses the progress %d', async (progress) => {
    const { tracker } = await setUp();
    expect(() => tracker.update(progress, 'processing', '')).toThrow(/expected 0\.\.1/);
  });

  test('leaves metadata over 16 KB out of the event (G7)', async () => {
    const { tracker, events } = await setUp();
    await tracker.begin(1);
    tracker.update(0.5, 'processing', 'much', { text: 'x'.repeat(20_000) });
    await until(async () => (await events()).length === 3);
    expect(progressOf(await events()).at(-1)?.metadata).toEqual({ truncated: true });
    await tracker.close();
  });
});

describe('a report costs next to nothing', () => {
  test('a million updates in a hot loop publish the first and the newest, not what was between', async () => {
    const gate = new Gate();
    const { tracker, events } = await setUp({ log: gate.wrap });
    await tracker.begin(1);
    gate.shut();
    for (let number = 1; number <= 1_000_000; number += 1) {
      tracker.update(number / 1_000_000, 'processing', 'busy', { number });
    }
    expect(gate.commands).toHaveLength(2);
    gate.open();
    await until(async () => (await events()).length === 4);
    await tracker.complete(null);
    expect(progressOf(await events()).slice(2)).toMatchObject([
      { metadata: { number: 1 } },
      { metadata: { number: 1_000_000 }, progress: 1 },
    ]);
    expect(gate.commands).toHaveLength(4);
  });

  test('updates wait for the interval, a step change does not, and it takes the newest update along', async () => {
    const gate = new Gate();
    const { tracker, events } = await setUp({ log: gate.wrap, minIntervalMs: NEVER_MS });
    await tracker.begin(1);
    tracker.update(0.01, 'processing', 'first');
    await until(async () => (await events()).length === 3);
    tracker.update(0.02, 'processing', 'waits');
    tracker.update(0.03, 'processing', 'waits');
    expect(gate.commands).toHaveLength(2);
    tracker.enterStep('load_media', 0.05, 'Loading');
    await until(async () => (await events()).length === 4);
    expect(progressOf(await events()).at(-1)).toMatchObject({
      step: 'load_media',
      message: 'Loading',
      progress: 0.05,
    });
    tracker.update(0.06, 'processing', 'never sent');
    await tracker.complete('done');
    expect((await events()).map(({ event }) => event.type).slice(4)).toEqual(['CompletionEvent']);
  });

  test('what was reported while the interval ran goes out by itself afterwards', async () => {
    const { tracker, events, clock } = await setUp({ minIntervalMs: 20 });
    await tracker.begin(1);
    tracker.update(0.1, 'processing', 'first');
    await until(async () => (await events()).length === 3);
    tracker.update(0.2, 'processing', 'second');
    await until(async () => progressOf(await events()).at(-1)?.message === 'second');
    // A clock that is set back by an hour holds nothing back.
    clock.time -= NEVER_MS;
    tracker.update(0.3, 'processing', 'third');
    await until(async () => progressOf(await events()).at(-1)?.message === 'third');
    await tracker.close();
  });

  test('after close nothing goes out any more', async () => {
    const gate = new Gate();
    const { tracker, events } = await setUp({ log: gate.wrap, minIntervalMs: 20 });
    await tracker.begin(1);
    tracker.update(0.1, 'processing', 'sent');
    tracker.update(0.2, 'processing', 'dropped');
    await tracker.close();
    tracker.update(0.3, 'processing', 'too late');
    tracker.enterStep('render', 0.4, 'too late');
    expect((await events()).map(({ event }) => (event as ProgressEvent).message).slice(2)).toEqual(['sent']);
    expect(gate.commands).toHaveLength(2);
  });
});

describe('a job goes on without Redis (G6)', () => {
  test('updates return while Redis is away; the newest state goes out when it is back, and the ending', async () => {
    const own = await OwnRedis.launch();
    const { tracker, events, path, job } = await setUp({ url: own.url });
    await tracker.begin(1);
    tracker.update(0.1, 'processing', 'before');
    await until(async () => (await events()).length === 3);
    await own.stop();
    for (const number of range(1, 5_000)) {
      tracker.update(0.1 + number / 10_000, 'processing', `away ${number}`);
      if (number % 1_000 === 0) await new Promise(setImmediate);
    }
    tracker.enterStep('apply_lipsync', 0.7, 'newest');
    expect(tracker.state.message).toBe('newest');
    await own.start();
    await until(async () => progressOf(await events()).at(-1)?.message === 'newest');
    expect((await events()).length).toBeLessThanOrEqual(5);
    const state = await path.jobs.load(job.state.projectId, job.state.id);
    expect(state).toMatchObject({ step: 'apply_lipsync', progress: 0.7, message: 'newest' });

    await own.stop();
    const completing = tracker.complete({ clips: 3 });
    await own.start();
    expect(await completing).toBe(true);
    expect((await events()).filter(({ event }) => event.type === 'CompletionEvent')).toHaveLength(1);
    expect(await path.jobs.load(job.state.projectId, job.state.id)).toMatchObject({ status: 'COMPLETED' });
  });

  test('an append that fails is sent again as the same event until Redis takes it, once', async () => {
    let failures = 3;
    const ids: string[] = [];
    const { tracker, events } = await setUp({
      log: (log) => ({
        append: async (command) => {
          ids.push(command.writeId);
          const outcome = await log.append(command);
          // Every other time Redis has carried it out, and only the answer is lost.
          if (failures-- > 0) throw new Error('no answer');
          return outcome;
        },
      }),
    });
    expect(await tracker.begin(1)).toBe(true);
    expect(new Set(ids).size).toBe(1);
    expect(ids).toHaveLength(4);
    expect(await events()).toHaveLength(2);
    await tracker.close();
  });
});

describe('an event that can never succeed', () => {
  test('is given up, and what it reported goes out with the next one', async () => {
    const { tracker, events, path, job } = await setUp({
      maxTries: 2,
      log: (log) => ({
        append: async (command) => {
          const { event } = command;
          if (event.type === 'ProgressEvent' && event.message === 'poison') throw new Error('ERR no');
          return log.append(command);
        },
      }),
    });
    await tracker.begin(1);
    tracker.enterStep('analyze_audio', 0.2, 'poison', { kept: true });
    tracker.update(0.4, 'processing', 'next');
    await until(async () => progressOf(await events()).at(-1)?.message === 'next');
    expect(await path.jobs.load(job.state.projectId, job.state.id)).toMatchObject({
      ...{ progress: 0.4, step: 'analyze_audio', metadata: { kept: true } },
      steps: { analyze_audio: { status: 'RUNNING' } },
    });
    expect(await tracker.complete({ clips: 1 })).toBe(true);
  });

  test('is told to who waits for it, so that the job does not hold its place for ever', async () => {
    const { tracker } = await setUp({
      maxTries: 2,
      log: (log) => ({
        append: async (command) => {
          if (command.event.type === 'CompletionEvent') throw new Error('WRONGTYPE no');
          return log.append(command);
        },
      }),
    });
    await tracker.begin(1);
    await expect(tracker.complete({ clips: 1 })).rejects.toThrow('WRONGTYPE');
    expect(await tracker.error('not told', { code: 'INTERNAL' })).toBe(true);
  });

  test.each(['OOM', 'MISCONF', 'NOREPLICAS', 'BUSY', 'NOAUTH', 'LOADING'])(
    'is not taken for one that Redis refuses for the moment (%s)',
    async (code) => {
      let refusals = 3;
      const { tracker } = await setUp({
        maxTries: 1,
        log: (log) => ({
          append: async (command) => {
            if (command.mode === 'end' && refusals-- > 0) throw new Error(`${code} not now`);
            return log.append(command);
          },
        }),
      });
      await tracker.begin(1);
      expect(await tracker.complete({ clips: 1 })).toBe(true);
      expect(refusals).toBe(-1);
    },
  );
});

describe('an attempt that may not write any more is told so once (G3, G4)', () => {
  test('by FENCED, when another attempt has begun', async () => {
    const { tracker, refusals, job, events } = await setUp();
    await tracker.begin(1);
    await job.begin(2);
    tracker.update(0.5, 'processing', 'lost');
    await until(() => refusals.length > 0);
    tracker.update(0.6, 'processing', 'lost');
    expect(await tracker.complete(null)).toBe(false);
    expect(await tracker.error('late', { code: 'INTERNAL' })).toBe(false);
    expect(refusals).toEqual(['FENCED']);
    expect(await events()).toHaveLength(3);
  });

  test('by ENDED, when it was cancelled, also if that races its completion', async () => {
    for (const _ of range(1, 20)) {
      const { tracker, refusals, job, events } = await setUp();
      await tracker.begin(1);
      const [completed, cancelled] = await Promise.all([
        tracker.complete(null),
        job.fail('close', 'CANCELLED'),
      ]);
      expect([completed, cancelled.code]).toEqual(completed ? [true, 'ENDED'] : [false, 'OK']);
      expect(refusals).toEqual(completed ? [] : ['ENDED']);
      expect(await events()).toHaveLength(3);
    }
  });

  test('by GONE, when its job was removed', async () => {
    const { tracker, refusals, path } = await setUp();
    await tracker.begin(1);
    await path.jobs.remove(tracker.state);
    tracker.update(0.5, 'processing', 'gone');
    await until(() => refusals.length > 0);
    expect(refusals).toEqual(['GONE']);
    expect(await tracker.complete(null)).toBe(false);
  });

  test('completing twice gives one event', async () => {
    const { tracker, events } = await setUp();
    await tracker.begin(1);
    expect(await Promise.all([tracker.complete(1), tracker.complete(2)])).toEqual([true, false]);
    expect((await events()).filter(({ event }) => event.type === 'CompletionEvent')).toHaveLength(1);
  });
});

test('a later attempt begins with the snapshot of its own event, whatever the one before reported meanwhile', async () => {
  const { path, job, tracker } = await setUp();
  const { id, projectId } = job.state;
  const load = async () => {
    const state = await path.jobs.load(projectId, id);
    if (state === null) throw new Error('expected the job');
    return state;
  };
  await tracker.begin(1);
  // Its lock ends; another worker takes the entry and reads the snapshot, and then one more report of the first comes.
  const parts = { log: path.log, clock: new SetClock(), logger: silentLogger, onRefused: () => {} };
  const second = new ProgressTracker(await load(), parts);
  tracker.enterStep('analyze_audio', 0.3, 'from the first', { from: 'the first' });
  await until(async () => (await load()).progress === 0.3);
  expect(await second.begin(2)).toBe(true);

  const [last] = await path.jobs.lastEvents(projectId, [id]);
  const { attempt, message, metadata, progress, step, steps } = await load();
  expect(last?.event).toMatchObject({ attempt: 2, progress: 0, step: null, metadata: null });
  expect(last?.event).toMatchObject({ attempt, message, metadata, progress, step });
  expect(steps).toEqual({});
  await Promise.all([tracker.close(), second.close()]);
});
