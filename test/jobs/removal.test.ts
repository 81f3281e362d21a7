/** Deleting jobs before their time, against a real Redis and file store. */
import { expect, test } from 'vitest';
import { removeJob } from '../../src/jobs/removal.ts';
import { itemId } from '../../src/progress/state.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { interrupted } from '../setup/interrupted.ts';
import { createJobPath } from '../setup/job-harness.ts';

test('an ended job is gone at once, and the next sweep takes the rest of it', async () => {
  const path = await createJobPath();
  const { id } = await path.enqueue();
  await path.commands.cancel(path.projectId, id);
  await path.commands.remove(path.projectId, id);
  expect(await path.jobs.load(path.projectId, id)).toBeNull();
  expect(await path.jobs.list(path.projectId, {}, null, 10)).toEqual([]);
  await path.reconciler.sweep();
  expect(await path.redis.zcard(path.keys.retired)).toBe(0);
  await expect(path.commands.remove(path.projectId, id)).rejects.toMatchObject({
    ...{ code: 'NOT_FOUND', message: `There is no job ${id} in this project` },
  });
});

test('one that has not ended stays as it is', async () => {
  const path = await createJobPath();
  const { id } = await path.enqueue();
  await expect(path.commands.remove(path.projectId, id)).rejects.toMatchObject({
    ...{ code: 'JOB_NOT_ENDED', message: `Expected a job that has ended, received one that is not: ${id}` },
  });
  expect(await path.load(id)).toMatchObject({ status: 'QUEUED' });
  expect(await path.redis.zcard(path.keys.retired)).toBe(0);
});

test('one that is retried meanwhile stays, and nothing of it is removed', async () => {
  const path = await createJobPath();
  const { id, projectId } = await path.enqueue();
  await path.commands.cancel(projectId, id);
  const jobs = interrupted(path.jobs, 'load', 'after', () => path.commands.retry(projectId, id));
  await expect(removeJob({ ...path, jobs }, projectId, id)).rejects.toMatchObject({ code: 'JOB_NOT_ENDED' });
  await path.reconciler.sweep();
  expect(await path.load(id)).toMatchObject({ status: 'QUEUED', attempt: 2 });
  expect(await path.redis.zcard(path.keys.retired)).toBe(0);
});

test('what is left of one is noted before it goes, so that a sweep removes that when the process dies', async () => {
  const path = await createBatchPath();
  const { id, projectId } = await path.enqueueBatch(2);
  await path.commands.cancel(projectId, id);
  // One of the items is in no list any more.
  await path.redis.zrem(path.keys.project(projectId).items, itemId(id, 1));
  const jobs = interrupted(path.jobs, 'remove', 'after', () => Promise.reject(new Error('the process died')));
  await expect(removeJob({ ...path, jobs }, projectId, id)).rejects.toThrow('died');
  expect(await path.jobs.load(projectId, id)).toBeNull();
  expect(await path.jobs.load(projectId, itemId(id, 1))).not.toBeNull();
  await path.reconciler.sweep();
  for (const index of [0, 1]) expect(await path.jobs.load(projectId, itemId(id, index))).toBeNull();
  expect(await path.redis.zcard(path.keys.retired)).toBe(0);
});

test('a project id of another form is refused as one', async () => {
  const path = await createJobPath();
  const refused = path.commands.remove('a/b', 'id');
  await expect(refused).rejects.toMatchObject({ code: 'BAD_USER_INPUT', details: { field: 'projectId' } });
});

test('a batch goes with all its items; an item does not go alone', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(3);
  await path.commands.cancel(path.projectId, batch.id);
  const item = `${batch.id}-0000`;
  await expect(path.commands.remove(path.projectId, item)).rejects.toMatchObject({
    ...{ code: 'BAD_USER_INPUT', details: { field: 'id', expected: 'a job that is no item of a batch' } },
  });
  await path.commands.remove(path.projectId, batch.id);
  await path.reconciler.sweep();
  expect(await path.jobs.load(path.projectId, item)).toBeNull();
  expect(await path.jobs.list(path.projectId, { items: true }, null, 10)).toEqual([]);
  expect(await path.redis.zcard(path.keys.retired)).toBe(0);
});
