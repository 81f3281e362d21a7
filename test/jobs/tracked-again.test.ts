/** A tracked job whose externalId is given again: its next attempt, a new run, or another job. */
import { describe, expect, test } from 'vitest';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { memberOf } from '../../src/jobs/watch.ts';
import { connect } from '../setup/harness.ts';
import { interrupted } from '../setup/interrupted.ts';
import { createTrackedPath, REFUSED, STEPS } from '../setup/tracked-harness.ts';

describe('the same externalId again', () => {
  test('is the next attempt while the job runs, and who had it before has lost it', async () => {
    const { events, load, track, tracked } = await createTrackedPath();
    const first = await track({ externalId: '7', steps: STEPS, maxAttempts: 3, title: 'A' });
    await tracked.reportProgress({ ...first.holder, step: 'encode', metadata: { frame: 1 } });
    const second = await track({ externalId: '7' });
    expect(second).toMatchObject({
      attempt: 2,
      stop: null,
      job: { id: first.job.id, progress: 0, steps: {}, metadata: null },
    });
    expect(await tracked.reportProgress({ ...first.holder, progress: 1 })).toMatchObject(REFUSED);
    expect(await tracked.reportProgress(first.holder)).toMatchObject(REFUSED);
    expect(await tracked.reportCompletion(first.holder)).toMatchObject(REFUSED);
    await tracked.reportCompletion(second.holder);
    expect((await events(first.job.id)).map((event) => [event.type, event.attempt])).toEqual([
      ['ProgressEvent', 1],
      ['ProgressEvent', 1],
      ['ProgressEvent', 2],
      ['CompletionEvent', 2],
    ]);
    expect(await load(first.job.id)).toMatchObject({ maxAttempts: 3, title: 'A', ranges: first.job.ranges });
  });

  test('is the next attempt of a job that waits for it, with other steps when it brings some', async () => {
    const { load, track, tracked } = await createTrackedPath();
    const first = await track({ externalId: '7', steps: STEPS });
    const { job } = await tracked.reportError({
      ...first.holder,
      error: 'x',
      willRetry: true,
      retryAfterSeconds: 9,
    });
    expect(job).toMatchObject({ status: 'RETRYING', error: { retryAfterSeconds: 9 }, finishedAt: null });
    const second = await track({ externalId: '7', steps: [{ name: 'all', share: 1 }] });
    expect(await load(second.job.id)).toMatchObject({
      ...{ status: 'RUNNING', attempt: 2, error: null },
      ranges: [{ name: 'all', from: 0, to: 1 }],
    });
  });

  test('is a new run of a job that has failed', async () => {
    const { endings, keys, load, reconciler, redis, track, tracked } = await createTrackedPath();
    const first = await track({ externalId: '7', maxAttempts: 2 });
    await tracked.reportError({ ...first.holder, error: 'x' });
    await reconciler.sweep();
    expect(await redis.zscore(keys.retired, memberOf(first.job))).not.toBeNull();
    const second = await track({ externalId: '7' });
    expect(second).toMatchObject({ attempt: 2, job: { id: first.job.id, attemptBase: 1, maxAttempts: 3 } });
    expect(await redis.zscore(keys.retired, memberOf(first.job))).toBeNull();
    expect(await redis.zscore(keys.unended, memberOf(first.job))).not.toBeNull();
    await tracked.reportError({ ...second.holder, error: 'x' });
    // Counted from the beginning of the run.
    const third = await track({ externalId: '7', maxAttempts: 4 });
    expect(third).toMatchObject({ attempt: 3, job: { attemptBase: 2, maxAttempts: 6 } });
    await tracked.reportCompletion(third.holder);
    expect(await load(first.job.id)).toMatchObject({ status: 'COMPLETED', attempt: 3 });
    const ends = (await endings(first.job.id)).map(({ type }) => type);
    expect(ends).toEqual(['ErrorEvent', 'ErrorEvent', 'CompletionEvent']);
  });

  test('is under the reconciler’s eyes again when the process of its new run dies behind the beginning', async () => {
    const { keys, load, projectId, reconciler, redis, track, tracked } = await createTrackedPath();
    const { holder, job } = await track({ externalId: '7' });
    await tracked.reportError({ ...holder, error: 'x' });
    await reconciler.sweep();
    // The job is put under watch before the beginning is written, and behind it once more.
    let watches = 0;
    const dying = interrupted(connect(), 'eval', 'before', async () => {
      watches += 1;
      if (watches === 2) throw new Error('it died');
    });
    const again = new TrackedJobs({ redis: dying, keys }).track({
      ...{ projectId, taskName: 'transcode', externalId: '7' },
    });
    await expect(again).rejects.toThrow('it died');
    expect(await load(job.id)).toMatchObject({ status: 'RUNNING', attempt: 2 });
    expect(await redis.zscore(keys.unended, memberOf(job))).not.toBeNull();
    expect(await redis.zscore(keys.retired, memberOf(job))).toBeNull();
  });

  test('stays under the reconciler’s eyes when that retires the failed run meanwhile', async () => {
    const { clock, keys, load, projectId, reconciler, redis, track, tracked } = await createTrackedPath();
    const { holder, job } = await track({ externalId: '7' });
    await tracked.reportError({ ...holder, error: 'x' });
    const failed = await load(job.id);
    clock.time += 3_600_000;
    // The last that is asked before the beginning is written.
    const slow = interrupted(connect(), 'time', 'before', () => reconciler.retire([failed]));
    const again = await new TrackedJobs({ redis: slow, keys }).track({
      ...{ projectId, taskName: 'transcode', externalId: '7' },
    });
    expect(again).toMatchObject({ attempt: 2, job: { id: job.id } });
    expect(await redis.zscore(keys.unended, memberOf(job))).not.toBeNull();
    expect(await redis.zscore(keys.retired, memberOf(job))).toBeNull();
  });

  test('is a new job when the other has completed, of another task, or of another project', async () => {
    const { track, tracked } = await createTrackedPath();
    const first = await track({ externalId: '7' });
    await tracked.reportCompletion(first.holder);
    const second = await track({ externalId: '7' });
    const others = [
      await track({ externalId: '7', taskName: 'a:b' }),
      await track({ externalId: '7', projectId: 'else' }),
    ];
    expect(new Set([first, second, ...others].map(({ job }) => job.id)).size).toBe(4);
    expect(second.attempt).toBe(1);
  });

  test('does not undo a cancellation, unless it is asked to', async () => {
    const { commands, endings, projectId, track, tracked } = await createTrackedPath();
    const first = await track({ externalId: '7' });
    await commands.cancel(projectId, first.job.id);
    const again = await track({ externalId: '7' });
    expect(again).toMatchObject({ stop: 'CANCELLED', attempt: 1, job: { status: 'CANCELLED' } });
    expect(await tracked.reportProgress(again.holder)).toMatchObject({ accepted: false, stop: 'CANCELLED' });
    const restarted = await track({ externalId: '7', restart: true });
    expect(restarted).toMatchObject({ stop: null, attempt: 2, job: { status: 'RUNNING' } });
    expect(await tracked.reportProgress(first.holder)).toMatchObject(REFUSED);
    await tracked.reportCompletion(restarted.holder);
    expect(await endings(first.job.id)).toMatchObject([{ code: 'CANCELLED' }, { type: 'CompletionEvent' }]);
  });

  test('makes one job of many that come at once', async () => {
    const { jobs, projectId, track, tracked } = await createTrackedPath();
    const begun = await Promise.all(Array.from({ length: 10 }, () => track({ externalId: '7' })));
    expect(new Set(begun.map(({ job }) => job.id)).size).toBe(1);
    expect(begun.map(({ attempt }) => attempt).sort((one, other) => one - other)).toEqual(
      Array.from({ length: 10 }, (_, at) => at + 1),
    );
    expect(await jobs.list(projectId, {}, null, 10)).toHaveLength(1);
    const receipts = await Promise.all(begun.map(({ holder }) => tracked.reportCompletion(holder)));
    expect(receipts.filter(({ accepted }) => accepted)).toHaveLength(1);
    expect(receipts[begun.findIndex(({ attempt }) => attempt === 10)]).toMatchObject({ accepted: true });
  });

  test('by another call is the next attempt', async () => {
    const { track } = await createTrackedPath();
    const one = await track({ externalId: '7', idempotencyKey: 'call-1' });
    const other = await track({ externalId: '7', idempotencyKey: 'call-2' });
    expect(other).toMatchObject({ attempt: 2, job: { id: one.job.id } });
    expect(other.lease).not.toBe(one.lease);
  });

  test.each([{ externalId: '7' }, {}])('by the same call begins nothing: %o', async (name) => {
    const { events, track, tracked } = await createTrackedPath();
    const input = { ...name, idempotencyKey: 'call-1' };
    const [one, other] = await Promise.all([track(input), track(input)]);
    expect(other).toEqual(one);
    await tracked.reportCompletion(one.holder);
    expect(await track(input)).toMatchObject({ lease: one.lease, job: { status: 'COMPLETED' } });
    expect(await events(one.job.id)).toHaveLength(2);
  });
});
