/** The whole path on a Redis Cluster of three primaries: keys of many slots, sharded Pub/Sub, and what a start checks. */
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { CredentialStore } from '../../src/auth/credential-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { encodeCursor } from '../../src/log/cursor.ts';
import { isEnding, type LoggedEvent } from '../../src/progress/events.ts';
import { clusterOf, sendMany } from '../../src/redis/cluster.ts';
import { countWorkers, findMissingAbility, startHeartbeat } from '../../src/redis/heartbeat.ts';
import { findRedisFault } from '../../src/redis/server-check.ts';
import { PATIENT, RedisCluster } from '../faults/kit/cluster.ts';
import { until } from '../setup/deadline.ts';
import { connect, unique } from '../setup/harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await RedisCluster.launch(PATIENT);
});

afterAll(() => cluster.remove());

function isLastOf(jobId: string): (event: LoggedEvent) => boolean {
  return ({ event }) => event.jobId === jobId && isEnding(event);
}

/** Projects, of which each primary serves some. */
const PROJECTS = Array.from({ length: 9 }, (_, index) => `project-${index}`);

async function primariesOf(path: JobPath, projects: readonly string[]): Promise<Set<number>> {
  const slots = await Promise.all(
    projects.map((id) => path.redis.cluster('KEYSLOT', path.keys.project(id).meta)),
  );
  return new Set(slots.map((slot) => Math.floor((3 * slot) / 16_384)));
}

test('projects of every primary run their jobs, in one feed each, and resume', async () => {
  const path = await createJobPath({ url: cluster.url });
  expect((await primariesOf(path, PROJECTS)).size).toBe(3);
  await path.startWorker();
  const streams = await Promise.all(PROJECTS.map((projectId) => path.open({ projectId })));
  await Promise.all(
    PROJECTS.map(async (projectId, index) => {
      const { id } = await path.enqueue({ projectId });
      const live = (await streams[index]?.takeUntil(isLastOf(id))) ?? [];
      const [first] = live;
      if (first === undefined) throw new Error('expected events');
      const again = await path.open({ projectId, after: encodeCursor(first) });
      expect(await again.takeUntil(isLastOf(id))).toEqual(live.slice(1));
    }),
  );
  expect(await path.log.heads(PROJECTS)).toEqual(
    await Promise.all(PROJECTS.map((projectId) => path.log.head(projectId))),
  );
});

test('an idempotency key belongs to one input, on whichever primary', async () => {
  const path = await createJobPath({ url: cluster.url });
  for (const projectId of PROJECTS) {
    const request = { projectId, idempotencyKey: 'order-1' };
    const { id } = await path.enqueue(request);
    const other = path.enqueue({ ...request, input: { script: 'goodbye' } });
    await expect(other).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT', details: { jobId: id } });
    expect((await path.enqueue(request)).id).toBe(id);
  }
  expect(await path.redis.zcard(path.keys.unended)).toBe(PROJECTS.length);
});

test('tracked jobs of every primary have their attempts, lose their leases and end', async () => {
  const path = await createJobPath({ url: cluster.url });
  const { jobs, keys, reconciler, redis } = path;
  const tracked = new TrackedJobs({ redis: connect(cluster.url), keys });
  for (const projectId of PROJECTS) {
    const input = { projectId, taskName: 'cut', externalId: '7' };
    const first = await tracked.track(input);
    const { job, lease } = await tracked.track(input);
    expect(job).toMatchObject({ id: first.job.id, attempt: 2 });
    const holder = { projectId, jobId: job.id, lease };
    expect(await tracked.reportProgress({ ...holder, progress: 0.5 })).toMatchObject({ accepted: true });
    await redis.hset(keys.project(projectId).job(job.id), 'leaseUntil', 1);
    await redis.zrem(keys.leases, `${projectId}|${job.id}`);
  }
  // Found without its place on the list, as after a failover that took it.
  await reconciler.sweep();
  await reconciler.sweep();
  for (const projectId of PROJECTS) {
    const [id = ''] = await jobs.list(projectId, {}, null, 1);
    expect(await jobs.load(projectId, id)).toMatchObject({
      status: 'FAILED',
      error: { code: 'WORKER_LOST' },
    });
  }
});

