/** Events and answers in any order lead to the same view of a job. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JobFieldsFragment } from '../../web/generated/graphql.ts';
import { JobCache } from '../../web/state/job-cache.ts';
import {
  applyEvent,
  isListedAs,
  type JobEvent,
  type JobView,
  remainingAt,
  steadyEta,
  type Wait,
  waitAt,
} from '../../web/state/job-view.ts';
import { batchResult } from './stand-in.ts';

const STEPS = [
  { name: 'start', from: 0, to: 0.1 },
  { name: 'work', from: 0.1, to: 0.9 },
  { name: 'save', from: 0.9, to: 1 },
];

function queued(): JobFieldsFragment {
  return {
    ...{ id: 'job', workflow: 'DIRECTOR', taskName: 'video_generation', status: 'QUEUED', progress: 0 },
    ...{ step: null, message: null, metadata: null, attempt: 1, maxAttempts: 3, eta: null, result: null },
    ...{ error: null, parent: null, createdAt: at(0), startedAt: null, finishedAt: null },
    steps: STEPS.map((step) => ({ ...step, status: 'PENDING', startedAt: null, finishedAt: null })),
  };
}

function at(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
}

const fields = (attempt: number, second: number) => ({
  ...{ id: `event-${second}`, jobId: 'job', taskName: 'video_generation', attempt, timestamp: at(second) },
});

function progress(attempt: number, second: number, step: string | null, value: number): JobEvent {
  return {
    __typename: 'ProgressEvent',
    ...fields(attempt, second),
    ...{ progress: value, status: step === null ? 'queued' : 'processing', step, message: `at ${value}` },
    ...{ metadata: null, eta: null },
  };
}

function failure(attempt: number, second: number, willRetry: boolean): JobEvent {
  return {
    __typename: 'ErrorEvent',
    ...fields(attempt, second),
    ...{ error: 'broken', code: 'PROVIDER_FAILED', details: null, willRetry, retryAfterSeconds: null },
  };
}

test('a batch with failed items is listed as FAILED, while it runs and when it has completed', () => {
  const batch = (changes: Partial<JobView>): JobView => ({
    ...queued(),
    ...{ etaAt: 0, itemIds: [], taskName: 'batch_video_generation', status: 'RUNNING' },
    ...changes,
  });
  const result = (failed: number) => batchResult({ total: 2, succeeded: 2 - failed, failed, cancelled: 0 });
  const listed = (changes: Partial<JobView>) => isListedAs(batch(changes), ['FAILED']);
  expect(listed({ metadata: { failed: 1 } })).toBe(true);
  expect(listed({ metadata: { failed: 0 } })).toBe(false);
  expect(listed({ status: 'COMPLETED', result: result(1) })).toBe(true);
  // What its events said before the last retry no longer counts.
  expect(listed({ status: 'COMPLETED', metadata: { failed: 1 }, result: result(0) })).toBe(false);
  expect(isListedAs(batch({ metadata: { failed: 1 } }), ['COMPLETED'])).toBe(false);
});

const HISTORY: readonly JobEvent[] = [
  progress(1, 1, null, 0),
  progress(1, 2, 'start', 0.05),
  progress(1, 3, 'work', 0.3),
  progress(1, 4, 'work', 0.6),
  failure(1, 5, true),
  progress(2, 6, 'start', 0),
  progress(2, 7, 'work', 0.4),
  progress(2, 8, 'save', 0.95),
  {
    __typename: 'CompletionEvent',
    ...fields(2, 9),
    result: batchResult({ total: 1, succeeded: 1, failed: 0, cancelled: 0 }),
  },
];

function view(job: JobFieldsFragment): JobView {
  return { ...job, etaAt: 0, itemIds: [] };
}

/** The job after the first `count` events. */
function after(count: number): JobView {
  return HISTORY.slice(0, count).reduce((job, event) => applyEvent(job, event, 0), view(queued()));
}

