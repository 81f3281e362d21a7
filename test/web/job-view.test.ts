/** What is shown of a job, and what its events change of it. */
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { JobFieldsFragment } from '../../web/generated/graphql.ts';
import { JobCache } from '../../web/state/job-cache.ts';
import {
  afterEvent,
  canRetry,
  isListedAs,
  type JobView,
  remainingAt,
  steadyEta,
  type ToldJob,
  type Wait,
  waitAt,
} from '../../web/state/job-view.ts';
import { followWaits } from '../../web/state/waits.ts';
import { eventOf, jobState } from './job-states.ts';
import { batchResult } from './stand-in.ts';

const STEPS = [
  { name: 'start', from: 0, to: 0.1 },
  { name: 'work', from: 0.1, to: 0.9 },
  { name: 'save', from: 0.9, to: 1 },
];

const queued = (): JobFieldsFragment =>
  jobState('job', {
    ...{ status: 'QUEUED', progress: 0, createdAt: at(0) },
    steps: STEPS.map((step) => ({ ...step, status: 'PENDING', startedAt: null, finishedAt: null })),
  });

function at(second: number): string {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
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

const ERROR = {
  ...{ message: 'broken', code: 'PROVIDER_FAILED', details: null, retryAfterSeconds: null, artifacts: [] },
};
const RESULT = batchResult({ total: 1, succeeded: 1, failed: 0, cancelled: 0 });

test.each<[string, Partial<JobFieldsFragment>, boolean]>([
  ['that runs', {}, false],
  ['that was cancelled', { status: 'CANCELLED' }, true],
  ['that failed', { status: 'FAILED', error: ERROR }, true],
  ['that failed and does not say why', { status: 'FAILED' }, true],
  ['whose input is at fault', { status: 'FAILED', error: { ...ERROR, code: 'INVALID_INPUT' } }, false],
  ['whose speech was not verified', { status: 'FAILED', error: { ...ERROR, code: 'NOT_VERIFIED' } }, false],
  ['that runs elsewhere', { status: 'FAILED', workflow: 'TRACKED', error: ERROR }, false],
  ['that completed', { status: 'COMPLETED', result: RESULT }, false],
  ['of which an item failed', { status: 'COMPLETED', result: { ...RESULT, failed: 1 } }, true],
  ['of which an item was cancelled', { status: 'COMPLETED', result: { ...RESULT, cancelled: 1 } }, true],
])('a retry is offered where it may help: a job %s', (_name, changes, expected) => {
  expect(canRetry(jobState('job', changes))).toBe(expected);
});

/** The job behind each of its events. */
const STATES: readonly Partial<JobFieldsFragment>[] = [
  { status: 'QUEUED', progress: 0, step: null },
  { step: 'start', progress: 0.05 },
  { step: 'work', progress: 0.3 },
  { step: 'work', progress: 0.6 },
  { step: 'work', progress: 0.6, status: 'RETRYING', error: ERROR },
  { attempt: 2, step: 'start', progress: 0 },
  { attempt: 2, step: 'work', progress: 0.4 },
  { attempt: 2, step: 'save', progress: 0.95 },
  { attempt: 2, step: 'save', progress: 1, status: 'COMPLETED', result: RESULT, finishedAt: at(9) },
];
const HISTORY: readonly ToldJob[] = STATES.map((state, index) => toldOf({ version: index + 1, ...state }));

function toldOf(changes: Partial<JobFieldsFragment>): ToldJob {
  const { job, timestamp } = eventOf(jobState('job', changes), at(changes.version ?? 1));
  return { ...job, toldAt: timestamp };
}

function view(job: JobFieldsFragment): JobView {
  return { ...job, etaAt: 0, itemIds: [] };
}

/** The job after the first `count` events. */
function after(count: number): JobView {
  return HISTORY.slice(0, count).reduce((job, told) => afterEvent(job, told, 0), view(queued()));
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

test('a failure behind steps that no event told of: those before it are done, and the one that ran has failed', () => {
  const told = toldOf({ version: 5, status: 'FAILED', step: 'work', error: ERROR });
  const { steps } = afterEvent(view(queued()), told, 0);
  expect(steps.map(({ status }) => status)).toEqual(['COMPLETED', 'FAILED', 'PENDING']);
});

test('a step began with the first event that told of it, also the first step', () => {
  const later = (step: string) =>
    afterEvent(after(step === 'start' ? 2 : 3), toldOf({ version: 8, step }), 0);
  expect(later('start').steps[0]).toMatchObject({ status: 'RUNNING', startedAt: at(2) });
  expect(later('work').steps[1]).toMatchObject({ status: 'RUNNING', startedAt: at(3) });
});

test('what is shown of the work is the newest of it, and goes with the attempt', () => {
  const preview = {
    name: 'a.jpg',
    url: '/a.jpg',
    path: 'p/j/a.jpg',
    contentType: 'image/jpeg',
    sizeBytes: 9,
  };
  const shown = afterEvent(after(3), toldOf({ ...STATES[3], version: 4, preview }), 0);
  expect(shown.preview).toEqual(preview);
  expect(afterEvent(shown, HISTORY[4] as ToldJob, 0).preview).toBeNull();
});

test('a prediction goes with its attempt, and stays until an event of that attempt tells another', () => {
  const eta = { remainingSeconds: 60, lowSeconds: 50, highSeconds: 90 } as JobView['eta'];
  const waiting: JobView = { ...view(queued()), eta, etaAt: 5 };
  const next = (changes: Partial<JobFieldsFragment>) => afterEvent(waiting, toldOf(changes), 9);
  expect(next({ status: 'QUEUED' })).toMatchObject({ eta, etaAt: 5 });
  const other = { remainingSeconds: 20, lowSeconds: 10, highSeconds: 30 } as JobView['eta'];
  expect(next({ status: 'QUEUED', eta: other })).toMatchObject({ eta: other, etaAt: 9 });
  expect(next({ status: 'QUEUED', attempt: 2 })).toMatchObject({ eta: null, etaAt: 9 });
  expect(next({ status: 'RUNNING', step: 'start' })).toMatchObject({ eta: null, etaAt: 9 });
  const batch: JobView = { ...waiting, taskName: 'batch_video_generation' };
  const itsEvent = toldOf({ taskName: batch.taskName, status: 'RUNNING' });
  expect(afterEvent(batch, itsEvent, 9)).toMatchObject({ eta, etaAt: 5 });
});

test('one event tells the listeners of one job, once per frame', () => {
  const flushes: (() => void)[] = [];
  const store = new JobCache((flush) => flushes.push(flush));
  store.load(queued(), 0);
  store.load({ ...queued(), id: 'other' }, 0);
  const told: string[] = [];
  store.subscribe('job', () => told.push('job'));
  store.subscribe('other', () => told.push('other'));
  for (const state of STATES.slice(1, 4)) store.apply(eventOf(jobState('job', { version: 2, ...state })), 0);
  expect(told).toEqual([]);
  for (const flush of flushes) flush();
  expect(told).toEqual(['job']);
});

test('the remaining time counts down from when it was told', () => {
  const eta = { remainingSeconds: 60, lowSeconds: 50, highSeconds: 90 };
  expect(remainingAt({ eta, etaAt: 1_000 }, 11_000)).toEqual({ seconds: 50, low: 40, high: 80 });
  // 40 s past its likely end: likely as long again, and three times as long at most.
  expect(remainingAt({ eta, etaAt: 1_000 }, 101_000)).toEqual({ seconds: 40, low: 0, high: 120 });
  const over = { remainingSeconds: 0, lowSeconds: 0, highSeconds: 0 };
  expect(remainingAt({ eta: over, etaAt: 1_000 }, 101_000)).toEqual({ seconds: 0, low: 0, high: 0 });
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
  // Noise is up to 5 s in the middle here, and up to 10 s at each end, which are at 38 and 68.
  const ends = (lowSeconds: number, highSeconds: number) => ({
    remainingSeconds: 50,
    lowSeconds,
    highSeconds,
  });
  expect(steadyEta(shown, ends(28, 78), 10_000)).toEqual(shown);
  for (const other of [ends(27, 68), ends(38, 79)]) {
    expect(steadyEta(shown, other, 10_000)).toEqual({ eta: other, etaAt: 10_000 });
  }
  expect(steadyEta(shown, null, 10_000)).toEqual({ eta: null, etaAt: 10_000 });
  expect(steadyEta(null, eta(50), 10_000)).toEqual({ eta: eta(50), etaAt: 10_000 });
});

test('noise that adds up is followed: what is shown is never far from what was told', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { maxLength: 60, size: 'max' }),
      (noise) => {
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
      },
    ),
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
  store.apply(eventOf(queued()), 2_000);
  const job = store.get('job');
  expect(job?.queue).toEqual({ position: 3, waitSeconds: 40, at: 1_000 });
  expect(job && waitAt(job, 11_000)).toBe(30);
  expect(job && waitAt(job, 90_000)).toBe(0);
  expect(job && remainingAt(job, 11_000)?.seconds).toBe(90);
});

