/** Subscriptions as server-sent events: what a browser's EventSource, and proxies on the way, make of them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { EventLog } from '../../src/log/log.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { PATIENCE_MS, until } from '../setup/deadline.ts';
import { cursorOf, JobWriter, unique, writeJob } from '../setup/harness.ts';
import { launchBrowser } from '../web/browser.ts';
import { ApiProcess } from '../web/processes.ts';

const prefix = unique('event-source');
const dataDir = mkdtempSync(join(tmpdir(), 'playhead-event-source-'));
const api = new ApiProcess({ prefix, dataDir });
const keys = createKeys(prefix);
let browser: Browser;
let redis: Redis;
let log: EventLog;

beforeAll(async () => {
  redis = connectRedis(inject('redisUrl'), () => {});
  log = new EventLog(redis, keys);
  [browser] = await Promise.all([launchBrowser(), api.start()]);
});

afterAll(async () => {
  await browser?.close();
  await api.kill();
  await closeRedis(redis);
  rmSync(dataDir, { recursive: true, force: true });
});

const QUERY = `subscription ($projectId: ID!, $jobId: ID, $after: ID) {
  jobEvents(projectId: $projectId, jobId: $jobId, after: $after) { __typename ... on Event { id jobId } }
}`;

interface Asked {
  readonly projectId: string;
  readonly jobId?: string;
  readonly after?: string;
}

const addressOf = (asked: Asked, query = QUERY): string =>
  `/graphql?${new URLSearchParams({ query, variables: JSON.stringify(asked) })}`;

/** One event of a stream, as it was sent. */
interface Sent {
  readonly event: string | undefined;
  /** Empty: the client is to forget what it has. */
  readonly id: string | undefined;
  readonly data: string;
}

class EventReader {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #text = '';