test('a whole history: statuses, steps, error and result', () => {
  expect(after(4)).toMatchObject({ status: 'RUNNING', progress: 0.6, startedAt: at(2) });
  expect(after(4).steps.map(({ status }) => status)).toEqual(['COMPLETED', 'RUNNING', 'PENDING']);
  expect(after(4).steps[1]).toMatchObject({ startedAt: at(3), finishedAt: null });
  expect(after(5)).toMatchObject({
    status: 'RETRYING',
    error: { code: 'PROVIDER_FAILED' },
    finishedAt: null,
  });
  expect(after(6)).toMatchObject({ status: 'RUNNING', attempt: 2, progress: 0, error: null });
  expect(after(6).steps.map(({ status }) => status)).toEqual(['COMPLETED', 'PENDING', 'PENDING']);
  expect(after(9)).toMatchObject({ status: 'COMPLETED', progress: 1, finishedAt: at(9) });
  expect(after(9).steps.every(({ status }) => status === 'COMPLETED')).toBe(true);
});

test('an event that comes late or twice changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(HISTORY.length - 1), { maxLength: 30 }), (late) => {
      const job = late.reduce((now, index) => {
        const event = HISTORY[index];
        return event === undefined ? now : applyEvent(now, event, 0);
      }, after(HISTORY.length));
      expect(job.status).toBe('COMPLETED');
      expect(job.progress).toBe(1);
    }),
  );
});

test('a prediction goes with its attempt, and stays when an event of that attempt tells none', () => {
  const eta = { remainingSeconds: 60, lowSeconds: 50, highSeconds: 90 } as JobView['eta'];
  const waiting: JobView = { ...view(queued()), eta, etaAt: 5 };
  expect(applyEvent(waiting, progress(1, 2, null, 0), 9)).toMatchObject({ eta, etaAt: 5 });
  expect(applyEvent(waiting, progress(2, 2, null, 0), 9)).toMatchObject({ eta: null, etaAt: 9 });
  expect(applyEvent(waiting, progress(1, 2, 'start', 0), 9)).toMatchObject({ eta: null, etaAt: 9 });
});

test('answers and events that cross lead to the newest state', () => {
  fc.assert(
    fc.property(fc.nat(HISTORY.length), fc.nat(HISTORY.length), (answered, sinceEvent) => {
      const store = new JobCache((flush) => flush());
      // Events from some point on; the answer, of any moment before or after, comes in between or last.
      const events = HISTORY.slice(Math.min(sinceEvent, answered));
      const middle = Math.floor(events.length / 2);
      for (const event of events.slice(0, middle)) store.apply(event, 0);
      store.load(after(answered), 0);
      for (const event of events.slice(middle)) store.apply(event, 0);
      store.load(after(answered), 0);
      expect(store.get('job')).toMatchObject({ status: 'COMPLETED', progress: 1, attempt: 2 });
    }),
  );
});

test('one event tells the listeners of one job, once per frame', () => {
  const flushes: (() => void)[] = [];
  const store = new JobCache((flush) => flushes.push(flush));
  store.load(queued(), 0);
  store.load({ ...queued(), id: 'other' }, 0);
  const told: string[] = [];
  store.subscribe('job', () => told.push('job'));
  store.subscribe('other', () => told.push('other'));
  for (const event of HISTORY.slice(0, 4)) store.apply(event, 0);
  expect(told).toEqual([]);
  for (const flush of flushes) flush();
  expect(told).toEqual(['job']);
  expect(store.log('job').length).toBe(4);
});

test('the log has an event once, also when a new stream begins with it again', () => {
  const store = new JobCache(() => {});
  store.load(queued(), 0);
  const event = progress(1, 2, 'start', 0.05);
  store.apply(event, 0);
  store.apply(event, 0);
  expect(store.log('job')).toEqual([event]);
});

