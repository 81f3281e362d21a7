/** Files over HTTP, from each kind of store: ranges, validators, clients that leave, a store that is away. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import { openStore } from '../../src/store/open-store.ts';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { type ObjectStorage, startObjectStorage, startWire } from '../setup/object-storage.ts';

const PATH = 'p/job/video.mp4';
const CONTENT = '0123456789';

/** The status alone, with the body read: a connection that still holds one stays open. */
async function statusOf(answering: Promise<Response>): Promise<number> {
  const answer = await answering;
  await answer.bytes();
  return answer.status;
}

interface Site {
  readonly url: string;
  put(path: string, content: string | Uint8Array): Promise<void>;
}

/** @param reach other settings for the API process than for the one that stores */
async function startSite(env: Record<string, string>, reach: Record<string, string> = {}): Promise<Site> {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-serving-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const redisUrl = inject('redisUrl');
  const all = { PORT: '0', PLAYHEAD_PREFIX: unique('serving'), PLAYHEAD_DATA_DIR: dataDir, ...env };
  const store = await openStore(readConfig(all).store, dataDir);
  onTestFinished(() => store.close());
  const config = readConfig({ ...all, ...reach });
  const server = await startServer({ config, redisUrl, logger: silentLogger });
  onTestFinished(() => server.close());
  return {
    url: server.url,
    put: async (path, content) => {
      const file = join(dataDir, 'new');
      await writeFile(file, content);
      const { signal } = new AbortController();
      await store.put(path, file, { contentType: 'video/mp4', signal });
    },
  };
}

const STORES: Record<string, () => Promise<Record<string, string>>> = {
  folder: async () => ({}),
  'object storage': async () => (await startObjectStorage()).env,
};

describe.each(Object.entries(STORES))('%s', (_, settings) => {
  async function site() {
    const started = await startSite(await settings());
    await started.put(PATH, CONTENT);
    const get = (headers: Record<string, string> = {}, method = 'GET') =>
      // fetch asks with no-cache when it is given validators, which means: send it all the same.
      fetch(`${started.url}/files/${PATH}`, {
        headers: { 'cache-control': 'max-age=0', ...headers },
        method,
      });
    return { ...started, get };
  }

  test('the whole file, HEAD, and what headers say of it', async () => {
    const { get } = await site();
    const whole = await get();
    expect([whole.status, await whole.text()]).toEqual([200, CONTENT]);
    const head = await get({}, 'HEAD');
    expect([head.status, await head.text()]).toEqual([200, '']);
    for (const name of ['content-length', 'etag', 'last-modified', 'accept-ranges', 'content-type']) {
      expect(head.headers.get(name), name).toBe(whole.headers.get(name));
    }
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-length': '10',
      'content-type': 'video/mp4',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=3600',
      'content-security-policy': "default-src 'none'; sandbox",
    });
  });

  test.each<[string, number, string, string | null]>([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=5-900', 206, '56789', 'bytes 5-9/10'],
    ['bytes=0-1,2-3', 206, '0123', 'bytes 0-3/10'],
    ['bytes=0-1,5-6', 200, CONTENT, null],
    ['lines=1-2', 200, CONTENT, null],
    ['bytes=nonsense', 200, CONTENT, null],
  ])('range %s is answered %i', async (range, status, body, contentRange) => {
    const { get } = await site();
    const answer = await get({ range });
    expect([answer.status, await answer.text(), answer.headers.get('content-range')]).toEqual([
      ...[status, body, contentRange],
    ]);
  });

  test('a range behind the end is 416 with the size; a file that is not there 404', async () => {
    const { get, url } = await site();
    const behind = await get({ range: 'bytes=10-' });
    await behind.bytes();
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, 'bytes */10']);
    for (const path of ['p/job/other.mp4', 'p/none/video.mp4', 'p/job/steps/video.mp4', 'p/job']) {
      expect(await statusOf(fetch(`${url}/files/${path}`)), path).toBe(404);
    }
  });

  test('validators: unchanged is 304, changed 412, and a range of an older version brings the whole', async () => {
    const { get, put } = await site();
    const first = await get();
    await first.bytes();
    const etag = String(first.headers.get('etag'));
    const modified = String(first.headers.get('last-modified'));
    expect(await statusOf(get({ 'if-none-match': etag }))).toBe(304);
    expect(await statusOf(get({ 'if-modified-since': modified }))).toBe(304);
    expect(await statusOf(get({ 'if-none-match': '"other"' }))).toBe(200);
    expect(await statusOf(get({ 'if-match': '"other"' }))).toBe(412);
    expect(await statusOf(get({ 'if-match': etag }))).toBe(200);
    expect(await statusOf(get({ range: 'bytes=0-1', 'if-range': etag }))).toBe(206);
    await put(PATH, 'something else');
    const renewed = await get({ range: 'bytes=0-1', 'if-range': etag });
    expect([renewed.status, await renewed.text()]).toEqual([200, 'something else']);
    expect(await statusOf(get({ 'if-match': etag }))).toBe(412);
  });
});

