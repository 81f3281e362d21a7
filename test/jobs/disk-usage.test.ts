/** Bytes of stored files per job and project: counted, limited, taken back, and set right when they are wrong. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DamagedRecords } from '../../src/core/damaged-records.ts';
import type { JobFiles } from '../../src/jobs/contract.ts';
import { DiskUsage } from '../../src/jobs/disk-usage.ts';
import { until } from '../setup/deadline.ts';
import { OwnRedis, range } from '../setup/harness.ts';
import { failing } from '../setup/interrupted.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';

const KIB = 1_024;
const HOUR_MS = 3_600_000;

async function save(files: JobFiles, name: string, kib: number): Promise<void> {
  const path = join(files.scratch, name.replaceAll('/', '-'));
  await mkdir(files.scratch, { recursive: true });
  await writeFile(path, Buffer.alloc(kib * KIB));
  await files.save(name, path);
}

/** Plans a step that stores these files, of so many KiB. */
function planFiles(path: JobPath, step: string, files: Readonly<Record<string, number>>): void {
  path.stage.plan(step, async (_step, run) => {
    for (const [name, kib] of Object.entries(files)) await save(run.files, name, kib);
    return {};
  });
}

const LIMITS = { maxJobBytes: 100 * KIB, maxProjectBytes: 150 * KIB };
const counted = (path: JobPath): Promise<Record<string, string>> =>
  path.redis.hgetall(path.keys.project(path.projectId).usage);

test('stored files are counted once each, and taken back when they go', async () => {
  const path = await createJobPath({ diskLimits: LIMITS, retentionMs: 1_000 });
  await path.startWorker();
  planFiles(path, 'start', { 'steps/a.json': 10, 'video.mp4': 20 });
  planFiles(path, 'analyze_audio', { 'steps/a.json': 15, 'steps/b.json': 5 });
  const held = path.stage.hold('apply_lipsync');
  const { id } = await path.enqueue();
  await held.entered();
  expect(await counted(path)).toEqual({ [id]: String(40 * KIB), ':total': String(40 * KIB) });
  held.release();
  await path.ended(id);
  await until(async () => (await path.usage.of(path.projectId)) === 20 * KIB);
  path.clock.time = Date.now() + 60_000;
  await path.reconciler.sweep();
  await path.reconciler.sweep();
  expect(await path.jobs.load(path.projectId, id)).toBeNull();
  expect(await counted(path)).toEqual({});
  expect(await path.redis.exists(path.keys.project(path.projectId).files(id))).toBe(0);
});

test('a job that stores too much fails at once, keeps nothing, and is done from the start when it is retried', async () => {
  const path = await createJobPath({ diskLimits: LIMITS });
  await path.startWorker();
  planFiles(path, 'start', { 'steps/a.json': 60 });
  planFiles(path, 'analyze_audio', { 'video.mp4': 2_048 });
  const { id } = await path.enqueue();
  const failed = await path.ended(id);
  expect(failed).toMatchObject({ status: 'FAILED', attempt: 1, error: { code: 'QUOTA_EXCEEDED' } });
  expect((await path.endings(id))[0]).toMatchObject({
    willRetry: false,
    error:
      'expected at most 0.1 MiB of files of one job (PLAYHEAD_MAX_JOB_MB), it has 0.1 MiB and video.mp4 would add 2.0 MiB: make it shorter, or raise the setting',
    details: { scope: 'job', usedBytes: 60 * KIB, limitBytes: 100 * KIB },
  });
  await until(async () => (await path.usage.of(path.projectId)) === 0);
  expect(await path.exists(path.stored(id, 'video.mp4'))).toBe(false);
  expect(await path.exists(path.stored(id, 'steps/a.json'))).toBe(false);
  await path.commands.retry(path.projectId, id);
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  expect(path.stage.calls).toContain('start#2');
});

test('a full project begins nothing more and retries nothing; repeats and other projects are answered', async () => {
  const path = await createJobPath({ diskLimits: { ...LIMITS, maxProjectBytes: 50 * KIB } });
  const cancelled = await path.enqueue();
  await path.commands.cancel(path.projectId, cancelled.id);
  await path.startWorker();
  planFiles(path, 'start', { 'video.mp4': 50 });
  const first = await path.enqueue({ idempotencyKey: 'first' });
  await path.ended(first.id);
  const refusal = {
    code: 'QUOTA_EXCEEDED',
    message:
      'expected at most 0.0 MiB of files in a project (PLAYHEAD_MAX_PROJECT_MB), it has 0.0 MiB: wait until ended jobs go (PLAYHEAD_JOB_RETENTION_HOURS), or raise the setting',
    details: { scope: 'project', usedBytes: 50 * KIB, limitBytes: 50 * KIB },
  };
  await expect(path.enqueue()).rejects.toMatchObject(refusal);
  await expect(path.commands.retry(path.projectId, cancelled.id)).rejects.toMatchObject(refusal);
  expect((await path.enqueue({ idempotencyKey: 'first' })).id).toBe(first.id);
  expect((await path.enqueue({ projectId: `${path.projectId}-other` })).status).toBe('QUEUED');
  const batch = { workflow: 'LIPSYNC', field: 'input', projectId: path.projectId } as const;
  await expect(path.commands.enqueueBatch({ ...batch, items: [{ script: 'a' }] })).rejects.toMatchObject(
    refusal,
  );
});

