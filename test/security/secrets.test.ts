/** Secrets reach no log; wrong settings of who may are refused at start, in words that help. */

import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { MEDIA_SETTINGS, toMediaConfig } from '../../media/settings.ts';
import { createLogger } from '../../src/observe/logging.ts';
import { readConfig } from '../../src/settings/config.ts';
import { OwnRedis } from '../setup/harness.ts';
import { RawClient } from './raw-client.ts';
import {
  AUTH_SECRET,
  answerOf,
  fieldOf,
  JWT_SECRET,
  JWT_SETTINGS,
  makeJwt,
  startSecured,
} from './secured-server.ts';

function collect(): { readonly lines: string[]; readonly logger: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  const logger = createLogger({ logLevel: 'trace' }, 'test', { write: (line) => void lines.push(line) });
  return { lines, logger };
}

test('everything a server logs, with a key, a JWT, a signed link and faults, has no secret in it', async () => {
  const { lines, logger } = collect();
  const secured = await startSecured({
    logger,
    env: { PLAYHEAD_WEBHOOK_TOKEN: 'w'.repeat(24), PLAYHEAD_PUBLIC_URL: 'http://127.0.0.1:1' },
  });
  const key = await secured.key();
  const jwt = await makeJwt();
  for (const credential of [key, jwt]) {
    await secured.post('{ workflows { taskName } }', { credential });
    await secured.post('not graphql', { credential });
    const client = await RawClient.open(secured.url);
    client.init(credential);
    await client.until('connection_ack');
    client.send('nonsense');
    await client.ended();
  }
  const made = await secured.post('mutation { createViewerToken(projectId: "a") { token } }', {
    credential: key,
  });
  const { token } = await fieldOf<{ token: string }>(made, 'createViewerToken');
  await fetch(`${secured.url}/files/a/b/c.mp4?until=1&signature=s1gnature`);
  await fetch(`${secured.url}/webhooks/video/${'w'.repeat(24)}`, { method: 'POST', body: '{"id":"x"}' });
  logger.error(
    { err: new Error(`GET /files/a?until=1&signature=s1gnature with Bearer ${jwt} and ${key}`) },
    token,
  );
  logger.error({ headers: { authorization: `Bearer ${key}` }, connectionParams: { token } }, 'whole');
  logger.warn(
    { deep: { headers: { Authorization: 'Basic dXNlcjpwYXNz', cookie: 'a=b' } } },
    'redis://me:pass-word@host',
  );
  const text = lines.join('');
  const secret = key.split('_').slice(2).join('_');
  for (const hidden of [
    secret,
    jwt,
    token,
    AUTH_SECRET,
    JWT_SECRET,
    's1gnature',
    'w'.repeat(24),
    'dXNlcjpwYXNz',
    'pass-word',
  ]) {
    expect(text).not.toContain(hidden);
  }
  // The id stays: a log names the key.
  expect(text).toContain(`ph_${key.split('_')[1]}_[secret]`);
});

test('a refused Redis password is not logged with the error', async () => {
  const own = await OwnRedis.launch();
  const { lines, logger } = collect();
  const client = new Redis({
    port: Number(new URL(own.url).port),
    password: 'wrong-password',
    retryStrategy: () => null,
  });
  onTestFinished(() => client.disconnect());
  const err = await new Promise((resolve) => client.once('error', resolve));
  logger.warn({ err }, 'redis connection');
  expect(lines.join('')).toContain('WRONGPASS');
  expect(lines.join('')).not.toContain('wrong-password');
});

test('an internal error is masked for the client, under an id that the log repeats', async () => {
  const { lines, logger } = collect();
  const secured = await startSecured({ logger });
  const credential = await secured.key();
  const redis = new Redis(inject('redisUrl'));
  onTestFinished(() => redis.disconnect());
  // A list of jobs of another type than ours.
  await redis.set(secured.keys.project('a').jobs, 'not a sorted set');
  const answer = await answerOf(
    await secured.post('{ jobs(projectId: "a") { edges { cursor } } }', { credential }),
  );
  const [error] = answer.errors ?? [];
  expect(error).toMatchObject({ message: 'Unexpected error', extensions: { code: 'INTERNAL' } });
  const errorId = String(Reflect.get(error?.extensions ?? {}, 'errorId'));
  expect(lines.find((line) => line.includes(errorId))).toContain('WRONGTYPE');
  expect(JSON.stringify(answer)).not.toContain('WRONGTYPE');
});

async function secretsFile(text: string, mode = 0o600): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-secrets-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'secrets');
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

