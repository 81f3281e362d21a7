import type { Redis } from 'ioredis';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { isReadable } from '../../src/log/damaged-job.ts';
import { JobStore } from '../../src/log/job-store.ts';
import { EventLog } from '../../src/log/log.ts';
import { itemId, type JobState, type JobStatus } from '../../src/progress/state.ts';
import type { Workflow } from '../../src/progress/steps.ts';
import { newWriteId } from '../../src/progress/write-id.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import type { SchemaContext } from '../../src/schema/context.ts';
import { WORKFLOWS } from '../setup/workflows.ts';
import { ask, CREATED_AT, makeContext, makeState, queuedEvent } from './fixtures.ts';

let redis: Redis;
let store: JobStore;
let log: EventLog;
const keys = createKeys(`connection-test-${newWriteId()}`);
beforeAll(() => {
  redis = connectRedis(inject('redisUrl'), () => {});
  store = new JobStore(redis, keys, WORKFLOWS);
  log = new EventLog(redis, keys);
});
afterAll(() => closeRedis(redis));

/** Each job gets a millisecond of its own: within one, ids are in no order. */
let lastCreatedAt = CREATED_AT;

/** Creates jobs, oldest first. @returns their ids, newest first */
async function createJobs(projectId: string, kinds: readonly [Workflow, JobStatus][]): Promise<string[]> {
  const ids: string[] = [];
  for (const [workflow, status] of kinds) {
    lastCreatedAt += 1;
    const createdAt = lastCreatedAt;
    const id = uuidv7({ msecs: createdAt });
    const state = makeState({ id, projectId, workflow, status, createdAt });
    await log.append({
      mode: 'create',
      writeId: newWriteId(),
      event: queuedEvent(state),
      state,
      input: 'null',
    });
    ids.unshift(id);
  }
  return ids;
}

/** Creates batches that run, each with items in these statuses. @returns their ids, newest first */
async function createBatches(
  projectId: string,
  batches: readonly (readonly JobStatus[])[],
): Promise<string[]> {
  const ids: string[] = [];
  const create = (changes: Partial<JobState>) => {
    const state = makeState({ projectId, ...changes });
    return log.append({
      mode: 'create',
      writeId: newWriteId(),
      event: queuedEvent(state),
      state,
      input: 'null',
    });
  };
  for (const statuses of batches) {
    lastCreatedAt += 1;
    const createdAt = lastCreatedAt;
    const id = uuidv7({ msecs: createdAt });
    await create({ id, status: 'RUNNING', createdAt, itemCount: statuses.length });
    for (const [itemIndex, status] of statuses.entries()) {
      await create({ id: itemId(id, itemIndex), status, createdAt, parentId: id, itemIndex });
    }
    ids.unshift(id);
  }
  return ids;
}

const queued = (count: number): [Workflow, JobStatus][] => Array(count).fill(['DIRECTOR', 'QUEUED']);

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

