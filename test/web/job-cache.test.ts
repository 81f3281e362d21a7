/** What the page keeps of jobs, for how long, and whom it tells. */
import { expect, test } from 'vitest';
import type { JobFieldsFragment } from '../../web/generated/graphql.ts';
import { JobCache, type StatusChange } from '../../web/state/job-cache.ts';
import type { JobEvent } from '../../web/state/job-view.ts';

const TIMES = { createdAt: '2026-01-01T00:00:00Z', startedAt: null, finishedAt: null };

function job(id: string, changes: Partial<JobFieldsFragment> = {}): JobFieldsFragment {
  return {
    ...{ id, workflow: 'DIRECTOR', taskName: 'video_generation', status: 'RUNNING', progress: 0.1 },
    ...{ step: null, steps: [], message: null, metadata: null, attempt: 1, maxAttempts: 3, eta: null },
    ...{ result: null, error: null, parent: null, ...TIMES, ...changes },
  };
}

function progress(jobId: string, number: number, changes: Partial<JobEvent> = {}): JobEvent {
  return {
    ...{ __typename: 'ProgressEvent', id: `e${number}`, jobId, taskName: 'video_generation', attempt: 1 },
    ...{ timestamp: '2026-01-01T00:00:01Z', status: 'processing', progress: 0.5, step: null },
    ...{ message: `event ${number}`, metadata: null, eta: null, ...changes },
  } as JobEvent;
}

function ended(jobId: string, code = 'STORAGE_FAILED', willRetry = false): JobEvent {
  return {
    ...{ __typename: 'ErrorEvent', id: `f-${jobId}`, jobId, taskName: 'video_generation', attempt: 1 },
    ...{ timestamp: '2026-01-01T00:00:02Z', error: 'broken', code, details: null, willRetry },
    retryAfterSeconds: null,
  };
}

const newStore = (): JobCache => new JobCache((flush) => flush());
const nameOf = (number: number): string => `job-${number}`;

test('of a job the last 400 events are kept', () => {
  const store = newStore();
  store.load(job('a'), 0);
  for (let number = 1; number <= 401; number += 1) store.apply(progress('a', number), 0);
  expect(store.log('a')).toHaveLength(400);
  store.apply(progress('a', 402), 0);
  const log = store.log('a');
  expect([log.length, log[0]?.id, log.at(-1)?.id]).toEqual([400, 'e3', 'e402']);
});

test('the events of 400 jobs are kept: those of which something was heard last', () => {
  const store = newStore();
  for (let number = 0; number < 400; number += 1) store.apply(progress(nameOf(number), 1), 0);
  store.apply(progress(nameOf(0), 2), 0);
  expect(store.log(nameOf(1))).toHaveLength(1);
  store.apply(progress(nameOf(400), 1), 0);
  expect([0, 1, 2, 400].map((number) => store.log(nameOf(number)).length)).toEqual([2, 0, 1, 1]);
});

test('the newest event of 20,000 jobs that are not known waits for their answer', () => {
  const store = newStore();
  for (let number = 0; number <= 20_000; number += 1) store.apply(progress(nameOf(number), number), 0);
  for (const number of [0, 1, 20_000]) store.load(job(nameOf(number)), 0);
  expect([0, 1, 20_000].map((number) => store.get(nameOf(number))?.progress)).toEqual([0.1, 0.5, 0.5]);
});

test('of 20,000 jobs it is known whether an answer is older than their events', () => {
  const store = newStore();
  for (const id of ['a', 'b']) store.load(job(id, { progress: 0.5, message: 'asked' }), 0);
  const before = store.moment;
  store.apply(progress('a', 1), 0);
  for (let number = 1; number < 20_000; number += 1) store.apply(progress(nameOf(number), number), 0);
  for (const id of ['a', 'b']) store.load(job(id, { progress: 0.5, message: 'an older answer' }), 0, before);
  expect(['a', 'b'].map((id) => store.get(id)?.message)).toEqual(['event 1', 'an older answer']);
});

