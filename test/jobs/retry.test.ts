/** Taking jobs up again that have failed or were cancelled. */
import { describe, expect, test } from 'vitest';
import { itemId } from '../../src/progress/state.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { JobWriter, range } from '../setup/harness.ts';
import { createJobPath } from '../setup/job-harness.ts';

describe('retryJob', () => {
  test.each(['FAILED', 'CANCELLED'] as const)(
    'takes a %s job up again, behind its finished steps',
    async (status) => {
      const path = await createJobPath();
      const worker = await path.startWorker();
      const held = path.stage.hold('analyze_audio');
      const { id } = await path.enqueue({ maxAttempts: 1 });
      await held.entered();
      if (status === 'FAILED') held.fail(new Error('broken'));
      else await path.commands.cancel(path.projectId, id);
      expect((await path.ended(id)).status).toBe(status);

      const again = await path.commands.retry(path.projectId, id);
      expect(again).toMatchObject({ status: 'QUEUED', attempt: 2, maxAttempts: 2, error: null });
      expect(await path.ended(id)).toMatchObject({
        status: 'COMPLETED',
        attempt: 2,
        error: null,
        progress: 1,
      });
      expect(path.stage.calls).toEqual([
        'start#1',
        'load_media#1',
        'analyze_audio#1',
        'analyze_audio#2',
        'apply_lipsync#2',
        'save_file#2',
      ]);
      const endings = await path.endings(id);
      expect(endings.map(({ type, attempt }) => [type, attempt])).toEqual([
        ['ErrorEvent', 1],
        ['CompletionEvent', 2],
      ]);
      await until(() => worker.runner.running.length === 0);
    },
  );

  test('of the same job by two clients at once makes one attempt', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue();
    await path.commands.cancel(path.projectId, id);
    const states = await Promise.allSettled(range(1, 5).map(() => path.commands.retry(path.projectId, id)));
    for (const state of states) {
      if (state.status === 'rejected') expect(state.reason).toMatchObject({ code: 'JOB_NOT_RETRYABLE' });
      else expect(state.value).toMatchObject({ status: 'QUEUED', attempt: 2 });
    }
    expect(await path.bull.getJobCountByTypes('prioritized')).toBe(1);
    const queued = (await path.events(id)).filter((event) => event.type === 'ProgressEvent');
    expect(queued.map(({ attempt }) => attempt)).toEqual([1, 2]);
  });

  test('keeps the job under the reconciler’s eyes when the worker retires it meanwhile (G3)', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue();
    const cancelled = await path.commands.cancel(path.projectId, id);
    await Promise.all([path.commands.retry(path.projectId, id), path.reconciler.retire([cancelled])]);
    const member = `${path.projectId}|${id}`;
    expect(await path.redis.zscore(path.keys.unended, member)).not.toBeNull();
    await path.reconciler.retire([cancelled]);
    expect(await path.redis.zscore(path.keys.unended, member)).not.toBeNull();
    expect(await path.redis.zscore(path.keys.retired, member)).toBeNull();
  });

  test('refuses a job that has not ended, one that completed, and one that is not there', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue();
    const retry = (jobId: string): Promise<unknown> => path.commands.retry(path.projectId, jobId);
    const expected = 'Expected a FAILED or CANCELLED job, or a batch with such items, received a job that is';
    await expect(retry(id)).rejects.toMatchObject({
      code: 'JOB_NOT_RETRYABLE',
      message: `${expected} QUEUED. Wait for its end, or cancel it first`,
    });
    await path.startWorker();
    await path.ended(id);
    await expect(retry(id)).rejects.toMatchObject({
      code: 'JOB_NOT_RETRYABLE',
      message: `${expected} COMPLETED. Start a new job instead`,
    });
    await expect(retry('unknown')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: `There is no job unknown in project ${path.projectId}`,
    });
    await expect(path.commands.retry('a/b', id)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

test('a batch that has not ended is refused also when an item of it could run again', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(2);
  await path.commands.cancel(path.projectId, itemId(batch.id, 0));
  await expect(path.commands.retry(path.projectId, batch.id)).rejects.toMatchObject({
    code: 'JOB_NOT_RETRYABLE',
  });
  expect(await path.statuses(batch)).toEqual(['CANCELLED', 'QUEUED']);
});

test('an item that is retried while its batch waits is one that the batch waits for', async () => {
  const path = await createBatchPath();
  const batch = await path.enqueueBatch(2);
  await path.commands.cancel(path.projectId, itemId(batch.id, 1));
  const { queueId } = await path.commands.retry(path.projectId, itemId(batch.id, 1));
  const waitsFor = await (await path.bull.getJob(batch.queueId))?.getDependencies();
  const entries = [itemId(batch.id, 0), queueId].map((id) => path.bull.toKey(id));
  expect(waitsFor?.unprocessed?.toSorted()).toEqual(entries.toSorted());
});

test('an item that is cancelled after its batch was retried is told of in that run of the batch', async () => {
  const path = await createBatchPath();
  const { commands, projectId } = path;
  const batch = await path.enqueueBatch(2);
  await commands.cancel(projectId, batch.id);
  await commands.retry(projectId, batch.id);
  await commands.cancel(projectId, itemId(batch.id, 1));
  expect((await path.events(batch.id)).at(-1)).toMatchObject({
    attempt: 2,
    metadata: { itemIndex: 1, itemStatus: 'cancelled', cancelled: 1 },
  });
});

test('a batch that was cancelled when its items had completed is retried, and completes with them', async () => {
  const path = await createBatchPath();
  const { commands, projectId } = path;
  const batch = await path.enqueueBatch(1);
  const writer = new JobWriter(path.log, projectId);
  writer.state = await path.load(itemId(batch.id, 0));
  await writer.begin();
  await writer.complete();
  await commands.cancel(projectId, batch.id);
  const retried = await commands.retry(projectId, batch.id);
  expect(retried).toMatchObject({ status: 'QUEUED', attempt: 2, progress: 1 });
  expect(retried).toEqual(await path.load(batch.id));
  await path.startWorker();
  expect(await path.ended(batch.id)).toMatchObject({ attempt: 2, result: { total: 1, succeeded: 1 } });
  expect(path.ran).toEqual([]);
});
