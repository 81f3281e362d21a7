/** The commands on webhooks, with an API, a worker that sends, and a receiver over HTTP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CredentialStore } from '../../src/auth/credential-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { AUTH_SECRET } from '../security/secured-server.ts';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { ApiProcess, WorkerProcess } from '../web/processes.ts';
import { Receiver } from '../webhooks/receiver.ts';
import { type Ended, jsonLines, run, startOnTerminal } from './playhead.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-cli-webhooks-'));
const prefix = unique('cli');
const env = { PLAYHEAD_AUTH_SECRET: AUTH_SECRET, PLAYHEAD_WEBHOOK_PRIVATE: 'on' };
const api = new ApiProcess({ prefix, dataDir, env });
const worker = new WorkerProcess({ prefix, dataDir, env });
let redis: Redis;
let tracked: TrackedJobs;

beforeAll(async () => {
  redis = connectRedis(inject('redisUrl'), () => {});
  tracked = new TrackedJobs({ redis, keys: createKeys(prefix) });
  await Promise.all([api.start(), worker.start()]);
});
afterAll(async () => {
  await Promise.all([api.kill(), worker.kill('SIGTERM')]);
  await closeRedis(redis);
  rmSync(dataDir, { recursive: true, force: true });
});

/** Commands of somebody with a key of this scope for a project of their own. */
async function signedIn(scope: 'write' | 'admin') {
  const project = unique('hooked');
  const store = new CredentialStore(redis, createKeys(prefix), systemClock);
  const { text } = await store.createKey({ name: 'test', projects: [project], scope, expiresAt: null });
  const at = { url: api.url, project, env: { PLAYHEAD_TOKEN: text } };
  return { project, at, webhooks: (...args: string[]): Promise<Ended> => run(['webhooks', ...args], at) };
}

/** A job of the project that has ended. */
async function endJob(projectId: string): Promise<string> {
  const { job, lease } = await tracked.track({ projectId, taskName: 'transcode' });
  await tracked.reportCompletion({ projectId, jobId: job.id, lease });
  return job.id;
}

test('create gives a script the secret alone; deliveries tells what became of each message, redeliver sends one again', async () => {
  const { project, webhooks } = await signedIn('admin');
  const receiver = await Receiver.start();
  const made = await webhooks('create', receiver.url, '--events', 'completed');
  expect([made.code, made.out]).toEqual([0, expect.stringMatching(/^whsec_\S+\n$/)]);
  const [, id = ''] = /webhook ([0-9a-f-]{36})\./.exec(made.err) ?? [];

  const jobId = await endJob(project);
  await until(() => receiver.received.length === 1);
  const [received] = receiver.received;
  expect(() =>
    new Webhook(made.out.trim()).verify(received?.text ?? '', received?.headers ?? {}),
  ).not.toThrow();

  const line = new RegExp(`^${received?.id}  ${jobId}  completed  delivered  1 +.* ago +204$`, 'm');
  const told = await until(async () => {
    const { out } = await webhooks('deliveries', id.slice(-6));
    return out.includes('delivered') && out;
  });
  expect(told).toMatch(line);
  const [delivery] = jsonLines((await webhooks('deliveries', id, '--json')).out);
  expect(delivery).toMatchObject({ type: 'delivery', delivery: { id: received?.id, lastStatusCode: 204 } });

  const again = await webhooks('redeliver', received?.id ?? '');
  expect([again.code, again.out]).toEqual([0, `Delivery ${received?.id} is sent again.\n`]);
  await until(() => receiver.received.length === 2);
  expect(receiver.ids[1]).toBe(received?.id);
});

test('list says why a webhook is disabled; enable sends what waits; rotate and delete', async () => {
  const { at, project, webhooks } = await signedIn('admin');
  const gone = await Receiver.start((_received, response) => response.writeHead(410).end());
  const [made] = jsonLines((await webhooks('create', gone.url, '--json')).out);
  expect(made).toMatchObject({ type: 'webhook', secret: expect.stringMatching(/^whsec_/) });
  const { id = '' } = (made?.['webhook'] ?? {}) as { id?: string };
  await endJob(project);
  const listed = await until(async () => {
    const { out } = await webhooks('list');
    return out.includes('disabled') && out;
  });
  expect(listed).toMatch(new RegExp(`^${id}  disabled  completed, failed, cancelled  .* 410 Gone\\.$`, 'm'));
  expect(listed).not.toContain('whsec_');
  const [waiting] = jsonLines((await webhooks('deliveries', id, '--json')).out);
  const { id: deliveryId = '' } = (waiting?.['delivery'] ?? {}) as { id?: string };
  const refused = await webhooks('redeliver', deliveryId);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('webhooks enable')]);

  gone.answer = (_received, response) => response.writeHead(204).end();
  const enabled = await webhooks('enable', id);
  expect([enabled.code, enabled.out]).toEqual([0, expect.stringContaining('is on')]);
  await until(() => gone.received.length >= 2);
  const rotated = await webhooks('rotate', id);
  expect([rotated.code, rotated.out]).toEqual([0, expect.stringMatching(/^whsec_\S+\n$/)]);
  expect(rotated.out.trim()).not.toBe(made?.['secret']);

  const terminal = await startOnTerminal(['webhooks', 'list'], at).ended();
  expect(terminal.out).toMatch(new RegExp(`^${id.slice(-6)} +on `, 'm'));
  const deleted = await webhooks('delete', id);
  expect([deleted.code, deleted.out]).toEqual([0, `Webhook ${id} is deleted.\n`]);
  const [none, twice] = await Promise.all([webhooks('list'), webhooks('delete', id)]);
  expect([none.code, none.out, none.err]).toEqual([0, '', `No webhooks in project ${project}.\n`]);
  expect([twice.code, twice.out, twice.err]).toEqual([1, '', expect.stringContaining('webhooks list')]);
});

test('without the scope admin nothing is done, and it says which is needed; a wrong event or URL is wrong usage', async () => {
  const { webhooks: asWriter } = await signedIn('write');
  const { webhooks } = await signedIn('admin');
  const [listed, created, event, url] = await Promise.all([
    asWriter('list'),
    asWriter('create', 'https://app.example.com/'),
    webhooks('create', 'https://app.example.com/', '--events', 'done'),
    webhooks('create', 'ftp://app.example.com/'),
  ]);
  for (const { code, out, err } of [listed, created]) {
    expect([code, out, err]).toEqual([1, '', expect.stringContaining('scope admin')]);
  }
  expect([event.code, event.err]).toEqual([2, expect.stringContaining('Expected any of completed, failed')]);
  expect([url.code, url.out, url.err]).toEqual([2, '', expect.stringContaining('input.url')]);
});