test('an early event counts for the next answer alone, and not for one in a stream that began anew', () => {
  const store = newStore();
  const unknown: string[] = [];
  store.onUnknown = ({ jobId }) => unknown.push(jobId);
  store.apply(progress('a', 1), 0);
  store.apply(progress('b', 2), 0);
  expect(unknown).toEqual(['a', 'b']);
  store.load(job('a'), 0);
  expect(store.get('a')?.progress).toBe(0.5);
  store.remove('a');
  store.load(job('a'), 0);
  expect(store.get('a')?.progress).toBe(0.1);
  store.beginAnew();
  expect(store.log('b')).toEqual([]);
  store.load(job('b'), 0);
  expect(store.get('b')?.progress).toBe(0.1);
});

test('an answer of before a new beginning uses up no early event of the new stream', () => {
  const store = newStore();
  const asked = store.moment;
  store.beginAnew();
  store.apply(progress('a', 1), 0);
  store.load(job('a'), 0, asked);
  expect(store.get('a')?.progress).toBe(0.1);
  store.load(job('a'), 0);
  expect(store.get('a')?.progress).toBe(0.5);
});

test('an answer of before a new beginning counts only where the new stream has said nothing, and when it is newer', () => {
  const store = newStore();
  for (const id of ['a', 'b', 'c']) store.load(job(id, { progress: 0.5 }), 0);
  const asked = store.moment;
  store.beginAnew();
  // The server was set back: its word counts.
  store.load(job('a', { progress: 0.2 }), 0);
  store.load(job('a', { status: 'COMPLETED', progress: 1 }), 0, asked);
  store.load(job('b', { progress: 0.9 }), 0, asked);
  store.load(job('c', { progress: 0.1 }), 0, asked);
  expect(['a', 'b', 'c'].map((id) => store.get(id)?.progress)).toEqual([0.2, 0.9, 0.5]);
});

test('of an item that was known as a whole, a list’s word counts in a stream that began anew', () => {
  const store = newStore();
  const batchOf = (share: number) =>
    ({ ...job('batch'), items: [{ id: 'a', status: 'RUNNING', progress: share, attempt: 1 }] }) as never;
  store.load(job('a', { status: 'COMPLETED', progress: 1 }), 0);
  store.beginAnew();
  let told = 0;
  store.subscribe('a', () => {
    told += 1;
  });
  store.load(batchOf(0.2), 0);
  expect([store.get('a'), store.item('a')?.progress, told]).toEqual([undefined, 0.2, 1]);
  // Within one stream the whole stays known.
  store.load(job('a', { progress: 0.3 }), 0);
  store.load(batchOf(0.4), 0);
  expect(store.get('a')?.progress).toBe(0.3);
});

test('who was told in one frame is not told again in the next', () => {
  const flushes: (() => void)[] = [];
  const store = new JobCache((flush) => flushes.push(flush));
  const told: string[] = [];
  for (const id of ['a', 'b']) {
    store.load(job(id), 0);
    store.subscribe(id, () => told.push(id));
  }
  for (const id of ['a', 'b', 'a']) {
    store.apply(progress(id, told.length, { progress: 0.5 + told.length / 10 }), 0);
    expect(flushes).toHaveLength(1);
    flushes.pop()?.();
  }
  expect(told).toEqual(['a', 'b', 'a']);
});

test('a change of status is told once, with what was before', () => {
  const store = newStore();
  const changes: string[] = [];
  store.onStatus = ({ job: { id, status }, before }: StatusChange) =>
    changes.push(`${id} ${before} ${status}`);
  store.load(job('a', { status: 'QUEUED', progress: 0 }), 0);
  expect(changes).toEqual([]);
  store.apply(progress('a', 1), 0);
  store.apply(progress('a', 2, { progress: 0.6 }), 0);
  expect(changes).toEqual(['a QUEUED RUNNING']);
  store.load(job('a', { status: 'COMPLETED', progress: 1 }), 0);
  store.apply(progress('a', 3), 0);
  expect(changes).toEqual(['a QUEUED RUNNING', 'a RUNNING COMPLETED']);
});

