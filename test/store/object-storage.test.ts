/** Object storage that fails: broken wires, silence, wrong settings, and no secret in what is said of them. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { redact } from '../../src/core/redaction.ts';
import { Secret } from '../../src/core/secret.ts';
import { readConfig } from '../../src/settings/config.ts';
import type { S3Store } from '../../src/store/s3-store.ts';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { BUCKET, type ObjectStorage, startObjectStorage, startWire } from '../setup/object-storage.ts';

const KEY = 'p/job/video.mp4';
const MEGABYTE = 1_048_576;
const signal = new AbortController().signal;

async function makeFile(store: S3Store, bytes: number) {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-wire-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const content = randomBytes(bytes);
  const path = join(folder, 'file');
  await writeFile(path, content);
  await store.put(KEY, path, { contentType: 'video/mp4', signal });
  return { folder, content, path };
}

async function failureOf(work: Promise<unknown>): Promise<PlayheadError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PlayheadError);
  return error as PlayheadError;
}

test('a file whose way breaks twice is fetched whole all the same; one that breaks every time is told', async () => {
  const storage = await startObjectStorage();
  const { folder, content } = await makeFile(storage.open(), 3 * MEGABYTE);
  const wire = await startWire(storage);
  const store = storage.open({ endpoint: wire.endpoint });
  wire.cutAfter(MEGABYTE, 2);
  const path = await store.localPath(KEY, join(folder, 'copies/a.mp4'), signal);
  expect((await readFile(String(path))).equals(content)).toBe(true);
  wire.cutAfter(MEGABYTE, 100);
  const error = await failureOf(store.localPath(KEY, join(folder, 'copies/b.mp4'), signal));
  expect([error.code, error.retryable]).toEqual(['STORAGE_FAILED', true]);
  expect(await readdir(join(folder, 'copies'))).toEqual(['a.mp4']);
});

test('a storage that falls silent in the middle is left after its time', async () => {
  const storage = await startObjectStorage();
  const { folder } = await makeFile(storage.open(), 3 * MEGABYTE);
  const wire = await startWire(storage);
  wire.hold();
  const store = storage.open({ endpoint: wire.endpoint }, { silenceMs: 300, tries: 1 });
  const error = await failureOf(
    within(store.localPath(KEY, join(folder, 'c/a'), signal), PATIENCE_MS, 'an end'),
  );
  expect(error.code).toBe('STORAGE_FAILED');
  expect(await readdir(join(folder, 'c'))).toEqual([]);
});

test('an abort ends a fetch at once, and nothing of it stays', async () => {
  const storage = await startObjectStorage();
  const { folder } = await makeFile(storage.open(), 3 * MEGABYTE);
  const wire = await startWire(storage);
  wire.hold();
  const stop = new AbortController();
  const store = storage.open({ endpoint: wire.endpoint });
  const fetching = store.localPath(KEY, join(folder, 'c/a'), stop.signal);
  await until(() => wire.sentBytes() > 0, { what: 'the storage has answered' });
  stop.abort(new Error('cancelled'));
  await expect(within(fetching, PATIENCE_MS, 'the fetch')).rejects.toThrow('cancelled');
  expect(await readdir(join(folder, 'c'))).toEqual([]);
  await until(() => wire.open() === 0, { what: 'the connection is closed' });
});

test('a storage that is gone is STORAGE_FAILED, and there again later', async () => {
  const storage = await startObjectStorage();
  const store = storage.open();
  const { content } = await makeFile(store, 10);
  await storage.stop();
  const error = await failureOf(store.facts(KEY));
  expect(error).toMatchObject({ code: 'STORAGE_FAILED', message: expect.stringContaining('ECONNREFUSED') });
  expect(await store.findFault(new AbortController().signal)).toMatchObject({ kind: 'away' });
  await storage.start();
  expect(await store.findFault(new AbortController().signal)).toBeNull();
  expect(await store.facts(KEY)).toMatchObject({ sizeBytes: content.length });
});

const WRONG: readonly [string, (storage: ObjectStorage) => S3Store, string][] = [
  ['bucket', (storage) => storage.open({ bucket: 'nowhere' }), 'create it, or correct PLAYHEAD_STORE'],
  ['access key', (storage) => storage.open(keys('NOBODY', 'S3RVER')), 'correct PLAYHEAD_S3_ACCESS_KEY'],
  ['secret', (storage) => storage.open(keys('S3RVER', 'not-the-one')), 'correct PLAYHEAD_S3_SECRET_KEY'],
];

function keys(accessKey: string, secretKey: string) {
  return { credentials: { accessKey: new Secret(accessKey), secretKey: new Secret(secretKey) } };
}

test.each(WRONG)('a wrong %s is told with its remedy, and without secrets', async (_, open, remedy) => {
  const store = open(await startObjectStorage());
  const fault = await store.findFault(new AbortController().signal);
  expect(fault).toEqual({ kind: 'settings', message: expect.stringContaining(remedy) });
  const error = await failureOf(store.removeAll('p/job'));
  expect(error.message).toBe(fault?.message);
  const whole = inspect(error, { depth: 10, showHidden: true });
  expect(whole).not.toMatch(/NOBODY|not-the-one|AWS4-HMAC|Signature=|StringToSign/);
});

const GOOD = { PLAYHEAD_STORE: `s3://${BUCKET}/here`, PLAYHEAD_S3_ENDPOINT: 'http://127.0.0.1:9' };

test.each<[Record<string, string>, string]>([
  [{ PLAYHEAD_STORE: 'https://bucket' }, 'PLAYHEAD_STORE: expected s3://bucket or s3://bucket/prefix'],
  [{ PLAYHEAD_STORE: 's3://bucket/../other' }, 'PLAYHEAD_STORE: expected'],
  [{ ...GOOD, PLAYHEAD_S3_ENDPOINT: 'http://key:word@host' }, 'PLAYHEAD_S3_ENDPOINT: expected'],
  [{ ...GOOD, PLAYHEAD_S3_ACCESS_KEY: 'key' }, 'PLAYHEAD_S3_SECRET_KEY: expected to be set'],
  [{ ...GOOD, PLAYHEAD_S3_SECRET_KEY: 'a key' }, 'PLAYHEAD_S3_SECRET_KEY: expected printable'],
  [{ PLAYHEAD_S3_ENDPOINT: 'http://127.0.0.1:9' }, 'PLAYHEAD_STORE: expected s3://bucket where'],
])('settings %j are refused', (env, message) => {
  expect(() => readConfig(env)).toThrow(message);
});

test('settings choose the store; the folder needs none; keys show nowhere', () => {
  expect(readConfig({}).store).toEqual({ kind: 'folder' });
  const env = { ...GOOD, PLAYHEAD_S3_ACCESS_KEY: 'the-id', PLAYHEAD_S3_SECRET_KEY: 'the-secret' };
  const { store } = readConfig(env);
  expect(store).toMatchObject({ kind: 's3', bucket: BUCKET, prefix: 'here', pathStyle: true });
  expect(inspect(store, { depth: 5 }) + JSON.stringify(store)).not.toMatch(/the-id|the-secret/);
});

test('logs hide what a request to object storage is signed with', () => {
  const header = '{"h":"AWS4-HMAC-SHA256 Credential=AKID/2026/s3, Signature=abc123"}';
  const link = 'https://b.s3/x?X-Amz-Credential=AKID%2F1&X-Amz-Signature=abc123&x=1';
  expect(redact(`${header} ${link}`)).not.toMatch(/AKID|abc123/);
});