async function askPage(args: string, jobs: SchemaContext['jobs'] = store): Promise<Page> {
  const answer = await ask(
    `{ jobs(${args}) { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
    makeContext({ jobs }),
  );
  expect(answer.errors).toEqual([]);
  return (answer.data as { jobs: Page }).jobs;
}

const idsOf = (page: Page): string[] => page.edges.map(({ node }) => node.id);

describe('Query.jobs', () => {
  test('is an empty page for a project without jobs', async () => {
    expect(await askPage('projectId: "nothing"')).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test('gives the newest 20 unless asked otherwise, and says that more follow', async () => {
    const ids = await createJobs('twenty-one', queued(21));
    const page = await askPage('projectId: "twenty-one"');
    expect(idsOf(page)).toEqual(ids.slice(0, 20));
    expect(page.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: page.edges[0]?.cursor,
      endCursor: page.edges.at(-1)?.cursor,
    });
  });

  test('walks through all pages without a gap or a repeat, whatever is created meanwhile', async () => {
    const ids = await createJobs('walk', queued(5));
    const seen: string[] = [];
    let after = '';
    for (;;) {
      const page = await askPage(`projectId: "walk", first: 2${after}`);
      seen.push(...idsOf(page));
      expect(page.pageInfo.hasPreviousPage).toBe(after !== '');
      if (!page.pageInfo.hasNextPage) break;
      after = `, after: "${page.pageInfo.endCursor}"`;
      await createJobs('walk', queued(1));
      expect(seen.length).toBeLessThan(ids.length);
    }
    expect(seen).toEqual(ids);
  });

  test('says that nothing follows when the page is exactly full', async () => {
    await createJobs('full', queued(2));
    expect((await askPage('projectId: "full", first: 2')).pageInfo.hasNextPage).toBe(false);
  });

  test.each([
    ['status: [FAILED]', [3]],
    ['status: [FAILED, RUNNING]', [1, 3]],
    ['status: FAILED', [3]],
    ['workflow: [AUDIO]', [2, 3]],
    ['workflow: [AUDIO, DIRECTOR], status: [QUEUED, FAILED]', [0, 3]],
    ['workflow: [WRITER]', []],
    ['status: [], workflow: []', [0, 1, 2, 3]],
    ['status: null, workflow: null', [0, 1, 2, 3]],
  ])('filters by %s', async (filter, expected) => {
    const projectId = `filter-${newWriteId()}`;
    const ids = await createJobs(projectId, [
      ['AUDIO', 'FAILED'],
      ['AUDIO', 'COMPLETED'],
      ['DIRECTOR', 'RUNNING'],
      ['DIRECTOR', 'QUEUED'],
    ]);
    const page = await askPage(`projectId: "${projectId}", ${filter}`);
    expect(idsOf(page)).toEqual(expected.map((index) => ids[index]));
  });

  test('pages through filtered jobs', async () => {
    const kinds: [Workflow, JobStatus][] = ['QUEUED', 'FAILED', 'QUEUED', 'FAILED', 'QUEUED'].map(
      (status) => ['DIRECTOR', status as JobStatus],
    );
    const ids = await createJobs('filtered-pages', kinds);
    const args = 'projectId: "filtered-pages", status: [QUEUED], first: 2';
    const first = await askPage(args);
    const second = await askPage(`${args}, after: "${first.pageInfo.endCursor}"`);
    expect([idsOf(first), idsOf(second)]).toEqual([[ids[0], ids[2]], [ids[4]]]);
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  });

  test('finds a batch of which items have failed under FAILED, or those items where they are listed', async () => {
    const projectId = 'failing-batches';
    const [failing = ''] = await createBatches(projectId, [
      ['COMPLETED', 'CANCELLED'],
      ['FAILED', 'COMPLETED', 'FAILED'],
    ]);
    const [failed] = await createJobs(projectId, [['DIRECTOR', 'FAILED']]);
    const find = async (filter: string) => idsOf(await askPage(`projectId: "${projectId}", ${filter}`));
    expect(await find('status: [FAILED]')).toEqual([failed, failing]);
    expect(await find('status: [FAILED], workflow: [DIRECTOR]')).toEqual([failed, failing]);
    expect(await find('status: [FAILED], workflow: [AUDIO]')).toEqual([]);
    expect(await find('status: [FAILED], items: true')).toEqual([
      failed,
      ...[2, 0].map((index) => itemId(failing, index)),
    ]);
    expect(await find('status: [FAILED, RUNNING], first: 3')).toHaveLength(3);
    expect(await find('status: [CANCELLED]')).toEqual([]);
  });

  test('pages through batches with failed items, each once, between other jobs', async () => {
    const projectId = 'failing-pages';
    const ids: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      ids.unshift(
        ...(await createBatches(projectId, [['FAILED', 'FAILED', 'FAILED'], ['COMPLETED'], ['FAILED']])),
      );
      ids.unshift(...(await createJobs(projectId, [['AUDIO', 'FAILED']])));
    }
    const expected = ids.filter((_, index) => index % 4 !== 2);
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const page = await askPage(`projectId: "${projectId}", status: [FAILED], first: 2${after}`);
      seen.push(...idsOf(page));
      if (!page.pageInfo.hasNextPage) break;
      after = `, after: "${page.pageInfo.endCursor}"`;
    }
    expect(seen).toEqual(expected);
  });

  test('says which jobs of the page can’t be read, and shows the others', async () => {
    const ids = await createJobs('spoilt', queued(3));
    await redis.hset(keys.project('spoilt').job(ids[1] ?? ''), 'steps', '{broken');
    await redis.set(keys.project('spoilt').job(ids[2] ?? ''), 'x');
    const context = makeContext({ jobs: store });
    const { data, errors } = await ask(
      `{ jobs(projectId: "spoilt") { edges { node { id } } unreadable { id reason } }
         job(projectId: "spoilt", id: "${ids[1]}") { id } }`,
      context,
    );
    expect(data).toEqual({
      job: null,
      jobs: {
        edges: [{ node: { id: ids[0] } }],
        unreadable: [
          { id: ids[1], reason: 'steps: expected JSON' },
          { id: ids[2], reason: 'expected a hash' },
        ],
      },
    });
    expect(errors).toMatchObject([{ path: ['job'], extensions: { code: 'RECORD_DAMAGED' } }]);
  });

  test('leaves out jobs that went or changed while the page was read, and can go on behind them', async () => {
    const ids = await createJobs('moved', queued(3));
    const changed: SchemaContext['jobs'] = {
      load: (...args) => store.load(...args),
      list: (...args) => store.list(...args),
      search: (...args) => store.search(...args),
      counts: (...args) => store.counts(...args),
      loadMany: async (wanted) => {
        const states = await store.loadMany(wanted);
        return states.map((state, index) =>
          index === 0 || !isReadable(state) ? null : { ...state, status: 'RUNNING' as const },
        );
      },
    };
    const page = await askPage('projectId: "moved", status: [QUEUED], first: 2', changed);
    expect(page.edges).toEqual([]);
    const next = await askPage(`projectId: "moved", first: 2, after: "${page.pageInfo.endCursor}"`);
    expect(idsOf(next)).toEqual([ids[2]]);
  });

  test.each([
    ['first: 0', 'first', '0'],
    ['first: -1', 'first', '-1'],
    ['first: 101', 'first', '101'],
    ['after: "am9iOg"', 'after', '"am9iOg"'],
    ['after: "not a cursor"', 'after', '"not a cursor"'],
    [`after: "${Buffer.from('job:ab').toString('base64url')}="`, 'after', expect.any(String)],
    [`after: "${Buffer.from('job:a\nb').toString('base64url')}"`, 'after', expect.any(String)],
  ])('refuses %s', async (args, field, received) => {
    const answer = await ask(
      `{ jobs(projectId: "demo", ${args}) { edges { cursor } } }`,
      makeContext({ jobs: store }),
    );
    expect(answer.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field, received });
  });

  test.each([1, 100])('takes first: %d', async (first) => {
    expect((await askPage(`projectId: "nothing", first: ${first}`)).edges).toEqual([]);
  });

  test('refuses a bad project', async () => {
    const answer = await ask('{ jobs(projectId: "{x}") { edges { cursor } } }', makeContext({ jobs: store }));
    expect(answer.errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'projectId' });
  });
});
