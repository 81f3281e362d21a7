/** The list of jobs and what it knows of them, against a server whose answers the test gives, late or in another order. */
import { expect, test } from 'vitest';
import type { JobFieldsFragment, JobStatus, JobsQuery } from '../../web/generated/graphql.ts';
import { JobCache } from '../../web/state/job-cache.ts';
import { type JobFilter, NO_FILTER } from '../../web/state/job-filter.ts';
import { JobList } from '../../web/state/job-list.ts';
import { until } from '../setup/deadline.ts';
import { eventOf, jobState } from './job-states.ts';

const ALL: JobFilter = NO_FILTER;

const job = (id: string, changes: Partial<JobFieldsFragment> = {}): JobFieldsFragment =>
  jobState(id, { progress: 0.5, ...changes });

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
    for (const id of ids) this.store.apply(eventOf(job(id, { status: 'QUEUED', progress: 0 })), 0);
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
      .map((node) => ({ cursor: node.id, node: { items: [], inputExcerpt: null, ...node } }));
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
  server.list.setFilter({ ...NO_FILTER, status: ['RUNNING'] });
  await server.open({ ...NO_FILTER, status: ['FAILED'] });
  expect(server.list.view).toMatchObject({ ids: ['FAILED'], loading: false, error: null });
});

/** A list whose questions are answered by the test, in any order. */
function asking() {
  const questions: PromiseWithResolvers<JobsQuery['jobs']>[] = [];
  const list = new JobList({
    store: new JobCache((flush) => flush()),
    loadPage: () => {
      const question = Promise.withResolvers<JobsQuery['jobs']>();
      questions.push(question);
      return question.promise;
    },
    loadJob: async () => null,
    soon: () => {},
  });
  const settle = (): Promise<unknown> => new Promise(setImmediate);
  return { list, questions, settle };
}
const EMPTY: JobsQuery['jobs'] = {
  ...{ edges: [], unreadable: [], pageInfo: { hasNextPage: false, endCursor: null } },
};

test('an answer to the filter before neither ends the loading of the present one nor hides why that failed', async () => {
  const { list, questions, settle } = asking();
  for (const status of ['RUNNING', 'FAILED'] as const) {
    list.setFilter({ ...NO_FILTER, status: [status] });
    await settle();
  }
  list.setFilter({ ...NO_FILTER, status: ['CANCELLED'] });
  await settle();
  const [first, second, third] = questions;
  first?.resolve(EMPTY);
  await settle();
  expect(list.view).toMatchObject({ loading: true, error: null });
  third?.reject(new Error('The server is away'));
  await settle();
  expect(list.view).toMatchObject({ loading: false, error: 'The server is away' });
  second?.resolve(EMPTY);
  await settle();
  expect(list.view).toMatchObject({ loading: false, error: 'The server is away' });
});

test('a list of which nothing came is loading while it is asked for again, and says no more that it failed', async () => {
  const { list, questions, settle } = asking();
  list.setFilter(NO_FILTER);
  await settle();
  questions[0]?.reject(new Error('The server is away'));
  await settle();
  expect(list.view).toMatchObject({ loading: false, error: 'The server is away' });
  const came = list.refresh();
  await settle();
  expect(list.view.loading).toBe(true);
  questions[1]?.resolve(EMPTY);
  expect(await came).toBe(true);
  expect(list.view).toMatchObject({ loading: false, error: null, hasMore: false });
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
  server.store.apply(eventOf(job('a')), 0);
  await until(() => server.list.view.unreadable.length === 1);
  const { pages } = server;
  for (const version of [2, 3, 4]) server.store.apply(eventOf(job('a', { version })), 0);
  // Whoever comes behind it is asked for behind it.
  server.queue(1, 1);
  await until(() => server.ids.length === 1);
  expect([server.asked, server.pages]).toEqual([['a', idOf(1)], pages]);
  server.unreadable.delete('a');
  server.store.apply(eventOf(job('a', { version: 5, status: 'FAILED' })), 0);
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

test('a change of status lists neither a job of another workflow nor an item of a batch', async () => {
  const server = new FakeServer();
  await server.open({ ...ALL, workflow: ['AUDIO'] });
  const batch = { id: 'batch', status: 'RUNNING' } as JobFieldsFragment['parent'];
  const jobs = [job('a'), job('b', { workflow: 'AUDIO', parent: batch }), job('c', { workflow: 'AUDIO' })];
  for (const one of jobs) {
    server.store.load(one, 0);
    server.store.apply(eventOf({ ...one, version: 2, status: 'COMPLETED', progress: 1 }), 0);
  }
  await until(() => server.ids.includes('c'));
  expect(server.ids).toEqual(['c']);
});
