import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ClipLost, type ClipNotices } from '../../../media/providers/clip.ts';
import { createVideoApi } from '../../../media/providers/video-api.ts';
import { PATIENCE_MS } from '../../setup/deadline.ts';
import {
  type Answer,
  anySignal,
  bytes,
  cutOff,
  failureOf,
  fakeTiming,
  json,
  key,
  startFakeApi,
  status,
} from './fake-api.ts';

const MP4 = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypisom'), Buffer.alloc(100_000, 7)]);
const price = {
  inputPerMillionTokens: 0,
  outputPerMillionTokens: 0,
  perMillionCharacters: 0,
  perMinute: 0,
  perSecond: 0.1,
};
const request = {
  prompt: 'A volcano',
  seconds: 5,
  widthPx: 1280,
  heightPx: 720,
  idempotencyKey: 'job-7-clip-2',
};
const started = json({ id: 'v 1', status: 'queued', seconds: '8' });

async function videoOf(options: { notices?: ClipNotices; clipTimeoutMs?: number }, ...answers: Answer[]) {
  const api = await startFakeApi(...answers);
  const timing = fakeTiming();
  const folder = await mkdtemp(join(tmpdir(), 'playhead-clip-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const settings = {
    baseUrl: api.baseUrl,
    key,
    timeoutMs: PATIENCE_MS,
    model: 'camera',
    prices: { camera: price },
  };
  const provider = createVideoApi({ ...settings, ...options }, timing);
  const shares: number[] = [];
  const outputPath = join(folder, 'clip.mp4');
  const make = async (signal = anySignal()) =>
    provider.finish(await provider.start(request, signal), {
      outputPath,
      signal,
      onProgress: (share) => shares.push(share),
    });
  return { api, timing, make, shares, outputPath };
}

test('a clip is created once, asked for until it is ready, and downloaded', async () => {
  const { api, timing, make, shares, outputPath } = await videoOf(
    {},
    started,
    json({ id: 'v 1', status: 'in_progress', progress: 20 }),
    json({ id: 'v 1', status: 'in_progress', progress: 70 }),
    json({ id: 'v 1', status: 'completed', progress: 100 }),
    bytes(MP4),
  );
  expect(await make()).toEqual({ costUsd: 0.8 });
  expect(shares).toEqual([0.2, 0.7]);
  expect(timing.waits).toEqual([3_000, 4_500]);
  expect(await readFile(outputPath)).toEqual(MP4);
  expect(api.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /v1/videos',
    'GET /v1/videos/v%201',
    'GET /v1/videos/v%201',
    'GET /v1/videos/v%201',
    'GET /v1/videos/v%201/content',
  ]);
  expect(api.received[0]?.headers['idempotency-key']).toBe('job-7-clip-2');
  expect(JSON.parse(api.received[0]?.body.toString() ?? '')).toEqual({
    model: 'camera',
    prompt: 'A volcano',
    seconds: '8',
    size: '1280x720',
  });
});

test.each([
  ['unsigned_urls', (url: string) => [url]],
  ['video_url', (url: string) => url],
  ['output', (url: string) => [url]],
])(
  'a link in %s is followed, without the key on another host, at the provider’s own cost',
  async (field, wrap) => {
    const store = await startFakeApi(bytes(MP4));
    const link = new URL('/file.mp4', store.baseUrl).href.replace('127.0.0.1', 'localhost');
    const done = { id: '1', status: 'succeeded', usage: { cost: 2.5 }, [field]: wrap(link) };
    const { make, outputPath } = await videoOf({}, started, json(done));
    const failure = await failureOf(make());
    // Not https, and not the provider's own host: a link from outside must not reach into the network.
    expect(failure).toMatchObject({
      code: 'PROVIDER_FAILED',
      message: expect.stringContaining('https') as string,
    });
    expect(store.received).toHaveLength(0);
    const own = await videoOf(
      {},
      started,
      (response, one) =>
        json({ ...done, [field]: wrap(`http://${one.headers['host']}/file.mp4`) })(response, one),
      bytes(MP4),
    );
    expect(await own.make()).toEqual({ costUsd: 2.5 });
    expect(await readFile(own.outputPath)).toEqual(MP4);
    await expect(readFile(outputPath)).rejects.toThrow('ENOENT');
  },
);