test('the remaining time counts down from when it was told', () => {
  const eta = { remainingSeconds: 60, lowSeconds: 50, highSeconds: 90 };
  expect(remainingAt({ eta, etaAt: 1_000 }, 11_000)).toEqual({ seconds: 50, low: 40, high: 80 });
  expect(remainingAt({ eta, etaAt: 1_000 }, 1_000_000)).toEqual({ seconds: 0, low: 0, high: 0 });
  expect(remainingAt({ eta: null, etaAt: 0 }, 0)).toBeNull();
});

test('the shown prediction counts on through noise, and follows what differs', () => {
  const eta = (remainingSeconds: number) => ({
    ...{ remainingSeconds, lowSeconds: remainingSeconds * 0.8, highSeconds: remainingSeconds * 1.3 },
  });
  const shown = { eta: eta(60), etaAt: 0 };
  // After 10 s 50 are left: 47 and 54 are the same to a reader, 40 and 62 are not.
  for (const same of [47, 50, 54]) expect(steadyEta(shown, eta(same), 10_000)).toEqual(shown);
  for (const other of [40, 62]) {
    expect(steadyEta(shown, eta(other), 10_000)).toEqual({ eta: eta(other), etaAt: 10_000 });
  }
  // A range that has become another is told, also around the same middle.
  const sure = { remainingSeconds: 50, lowSeconds: 49, highSeconds: 51 };
  expect(steadyEta(shown, sure, 10_000)).toEqual({ eta: sure, etaAt: 10_000 });
  expect(steadyEta(shown, null, 10_000)).toEqual({ eta: null, etaAt: 10_000 });
  expect(steadyEta(null, eta(50), 10_000)).toEqual({ eta: eta(50), etaAt: 10_000 });
});

test('noise that adds up is followed: what is shown is never far from what was told', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { maxLength: 60 }), (noise) => {
      let shown = { eta: { remainingSeconds: 100, lowSeconds: 80, highSeconds: 130 }, etaAt: 0 } as Pick<
        JobView,
        'eta' | 'etaAt'
      >;
      for (const [index, part] of noise.entries()) {
        const now = (index + 1) * 1_000;
        const told = (99 - index) * (1 + part);
        const eta = { remainingSeconds: told, lowSeconds: told * 0.8, highSeconds: told * 1.3 };
        shown = steadyEta(shown, eta, now);
        const seconds = remainingAt(shown, now)?.seconds ?? Number.NaN;
        expect(Math.abs(seconds - told)).toBeLessThanOrEqual(Math.max(1.5, 0.1 * told) + 1e-9);
      }
    }),
  );
});

const wait: Wait = {
  ...{ id: 'job', attempt: 1, status: 'QUEUED', queuePosition: 3 },
  eta: { remainingSeconds: 100, lowSeconds: 80, highSeconds: 150, waitSeconds: 40 },
};

test('what is asked of a waiting job is shown and counts down, also when its queued event comes again', () => {
  const store = new JobCache(() => {});
  store.load(queued(), 0);
  expect(store.waiting()).toEqual(['job']);
  store.noteWait(wait, 1_000);
  store.apply(progress(1, 1, null, 0), 2_000);
  const job = store.get('job');
  expect(job?.queue).toEqual({ position: 3, waitSeconds: 40, at: 1_000 });
  expect(job && waitAt(job, 11_000)).toBe(30);
  expect(job && waitAt(job, 90_000)).toBe(0);
  expect(job && remainingAt(job, 11_000)?.seconds).toBe(90);
});

test('an answer about a job that has begun meanwhile is dropped, and it is not asked for any more', () => {
  const store = new JobCache(() => {});
  store.load(queued(), 0);
  store.apply(progress(1, 2, 'start', 0.05), 0);
  store.noteWait(wait, 0);
  expect(store.get('job')?.queue).toBeUndefined();
  expect(store.waiting()).toEqual([]);
});
