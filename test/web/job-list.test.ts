/** The list of jobs and what it knows of them, against a server whose answers the test gives, late or in another order. */
import { expect, test } from 'vitest';
import type { JobFieldsFragment, JobStatus, JobsQuery } from '../../web/generated/graphql.ts';
import { JobCache } from '../../web/state/job-cache.ts';
import { type JobFilter, JobList } from '../../web/state/job-list.ts';
import type { JobEvent } from '../../web/state/job-view.ts';
import { until } from '../setup/deadline.ts';

const ALL: JobFilter = { status: [], workflow: [] };

function job(id: string, changes: Partial<JobFieldsFragment> = {}): JobFieldsFragment {
  return {
    ...{ id, workflow: 'DIRECTOR', taskName: 'video_generation', status: 'RUNNING', progress: 0.5 },
    ...{ step: null, steps: [], message: null, metadata: null, attempt: 1, maxAttempts: 3, eta: null },
    ...{ result: null, error: null, parent: null, createdAt: '2026-01-01T00:00:00Z' },
    ...{ startedAt: null, finishedAt: null, ...changes },
  };
}

let events = 0;
function progress(jobId: string, share: number, message = ''): JobEvent {
  events += 1;
  return {
    ...{ __typename: 'ProgressEvent', id: `e${events}`, jobId, taskName: 'video_generation', attempt: 1 },
    ...{ timestamp: '2026-01-01T00:00:01Z', progress: share, step: null, message, metadata: null, eta: null },
    status: share === 0 ? 'queued' : 'processing',
  };
}

function failure(jobId: string): JobEvent {
  return {
    ...{ __typename: 'ErrorEvent', id: `f-${jobId}`, jobId, taskName: 'video_generation', attempt: 1 },
    ...{ timestamp: '2026-01-01T00:00:02Z', error: 'broken', code: 'STORAGE_FAILED', details: null },
    ...{ willRetry: false, retryAfterSeconds: null },
  };
}

const idOf = (number: number): string => `job-${String(number).padStart(4, '0')}`;

class FakeServer {
  readonly jobs = new Map<string, JobFieldsFragment>();
  /** Ids of those that it can't read. */
  readonly unreadable = new Set<string>();
  readonly store = new JobCache((flush) => flush());
  readonly list: JobList;
  pages = 0;
  /** Ids of the jobs that were asked for alone. */
  readonly asked: string[] = [];
  /** Of the next questions. */
  failures = 0;

  constructor(jobs: readonly JobFieldsFragment[] = []) {
    for (const one of jobs) this.jobs.set(one.id, one);
    this.list = new JobList({
      store: this.store,
      loadPage: async (filter, after, first) => this.#page(filter, after, first),
      loadJob: async (id) => {
        this.asked.push(id);
        this.#failSome();
        if (this.unreadable.has(id)) throw Object.assign(new Error('broken'), { code: 'RECORD_DAMAGED' });
        const found = this.jobs.get(id);
        if (found !== undefined) this.store.load(found, 0);
        return this.store.get(id) ?? null;
      },
      soon: (work) => void setTimeout(work, 1),
    });
    this.store.onUnknown = (event) => this.list.noteUnknown(event);
    this.store.onStatus = (change) => this.list.noteStatus(change);
  }

  get ids(): readonly string[] {
    return this.list.view.ids;
  }

  /** New jobs, whose first events come at once. */
  queue(from: number, count: number): void {
    const ids = Array.from({ length: count }, (_, index) => idOf(from + index));
    for (const id of ids) this.jobs.set(id, job(id, { status: 'QUEUED', progress: 0 }));
    for (const id of ids) this.store.apply(progress(id, 0), 0);
  }

  async open(filter = ALL): Promise<void> {
    this.list.setFilter(filter);
    await until(() => !this.list.view.loading);
  }