test('a notice ends the wait; what counts is what the provider then says', async () => {
  const waited: [string, number][] = [];
  const notices: ClipNotices = {
    callbackUrl: 'https://example.org/hook',
    wait: async (clipId, timeoutMs) => void waited.push([clipId, timeoutMs]),
  };
  const pending = json({ id: 'v 1', status: 'pending' });
  const { api, make } = await videoOf(
    { notices },
    started,
    pending,
    json({ id: 'v 1', status: 'completed' }),
    bytes(MP4),
  );
  await make();
  expect(waited).toEqual([['v 1', 3_000]]);
  expect(JSON.parse(api.received[0]?.body.toString() ?? '')).toMatchObject({
    callback_url: 'https://example.org/hook',
  });
});

test.each([
  ['PROVIDER_FAILED', { code: 'server_error', message: 'GPU lost' }, 'GPU lost'],
  ['PROVIDER_REJECTED', { code: 'moderation_blocked', message: 'Not this' }, 'Not this'],
  ['PROVIDER_FAILED', 'no reason', 'no reason'],
])('a clip that failed is %s', async (code, error, text) => {
  const { make } = await videoOf({}, started, json({ id: 'v 1', status: 'failed', error }));
  expect(await failureOf(make())).toMatchObject({ code, message: expect.stringContaining(text) as string });
});

test('creating is not repeated when the provider may have begun', async () => {
  for (const answer of [status(500), cutOff]) {
    const { api, make } = await videoOf({}, answer);
    expect(await failureOf(make())).toMatchObject({ code: 'PROVIDER_FAILED' });
    expect(api.received).toHaveLength(1);
  }
});

test('a download that is cut off begins again', async () => {
  const { make, outputPath } = await videoOf(
    {},
    started,
    json({ id: 'v 1', status: 'done' }),
    cutOff,
    bytes(MP4),
  );
  await make();
  expect(await readFile(outputPath)).toEqual(MP4);
});

test('a file that is no video is PROVIDER_FAILED', async () => {
  const { make } = await videoOf(
    {},
    started,
    json({ id: 'v 1', status: 'done' }),
    bytes(Buffer.from('<html>')),
  );
  expect(await failureOf(make())).toMatchObject({
    code: 'PROVIDER_FAILED',
    message: expect.stringContaining('MP4') as string,
  });
});

test('a clip that is never ready is TIMED_OUT', async () => {
  const { make } = await videoOf({ clipTimeoutMs: 60_000 }, started, json({ id: 'v 1', status: 'queued' }));
  expect(await failureOf(make())).toMatchObject({ code: 'TIMED_OUT' });
});

test('a file that cannot be written is STORAGE_FAILED', async () => {
  const api = await startFakeApi(json({ id: '1', status: 'done' }), bytes(MP4));
  const provider = createVideoApi(
    { baseUrl: api.baseUrl, timeoutMs: PATIENCE_MS, model: 'camera' },
    fakeTiming(),
  );
  const waiting = { outputPath: '/nowhere/clip.mp4', signal: anySignal() };
  expect(await failureOf(provider.finish({ id: '1', seconds: 4 }, waiting))).toMatchObject({
    code: 'STORAGE_FAILED',
  });
});

test.each([404, 410])(
  'a clip that the provider no longer has (%i) is lost, not asked for again',
  async (code) => {
    const { make } = await videoOf({}, started, status(code, { error: { message: 'No such video' } }));
    const failure = await failureOf(make());
    expect(failure).toBeInstanceOf(ClipLost);
    expect(failure).toMatchObject({ code: 'PROVIDER_REJECTED', details: { error_code: String(code) } });
  },
);

test('a failure that may pass is no lost clip', async () => {
  const { make } = await videoOf({}, started, status(503));
  const failure = await failureOf(make());
  expect(failure).toMatchObject({ code: 'PROVIDER_FAILED' });
  expect(failure).not.toBeInstanceOf(ClipLost);
});

test('a clip that nobody waits for is deleted; a provider that cannot do so is heard', async () => {
  const api = await startFakeApi(json({ deleted: true }), status(405));
  const provider = createVideoApi(
    { baseUrl: api.baseUrl, key, timeoutMs: PATIENCE_MS, model: 'camera' },
    fakeTiming(),
  );
  const clip = { id: 'v 1', seconds: 4 };
  await provider.cancel(clip, anySignal());
  expect(api.received.map(({ method, path }) => `${method} ${path}`)).toEqual(['DELETE /v1/videos/v%201']);
  expect(await failureOf(provider.cancel(clip, anySignal()))).toMatchObject({ code: 'PROVIDER_REJECTED' });
});
