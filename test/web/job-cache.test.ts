/** What the page keeps of jobs, for how long, and whom it tells. */
import { expect, test } from 'vitest';
import type { JobFieldsFragment } from '../../web/generated/graphql.ts';
import { JobCache, type StatusChange } from '../../web/state/job-cache.ts';
import { eventOf, jobState as job } from './job-states.ts';

/** The event of a job in its second version, unless another is named. */
const told = (id: string, changes: Partial<JobFieldsFragment> = {}) =>
  eventOf(job(id, { version: 2, progress: 0.5, ...changes }));

const newStore = (): JobCache => new JobCache((flush) => flush());
const nameOf = (number: number): string => `job-${number}`;

test('the newest event of 20,000 jobs that are not known waits for their answer', () => {
  const store = newStore();
  for (let number = 0; number <= 20_000; number += 1) store.apply(told(nameOf(number)), 0);
  for (const number of [1, 0, 20_000]) store.load(job(nameOf(number)), 0);
  expect([1, 0, 20_000].map((number) => store.get(nameOf(number))?.progress)).toEqual([0.5, 0.1, 0.5]);
});

test('the later state is shown, whichever comes last', () => {
  const store = newStore();
  store.load(job('a', { version: 3, progress: 0.3 }), 0);
  store.apply(told('a', { version: 2, progress: 0.9 }), 0);
  expect(store.get('a')?.progress).toBe(0.3);
  store.apply(told('a', { version: 4, progress: 0.4 }), 0);
  store.load(job('a', { version: 3, progress: 0.3 }), 0);
  expect(store.get('a')?.progress).toBe(0.4);
  store.load(job('a', { version: 5, status: 'COMPLETED', progress: 1 }), 0);
  store.apply(told('a', { version: 4, progress: 0.4 }), 0);
  expect(store.get('a')?.status).toBe('COMPLETED');
});

test('a late answer takes nothing back of what followed from the events before', () => {
  const store = newStore();
  const queued = job('a', { status: 'QUEUED', progress: 0 });
  store.load(queued, 0);
  const times = [1, 2].map((second) => `2026-01-01T00:00:0${second}Z`);
  for (const [index, time] of times.entries())
    store.apply(eventOf(job('a', { version: 2 + index }), time), 0);
  store.load({ ...queued, title: null }, 9);
  expect(store.get('a')).toMatchObject({ status: 'RUNNING', version: 3, startedAt: times[0], etaAt: 0 });
});

test('a job that is not known is told of, and shown in its latest state when it is answered', () => {
  const store = newStore();
  const unknown: string[] = [];
  store.onUnknown = (event) => unknown.push(event.job.id);
  store.apply(told('a', { message: 'told' }), 0);
  expect(unknown).toEqual(['a']);
  store.load(job('a', { title: 'A film', message: 'asked' }), 0);
  expect(store.get('a')).toMatchObject({ version: 2, title: 'A film', progress: 0.5, message: 'told' });
  store.remove('a');
  store.load(job('a'), 0);
  expect(store.get('a')?.progress).toBe(0.5);
});

test('a job of which events are an attempt ahead of the answer is asked for again, and any other is not', () => {
  const store = newStore();
  const outdated: string[] = [];
  store.onOutdated = (id) => outdated.push(id);
  for (const [id, attempt] of [
    ['a', 1],
    ['b', 2],
  ] as const) {
    store.apply(told(id, { attempt }), 0);
    store.load(job(id), 0);
  }
  expect(outdated).toEqual(['b']);
  expect(store.get('b')?.attempt).toBe(2);
  expect(store.unconfirmed()).toEqual(['b']);
  store.load(job('b', { version: 2, attempt: 2 }), 0);
  expect([outdated, store.unconfirmed()]).toEqual([['b'], []]);
});