test('a project that becomes full while a job runs fails that job, and not the files of others', async () => {
  const path = await createJobPath({ diskLimits: LIMITS });
  await path.startWorker();
  planFiles(path, 'start', { 'video.mp4': 90 });
  const first = await path.enqueue();
  await path.ended(first.id);
  planFiles(path, 'start', { 'steps/a.json': 30, 'video.mp4': 40 });
  const second = await path.enqueue();
  expect(await path.ended(second.id)).toMatchObject({
    error: {
      code: 'QUOTA_EXCEEDED',
      details: { scope: 'project', usedBytes: 120 * KIB, limitBytes: 150 * KIB },
    },
  });
  await until(async () => (await path.usage.of(path.projectId)) === 90 * KIB);
  expect(await path.exists(path.stored(first.id, 'video.mp4'))).toBe(true);
  await path.commands.retry(path.projectId, second.id);
});

test('files that are stored at the same time do not go over the limit together', async () => {
  const path = await createJobPath({ diskLimits: { maxJobBytes: 1_000 * KIB, maxProjectBytes: 55 * KIB } });
  const jobs = await Promise.all([1, 2, 3].map(() => path.enqueue()));
  const saves = jobs.map(async ({ id }) => {
    const files = path.usage.meter(path.files.openJob(path.projectId, id, 1), path.projectId, id);
    return Promise.allSettled([1, 2, 3].map((number) => save(files, `${number}.mp4`, 10)));
  });
  const outcomes = (await Promise.all(saves)).flat();
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  expect(await path.usage.of(path.projectId)).toBe(50 * KIB);
});

test('a job that is gone stores nothing', async () => {
  const path = await createJobPath();
  await path.redis.ping();
  const files = path.usage.meter(path.files.openJob(path.projectId, 'gone', 1), path.projectId, 'gone');
  await expect(save(files, 'video.mp4', 1)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await path.exists(path.stored('gone', 'video.mp4'))).toBe(false);
});

test('counts that disagree with the jobs are set right by the reconciler, once an hour', async () => {
  const path = await createJobPath();
  const { clock, keys, projectId, redis } = path;
  const { usage, files: named } = keys.project(projectId);
  clock.time = Date.now() + 60_000;
  const { id } = await path.enqueue();
  const files = path.usage.meter(path.files.openJob(projectId, id, 1), projectId, id);
  await save(files, 'video.mp4', 10);
  for (const _ of [1, 2]) {
    await redis.hset(usage, id, 1, ':total', 999_999, 'gone', 77);
    await redis.hset(named('gone'), 'video.mp4', 77);
    clock.time += HOUR_MS - 1;
    // This puts nothing off.
    await save(files, 'video.mp4', 10);
    await path.reconciler.sweep();
    expect(await path.usage.of(projectId)).toBe(999_999);
    clock.time += 1;
    await path.reconciler.sweep();
    expect(await counted(path)).toEqual({ [id]: String(10 * KIB), ':total': String(10 * KIB) });
    expect(await redis.exists(named('gone'))).toBe(0);
    expect(await redis.zscore(keys.measured, projectId)).toBe(String(clock.time));
  }
});

test('of many projects each sweep counts the ten that have waited longest, and forgets those without files', async () => {
  const path = await createJobPath();
  const { clock, keys, redis } = path;
  clock.time = Date.now() + 2 * HOUR_MS;
  const projects = range(10, 21).map((number) => `project-${number}`);
  for (const [at, project] of projects.entries()) {
    await redis.zadd(keys.measured, 1 + at, project);
    await redis.hset(keys.project(project).usage, ':total', 5, 'gone', 5);
  }
  await path.reconciler.sweep();
  expect(await redis.zrange(keys.measured, '0', '-1')).toEqual(projects.slice(10));
  await path.reconciler.sweep();
  expect(await redis.zcard(keys.measured)).toBe(0);
});

test('a recount finds the files of every job of a project, also those that nobody counted', async () => {
  const path = await createJobPath();
  const { files, job } = path.keys.project(path.projectId);
  const ids = range(1, 1_001).map((number) => `job-${number}`);
  const asked: (string | null)[] = [];
  const list = async (projectId: string, filter: object, before: string | null, limit: number) => {
    expect([projectId, filter, limit]).toEqual([path.projectId, { items: true }, 500]);
    asked.push(before);
    const start = before === null ? 0 : ids.indexOf(before) + 1;
    return ids.slice(start, start + limit);
  };
  for (const id of ['job-1', 'job-1001']) {
    await path.redis.hset(job(id), 'id', id);
    await path.redis.hset(files(id), { 'a.mp4': 3, 'b.mp4': 4 });
  }
  await path.usage.recount(path.projectId, { list });
  expect(asked).toEqual([null, 'job-500', 'job-1000']);
  expect(await counted(path)).toEqual({ 'job-1': '7', 'job-1001': '7', ':total': '14' });
});

