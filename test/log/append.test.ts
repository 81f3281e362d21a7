/** What append.lua leaves behind when keys of a project are lost, of another type, or refused: all of an event or nothing. */

import { expect, test } from 'vitest';
import { ORIGIN } from '../../src/progress/position.ts';
import { createEventPath, cursorOf, JobWriter, OwnRedis, seqs, unique, writeJob } from '../setup/harness.ts';
import { createJobPath } from '../setup/job-harness.ts';

test('a project whose meta is lost goes on at the next event, behind its last number, as another history', async () => {
  const path = createEventPath({ hub: { lingerMs: 0 } });
  const projectId = unique('project');
  const job = await writeJob(path.log, projectId, 5);
  const before = await path.log.readAfter(projectId, ORIGIN, 10);
  const live = await path.open({ projectId });
  await path.redis.del(path.keys.project(projectId).meta);

  const outcome = await job.progress(0.9);
  expect(outcome).toMatchObject({ code: 'OK', position: { seq: 6 } });
  expect(outcome.position.epoch).not.toBe(before[0]?.epoch);
  expect(await path.jobs.load(projectId, job.state.id)).toMatchObject({
    progress: 0.9,
    last: outcome.position,
  });

  // Who listens, and who resumes, is told once; from then on the new history is whole.
  await expect(live.next()).rejects.toMatchObject({ code: 'EVENTS_EXPIRED' });
  await expect(path.open({ projectId, after: cursorOf(before.at(-1)) })).rejects.toMatchObject({
    code: 'EVENTS_EXPIRED',
  });
  const fresh = await path.open({ projectId, snapshot: true });
  const [snapshot] = await fresh.take(1);
  expect(snapshot).toMatchObject(outcome.position);
  await job.complete();
  expect(await fresh.take(1)).toMatchObject([{ seq: 7, event: { type: 'CompletionEvent' } }]);
  const resumed = await path.open({ projectId, after: cursorOf(snapshot) });
  expect(seqs(await resumed.take(1))).toEqual([7]);
  expect(seqs(await path.log.readAfter(projectId, ORIGIN, 10))).toEqual([6, 7]);
});

test('who subscribes between the loss and the next event is told nothing twice, and nothing of before', async () => {
  const path = createEventPath();
  const projectId = unique('project');
  const job = await writeJob(path.log, projectId, 5);
  await path.redis.del(path.keys.project(projectId).meta);
  const stream = await path.open({ projectId });
  await job.progress(0.8);
  await job.complete();
  expect(seqs(await stream.take(2))).toEqual([6, 7]);
});

test.each(['seq', 'epoch'])('meta without its %s is as good as lost', async (field) => {
  const path = createEventPath();
  const job = await writeJob(path.log, unique('project'), 5);
  const { meta } = path.keys.project(job.state.projectId);
  const [epoch] = await path.redis.hmget(meta, 'epoch');
  await path.redis.hdel(meta, field);
  const outcome = await job.progress(0.9);
  expect(outcome).toMatchObject({ code: 'OK', position: { seq: 6 } });
  expect(outcome.position.epoch).not.toBe(epoch);
});

test('meta that is older than the log, and an entry of somebody else, hold nobody up', async () => {
  const path = createEventPath();
  const job = await writeJob(path.log, unique('project'), 5);
  const { log, meta } = path.keys.project(job.state.projectId);
  await path.redis.hset(meta, 'seq', '3');
  expect(await job.progress(0.5)).toMatchObject({ code: 'OK', position: { seq: 6 } });
  await path.redis.xadd(log, '1700000000000-3', 'not', 'ours');
  const { code, position } = await job.progress(0.6);
  expect([code, position.seq]).toEqual(['OK', 1_700_000_000_001]);
  expect(await job.complete()).toMatchObject({ code: 'OK', position: { seq: 1_700_000_000_002 } });
});

test.each(['meta', 'log'] as const)('a %s of another type is as good as lost', async (name) => {
  const path = createEventPath();
  const projectId = unique('project');
  const job = await writeJob(path.log, projectId, 5);
  await path.redis.set(path.keys.project(projectId)[name], 'of another type');
  const { code, position } = await job.progress(0.9);
  expect([code, position.seq]).toEqual(['OK', 6]);
  expect(await path.log.readAfter(projectId, ORIGIN, 10)).toMatchObject([position]);
});

