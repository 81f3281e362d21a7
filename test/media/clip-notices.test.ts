/** Notices of the video API, from the API process's webhook to the worker that waits: real HTTP, real Redis. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { ClipNoticeBoard } from '../../media/clip-notices.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import { startWorker } from '../../src/worker.ts';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { connect, unique } from '../setup/harness.ts';
import { WORKFLOWS } from '../setup/workflows.ts';

const TOKEN = 'a_hard-to-guess-token_1234';
const never = 60_000;

async function startBoth(token: string | undefined = TOKEN) {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-notices-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const config = readConfig({
    PORT: '0',
    PLAYHEAD_DATA_DIR: dataDir,
    PLAYHEAD_PREFIX: unique('notices'),
    PLAYHEAD_PUBLIC_URL: 'https://playhead.example',
    PLAYHEAD_WEBHOOK_TOKEN: token,
    PLAYHEAD_DRAIN_SECONDS: '0',
  });
  const board = new ClipNoticeBoard('https://playhead.example/webhooks/video/x');
  const shared = { config, redisUrl: inject('redisUrl'), logger: silentLogger };
  const api = await startServer(shared);
  onTestFinished(() => api.close());
  const worker = await startWorker({
    ...shared,
    workflows: WORKFLOWS,
    started: { workflows: {}, notice: (id) => board.announce(id) },
  });
  onTestFinished(() => worker.close());
  const redis = connect();
  const { control } = createKeys(config.prefix);
  await until(async () => ((await redis.pubsub('NUMSUB', control))[1] === 1 ? true : undefined), {
    what: 'the worker listens',
  });
  const post = (body: string, path = `/webhooks/video/${TOKEN}`, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${api.port}${path}`, { method: 'POST', body, ...init });
  return { board, post };
}

const signal = () => new AbortController().signal;

test.each([
  ['the clip as its own', { id: 'v-7', status: 'completed' }],
  ['an event of its own around the clip', { id: 'evt_1', type: 'video.completed', data: { id: 'v-7' } }],
  ['a request', { request_id: 'v-7' }],
])('a notice that names %s ends the wait in the worker', async (_, body) => {
  const { board, post } = await startBoth();
  const wait = board.wait('v-7', never, signal());
  expect((await post(JSON.stringify(body))).status).toBe(204);
  await within(wait, PATIENCE_MS, 'the notice');
});

test('what is no notice of ours is refused and wakes nobody', async () => {
  const { post } = await startBoth();
  const notice = JSON.stringify({ id: 'v-7' });
  const statusOf = async (answer: Promise<Response>): Promise<number> => (await answer).status;
  expect(await statusOf(post(notice, '/webhooks/video/another-token-000000'))).toBe(404);
  expect(await statusOf(post(notice, '/webhooks/video/'))).toBe(404);
  expect(await statusOf(post(notice, `/webhooks/video/${TOKEN}/x`))).toBe(404);
  expect(await statusOf(post('', undefined, { method: 'GET', body: null }))).toBe(405);
  expect(await statusOf(post('not JSON'))).toBe(400);
  expect(await statusOf(post('"v-7"'))).toBe(400);
  expect(await statusOf(post(JSON.stringify({ id: 'x'.repeat(70_000) })))).toBe(413);
  expect(await statusOf(post('{}'))).toBe(204);
});

test('without a token there is no webhook', async () => {
  const { post } = await startBoth('');
  expect((await post('{}')).status).toBe(404);
  expect((await post('{}', '/webhooks/video/')).status).toBe(404);
});

test('a token without a public URL is refused at start', () => {
  expect(() => readConfig({ PLAYHEAD_WEBHOOK_TOKEN: TOKEN })).toThrow(
    'PLAYHEAD_WEBHOOK_TOKEN: expected PLAYHEAD_PUBLIC_URL to be set too',
  );
  expect(() => readConfig({ PLAYHEAD_WEBHOOK_TOKEN: 'short' })).toThrow('received 5 characters');
});

test('a notice that comes before the wait is not lost, and is used once', async () => {
  const board = new ClipNoticeBoard('https://playhead.example');
  board.announce('v-1');
  await within(board.wait('v-1', never, signal()), 1_000, 'the early notice');
  const stop = new AbortController();
  const second = board.wait('v-1', never, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(second).rejects.toThrow('stopped');
  await board.wait('v-1', 1, signal());
});

test('of notices that nobody waits for only the newest are kept', async () => {
  const board = new ClipNoticeBoard('https://playhead.example');
  for (let id = 0; id <= 1_000; id += 1) board.announce(String(id));
  await within(board.wait('1', never, signal()), 1_000, 'a newer notice');
  const stop = new AbortController();
  const forgotten = board.wait('0', never, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(forgotten).rejects.toThrow('stopped');
});