test('who shows a job is told of it, of its items, and of its removal; who has left is not', () => {
  const flushes: (() => void)[] = [];
  const store = new JobCache((flush) => flushes.push(flush));
  store.load(job('a'), 0);
  let told: string[] = [];
  const toldSince = (): readonly string[] => {
    for (const flush of flushes.splice(0)) flush();
    const names = told;
    told = [];
    return names;
  };
  const leave = store.subscribe('a', () => told.push('one'));
  const leaveToo = store.subscribe('a', () => told.push('other'));
  store.apply(progress('a', 1), 0);
  expect(toldSince()).toEqual(['one', 'other']);
  leave();
  expect(store.isShown('a')).toBe(true);
  store.load(job('a-1', { parent: { id: 'a' } as JobFieldsFragment['parent'] }), 0);
  expect(toldSince()).toEqual(['other']);
  // Nothing new.
  const known = store.get('a');
  store.apply(ended('elsewhere'), 0);
  expect([toldSince(), store.get('a')]).toEqual([[], known]);
  store.remove('a');
  expect([store.get('a'), store.item('a'), toldSince()]).toEqual([undefined, undefined, ['other']]);
  leaveToo();
  expect(store.isShown('a')).toBe(false);
});

test('whoever shows the events of a job is told when a stream begins anew', () => {
  const store = newStore();
  store.apply(progress('a', 1), 0);
  let told = 0;
  store.subscribe('a', () => {
    told += 1;
  });
  store.beginAnew();
  expect(told).toBe(1);
});

test('a batch’s item of which only its state is known follows events, and never goes back', () => {
  const store = newStore();
  const items = [1, 2, 3].map((number) => ({
    ...{ id: nameOf(number), status: 'RUNNING' as const, progress: 0.3, attempt: 1 },
  }));
  store.load({ ...job('batch'), items: items as never }, 0);
  expect(store.get('batch')?.itemIds).toEqual([1, 2, 3].map(nameOf));
  const stateOf = (number: number): unknown[] => {
    const { status, progress: share } = store.item(nameOf(number)) ?? {};
    return [status, share];
  };
  store.apply(progress(nameOf(1), 1, { progress: 0.2 }), 0);
  expect(stateOf(1)).toEqual(['RUNNING', 0.3]);
  store.apply(progress(nameOf(1), 2), 0);
  expect(stateOf(1)).toEqual(['RUNNING', 0.5]);
  const completion = { __typename: 'CompletionEvent', result: null } as unknown as Partial<JobEvent>;
  store.apply(progress(nameOf(2), 3, completion), 0);
  expect(stateOf(2)).toEqual(['COMPLETED', 1]);
  store.apply(progress(nameOf(2), 4), 0);
  expect(stateOf(2)).toEqual(['COMPLETED', 1]);
  store.apply(ended(nameOf(3), 'CANCELLED'), 0);
  expect(stateOf(3)).toEqual(['CANCELLED', 0.3]);
  // An answer without items leaves those that are known.
  store.load(job('batch', { progress: 0.2 }), 0);
  expect(store.get('batch')?.itemIds).toEqual([1, 2, 3].map(nameOf));
});

test('a waiting job’s prediction is taken only for the wait that was asked about', () => {
  const store = newStore();
  store.load(job('a', { status: 'QUEUED', progress: 0 }), 0);
  store.load(job('b'), 0);
  expect(store.waiting()).toEqual(['a']);
  const eta = { remainingSeconds: 60, lowSeconds: 50, highSeconds: 90, waitSeconds: 20 };
  const wait = { id: 'a', attempt: 1, status: 'QUEUED', eta, queuePosition: 3 } as const;
  for (const other of [
    { ...wait, attempt: 2 },
    { ...wait, status: 'RETRYING' as const },
    { ...wait, id: 'unknown' },
    { ...wait, id: 'b', status: 'RUNNING' as const },
  ]) {
    store.noteWait(other as never, 5);
    expect(store.get('a')?.queue).toBeUndefined();
  }
  store.noteWait(wait as never, 5);
  expect(store.get('a')).toMatchObject({ etaAt: 5, queue: { position: 3, waitSeconds: 20, at: 5 } });
  // What is known of the wait outlives an answer about the job.
  store.load(job('a', { status: 'QUEUED', progress: 0 }), 7);
  expect(store.get('a')?.queue).toEqual({ position: 3, waitSeconds: 20, at: 5 });
  expect(store.get('b')?.queue).toBeUndefined();
});

test('the clock of the server is as far ahead as the newest event says', () => {
  const store = newStore();
  const now = Date.parse('2026-01-01T00:00:01Z');
  store.apply(progress('a', 1), now - 300);
  expect(store.clockOffset).toBe(300);
  store.apply(progress('a', 2), now + 5_000);
  expect(store.clockOffset).toBe(300);
});