  private constructor(response: Response) {
    this.response = response;
    this.#reader = response.body?.getReader();
    onTestFinished(async () => void (await this.#reader?.cancel()));
  }

  static async open(asked: Asked, lastId?: string, method = 'GET'): Promise<EventReader> {
    const headers = {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      ...(lastId !== undefined && { 'last-event-id': lastId }),
    };
    if (method === 'GET') return new EventReader(await fetch(`${api.url}${addressOf(asked)}`, { headers }));
    const body = JSON.stringify({ query: QUERY, variables: asked });
    return new EventReader(await fetch(`${api.url}/graphql`, { method, headers, body }));
  }

  /** The next event; null at the end of the stream. */
  async next(): Promise<Sent | null> {
    for (;;) {
      const end = this.#text.indexOf('\n\n');
      if (end >= 0) {
        const lines = this.#text.slice(0, end).split('\n');
        this.#text = this.#text.slice(end + 2);
        const fieldOf = (name: string) =>
          lines.find((line) => line === name || line.startsWith(`${name}:`))?.replace(/^\w+:? ?/, '');
        if (fieldOf('data') !== undefined)
          return { event: fieldOf('event'), id: fieldOf('id'), data: fieldOf('data') ?? '' };
        continue;
      }
      const step = await this.#reader?.read();
      if (step === undefined || step.done) return null;
      this.#text += new TextDecoder().decode(step.value);
    }
  }
}

/** The cursors of a project's events. */
async function cursorsOf(projectId: string): Promise<string[]> {
  const { events } = await log.readFrom(projectId, 1, 1_000);
  return events.map(cursorOf);
}

/** A job with so many events. */
async function begin(count: number): Promise<{ projectId: string; jobId: string; job: JobWriter }> {
  const projectId = unique('project');
  const job = await writeJob(log, projectId, count);
  return { projectId, jobId: job.state.id, job };
}

const idIn = ({ data }: Sent): string =>
  (JSON.parse(data) as { data: { jobEvents: { id: string } } }).data.jobEvents.id;

test('an event stream is kept from being buffered, compressed or changed on its way', async () => {
  const { projectId } = await begin(2);
  const { response } = await EventReader.open({ projectId });
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
  expect(response.headers.get('content-encoding')).toBeNull();
  expect(response.headers.get('content-type')).toContain('text/event-stream');
});

describe.each(['GET', 'POST'])('by %s', (method) => {
  test('each event has its cursor as its id', async () => {
    const { projectId, job } = await begin(3);
    const reader = await EventReader.open({ projectId }, undefined, method);
    await job.progress(0.9);
    const sent = [await reader.next(), await reader.next()].filter((event) => event !== null);
    expect(sent.map(({ id }) => id)).toEqual((await cursorsOf(projectId)).slice(-2));
    for (const event of sent) expect([event.event, event.id]).toEqual(['next', idIn(event)]);
  });

  test('Last-Event-ID resumes as `after` does, and wins over one that was sent before', async () => {
    const { projectId, job } = await begin(6);
    const ids = await cursorsOf(projectId);
    for (const after of [undefined, ids[0]]) {
      const reader = await EventReader.open({ projectId, ...(after && { after }) }, ids[3], method);
      expect([(await reader.next())?.id, (await reader.next())?.id]).toEqual([ids[4], ids[5]]);
    }
    const live = await EventReader.open({ projectId }, ids[5], method);
    await job.progress(0.95);
    expect((await live.next())?.id).toBe((await cursorsOf(projectId))[6]);
  });

  test('a job that has ended ends its stream for good', async () => {
    const { projectId, jobId, job } = await begin(4);
    await job.complete();
    const ids = await cursorsOf(projectId);
    const reader = await EventReader.open({ projectId, jobId }, ids[2], method);
    expect([(await reader.next())?.id, (await reader.next())?.id]).toEqual([ids[3], ids[4]]);
    expect(await reader.next()).toMatchObject({ event: 'complete' });
    expect(await reader.next()).toBeNull();
    const again = await EventReader.open({ projectId, jobId, after: ids[0] ?? '' }, ids[4], method);
    expect([again.response.status, await again.next()]).toEqual([204, null]);
  });

  test('a history that is lost is said once, and the client begins anew', async () => {
    const { projectId } = await begin(3);
    const [first = ''] = await cursorsOf(projectId);
    await redis.unlink(keys.project(projectId).log, keys.project(projectId).meta);
    const reader = await EventReader.open({ projectId }, first, method);
    expect(await reader.next()).toMatchObject({
      id: '',
      data: expect.stringContaining('EVENTS_EXPIRED') as string,
    });
    expect(await reader.next()).toMatchObject({ event: 'complete' });
  });
});

/** A page that the API's pages may be reached from. */
async function openBlank(origin: string): Promise<Page> {
  const page = await browser.newPage();
  onTestFinished(() => page.close());
  page.setDefaultTimeout(PATIENCE_MS);
  await page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  await page.goto(`${origin}/blank`);
  return page;
}

const PROJECT = { projectId: 'wrong' };

test.each([
  ['a query that is none', addressOf(PROJECT, 'subscription {'), 400, 'GRAPHQL_PARSE_FAILED'],
  ['an unknown field', addressOf(PROJECT, 'subscription { nothing }'), 400, 'GRAPHQL_VALIDATION_FAILED'],
  ['no query', '/graphql', 400, 'BAD_REQUEST'],
  ['variables that are no JSON', '/graphql?query=subscription&variables=%7B', 400, 'BAD_REQUEST'],
  ['a missing variable', addressOf({} as Asked), 400, 'BAD_USER_INPUT'],
  ['a project that can be none', addressOf({ projectId: 'no project' }), 400, 'BAD_USER_INPUT'],
  ['a cursor that is none', addressOf({ ...PROJECT, after: 'x' }), 400, 'BAD_USER_INPUT'],
  ['an unknown job', addressOf({ ...PROJECT, jobId: 'none' }), 404, 'NOT_FOUND'],
])('%s ends a browser’s EventSource for good', async (_what, address, status, code) => {
  const url = new URL(address, api.url).href;
  const answer = await fetch(url, { headers: { accept: 'text/event-stream' } });
  const { errors } = (await answer.json()) as { errors: { extensions: { code: string } }[] };
  expect([answer.status, errors[0]?.extensions.code]).toEqual([status, code]);
  const page = await openBlank(api.url);
  const state = await page.evaluate(
    (wrong) =>
      new Promise<number>((resolve) => {
        const source = new EventSource(wrong);
        source.addEventListener('error', () => resolve(source.readyState));
      }),
    url,
  );
  expect(state).toBe(2);
});

test('that a job has ended is found however many events of others lie behind the client’s last', async () => {
  const { projectId, jobId, job } = await begin(3);
  await job.complete();
  const last = (await cursorsOf(projectId)).at(-1) ?? '';
  const others = new JobWriter(log, projectId);
  await others.create();
  await others.begin();
  await Promise.all(Array.from({ length: 1_500 }, (_, n) => others.progress(n / 2_000)));
  const again = await EventReader.open({ projectId, jobId }, last);
  expect(again.response.status).toBe(204);
});

/** In front of the API: cuts every connection when it is told to. */
async function startCutter(): Promise<{ url: string; cut(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(new URL(api.url).port), '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    client.pipe(upstream).pipe(client);
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    cut();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
  };
}

test('a browser’s EventSource whose connection is cut again and again misses nothing and repeats nothing, and stops at the end', async () => {
  const cutter = await startCutter();
  const { projectId, jobId, job } = await begin(2);
  const [after = ''] = await cursorsOf(projectId);
  const page = await openBlank(cutter.url);
  const address = cutter.url + addressOf({ projectId, jobId, after });
  await page.evaluate((url) => {
    const source = new EventSource(url);
    const seen: string[] = [];
    source.addEventListener('next', (event) => seen.push((event as MessageEvent).lastEventId));
    Object.assign(globalThis, { source, seen });
  }, address);
  const seen = (): Promise<string[]> => page.evaluate(() => Reflect.get(globalThis, 'seen') as string[]);
  for (let cuts = 1; cuts <= 2; cuts += 1) {
    const before = (await cursorsOf(projectId)).length - 1;
    await until(async () => (await seen()).length === before, {
      what: 'the events before the cut',
    });
    cutter.cut();
    await job.progress(cuts / 10);
    await job.progress(cuts / 10 + 0.05);
  }
  await job.complete();
  const ids = await cursorsOf(projectId);
  await until(async () => (await seen()).length >= ids.length - 1);
  expect(await seen()).toEqual(ids.slice(1));
  const isClosed = () =>
    page.evaluate(() => (Reflect.get(globalThis, 'source') as EventSource).readyState === 2);
  await until(isClosed, { what: 'the end of the EventSource' });
  expect(await seen()).toEqual(ids.slice(1));
});