/** Everything that is kept of a project, as it stands. */
async function contentsOf(path: ReturnType<typeof createEventPath>, projectId: string): Promise<unknown> {
  const names = (await path.redis.keys(`*{${projectId}}*`)).sort();
  return Promise.all(names.map(async (name) => [name, (await path.redis.dumpBuffer(name)).toString('hex')]));
}

const KEY_NAMES = ['job', 'active', 'RUNNING', 'COMPLETED'] as const;

test.each(KEY_NAMES)('nothing is written when the key %s is of another type', async (name) => {
  const path = createEventPath();
  const projectId = unique('project');
  const job = await writeJob(path.log, projectId, 5);
  const keys = path.keys.project(projectId);
  const spoilt = {
    ...{ job: keys.job(job.state.id), active: keys.active },
    ...{ RUNNING: keys.index('LIPSYNC', 'RUNNING'), COMPLETED: keys.index('LIPSYNC', 'COMPLETED') },
  }[name];
  await path.redis.set(spoilt, 'of another type');
  const before = await contentsOf(path, projectId);
  await expect(job.complete()).rejects.toThrow(/WRONGTYPE/);
  expect(await contentsOf(path, projectId)).toEqual(before);
});

test('nothing is written while Redis refuses writes', async () => {
  const own = await OwnRedis.launch();
  const path = createEventPath({ url: own.url });
  const projectId = unique('project');
  const job = await writeJob(path.log, projectId, 5);
  const before = await contentsOf(path, projectId);
  await path.redis.config('SET', 'min-replicas-to-write', '1');
  await expect(job.complete()).rejects.toThrow(/NOREPLICAS/);
  await expect(new JobWriter(path.log, projectId).create()).rejects.toThrow(/NOREPLICAS/);
  expect(await contentsOf(path, projectId)).toEqual(before);
  await path.redis.config('SET', 'min-replicas-to-write', '0');
  expect(await job.complete()).toMatchObject({ code: 'OK', position: { seq: 6 } });
});

test('a job is made, counted and removed as a whole or not at all, also when a key beside the project’s is of another type', async () => {
  const own = await OwnRedis.launch();
  const path = await createJobPath({ url: own.url });
  const everything = async (): Promise<unknown> => {
    const names = (await path.redis.keys('*')).filter((name) => !name.endsWith(':jobs:meta')).sort();
    return Promise.all(names.map(async (name) => [name, await path.redis.dumpBuffer(name)]));
  };
  const spoilt = async (key: string, write: () => Promise<unknown>): Promise<void> => {
    await path.redis.rename(key, 'aside').catch(() => {});
    await path.redis.set(key, 'of another type');
    const before = await everything();
    await expect(write()).rejects.toThrow(/WRONGTYPE/);
    expect(await everything()).toEqual(before);
    await path.redis.del(key);
    await path.redis.rename('aside', key).catch(() => {});
  };
  const job = await path.enqueue();
  const keys = path.keys.project(path.projectId);
  await spoilt(path.keys.unended, () => path.enqueue());
  await spoilt(path.bull.toKey('fairness'), () => path.enqueue());
  await spoilt(keys.usage, () => path.usage.drop(path.projectId, job.id));
  await spoilt(keys.files(job.id), () => path.usage.drop(path.projectId, job.id));
  const cancelled = await path.commands.cancel(path.projectId, job.id);
  await spoilt(keys.jobs, () => path.jobs.remove(cancelled));
  await spoilt(keys.active, () => path.jobs.remove(cancelled));
  await spoilt(keys.index('LIPSYNC', 'CANCELLED'), () => path.jobs.remove(cancelled));
  expect(await path.jobs.remove(cancelled)).toBe(true);
});

test('the order of the latest events, which can be made anew, holds no event up when it is of another type', async () => {
  const path = createEventPath();
  const job = await writeJob(path.log, unique('project'), 3);
  const { latest } = path.keys.project(job.state.projectId);
  await path.redis.set(latest, 'of another type');
  expect((await job.progress(0.5)).code).toBe('OK');
  expect(await path.redis.exists(latest)).toBe(0);
  expect((await job.progress(0.6)).code).toBe('OK');
  const page = await path.jobs.latestPage(job.state.projectId, 10);
  expect(page.events).toMatchObject([{ seq: 5, event: { progress: 0.6 } }]);
});