  #failSome(): void {
    if (this.failures === 0) return;
    this.failures -= 1;
    throw new Error('The server is away');
  }

  #page({ status }: JobFilter, after: string | null, first: number): JobsQuery['jobs'] {
    this.pages += 1;
    this.#failSome();
    const all = [...this.jobs.values()]
      .filter((one) => status.length === 0 || status.includes(one.status))
      .filter(({ id }) => after === null || id < after)
      .sort((one, other) => (one.id < other.id ? 1 : -1));
    const page = all.slice(0, first);
    const edges = page
      .filter(({ id }) => !this.unreadable.has(id))
      .map((node) => ({ cursor: node.id, node: { items: [], ...node } }));
    const unreadable = page
      .filter(({ id }) => this.unreadable.has(id))
      .map(({ id }) => ({ id, reason: 'steps: expected JSON' }));
    const pageInfo = { hasNextPage: all.length > first, endCursor: page.at(-1)?.id ?? null };
    return { edges, unreadable, pageInfo } as JobsQuery['jobs'];
  }
}

/** Everything that is shown, to the end. */
async function scroll({ list }: FakeServer): Promise<readonly string[]> {
  while (list.view.hasMore) await list.loadMore();
  return list.view.ids;
}

test.each([1, 20, 21, 40, 41, 130])('%i new jobs at once in an empty project are listed', async (count) => {
  const server = new FakeServer();
  await server.open();
  expect(server.list.view).toMatchObject({ ids: [], hasMore: false });
  server.queue(0, count);
  await until(() => server.ids.length >= Math.min(count, 40));
  const newest = Array.from({ length: count }, (_, index) => idOf(count - 1 - index));
  expect(await scroll(server)).toEqual(newest);
});

test.each([60, 700])('%i new jobs at once above others leave no gap', async (count) => {
  const server = new FakeServer(Array.from({ length: 50 }, (_, index) => job(idOf(index))));
  await server.open();
  server.queue(50, count);
  await until(() => server.ids[0] === idOf(49 + count));
  await until(() => server.ids.length >= 40);
  const all = await scroll(server);
  expect(all).toEqual(Array.from({ length: 50 + count }, (_, index) => idOf(49 + count - index)));
});

test('an empty list is asked for again when the stream began anew', async () => {
  const server = new FakeServer();
  await server.open();
  server.jobs.set('a', job('a', { status: 'COMPLETED' }));
  expect(await server.list.refresh()).toBe(true);
  expect(server.ids).toEqual(['a']);
});

test.each([1, 30])('%i new jobs are asked for until the server answers', async (count) => {
  const server = new FakeServer();
  await server.open();
  server.failures = 3;
  server.queue(0, count);
  await until(() => server.ids.length === count);
});

test('another filter meanwhile: the answer to the first is dropped, and the second is not held up by it', async () => {
  const statuses: readonly JobStatus[] = ['RUNNING', 'FAILED'];
  const server = new FakeServer(statuses.map((status) => job(status, { status })));
  server.list.setFilter({ status: ['RUNNING'], workflow: [] });
  await server.open({ status: ['FAILED'], workflow: [] });
  expect(server.list.view).toMatchObject({ ids: ['FAILED'], loading: false, error: null });
});

test('a job that an earlier stream told of is asked for again when a new one says nothing of it', () => {
  const { store } = new FakeServer();
  store.beginAnew();
  store.load(job('a'), 0);
  store.load(job('b'), 0);
  store.apply(progress('a', 0.6), 0);
  expect(store.unconfirmed()).toEqual([]);
  store.beginAnew();
  store.apply(progress('b', 0.7), 0);
  expect(store.unconfirmed()).toEqual(['a']);
  expect(store.log('a')).toEqual([]);
  expect(store.log('b')).toHaveLength(1);
});

test('the server was set back: its word counts, from an answer as from an event', () => {
  const { store } = new FakeServer();
  store.beginAnew();
  for (const id of ['a', 'b']) store.load(job(id, { status: 'COMPLETED', progress: 1 }), 0);
  store.beginAnew();
  store.load(job('a', { progress: 0.2 }), 0);
  expect(store.get('a')).toMatchObject({ status: 'RUNNING', progress: 0.2 });
  // Of an event not all can be told: the job is asked for, and then as new as its event.
  store.apply(progress('b', 0.4), 0);
  expect(store.unconfirmed()).toEqual(['b']);
  store.load(job('b', { progress: 0.3 }), 0);
  expect(store.get('b')).toMatchObject({ status: 'RUNNING', progress: 0.4 });
});