test('the doorbell is sharded: no message goes over the whole Cluster', async () => {
  const path = await createJobPath({ url: cluster.url });
  const { projectId } = path;
  // The log is not looked at: what comes has been rung for.
  const listener = path.redis;
  const rung: string[] = [];
  listener.on('smessage', (_channel: string, message: string) => rung.push(message));
  listener.on('message', (_channel: string, message: string) => rung.push(`everywhere: ${message}`));
  await listener.ssubscribe(path.keys.project(projectId).live);
  await listener.subscribe(path.keys.project(projectId).live);
  const stream = await path.open({ projectId });
  const { id } = await path.enqueue();
  expect((await stream.next())?.event.jobId).toBe(id);
  await until(() => rung.length > 0);
  expect(rung).toHaveLength(1);
  expect(rung[0]).toContain(id);
  expect(rung[0]).not.toContain('everywhere');
});

test('cancel reaches the worker, retry goes on, and the reconciler adds what has no queue entry', async () => {
  const path = await createJobPath({ url: cluster.url });
  const worker = await path.startWorker({ lookIntervalMs: 60_000 });
  const held = path.stage.hold('load_media');
  const job = await path.enqueue();
  const { step } = await held.entered();
  await path.commands.cancel(path.projectId, job.id);
  await until(() => step.signal.aborted, { what: 'the control channel has told the worker' });
  await path.commands.retry(path.projectId, job.id);
  expect((await path.ended(job.id)).status).toBe('COMPLETED');
  expect(await path.endings(job.id)).toHaveLength(2);

  await worker.shutDown();
  const lost = await path.enqueue();
  await path.queue.remove(lost.queueId);
  await path.startWorker();
  await path.reconciler.sweep();
  expect((await path.ended(lost.id)).status).toBe('COMPLETED');
  await path.reconciler.sweep();
  expect(await path.redis.zscore(path.keys.unended, `${path.projectId}|${lost.id}`)).toBeNull();
});

test('a job of which a failover took the queue entry and the place in unended is found again', async () => {
  const path = await createJobPath({ url: cluster.url });
  const { id, queueId } = await path.enqueue();
  await path.queue.remove(queueId);
  await path.redis.zrem(path.keys.unended, `${path.projectId}|${id}`);
  await path.startWorker();
  await path.reconciler.sweep();
  expect((await path.ended(id)).status).toBe('COMPLETED');
});

test('commands for many slots are answered in the order asked', async () => {
  const redis = connect(cluster.url);
  const keys = Array.from({ length: 50 }, (_, index) => unique(`key-{${index % 7}}-${index}`));
  await Promise.all(keys.map((key) => redis.set(key, key)));
  expect(
    await sendMany(
      redis,
      keys.map((key) => ['get', key]),
    ),
  ).toEqual(keys);
  await expect(sendMany(redis, [['hget', keys[0] ?? '', 'x']])).rejects.toThrow('WRONGTYPE');
});

test('workers and what they can do are known, whichever nodes hold them', async () => {
  const path = await createJobPath({ url: cluster.url });
  const { keys, redis } = path;
  const beat = startHeartbeat({
    redis,
    keys,
    logger: silentLogger,
    abilities: async () => ['x'],
    offer: { slots: 1, setups: {} },
  });
  onTestFinished(() => beat.close());
  await until(async () => (await countWorkers(redis, keys)) === 1);
  await until(async () => (await findMissingAbility(redis, keys, ['x', 'y'])) === 'y');
});

test('a revocation is one step, and is seen by whoever looks for one', async () => {
  const { keys, redis } = await createJobPath({ url: cluster.url });
  const store = new CredentialStore(redis, keys, systemClock);
  const { id } = await store.createKey({ name: '', projects: ['a'], scope: 'read', expiresAt: null });
  const token = `jwt:${unique('token')}`;
  for (const [credential, revoke] of [
    [`key:${id}`, () => store.revokeKey(id)],
    [token, () => store.revokeToken(token, null)],
  ] as const) {
    const before = await store.revision();
    expect(await store.isAlive(credential)).toBe(true);
    await revoke();
    expect(await store.isAlive(credential)).toBe(false);
    expect(await store.revision()).not.toBe(before);
  }
});

