/** Jobs of a workflow that a worker lacks: it leaves them to others, and fails none. */
import { expect, test } from 'vitest';
import type { RunnerParts } from '../../src/jobs/run.ts';
import { JobStore } from '../../src/log/job-store.ts';
import { itemId, itemIds } from '../../src/progress/state.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { STAGED_WORKFLOWS } from '../setup/workflows.ts';

/** Another version of the project, without the workflow under test. */
const workflows = new Map([...STAGED_WORKFLOWS].filter(([name]) => name !== 'LIPSYNC'));
const runnables: RunnerParts['runnables'] = {
  AUDIO: { run: () => Promise.reject(new Error('expected no job')) },
};

/** A worker of the other version, with its reconciler. */
function reconcilerOfOther(path: JobPath) {
  return path.createReconciler({ workflows, jobs: new JobStore(path.redis, path.keys, workflows) });
}

const parked = async (path: JobPath): Promise<number> => (await path.queue.counts()).get('parked') ?? 0;

test.each([
  ['does not know', { workflows, runnables }],
  ['knows, and does not run', { runnables }],
])('a job of a workflow that a worker %s waits for one that does', async (_, worker) => {
  const path = await createJobPath();
  await path.startWorker(worker);
  // One whose entry tells what it begins with, and one whose entry does not.
  const jobs = [await path.enqueue(), await path.enqueue({ input: { script: 'x'.repeat(2_000) } })];
  await until(async () => (await parked(path)) === 2);
  for (const { id } of jobs) expect(await path.load(id)).toMatchObject({ status: 'QUEUED', attempt: 1 });
  await path.startWorker();
  for (const { id } of jobs) expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
  expect(await path.endings(jobs[0]?.id ?? '')).toHaveLength(1);
});

test('the reconciler of such a worker changes nothing of them, whatever has become of their entries', async () => {
  const path = await createJobPath();
  const other = reconcilerOfOther(path);
  const [lost, failed, running] = [await path.enqueue(), await path.enqueue(), await path.enqueue()];
  await path.queue.remove(lost.queueId);
  const taker = path.queue.take(
    async ({ jobId }) =>
      jobId === failed.id
        ? { kind: 'failed', reason: 'lost' }
        : { kind: 'left-to-others', workflow: 'LIPSYNC' },
    { concurrency: 1 },
  );
  await until(async () => (await path.queue.stateOf(failed.queueId)) === 'failed');
  await until(async () => (await parked(path)) === 1);
  await taker.close();
  await other.sweep();
  for (const { id } of [lost, failed, running]) expect((await path.load(id)).status).toBe('QUEUED');
  expect(await path.jobs.activeIds(path.projectId)).toHaveLength(3);
  // That of one that has the workflow sees to them.
  await path.reconciler.sweep();
  expect(await path.ended(failed.id)).toMatchObject({ status: 'FAILED', error: { code: 'WORKER_LOST' } });
  await path.startWorker();
  for (const { id } of [lost, running]) expect((await path.ended(id)).status).toBe('COMPLETED');
});

test('a batch goes on beside such a worker, and its lost item is made again by who knows how', async () => {
  const path = await createBatchPath();
  const other = reconcilerOfOther(path);
  await path.startWorker({ workflows, runnables });
  const batch = await path.enqueueBatch(3);
  await path.redis.del(path.keys.project(path.projectId).job(itemId(batch.id, 1)));
  await other.sweep();
  expect(await path.jobs.list(path.projectId, { items: true }, null, 9)).toContain(itemId(batch.id, 1));
  await path.startWorker();
  await until(async () => {
    await Promise.all([other.sweep(), path.reconciler.sweep()]);
    return (await path.load(batch.id)).status === 'COMPLETED';
  });
  expect(await path.load(batch.id)).toMatchObject({ result: { total: 3, succeeded: 3 } });
});

test('what has ended goes after the retention time, whoever removes it', async () => {
  const hourMs = 3_600_000;
  const path = await createBatchPath({ retentionMs: hourMs });
  await path.startWorker();
  const [{ id }, batch] = [await path.enqueue(), await path.enqueueBatch(2)];
  for (const jobId of [id, batch.id]) await path.ended(jobId);
  const other = reconcilerOfOther(path);
  await until(async () => (await path.redis.zcard(path.keys.retired)) >= 2);
  path.clock.time = Date.now() + hourMs + 60_000;
  await until(async () => {
    await other.sweep();
    return (await path.redis.zcard(path.keys.retired)) === 0;
  });
  const { index, itemIndex, job } = path.keys.project(path.projectId);
  const keys = [id, batch.id, ...itemIds(batch)].map(job);
  expect(await path.redis.exists(...keys)).toBe(0);
  const lists = [index('LIPSYNC', 'COMPLETED'), itemIndex('LIPSYNC', 'COMPLETED')];
  expect(await path.redis.exists(...lists)).toBe(0);
});