test('an answer to a question from before the stream began anew takes nothing back', () => {
  const { store } = new FakeServer();
  store.beginAnew();
  store.load(job('a'), 0);
  const asked = store.moment;
  store.beginAnew();
  store.apply(failure('a'), 0);
  store.load(job('a', { progress: 0.9 }), 0, asked);
  expect(store.get('a')?.status).toBe('FAILED');
  // Nor does it count as heard of in the new stream.
  store.load(job('b'), 0, asked);
  expect(store.unconfirmed()).toEqual(['b']);
});

test('of the same progress, an event counts more than an answer whose question was sent before it', () => {
  const { store } = new FakeServer();
  store.load(job('a', { message: 'first' }), 0);
  const before = store.moment;
  store.apply(progress('a', 0.5, 'second'), 0);
  store.load(job('a', { message: 'first' }), 0, before);
  expect(store.get('a')?.message).toBe('second');
  store.load(job('a', { message: 'third' }), 0, store.moment);
  expect(store.get('a')?.message).toBe('third');
});

test('an older answer about a batch’s items takes nothing back, and early events of items count', () => {
  const { store } = new FakeServer();
  const item = (id: string, status: JobStatus, share: number) => ({
    id,
    status,
    progress: share,
    attempt: 1,
  });
  const batch = job('b', { taskName: 'batch_video_generation' });
  store.apply(failure('b-1'), 0);
  store.load({ ...batch, items: [item('b-0', 'QUEUED', 0), item('b-1', 'RUNNING', 0.4)] }, 0);
  expect(store.item('b-1')?.status).toBe('FAILED');
  const asked = store.moment;
  store.apply(failure('b-0'), 0);
  store.load({ ...batch, items: [item('b-0', 'RUNNING', 0.9), item('b-1', 'RUNNING', 0.4)] }, 0, asked);
  expect([store.item('b-0')?.status, store.item('b-1')?.status]).toEqual(['FAILED', 'FAILED']);
  // After a new beginning the server's word counts.
  store.beginAnew();
  store.load({ ...batch, items: [item('b-0', 'RUNNING', 0.9), item('b-1', 'COMPLETED', 1)] }, 0);
  expect([store.item('b-0')?.status, store.item('b-1')?.status]).toEqual(['RUNNING', 'COMPLETED']);
});

test('jobs that can’t be read are told of with their pages, newest first, and hide no others', async () => {
  const server = new FakeServer(Array.from({ length: 130 }, (_, index) => job(idOf(index))));
  // A whole page in the middle, and single ones around it.
  for (const number of [129, 0, ...Array.from({ length: 40 }, (_, index) => 50 + index)]) {
    server.unreadable.add(idOf(number));
  }
  await server.open();
  expect(server.list.view.unreadable.map(({ id }) => id)).toEqual([idOf(129)]);
  expect(await scroll(server)).toHaveLength(88);
  const unreadable = [...server.unreadable].sort().reverse();
  expect(server.list.view.unreadable.map(({ id }) => id)).toEqual(unreadable);
  // As after a stream that began anew.
  expect(await server.list.refresh()).toBe(true);
  expect(server.ids).toHaveLength(88);
  expect(server.list.view.unreadable.map(({ id }) => id)).toEqual(unreadable);
});

test('a job that can’t be read is asked for once, however much happens to it, and is shown when it can be', async () => {
  const server = new FakeServer();
  await server.open();
  server.unreadable.add('a');
  server.jobs.set('a', job('a'));
  server.store.apply(progress('a', 0.1), 0);
  await until(() => server.list.view.unreadable.length === 1);
  const { pages } = server;
  for (const share of [0.2, 0.3, 0.4]) server.store.apply(progress('a', share), 0);
  // Whoever comes behind it is asked for behind it.
  server.queue(1, 1);
  await until(() => server.ids.length === 1);
  expect([server.asked, server.pages]).toEqual([['a', idOf(1)], pages]);
  server.unreadable.delete('a');
  server.store.apply(failure('a'), 0);
  await until(() => server.ids.length === 2);
  expect(server.list.view.unreadable).toEqual([]);
});

test('a job that the server has no more leaves the list', async () => {
  const server = new FakeServer([job('a'), job('b')]);
  await server.open();
  server.store.remove('a');
  server.list.prune();
  expect(server.ids).toEqual(['b']);
});
