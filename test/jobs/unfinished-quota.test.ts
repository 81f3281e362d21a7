/** How many unfinished jobs a project may have: what counts among them, and what is said of what is refused. */
import { expect, test } from 'vitest';
import { itemId } from '../../src/progress/state.ts';
import { createBatchPath } from '../setup/batch-harness.ts';

const REFUSAL = {
  code: 'QUOTA_EXCEEDED',
  message:
    'expected at most 3 unfinished jobs in a project (PLAYHEAD_MAX_QUEUED_JOBS), this would be more: wait until some have ended, or cancel some',
};

test('a job or batch for which there is no room is refused; what a key has made is given all the same', async () => {
  const path = await createBatchPath({ maxQueuedJobs: 3 });
  const { id } = await path.enqueue({ idempotencyKey: 'once' });
  // It counts with its items.
  await expect(path.enqueueBatch(2)).rejects.toMatchObject(REFUSAL);
  await path.enqueueBatch(1);
  await expect(path.enqueue()).rejects.toMatchObject(REFUSAL);
  expect((await path.enqueue({ idempotencyKey: 'once' })).id).toBe(id);
  expect(await path.redis.zcard(path.keys.unended)).toBe(3);
});

test('an item of a batch that has ended is retried only where the batch has room as well', async () => {
  const path = await createBatchPath({ maxQueuedJobs: 3 });
  const { commands, projectId } = path;
  const batch = await path.enqueueBatch(1);
  await commands.cancel(projectId, batch.id);
  const [job] = [await path.enqueue(), await path.enqueue()];
  await expect(commands.retry(projectId, itemId(batch.id, 0))).rejects.toMatchObject(REFUSAL);
  await commands.cancel(projectId, job.id);
  expect(await commands.retry(projectId, itemId(batch.id, 0))).toMatchObject({
    status: 'QUEUED',
    attempt: 2,
  });
});
