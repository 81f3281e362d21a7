/** Batches and their items, retried. */
import { describe, expect, test } from 'vitest';
import { itemId, type JobState } from '../../src/progress/state.ts';
import { createBatchPath, expectMonotonic } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { range } from '../setup/harness.ts';
import { progressEvents } from '../setup/job-harness.ts';

describe('retrying', () => {
  test('a batch runs its failed and cancelled items again, and counts the others as they are', async () => {
    const path = await createBatchPath();
    const held = path.hold(3);
    const batch = await path.enqueueBatch(4);
    await path.commands.cancel(path.projectId, itemId(batch.id, 2));
    path.fail(1);
    await path.startWorker();
    await held.entered();
    held.release();
    expect(await path.ended(batch.id)).toMatchObject({
      result: { succeeded: 2, failed: 1, cancelled: 1 },
    });
    const before = path.ran.length;
    const again = path.hold(1);
    const retried = await path.commands.retry(path.projectId, batch.id);
    expect(retried).toMatchObject({ attempt: 2, progress: 0.5, result: null, finishedAt: null });
    await again.entered();
    await until(async () => (await path.load(batch.id)).status === 'RUNNING');
    again.release();
    expect(await path.ended(batch.id)).toMatchObject({
      status: 'COMPLETED',
      attempt: 2,
      result: { total: 4, succeeded: 4, failed: 0, cancelled: 0 },
    });
    expect(path.ran.slice(before).toSorted()).toEqual(['1#2', '2#2']);
    expect((await path.items(batch)).map(({ attempt }) => attempt)).toEqual([1, 2, 2, 1]);
    await expectMonotonic(path, batch, 2);
    expect((await progressEvents(path, batch.id, 2))[0]).toMatchObject({ status: 'queued', progress: 0.5 });
    expect((await path.endings(batch.id)).map(({ attempt }) => attempt)).toEqual([1, 2]);
    await expect(path.commands.retry(path.projectId, batch.id)).rejects.toMatchObject({
      code: 'JOB_NOT_RETRYABLE',
    });
  });

  test('a cancelled batch takes up what was cancelled', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(3);
    await path.commands.cancel(path.projectId, batch.id);
    await path.commands.retry(path.projectId, batch.id);
    await path.startWorker();
    expect(await path.ended(batch.id)).toMatchObject({ status: 'COMPLETED', result: { succeeded: 3 } });
    expect(path.ran.toSorted()).toEqual(['0#2', '1#2', '2#2']);
  });

  test('a batch by several clients at once makes one run', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(3);
    await path.commands.cancel(path.projectId, batch.id);
    const answers = await Promise.allSettled(
      range(1, 4).map(() => path.commands.retry(path.projectId, batch.id)),
    );
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    await path.startWorker();
    expect(await path.ended(batch.id)).toMatchObject({ attempt: 2, result: { succeeded: 3 } });
    expect(path.ran.toSorted()).toEqual(['0#2', '1#2', '2#2']);
  });

  test('an item of a batch that has ended takes the batch up again with this item alone', async () => {
    const path = await createBatchPath();
    await path.startWorker();
    path.fail(0);
    path.fail(2);
    const batch = await path.enqueueBatch(3);
    await path.ended(batch.id);
    const item = await path.commands.retry(path.projectId, itemId(batch.id, 2));
    expect(item).toMatchObject({ id: itemId(batch.id, 2), attempt: 2 });
    await until(async () => (await path.load(batch.id)).attempt === 2);
    expect(await path.ended(batch.id)).toMatchObject({
      attempt: 2,
      result: { total: 3, succeeded: 2, failed: 1, cancelled: 0 },
    });
    expect(path.ran.filter((run) => run.endsWith('#2'))).toEqual(['2#2']);
  });

  test('an item while its batch runs makes the batch wait for it, and its progress is not taken back (G5)', async () => {
    const path = await createBatchPath();
    await path.startWorker();
    const held = path.hold(1);
    path.fail(0);
    const batch = await path.enqueueBatch(2);
    await held.entered();
    await until(async () => (await path.load(itemId(batch.id, 0))).status === 'FAILED');
    await until(async () => (await path.load(batch.id)).progress >= 0.5);
    const again = path.hold(0);
    await path.commands.retry(path.projectId, itemId(batch.id, 0));
    await again.entered();
    held.release();
    await until(async () => (await path.load(itemId(batch.id, 1))).status === 'COMPLETED');
    expect((await path.load(batch.id)).status).toBe('RUNNING');
    again.release();
    expect(await path.ended(batch.id)).toMatchObject({ attempt: 1, result: { succeeded: 2, failed: 0 } });
    await expectMonotonic(path, batch);
  });

  test('refuses a batch that runs, and one whose items all succeeded', async () => {
    const path = await createBatchPath();
    const batch = await path.enqueueBatch(1);
    const retry = (): Promise<JobState> => path.commands.retry(path.projectId, batch.id);
    await expect(retry()).rejects.toMatchObject({ code: 'JOB_NOT_RETRYABLE' });
    await path.startWorker();
    await path.ended(batch.id);
    await expect(retry()).rejects.toMatchObject({ code: 'JOB_NOT_RETRYABLE' });
  });
});