test.each(['its names and bytes', 'the bytes of its project'])(
  'a key of another type in place of %s of a job is told once, and counted anew',
  async (which) => {
    const path = await createJobPath();
    const { clock, keys, projectId, redis } = path;
    const { id } = await path.enqueue();
    const { files, usage: usageKey } = keys.project(projectId);
    const logger = keepLog();
    const limits = { maxJobBytes: Infinity, maxProjectBytes: Infinity };
    const usage = new DiskUsage({ redis, keys, clock, limits, damaged: new DamagedRecords(logger) });
    const key = which === 'its names and bytes' ? files(id) : usageKey;
    await redis.hset(usageKey, ':total', 9, id, 9);
    await redis.set(key, 'no hash');
    await usage.recount(projectId, path.jobs);
    expect(logger.lines).toMatchObject([{ kind: 'file_count', key, reason: 'expected a hash' }]);
    expect(await redis.exists(key, usageKey)).toBe(0);
    expect(await usage.of(projectId)).toBe(0);
  },
);

test('what takes the place of the counts of a project without jobs goes too', async () => {
  const path = await createJobPath();
  const { measured, project } = path.keys;
  await path.redis.zadd(measured, 1, path.projectId);
  await path.redis.set(project(path.projectId).usage, 'no hash');
  path.clock.time = Date.now() + HOUR_MS;
  await path.reconciler.sweep();
  expect(await path.redis.exists(measured, project(path.projectId).usage)).toBe(0);
});

test('how many bytes a project has is not known while Redis can’t be asked', async () => {
  const { clock, keys, projectId, redis } = await createJobPath();
  const usage = new DiskUsage({ redis: failing(redis, 'hget'), keys, clock, limits: LIMITS });
  await expect(usage.of(projectId)).rejects.toThrow('hget fails');
});

test('storing does not wait for a Redis that is away, and is counted when it is back', async () => {
  const own = await OwnRedis.launch();
  const path = await createJobPath({ url: own.url });
  const { id } = await path.enqueue();
  const files = path.usage.meter(path.files.openJob(path.projectId, id, 1), path.projectId, id);
  await own.stop();
  await until(() => path.redis.status !== 'ready');
  await save(files, 'video.mp4', 10);
  expect(await path.exists(path.stored(id, 'video.mp4'))).toBe(true);
  await own.start();
  await until(async () => (await path.usage.of(path.projectId)) === 10 * KIB);
});

test('a recount forgets every job that is gone, however many were counted', async () => {
  const path = await createJobPath({ diskLimits: LIMITS });
  const { usage } = path.keys.project(path.projectId);
  const gone = Array.from({ length: 2_000 }, (_, index) => [`gone-${index}`, '5']).flat();
  await path.redis.hset(usage, ':total', '10000', ...gone);
  await path.usage.recount(path.projectId, path.jobs);
  expect(await path.redis.exists(usage)).toBe(0);
});

test('a file is stored also where it can’t be counted', async () => {
  const path = await createJobPath({ diskLimits: LIMITS });
  await path.redis.set(path.keys.project(path.projectId).usage, 'no hash');
  planFiles(path, 'start', { 'video.mp4': 10 });
  await path.startWorker();
  const { id } = await path.enqueue({ maxAttempts: 1 });
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED' });
  expect(await path.exists(path.stored(id, 'video.mp4'))).toBe(true);
  // Only a recount removes it: it knows the files of all jobs.
  expect(await path.redis.get(path.keys.project(path.projectId).usage)).toBe('no hash');
});

test('retries count among the unfinished jobs: of a job, of a batch with its items, of an item', async () => {
  const path = await createJobPath({ maxQueuedJobs: 3 });
  const cancelled = await path.enqueue();
  await path.commands.cancel(path.projectId, cancelled.id);
  const batch = await path.commands.enqueueBatch({
    workflow: 'LIPSYNC',
    field: 'input',
    projectId: path.projectId,
    items: [{ script: 'a' }, { script: 'b' }],
  });
  await expect(path.commands.retry(path.projectId, cancelled.id)).rejects.toMatchObject({
    code: 'QUOTA_EXCEEDED',
    message: expect.stringContaining('PLAYHEAD_MAX_QUEUED_JOBS') as string,
  });
  await path.commands.cancel(path.projectId, batch.id);
  await until(async () => (await path.jobs.activeIds(path.projectId)).length === 0);
  await path.commands.retry(path.projectId, cancelled.id);
  await expect(path.commands.retry(path.projectId, batch.id)).rejects.toMatchObject({
    code: 'QUOTA_EXCEEDED',
  });
  await path.commands.retry(path.projectId, `${batch.id}-0000`);
  expect(await path.jobs.activeIds(path.projectId)).toHaveLength(3);
});