/** Begins to read a file, and reads no further. */
function begin(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { agent: false }, (response) => {
      response.once('readable', () => resolve(response));
      response.on('error', () => {});
    })
      .once('error', reject)
      .end();
  });
}

async function startBehindWire(storage: ObjectStorage) {
  const wire = await startWire(storage);
  const site = await startSite(storage.env, { PLAYHEAD_S3_ENDPOINT: wire.endpoint });
  return { wire, site };
}

test('a client that leaves ends the reading from object storage, and a slow one reads no more than it takes', async () => {
  const bytes = 64 * 1_048_576;
  const { wire, site } = await startBehindWire(await startObjectStorage());
  await site.put(PATH, randomBytes(bytes));
  const response = await begin(`${site.url}/files/${PATH}`);
  // RetainedData up by the client, the wire stands still long before the end.
  let before = -1;
  await until(
    () => {
      const sent = wire.sentBytes();
      const still = sent === before;
      before = sent;
      return still;
    },
    { what: 'the wire stands still', everyMs: 200 },
  );
  expect(before).toBeLessThan(bytes / 2);
  const reading = wire.open();
  response.destroy();
  await until(() => wire.open() < reading, { what: 'the reading has ended' });
  expect(wire.sentBytes()).toBeLessThan(bytes / 2 + 1_048_576);
});

test('while object storage is away files are 503 and the rest goes on; a body that breaks off is cut', async () => {
  const storage = await startObjectStorage();
  const { wire, site } = await startBehindWire(storage);
  await site.put(PATH, randomBytes(3 * 1_048_576));
  wire.cutAfter(1_048_576, 1);
  await expect(fetch(`${site.url}/files/${PATH}`).then((answer) => answer.bytes())).rejects.toThrow();
  await storage.stop();
  const away = await fetch(`${site.url}/files/${PATH}`);
  expect([away.status, away.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await away.json()).toMatchObject({
    code: 'UNAVAILABLE',
    message: 'The file store does not answer; try again shortly',
  });
  const ready = await until(async () => {
    const response = await fetch(`${site.url}/readyz`);
    return response.status === 200 ? response.json() : null;
  });
  expect(ready).toMatchObject({ status: 'ready', degraded: expect.stringContaining('does not answer') });
  await storage.start();
  expect(await statusOf(fetch(`${site.url}/files/${PATH}`))).toBe(200);
});

test('with settings that the storage refuses, /readyz says what to set', async () => {
  const { env } = await startObjectStorage();
  const { url } = await startSite({ ...env, PLAYHEAD_S3_SECRET_KEY: 'not-the-one' });
  const { status, reason } = await until(async () => {
    const answer = await fetch(`${url}/readyz`);
    const { reason = '' } = (await answer.json()) as { reason?: string };
    // Until it has answered, the storage is only degraded.
    return reason.includes('PLAYHEAD_S3') ? { status: answer.status, reason } : null;
  });
  expect([status, reason]).toEqual([503, expect.stringContaining('correct PLAYHEAD_S3_SECRET_KEY')]);
  expect(reason).not.toContain('not-the-one');
});