test('secrets may stand in a file, which variables override', async () => {
  const path = await secretsFile(
    `# ours\nPLAYHEAD_AUTH_SECRET=${'f'.repeat(32)}\nPLAYHEAD_CHAT_KEY=from-file\n\n`,
  );
  const env = {
    PLAYHEAD_SECRETS_FILE: path,
    PLAYHEAD_CHAT_KEY: 'from-env',
    PLAYHEAD_CHAT_URL: 'http://c.test/v1',
  };
  const config = readConfig(env, MEDIA_SETTINGS);
  expect(config.security.auth?.secret.reveal()).toBe('f'.repeat(32));
  expect(toMediaConfig(config.workflowSettings).providers.chat?.key?.reveal()).toBe('from-env');
});

test.each([0o604, 0o644, 0o602, 0o666])('a secrets file of mode %o is refused', async (mode) => {
  const path = await secretsFile('PLAYHEAD_CHAT_KEY=x', mode);
  expect(() => readConfig({ PLAYHEAD_SECRETS_FILE: path })).toThrow(/PLAYHEAD_SECRETS_FILE: .*chmod 640/);
});

test('a secrets file with something else in it is refused, without showing it', async () => {
  const path = await secretsFile('PORT=1\nhunter2\n');
  expect(() => readConfig({ PLAYHEAD_SECRETS_FILE: path })).toThrow(
    /line 1: expected[\s\S]*line 2: expected/,
  );
  expect(() => readConfig({ PLAYHEAD_SECRETS_FILE: path })).not.toThrow(/hunter2/);
  expect(() => readConfig({ PLAYHEAD_SECRETS_FILE: `${path}-gone` })).toThrow(/can be read/);
});

const AUTH = { PLAYHEAD_AUTH_SECRET: AUTH_SECRET };
test.each([
  [
    'a short secret',
    { PLAYHEAD_AUTH_SECRET: 'short' },
    /PLAYHEAD_AUTH_SECRET: expected 32 or more.*received 5 characters/,
  ],
  ['tokens without a secret of the server', JWT_SETTINGS, /PLAYHEAD_AUTH_SECRET: expected to be set/],
  ['tokens without issuer', { ...AUTH, ...JWT_SETTINGS, PLAYHEAD_JWT_ISSUER: '' }, /PLAYHEAD_JWT_ISSUER/],
  [
    'tokens without audience',
    { ...AUTH, ...JWT_SETTINGS, PLAYHEAD_JWT_AUDIENCE: '' },
    /PLAYHEAD_JWT_AUDIENCE/,
  ],
  [
    'both kinds of keys',
    { ...AUTH, ...JWT_SETTINGS, PLAYHEAD_JWT_JWKS_URL: 'https://a.test' },
    /PLAYHEAD_JWT_SECRET: expected to be unset/,
  ],
  [
    'a public algorithm for a secret',
    { ...AUTH, ...JWT_SETTINGS, PLAYHEAD_JWT_ALGORITHMS: 'HS256,RS256' },
    /received RS256/,
  ],
  [
    'no algorithm at all',
    { ...AUTH, ...JWT_SETTINGS, PLAYHEAD_JWT_ALGORITHMS: 'none' },
    /PLAYHEAD_JWT_ALGORITHMS/,
  ],
  ['an origin with a path', { PLAYHEAD_ORIGINS: 'https://a.test/path' }, /PLAYHEAD_ORIGINS/],
  ['any origin', { PLAYHEAD_ORIGINS: '*' }, /PLAYHEAD_ORIGINS/],
  [
    'an address of the network without authentication',
    { HOST: '0.0.0.0' },
    /HOST: .*set PLAYHEAD_AUTH_SECRET/,
  ],
])('%s is refused at start', (_name, env, message) => {
  expect(() => readConfig(env)).toThrow(message);
});

test('with authentication any address may be listened on', () => {
  expect(readConfig({ ...AUTH, HOST: '0.0.0.0' }).host).toBe('0.0.0.0');
});

test.each(['server', 'worker', 'start'])(
  '%s does not start on a Redis that evicts keys, and says what to do',
  async (root) => {
    const own = await OwnRedis.launch();
    const admin = new Redis(own.url);
    onTestFinished(() => admin.disconnect());
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const { code, output } = await new Promise<{ code: number | null; output: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        [join(import.meta.dirname, `../../src/${root}.ts`)],
        { env: { PATH: process.env['PATH'], PORT: '0', REDIS_URL: own.url, PLAYHEAD_LOG_LEVEL: 'error' } },
        (_error, _stdout, stderr) => resolve({ code: child.exitCode, output: stderr }),
      );
    });
    expect([code, output]).toEqual([1, expect.stringContaining('CONFIG SET maxmemory-policy noeviction')]);
    // One sentence, before anything has been started.
    expect(output.trim().split('\n')).toHaveLength(1);
  },
);
