/** The Redis account of docs/operations.md is enough for everything, and has nothing that is not needed. */

import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { MEDIA_SETTINGS } from '../../media/settings.ts';
import { CredentialStore } from '../../src/auth/credential-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { startWorkflows } from '../../src/jobs/start-workflows.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { checkRedisServer, findRedisFault } from '../../src/redis/server-check.ts';
import { startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import { startWorker } from '../../src/worker.ts';
import { PATIENT, RedisCluster } from '../faults/kit/cluster.ts';
import { until } from '../setup/deadline.ts';
import { OwnRedis } from '../setup/harness.ts';
import { WORKFLOWS } from '../setup/workflows.ts';
import { RawClient } from './raw-client.ts';
import { AUTH_SECRET, answerOf, fieldOf } from './secured-server.ts';

const docs = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const rule = /^ACL SETUSER playhead (on .*)$/m.exec(docs)?.[1] ?? '';
/** What a Cluster needs besides. */
const clusterRule = /^ACL SETUSER playhead (\+.*)$/m.exec(docs)?.[1] ?? '';
const PASSWORD = 'the-password';

function admin(url: string): Redis {
  const client = new Redis(url);
  onTestFinished(() => client.disconnect());
  return client;
}

/** Does what users do, with a real worker. */
async function useEverything(redisUrl: string): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-account-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const env = {
    PORT: '0',
    PLAYHEAD_DATA_DIR: dataDir,
    PLAYHEAD_AUTH_SECRET: AUTH_SECRET,
    PLAYHEAD_DRAIN_SECONDS: '0',
  };
  const config = readConfig(env);
  const server = await startServer({ config, redisUrl, logger: silentLogger });
  onTestFinished(() => server.close());
  const started = await startWorkflows(WORKFLOWS, {
    ...{ logger: silentLogger, stepTimeoutMs: 60_000, lockMs: 30_000, searchPath: process.env['PATH'] },
    settings: readConfig(env, MEDIA_SETTINGS).workflowSettings,
    toolLimits: config.security.toolLimits,
    noticeUrl: undefined,
  });
  const worker = await startWorker({
    ...{ config, redisUrl, logger: silentLogger, started },
    workflows: WORKFLOWS,
  });
  const account = connectRedis(redisUrl, () => {});
  onTestFinished(() => closeRedis(account));
  const store = new CredentialStore(account, createKeys(), systemClock);
  const { id, text } = await store.createKey({ name: 'x', projects: ['a'], scope: 'write', expiresAt: null });
  const url = `http://127.0.0.1:${server.port}`;
  const post = (query: string): Promise<Response> =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${text}` },
      body: JSON.stringify({ query }),
    });
  const client = await RawClient.open(url);
  client.init(text);
  await client.until('connection_ack');
  const events = '__typename ... on ErrorEvent { willRetry }';
  client.send({
    id: '1',
    type: 'subscribe',
    payload: { query: `subscription { jobEvents(projectId: "a") { ${events} } }` },
  });
  const write = 'writeScript(input: { projectId: "a", brief: "Ash falls for days.", idempotencyKey: "k" })';
  const { id: jobId } = await fieldOf<{ id: string }>(
    await post(`mutation { ${write} { id queuePosition eta { waitSeconds } } }`),
    'writeScript',
  );
  const status = (): Promise<string> =>
    post(`{ job(projectId: "a", id: "${jobId}") { status lastEventId queuePosition eta { finishesAt } } }`)
      .then((response) => fieldOf<{ status: string }>(response, 'job'))
      .then((job) => job.status);
  await until(async () => (await status()) === 'COMPLETED');
  await until(() =>
    client.messages.some(({ payload }) => JSON.stringify(payload)?.includes('CompletionEvent')),
  );
  const items = '[{ script: "MIRA: Hi" }, { script: "MIRA: Ho" }]';
  const batch = await fieldOf<{ id: string }>(
    await post(`mutation { generateVideoBatch(input: { projectId: "a", items: ${items} }) { id } }`),
    'generateVideoBatch',
  );
  for (const change of ['cancelJob', 'retryJob', 'cancelJob']) {
    await answerOf(await post(`mutation { ${change}(projectId: "a", id: "${batch.id}") { id } }`));
  }
  await answerOf(
    await post('{ jobs(projectId: "a", status: [COMPLETED]) { edges { node { id items { id } } } } }'),
  );
  await until(async () => (await fetch(`${url}/readyz`)).status === 200);
  await store.listKeys();
  await store.revokeKey(id);
  expect(await client.ended()).toBe(4403);
  await store.revokeToken('jwt:x', null);
  await worker.close();
}

test('is enough for everything', async () => {
  const own = await OwnRedis.launch();
  const root = admin(own.url);
  await root.call('ACL', 'SETUSER', 'playhead', ...rule.replace('PASSWORD', PASSWORD).split(' '));
  const { host } = new URL(own.url);
  const url = `redis://playhead:${PASSWORD}@${host}`;
  expect(await findRedisFault(url)).toBeNull();
  await useEverything(url);
  expect(await root.call('ACL', 'LOG')).toEqual([]);
});

test('is enough for everything on a Cluster, with what the documentation adds', async () => {
  const cluster = await RedisCluster.launch(PATIENT);
  onTestFinished(() => cluster.remove());
  const words = `${rule} ${clusterRule}`.replace('PASSWORD', PASSWORD).split(' ');
  await cluster.onAll('ACL', 'SETUSER', 'playhead', ...words);
  const url = cluster.url.replace('://', `://playhead:${PASSWORD}@`);
  expect(await findRedisFault(url)).toBeNull();
  await useEverything(url);
  expect((await cluster.onAll('ACL', 'LOG')).flat()).toEqual([]);
});

test('can do nothing else: no other keys, channels, settings or flushes', async () => {
  const own = await OwnRedis.launch();
  await admin(own.url).call('ACL', 'SETUSER', 'playhead', ...rule.replace('PASSWORD', PASSWORD).split(' '));
  const { host } = new URL(own.url);
  const account = admin(`redis://playhead:${PASSWORD}@${host}`);
  const refused = [
    ['GET', 'other:key'],
    ['SET', 'other:key', '1'],
    ['EVAL', "return redis.call('GET', 'other:key')", '0'],
    ['EVAL', "return redis.call('FLUSHALL')", '0'],
    ['PUBLISH', 'other', 'x'],
    ['FLUSHALL'],
    ['CONFIG', 'GET', '*'],
    ['KEYS', '*'],
    ['ACL', 'LIST'],
    ['SHUTDOWN'],
    ['SCRIPT', 'FLUSH'],
    ['MIGRATE', 'h', '1', 'playhead:x', '0', '1'],
  ] as const;
  for (const [name, ...args] of refused) {
    await expect(account.call(name, ...args), name).rejects.toThrow(
      /NOPERM|permission|ACL failure|can't (access|run)/i,
    );
  }
});

test('a server that evicts keys is refused with the remedy; one that does not is fine', async () => {
  const own = await OwnRedis.launch();
  const root = admin(own.url);
  expect(await checkRedisServer(root)).toEqual({ fault: null, unknown: false });
  await root.config('SET', 'maxmemory-policy', 'allkeys-lru');
  expect((await checkRedisServer(root)).fault).toContain(
    'expected maxmemory-policy noeviction, received allkeys-lru',
  );
  expect(await checkRedisServer({ info: () => Promise.reject(new Error('NOPERM')) })).toEqual({
    fault: null,
    unknown: true,
  });
});
