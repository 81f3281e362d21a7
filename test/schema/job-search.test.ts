/** Finding jobs: by text, by time, and how many there are, against a real Redis. */
import type { Redis } from 'ioredis';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { OPEN_VIEWER, type Viewer } from '../../src/auth/viewer.ts';
import type { Json } from '../../src/core/json.ts';
import { queuedEvent } from '../../src/jobs/job-events.ts';
import type { SearchPage } from '../../src/log/job-search.ts';
import { JobStore } from '../../src/log/job-store.ts';
import { EventLog } from '../../src/log/log.ts';
import type { JobState } from '../../src/progress/state.ts';
import { newWriteId } from '../../src/progress/write-id.ts';
import { closeRedis, connectRedis, withDeadline } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { guardContext } from '../../src/schema/guarded-context.ts';
import { connect, slowly, unique } from '../setup/harness.ts';
import { WORKFLOWS } from '../setup/workflows.ts';
import { ask, makeContext, makeState } from './fixtures.ts';

const keys = createKeys(unique('search'));
const START = Date.UTC(2026, 0, 1);
let redis: Redis;
let log: EventLog;
let store: JobStore;

beforeAll(() => {
  redis = connectRedis(inject('redisUrl'), () => {});
  log = new EventLog(redis, keys);
  store = new JobStore(redis, keys, WORKFLOWS);
});

afterAll(() => closeRedis(redis));

interface Written extends Partial<JobState> {
  /** Hours after START. */
  readonly hour?: number;
  readonly input?: Json;
}

async function write(projectId: string, { hour = 0, input = {}, ...changes }: Written): Promise<string> {
  const createdAt = START + hour * 3_600_000;
  const state = makeState({ projectId, id: uuidv7({ msecs: createdAt }), createdAt, ...changes });
  const creation = { mode: 'create', writeId: newWriteId(), event: queuedEvent(state, createdAt) } as const;
  await log.append({ ...creation, state, input: JSON.stringify(input) });
  return state.id;
}

async function find(args: string, viewer: Viewer = OPEN_VIEWER): Promise<readonly string[]> {
  const { createViewerToken, ...server } = makeContext({ jobs: store });
  const context = guardContext(server, viewer, (_viewer, asked) => createViewerToken(asked));
  const { data, errors } = await ask(`{ jobs(${args}) { edges { node { id } } } }`, context);
  expect(errors).toEqual([]);
  const { jobs } = data as { jobs: { edges: { node: { id: string } }[] } };
  return jobs.edges.map(({ node }) => node.id);
}

const READER: Viewer = { ...OPEN_VIEWER, id: 'reader', scope: 'read', mayDelegate: false };

describe('a text', () => {
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    ids['title'] = await write('texts', { hour: 1, title: 'The Lighthouse Keeper' });
    ids['input'] = await write('texts', {
      hour: 2,
      title: 'Other',
      input: { script: 'MIRA: "Umbrella"\nweather' },
    });
    ids['error'] = await write('texts', {
      ...{ hour: 3, title: 'Broken', status: 'FAILED' },
      error: {
        message: 'The disk is full',
        code: 'STORAGE_FAILED',
        details: { note: 'umbrella' },
        retryAfterSeconds: null,
      },
    });
    ids['korean'] = await write('texts', {
      hour: 4,
      title: '등대지기',
      input: { items: [{ script: '우산을 챙겨요' }] },
    });
  });
  const named = (names: readonly string[]) => names.map((name) => ids[name]);

  test.each([
    ['lighthouse', ['title']],
    ['UMBRELLA', ['input']],
    ['"umbrella"\nWeather', ['input']],
    ['disk is', ['error']],
    ['storage_failed', ['error']],
    ['등대', ['korean']],
    ['우산', ['korean']],
    ['  ', ['korean', 'error', 'input', 'title']],
    // Names of fields are no values.
    ['script', []],
    ['retryAfter', []],
    ['%d', []],
  ])('%j is found where it is said', async (text, expected) => {
    expect(await find(`projectId: "texts", search: ${JSON.stringify(text)}`)).toEqual(named(expected));
  });

  test('an id is found by a part of it', async () => {
    const id = ids['title'] ?? '';
    expect(await find(`projectId: "texts", search: "${id.slice(-8).toUpperCase()}"`)).toEqual([id]);
  });

  test('it goes together with the other filters', async () => {
    expect(await find('projectId: "texts", search: "e", status: [FAILED]')).toEqual(named(['error']));
  });

  test('whoever may not see inputs does not learn of them by searching', async () => {
    expect(await find('projectId: "texts", search: "umbrella"', READER)).toEqual([]);
    expect(await find('projectId: "texts", search: "lighthouse"', READER)).toEqual(named(['title']));
  });

  test('one that is too long is refused', async () => {
    const { errors } = await ask(
      `{ jobs(projectId: "texts", search: "${'x'.repeat(201)}") { edges { cursor } } }`,
      makeContext({ jobs: store }),
    );
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'search' });
  });
});

