import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { connect, range, unique } from '../setup/harness.ts';
import { failing } from '../setup/interrupted.ts';
import { createJobPath } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';

const CANCELLED = { type: 'ErrorEvent', code: 'CANCELLED', willRetry: false };

describe('cancelling a job', () => {
  test('that waits takes it from the queue; no worker ever runs it', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue();
    expect(await path.commands.cancel(path.projectId, id)).toMatchObject({ status: 'CANCELLED' });
    expect(await path.queue.stateOf(id)).toBe('missing');
    expect(await path.endings(id)).toMatchObject([CANCELLED]);
    await path.startWorker();
    const other = await path.enqueue();
    await path.ended(other.id);
    expect(path.stage.calls).toHaveLength(5);
    expect(await path.endings(id)).toHaveLength(1);
  });

  test('leaves nothing for the reconciler to look at, also of a batch', async () => {
    const path = await createBatchPath();
    const { id } = await path.enqueue();
    const batch = await path.enqueueBatch(3);
    await path.commands.cancel(path.projectId, id);
    await path.commands.cancel(path.projectId, batch.id);
    expect(await path.redis.zrange(path.keys.unended, '0', '-1')).toEqual([]);
    const retired = [id, batch.id].map((jobId) => `${path.projectId}|${jobId}`);
    expect((await path.redis.zrange(path.keys.retired, '0', '-1')).toSorted()).toEqual(retired.toSorted());
  });

  test('that runs aborts its signal, removes its half-made files, and writes one ending (G3)', async () => {
    const path = await createJobPath();
    // It is told, and would not notice by itself.
    const hourMs = 3_600_000;
    const worker = await path.startWorker({ lookIntervalMs: hourMs, jobTimeoutMs: hourMs });
    const held = path.stage.hold('apply_lipsync');
    const { id } = await path.enqueue();
    const { step, run } = await held.entered();
    await writeFile(join(run.files.scratch, 'half.mp4'), 'half');
    step.update(0.5, 'half way');
    await until(async () => (await path.load(id)).message === 'half way');
    expect(run.isGivenUp()).toBe(false);

    await path.commands.cancel(path.projectId, id);
    await until(() => step.signal.aborted);
    expect(run.isGivenUp()).toBe(true);
    await until(() => worker.runner.running.length === 0);
    expect(await path.exists(run.files.scratch)).toBe(false);
    step.update(0.9, 'too late');
    expect(await path.endings(id)).toMatchObject([CANCELLED]);
    expect((await path.events(id)).at(-1)).toMatchObject(CANCELLED);
    expect(await path.load(id)).toMatchObject({
      status: 'CANCELLED',
      step: 'apply_lipsync',
      error: { code: 'CANCELLED' },
      steps: { load_media: { status: 'COMPLETED' } },
    });
    // BullMQ does not try again either; the command takes the entry out where the worker has let go of it by then.
    await until(async () => ['failed', 'missing'].includes(await path.queue.stateOf(id)));
  });

  test('reaches the runner by the look at the snapshots when the control message is lost', async () => {
    const path = await createJobPath();
    const worker = await path.startWorker({ controlKeys: createKeys(unique('nowhere')), lookIntervalMs: 20 });
    const held = path.stage.hold('start');
    const { id } = await path.enqueue();
    const { step } = await held.entered();
    await path.commands.cancel(path.projectId, id);
    await until(() => step.signal.aborted);
    await until(() => worker.runner.running.length === 0);
    expect(await path.endings(id)).toHaveLength(1);
  });

  test('and a retry before any worker knew: the cancelled attempt stops, and its queue entry lets go', async () => {
    const path = await createJobPath();
    await path.startWorker({ controlKeys: createKeys(unique('nowhere')), lookIntervalMs: 500 });
    const held = path.stage.hold('analyze_audio');
    const { id } = await path.enqueue({ maxAttempts: 1 });
    const { step } = await held.entered();
    // Nothing that it has still to say tells it.
    await until(async () => (await path.load(id)).step === 'analyze_audio');
    await path.commands.cancel(path.projectId, id);
    const again = path.stage.hold('analyze_audio');
    await path.commands.retry(path.projectId, id);
    await again.entered();
    await until(() => step.signal.aborted);
    await until(async () => (await path.queue.stateOf(id)) !== 'active');
    again.release();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    expect(path.stage.calls.filter((call) => call.startsWith('analyze_audio'))).toEqual([
      'analyze_audio#1',
      'analyze_audio#2',
    ]);
  });

  test('that waits for its next attempt ends it there', async () => {
    const path = await createJobPath();
    await path.startWorker();
    const away = new PlayheadError('PROVIDER_FAILED', 'away', { retryAfterSeconds: 3_600 });
    path.stage.fail('load_media', away);
    const { id } = await path.enqueue();
    await until(async () => (await path.queue.stateOf(id)) === 'delayed');
    expect(await path.load(id)).toMatchObject({ status: 'RETRYING', error: { retryAfterSeconds: 3_600 } });
    await path.commands.cancel(path.projectId, id);
    expect(await path.queue.stateOf(id)).toBe('missing');
    expect(await path.endings(id)).toMatchObject([CANCELLED]);
    expect(await path.load(id)).toMatchObject({ status: 'CANCELLED' });
  });

  test('a second time changes nothing; several at once write one ending (G3)', async () => {
    const path = await createJobPath();
    const { id } = await path.enqueue();
    const states = await Promise.all(range(1, 6).map(() => path.commands.cancel(path.projectId, id)));
    for (const state of states) expect(state.status).toBe('CANCELLED');
    await path.commands.cancel(path.projectId, id);
    expect(await path.endings(id)).toHaveLength(1);
  });

  test('that is just completing gives one ending, and both sides agree on it (G3)', async () => {
    const path = await createJobPath();
    const worker = await path.startWorker({ concurrency: 10 });
    const ids = await Promise.all(
      range(1, 10).map(async (number) => {
        const held = path.stage.hold('save_file');
        const { id } = await path.enqueue();
        await held.entered();
        if (number % 2 === 0) held.release();
        const answer = await path.commands
          .cancel(path.projectId, id)
          .catch((error: PlayheadError) => error.code);
        held.release();
        return { id, cancelled: answer !== 'JOB_ENDED' };
      }),
    );
    await until(() => worker.runner.running.length === 0);
    for (const { id, cancelled } of ids) {
      expect(await path.endings(id)).toHaveLength(1);
      expect((await path.load(id)).status).toBe(cancelled ? 'CANCELLED' : 'COMPLETED');
    }
  });

  test('does not stop the attempt of a later retry, however late its message comes', async () => {
    const path = await createJobPath();
    await path.startWorker();
    const { id } = await path.enqueue();
    await path.ended(id);
    const held = path.stage.hold('start');
    const other = await path.enqueue();
    const first = await held.entered();
    await path.commands.cancel(path.projectId, other.id);
    await until(() => first.step.signal.aborted);
    const again = path.stage.hold('start');
    await path.commands.retry(path.projectId, other.id);
    const second = await again.entered();
    const late = { cancel: { projectId: path.projectId, jobId: other.id, attempt: 1 } };
    // Published twice: when the answer to the second is in, the first was surely delivered.
    for (const _ of [1, 2]) await path.redis.publish(path.keys.control, JSON.stringify(late));
    await path.redis.ping();
    again.release();
    expect(await path.ended(other.id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    expect(second.step.signal.aborted).toBe(false);
  });

  test('is answered, and said in the log, also when its queue entry cannot be taken out', async () => {
    const logger = keepLog();
    const path = await createJobPath({ commandQueue: (queue) => failing(queue, 'remove'), logger });
    const { id } = await path.enqueue();
    expect(await path.commands.cancel(path.projectId, id)).toMatchObject({ status: 'CANCELLED' });
    const text =
      'telling the workers failed; they look for themselves, and queue entries end when they are taken';
    expect(logger.lines).toEqual([{ level: 'warn', jobId: id, err: expect.any(Error), text }]);
  });

  test('tells the workers which attempt it is, so that no later one is stopped', async () => {
    const path = await createJobPath();
    const { commands, keys, projectId } = path;
    const messages: unknown[] = [];
    const subscriber = connect();
    subscriber.on('message', (_, text: string) => messages.push(JSON.parse(text)));
    await subscriber.subscribe(keys.control);
    const { id } = await path.enqueue();
    await commands.cancel(projectId, id);
    await commands.retry(projectId, id);
    await commands.cancel(projectId, id);
    await until(() => messages.length === 2);
    expect(messages).toEqual([1, 2].map((attempt) => ({ cancel: { projectId, jobId: id, attempt } })));
  });

  test('asks the queue for nothing when the job is a tracked one, which has no entry', async () => {
    const logger = keepLog();
    const path = await createJobPath({ commandQueue: (queue) => failing(queue, 'remove'), logger });
    const { keys, projectId } = path;
    const { job } = await new TrackedJobs({ redis: connect(), keys }).track({ projectId, taskName: 'cut' });
    expect(await path.commands.cancel(projectId, job.id)).toMatchObject({ status: 'CANCELLED' });
    expect(logger.lines).toEqual([]);
  });

  test('refuses a job that has ended, and one that is not there', async () => {
    const path = await createJobPath();
    await path.startWorker();
    const { id } = await path.enqueue();
    await path.ended(id);
    const cancel = (jobId: string): Promise<unknown> => path.commands.cancel(path.projectId, jobId);
    await expect(cancel(id)).rejects.toMatchObject({
      code: 'JOB_ENDED',
      message: 'The job has already ended with status COMPLETED',
    });
    await expect(cancel('unknown')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(path.commands.cancel('a/b', id)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await path.endings(id)).toHaveLength(1);
  });
});