test('a URL of the wrong form is told apart from the right one', async () => {
  const [node] = cluster.hosts;
  expect(await findRedisFault(cluster.url)).toBeNull();
  expect(await until(() => findRedisFault(`redis://${node}`))).toBe(
    'REDIS_URL: expected a single Redis server, received one of mode cluster. Write redis+cluster://host:port',
  );
  const { host, password } = new URL(inject('redisUrl'));
  const access = password === '' ? '' : `:${password}@`;
  expect(await until(() => findRedisFault(`redis+cluster://${access}${host}`))).toBe(
    `REDIS_URL: expected a node of a Redis Cluster at ${host}, received a server of mode standalone. ` +
      'Write redis:// for a single server, redis+sentinel:// for a Sentinel set',
  );
  expect(await findRedisFault(inject('redisUrl'))).toBeNull();
});

test('every primary is checked before a start', async () => {
  const redis = connect(cluster.url);
  await until(() => redis.status === 'ready');
  const last = clusterOf(redis)?.nodes('master').at(-1);
  await last?.config('SET', 'maxmemory-policy', 'allkeys-lru');
  expect(await until(() => findRedisFault(cluster.url))).toContain('expected maxmemory-policy noeviction');
  await last?.config('SET', 'maxmemory-policy', 'noeviction');
});

test('without sharded Pub/Sub, as before Redis 7, the doorbell rings everywhere', async () => {
  const lines = ['rename-command SPUBLISH ""', 'rename-command SSUBSCRIBE ""'];
  const old = await RedisCluster.launch({ ...PATIENT, lines });
  onTestFinished(() => old.remove());
  const path = await createJobPath({ url: old.url });
  const rung: string[] = [];
  path.redis.on('message', (_channel: string, message: string) => rung.push(message));
  await path.redis.subscribe(path.keys.project(path.projectId).live);
  const stream = await path.open({ projectId: path.projectId });
  const { id } = await path.enqueue();
  expect((await stream.next())?.event.jobId).toBe(id);
  await until(() => rung.length === 1);
});

test('a disconnect that a connect overtakes still ends, for whoever waits for it: BullMQ does', async () => {
  const client = clusterOf(connect(cluster.url))?.duplicate();
  if (client === undefined) throw new Error('expected a Cluster');
  onTestFinished(() => client.disconnect());
  const said: string[] = [];
  for (const name of ['ready', 'end'] as const) client.on(name, () => said.push(name));
  await until(() => client.status === 'ready');
  client.disconnect();
  await client.connect();
  await until(() => said.includes('end'));
  expect([await client.ping(), said]).toEqual(['PONG', ['ready', 'ready', 'end']]);
});

test('while the whole Cluster is away: UNAVAILABLE; what runs goes on and is told afterwards', async () => {
  const path = await createJobPath({ url: cluster.url });
  await path.startWorker();
  const held = path.stage.hold('load_media');
  const stream = await path.open({ projectId: path.projectId });
  const { id } = await path.enqueue();
  const before = await stream.takeUntil(
    ({ event }) => event.type === 'ProgressEvent' && event.step === 'load_media',
  );
  await held.entered();
  // A replica may be the first that is back, and take its primary's place.
  await cluster.replicated();
  const startAgain = await cluster.killAll();
  await expect(path.enqueue()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  await expect(path.commands.cancel(path.projectId, 'x')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  held.release();
  startAgain();
  const events = [...before, ...(await stream.takeUntil(isLastOf(id)))];
  const { id: next } = await until(() => path.enqueue());
  expect((await path.ended(next)).status).toBe('COMPLETED');
  expect(events.at(-1)?.event.type).toBe('CompletionEvent');
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  // BullMQ's close never ends while its blocking connection is reconnecting; worker.ts limits the wait, a test's worker does not.
  await until(async () => /flags=b .*cmd=bzpopmin/.test(String(await cluster.onAll('CLIENT', 'LIST'))), {
    what: 'the worker waits for jobs again',
  });
});