test('pages of a search follow each other without a gap or a repeat', async () => {
  const expected: string[] = [];
  for (let number = 0; number < 230; number += 1) {
    const isFound = number % 3 === 0;
    const id = await write('many', { hour: number, title: isFound ? 'wanted' : 'other' });
    if (isFound) expected.unshift(id);
  }
  const found: string[] = [];
  for (let after = ''; ; ) {
    const { data } = await ask(
      `{ jobs(projectId: "many", search: "wanted", first: 30${after}) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`,
      makeContext({ jobs: store }),
    );
    const { jobs } = data as {
      jobs: { edges: { node: { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    };
    found.push(...jobs.edges.map(({ node }) => node.id));
    if (!jobs.pageInfo.hasNextPage) break;
    after = `, after: "${jobs.pageInfo.endCursor}"`;
  }
  expect(found).toEqual(expected);
});

test('a search of a Redis that answers slowly stops in time, and the next page goes on', async () => {
  const project = unique('slow');
  const expected = await write(project, { hour: 0, title: 'wanted' });
  for (let hour = 1; hour <= 1_500; hour += 1) await write(project, { hour, title: 'other' });
  const slow = new JobStore(slowly(connect()), keys, WORKFLOWS);
  const found: string[] = [];
  for (let from: string | null = null; ; ) {
    const page: SearchPage = await withDeadline(slow.search(project, { search: 'wanted' }, from, 30));
    found.push(...page.ids);
    from = page.stoppedAt;
    if (from === null) break;
  }
  expect(found).toEqual([expected]);
});

test('times bound the list: the first belongs to it, the second does not', async () => {
  const ids = [];
  for (const hour of [0, 1, 2, 3]) ids.push(await write('times', { hour, itemCount: 0 }));
  const at = (hour: number): string => new Date(START + hour * 3_600_000).toISOString();
  expect(await find(`projectId: "times", createdFrom: "${at(1)}", createdBefore: "${at(3)}"`)).toEqual([
    ...[ids[2], ids[1]],
  ]);
  expect(await find(`projectId: "times", createdFrom: "${at(2)}", status: [QUEUED]`)).toEqual([
    ids[3],
    ids[2],
  ]);
  expect(await find(`projectId: "times", createdBefore: "${at(1)}"`)).toEqual([ids[0]]);
});

test('jobs are counted by status', async () => {
  await write('counted', { hour: 1 });
  await write('counted', { hour: 2 });
  await write('counted', { hour: 3, workflow: 'AUDIO', status: 'FAILED' });
  const counts = async (args: string) => {
    const { data } = await ask(
      `{ jobCounts(projectId: "counted"${args}) { status count } }`,
      makeContext({ jobs: store }),
    );
    const { jobCounts } = data as { jobCounts: { status: string; count: number }[] };
    return Object.fromEntries(jobCounts.map(({ status, count }) => [status, count]));
  };
  expect(await counts('')).toEqual({
    QUEUED: 2,
    RUNNING: 0,
    RETRYING: 0,
    COMPLETED: 0,
    FAILED: 1,
    CANCELLED: 0,
  });
  expect(await counts(', workflow: [AUDIO]')).toMatchObject({ QUEUED: 0, FAILED: 1 });
});