test('an answer about a job that has begun meanwhile is dropped, and it is not asked for any more', () => {
  const store = new JobCache(() => {});
  store.load(queued(), 0);
  store.apply(eventOf(jobState('job', { version: 2, step: 'start', progress: 0.05 })), 0);
  store.noteWait(wait, 0);
  expect(store.get('job')?.queue).toBeUndefined();
  expect(store.waiting()).toEqual([]);
});

test('waits are asked for every five seconds while somebody looks, at once for another job, and on after a failure', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const store = new JobCache(() => {});
  let [asked, isAway, isSeen] = [0, true, false];
  const leave = followWaits({
    store,
    ask: async () => {
      asked += 1;
      if (isAway) throw new Error('The server is away');
      return [wait];
    },
    isSeen: () => isSeen,
  });
  const after = async (seconds: number): Promise<number> => {
    await vi.advanceTimersByTimeAsync(seconds * 1_000);
    return asked;
  };
  expect(await after(2)).toBe(0);
  store.load(queued(), 0);
  expect(await after(2)).toBe(0);
  isSeen = true;
  expect(await after(1)).toBe(1);
  isAway = false;
  expect(await after(4)).toBe(1);
  expect(store.get('job')?.queue).toBeUndefined();
  expect(await after(1)).toBe(2);
  expect(store.get('job')?.queue).toMatchObject({ position: 3, waitSeconds: 40 });
  store.load({ ...queued(), id: 'other' }, 0);
  expect(await after(1)).toBe(3);
  leave();
  expect(await after(10)).toBe(3);
});

test('waits are not asked for again while an answer is awaited, whoever waits meanwhile', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const store = new JobCache(() => {});
  const answer = Promise.withResolvers<readonly Wait[]>();
  let asked = 0;
  const ask = (): Promise<readonly Wait[]> => {
    asked += 1;
    return answer.promise;
  };
  onTestFinished(followWaits({ store, ask, isSeen: () => true }));
  store.load(queued(), 0);
  await vi.advanceTimersByTimeAsync(1_000);
  store.load({ ...queued(), id: 'other' }, 0);
  await vi.advanceTimersByTimeAsync(9_000);
  expect(asked).toBe(1);
  answer.resolve([wait]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked).toBe(2);
});