test('in a stream that began anew, the server’s word counts, from an answer as from an event, whatever was known', () => {
  const store = newStore();
  const ended = { version: 9, status: 'COMPLETED', progress: 1 } as const;
  for (const id of ['a', 'b', 'c']) store.load(job(id, ended), 0);
  expect(store.unconfirmed()).toEqual([]);
  store.beginAnew();
  store.load(job('a', { version: 3, progress: 0.2 }), 0);
  store.apply(told('b', { version: 4, progress: 0.4 }), 0);
  expect(['a', 'b', 'c'].map((id) => store.get(id)?.progress)).toEqual([0.2, 0.4, 1]);
  // An event does not tell all of a job.
  expect(store.unconfirmed()).toEqual(['b', 'c']);
  store.load(job('b', { version: 4, progress: 0.4 }), 0);
  expect(store.unconfirmed()).toEqual(['c']);
});

test('an answer to a question from before the stream began anew takes nothing back, and confirms nothing', () => {
  const store = newStore();
  store.load(job('a', { progress: 0.5 }), 0);
  store.load(job('b', { progress: 0.5 }), 0);
  const asked = store.moment;
  store.beginAnew();
  store.load(job('a', { version: 1, progress: 0.2 }), 0);
  const late = { version: 7, status: 'COMPLETED', progress: 1 } as const;
  for (const id of ['a', 'b']) store.load(job(id, late), 0, asked);
  expect(['a', 'b'].map((id) => store.get(id)?.progress)).toEqual([0.2, 0.5]);
  // Better than nothing, but to be asked for again.
  const outdated: string[] = [];
  store.onOutdated = (id) => outdated.push(id);
  store.load(job('c', late), 0, asked);
  expect([store.get('c')?.status, outdated, store.unconfirmed()]).toEqual(['COMPLETED', ['c'], ['b', 'c']]);
});

test('of an item that was known as a whole, a list’s word counts in a stream that began anew', () => {
  const store = newStore();
  const batchOf = (version: number, progress: number) => ({
    ...job('batch'),
    items: [{ id: 'a', version, status: 'RUNNING' as const, progress, attempt: 1 }],
  });
  store.load(job('a', { version: 9, status: 'COMPLETED', progress: 1 }), 0);
  store.beginAnew();
  let times = 0;
  store.subscribe('a', () => {
    times += 1;
  });
  store.load(batchOf(2, 0.2), 0);
  expect([store.get('a'), store.item('a')?.progress, times]).toEqual([undefined, 0.2, 1]);
  // Within one stream the whole stays known, with the later state; what a list does not tell is asked for.
  store.load(job('a', { version: 3, progress: 0.3, title: 'One' }), 0);
  store.load(batchOf(2, 0.2), 0);
  expect(store.get('a')).toMatchObject({ version: 3, progress: 0.3 });
  const outdated: string[] = [];
  store.onOutdated = (id) => outdated.push(id);
  store.load(batchOf(4, 0.4), 0);
  expect(store.get('a')).toMatchObject({ version: 4, progress: 0.4, title: 'One' });
  store.load(batchOf(4, 0.4), 0);
  expect(outdated).toEqual(['a']);
  // Of a whole that is older than the state, the rest is asked for again.
  store.remove('a');
  store.load(job('a', { version: 3, progress: 0.3 }), 0);
  expect([store.get('a')?.progress, outdated]).toEqual([0.4, ['a', 'a']]);
});

test('who was told in one frame is not told again in the next', () => {
  const flushes: (() => void)[] = [];
  const store = new JobCache((flush) => flushes.push(flush));
  const names: string[] = [];
  for (const id of ['a', 'b']) {
    store.load(job(id), 0);
    store.subscribe(id, () => names.push(id));
  }
  for (const id of ['a', 'b', 'a']) {
    store.apply(eventOf(job(id, { version: 2 + names.length })), 0);
    expect(flushes).toHaveLength(1);
    flushes.pop()?.();
  }
  expect(names).toEqual(['a', 'b', 'a']);
});

test('a change of status is told once, with what was before', () => {
  const store = newStore();
  const changes: string[] = [];
  store.onStatus = ({ job: { id, status }, before }: StatusChange) =>
    changes.push(`${id} ${before} ${status}`);
  store.load(job('a', { status: 'QUEUED', progress: 0 }), 0);
  expect(changes).toEqual([]);
  store.apply(told('a'), 0);
  store.apply(told('a', { version: 3, progress: 0.6 }), 0);
  expect(changes).toEqual(['a QUEUED RUNNING']);
  store.load(job('a', { version: 5, status: 'COMPLETED', progress: 1 }), 0);
  store.apply(told('a', { version: 4, progress: 0.7 }), 0);
  expect(changes).toEqual(['a QUEUED RUNNING', 'a RUNNING COMPLETED']);
});

test('who shows a job is told of it, of its items, and of its removal; who has left is not', () => {
  const flushes: (() => void)[] = [];
  const store = new JobCache((flush) => flushes.push(flush));
  store.load(job('a'), 0);
  let names: string[] = [];
  const toldSince = (): readonly string[] => {
    for (const flush of flushes.splice(0)) flush();
    const since = names;
    names = [];
    return since;
  };
  const leave = store.subscribe('a', () => names.push('one'));
  const leaveToo = store.subscribe('a', () => names.push('other'));
  store.apply(told('a'), 0);
  expect(toldSince()).toEqual(['one', 'other']);
  leave();
  expect(store.isShown('a')).toBe(true);
  store.load(job('a-1', { parent: { id: 'a' } as JobFieldsFragment['parent'] }), 0);
  expect(toldSince()).toEqual(['other']);
  // Nothing new.
  const known = store.get('a');
  store.apply(told('elsewhere'), 0);
  expect([toldSince(), store.get('a')]).toEqual([[], known]);
  store.remove('a');
  expect([store.get('a'), store.item('a'), toldSince()]).toEqual([undefined, undefined, ['other']]);
  leaveToo();
  expect(store.isShown('a')).toBe(false);
});

test('a batch’s item of which only its state is known follows events, and never goes back', () => {
  const store = newStore();
  const items = [1, 2, 3].map((number) => ({
    ...{ id: nameOf(number), version: 3, status: 'RUNNING' as const, progress: 0.3, attempt: 1 },
  }));
  store.load({ ...job('batch'), items }, 0);
  expect(store.get('batch')?.itemIds).toEqual([1, 2, 3].map(nameOf));
  const stateOf = (number: number): unknown[] => {
    const { status, progress: share } = store.item(nameOf(number)) ?? {};
    return [status, share];
  };
  store.apply(told(nameOf(1), { version: 2, progress: 0.2 }), 0);
  expect(stateOf(1)).toEqual(['RUNNING', 0.3]);
  store.apply(told(nameOf(1), { version: 4 }), 0);
  expect(stateOf(1)).toEqual(['RUNNING', 0.5]);
  store.apply(told(nameOf(2), { version: 5, status: 'COMPLETED', progress: 1 }), 0);
  store.apply(told(nameOf(2), { version: 4 }), 0);
  store.load({ ...job('batch'), items }, 0);
  expect([stateOf(1), stateOf(2)]).toEqual([
    ['RUNNING', 0.5],
    ['COMPLETED', 1],
  ]);
  // An answer without items leaves those that are known.
  store.load(job('batch', { progress: 0.2 }), 0);
  expect(store.get('batch')?.itemIds).toEqual([1, 2, 3].map(nameOf));
});

test('an item that is removed is known no more', () => {
  const store = newStore();
  const item = { id: 'item', version: 3, status: 'RUNNING' as const, progress: 0.3, attempt: 1 };
  store.load({ ...job('batch'), items: [item] }, 0);
  store.remove('item');
  expect(store.item('item')).toBeUndefined();
});

test('a job’s input stays through events, and through answers that do not tell it', () => {
  const store = newStore();
  store.load({ ...job('a'), input: { script: 'MIRA: Hello!' }, inputExcerpt: 'MIRA: Hello!' }, 0);
  store.apply(told('a'), 0);
  store.load(job('a', { version: 3 }), 0);
  expect(store.get('a')).toMatchObject({
    ...{ version: 3, input: { script: 'MIRA: Hello!' }, inputExcerpt: 'MIRA: Hello!' },
  });
  store.load({ ...job('a', { version: 4 }), input: { script: 'THEO: Hi!' } }, 0);
  expect(store.get('a')?.input).toEqual({ script: 'THEO: Hi!' });
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
  store.apply(told('a'), now - 300);
  expect(store.clockOffset).toBe(300);
  store.apply(told('a', { version: 3 }), now + 5_000);
  expect(store.clockOffset).toBe(300);
});
