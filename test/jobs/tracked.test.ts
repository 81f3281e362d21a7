/** Tracked jobs, on a real Redis: who may report, what becomes of reports, and of tasks that fall silent. */
import { describe, expect, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { LeaseWatch } from '../../src/jobs/lease-watch.ts';
import type { TrackInput } from '../../src/jobs/tracked-input.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { memberOf } from '../../src/jobs/watch.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import type { JobState } from '../../src/progress/state.ts';
import { until } from '../setup/deadline.ts';
import { connect, range, SetClock, slowly } from '../setup/harness.ts';
import { interrupted } from '../setup/interrupted.ts';
import { createTrackedPath, STEPS, timeOf } from '../setup/tracked-harness.ts';

describe('a tracked job', () => {
  test('goes from its first report to its result, as one of the events of its project', async () => {
    const { events, load, track, tracked } = await createTrackedPath();
    const { holder, job } = await track({ externalId: '7', title: 'A film', steps: STEPS });
    await tracked.reportProgress({ ...holder, step: 'probe', message: 'Probing' });
    await tracked.reportProgress({ ...holder, step: 'encode', stepProgress: 0.5, metadata: { frame: 1 } });
    await tracked.reportCompletion({ ...holder, result: { frames: 2 } });
    expect(await load(job.id)).toMatchObject({
      ...{ workflow: 'TRACKED', taskName: 'transcode', title: 'A film', status: 'COMPLETED', progress: 1 },
      result: { type: 'TrackedResult', data: { frames: 2 }, links: [] },
      steps: { probe: { status: 'COMPLETED' }, encode: { status: 'COMPLETED' } },
      version: 4,
    });
    expect(await events(job.id)).toMatchObject([
      { type: 'ProgressEvent', progress: 0, status: 'processing', attempt: 1, version: 1 },
      { type: 'ProgressEvent', progress: 0, step: 'probe', message: 'Probing' },
      { type: 'ProgressEvent', progress: 0.5, step: 'encode', metadata: { frame: 1 } },
      { type: 'CompletionEvent', version: 4 },
    ]);
  });

  test('shows the newest preview that its task links to, until the attempt ends', async () => {
    const { events, load, track, tracked } = await createTrackedPath();
    const { holder, job } = await track();
    const picture = (url: string) => ({ url, contentType: 'image/jpeg' });
    await tracked.reportProgress({ ...holder, preview: picture('https://files.example/films/1.jpg') });
    const second = { ...picture('https://files.example/2'), name: 'Frame 2', sizeBytes: 5_000 };
    await tracked.reportProgress({ ...holder, preview: second });
    await tracked.reportProgress({ ...holder, progress: 0.5 });
    expect(await load(job.id)).toMatchObject({ preview: { ...second, path: '' } });
    await tracked.reportError({ ...holder, error: 'No disk', willRetry: true });
    expect(await load(job.id)).toMatchObject({ preview: null });
    const first = { ...picture('https://files.example/films/1.jpg'), name: '1.jpg', path: '', sizeBytes: 0 };
    expect(await events(job.id)).toMatchObject([
      { progress: 0 },
      { preview: first },
      { preview: second },
      { progress: 0.5, preview: second },
      { type: 'ErrorEvent' },
    ]);
  });

  test('has its answers as the job stands in Redis', async () => {
    const { load, track, tracked } = await createTrackedPath();
    const begun = await track({ steps: STEPS });
    expect(begun.job).toEqual(await load(begun.job.id));
    const { job } = await tracked.reportProgress({ ...begun.holder, step: 'encode' });
    expect(job).toEqual(await load(job.id));
    const failed = await tracked.reportError({ ...begun.holder, error: 'No disk', willRetry: true });
    expect(failed.job).toEqual(await load(job.id));
    const next = await tracked.reportCompletion({ ...begun.holder });
    expect(next).toMatchObject({ accepted: false, stop: 'LOST' });
  });

  test('takes any order of reports: late ones change nothing', async () => {
    const { events, track, tracked } = await createTrackedPath();
    const { holder, job } = await track({ steps: STEPS });
    const report = async (told: object) => (await tracked.reportProgress({ ...holder, ...told })).job;
    expect(await report({ step: 'encode', stepProgress: 0.5, sequence: 3 })).toMatchObject({ progress: 0.5 });
    expect(await report({ step: 'encode', stepProgress: 0.25, sequence: 2 })).toMatchObject({
      progress: 0.5,
    });
    expect(await report({ step: 'encode', stepProgress: 0.5, sequence: 3 })).toMatchObject({ progress: 0.5 });
    expect(await report({ step: 'probe', message: 'late' })).toMatchObject({
      step: 'encode',
      message: 'Starting',
    });
    expect(await events(job.id)).toHaveLength(2);
    expect(await report({ progress: 0.3, message: 'slower' })).toMatchObject({
      progress: 0.5,
      message: 'slower',
    });
  });

  test('never goes back when reports come at the same time', async () => {
    const { events, track, tracked } = await createTrackedPath();
    const { holder, job } = await track();
    const values = range(1, 8).map((number) => (9 - number) / 8);
    await Promise.all(values.map((progress) => tracked.reportProgress({ ...holder, progress })));
    const told = (await events(job.id)).map((event) => ('progress' in event ? event.progress : 1));
    expect(told).toHaveLength(9);
    expect(told).toEqual(told.toSorted((one, other) => one - other));
  });

  test('is reported by several processes in turn, each of which sees what the others have told', async () => {
    const { keys, load, track, tracked } = await createTrackedPath();
    const other = new TrackedJobs({ redis: connect(), keys });
    const { holder, job } = await track({ steps: STEPS });
    await tracked.reportProgress({ ...holder, progress: 0.3, metadata: { from: 'one' } });
    await other.reportProgress({ ...holder, progress: 0.5, metadata: { from: 'other' } });
    const again = await tracked.reportProgress({ ...holder, progress: 0.4, message: 'late' });
    expect(again.job).toMatchObject({ progress: 0.5, metadata: { from: 'other' }, message: 'late' });
    expect(again.job).toEqual(await load(job.id));
    const heartbeat = await other.reportProgress(holder);
    expect(heartbeat.job).toEqual(again.job);
  });

  test('is read anew where Redis has lost its last events, and other ones have taken their place', async () => {
    const { keys, load, redis, track, tracked } = await createTrackedPath();
    const other = new TrackedJobs({ redis: connect(), keys });
    const { holder, job } = await track();
    const key = keys.project(holder.projectId).job(job.id);
    const before = await redis.dumpBuffer(key);
    const lost = await tracked.reportProgress({ ...holder, progress: 0.5, metadata: { from: 'one' } });
    await redis.restore(key, 0, before ?? '', 'REPLACE');
    const kept = await other.reportProgress({ ...holder, progress: 0.25, metadata: { from: 'other' } });
    expect(kept.job.version).toBe(lost.job.version);
    const { job: now } = await tracked.reportProgress({ ...holder, progress: 0.5 });
    expect(now).toMatchObject({ progress: 0.5, metadata: { from: 'other' } });
    expect(now).toEqual(await load(job.id));
  });

  test('is alive by a heartbeat, which no event tells', async () => {
    const { events, expire, jobs, reconciler, track, tracked } = await createTrackedPath();
    const begun = await track({ leaseSeconds: 30 });
    await expire(begun);
    const { projectId, jobId } = begun.holder;
    expect(await tracked.reportProgress(begun.holder)).toMatchObject({ accepted: true, stop: null });
    const [end] = await jobs.leaseEnds([{ projectId, jobId }]);
    expect(Math.abs((end ?? 0) - Date.now() - 30_000)).toBeLessThan(5_000);
    await reconciler.sweep();
    expect(await events(begun.job.id)).toHaveLength(1);
  });

  test('may be silent for a minute, or as long as it says; for an hour more than it announces before a retry', async () => {
    const { jobs, projectId, redis, track, tracked } = await createTrackedPath();
    const expectSilence = async (work: () => Promise<{ readonly job: JobState }>, ms: number) => {
      const from = await timeOf(redis);
      const { job } = await work();
      const to = await timeOf(redis);
      const [end] = await jobs.leaseEnds([{ projectId, jobId: job.id }]);
      expect(end).toBeGreaterThanOrEqual(from + ms);
      expect(end).toBeLessThanOrEqual(to + ms);
    };
    await expectSilence(() => track(), 60_000);
    await expectSilence(() => track({ externalId: '7', leaseSeconds: 5 }), 5_000);
    // The next attempt keeps the lease of the one before.
    const { holder } = await track({ externalId: '7' });
    await expectSilence(() => tracked.reportProgress({ ...holder, progress: 0.5 }), 5_000);
    const failed = { error: 'No disk', willRetry: true };
    await expectSilence(() => tracked.reportError({ ...holder, ...failed, retryAfterSeconds: 9 }), 3_609_000);
    const again = await track({ externalId: '7' });
    await expectSilence(() => tracked.reportError({ ...again.holder, ...failed }), 3_600_000);
  });

  test('is found by its externalId for thirty days from the beginning of its latest attempt', async () => {
    const { keys, projectId, redis, track } = await createTrackedPath();
    const key = keys.project(projectId).tracked('external', 'transcode', '7');
    await track({ externalId: '7' });
    await redis.expire(key, 9);
    await track({ externalId: '7' });
    const left = await redis.ttl(key);
    expect(left).toBeLessThanOrEqual(30 * 86_400);
    expect(left).toBeGreaterThan(30 * 86_400 - 3_600);
  });

  test('ends once, and a repeated ending is accepted', async () => {
    const { events, track, tracked } = await createTrackedPath();
    const done = await track();
    const failed = await track();
    for (let times = 0; times < 2; times += 1) {
      expect(await tracked.reportCompletion({ ...done.holder, result: 1 })).toMatchObject({ accepted: true });
      expect(await tracked.reportError({ ...failed.holder, error: 'x' })).toMatchObject({ accepted: true });
    }
    expect(await tracked.reportError({ ...done.holder, error: 'x' })).toMatchObject(REFUSED);
    expect(await tracked.reportProgress({ ...done.holder, progress: 1 })).toMatchObject(REFUSED);
    expect(await tracked.reportProgress(failed.holder)).toMatchObject(REFUSED);
    expect((await events(done.job.id)).map(({ type }) => type)).toEqual(['ProgressEvent', 'CompletionEvent']);
    expect(await events(failed.job.id)).toMatchObject([
      {},
      { error: 'x', code: 'TASK_FAILED', willRetry: false },
    ]);
  });

  test('that says of itself that it was cancelled has ended; nobody else has cancelled it', async () => {
    const { load, track, tracked } = await createTrackedPath();
    const { holder, job } = await track();
    await tracked.reportError({ ...holder, error: 'Cancelled by its queue', code: 'CANCELLED' });
    expect(await load(job.id)).toMatchObject({ status: 'CANCELLED' });
    expect(await tracked.reportProgress({ ...holder, progress: 1 })).toMatchObject(REFUSED);
  });

  test.each([
    ['is readable in parts, as damaged', 'steps', '{broken', 'RECORD_DAMAGED'],
    ['shows nothing of whose it is, as one that is not there', 'attempt', 'two', 'NOT_FOUND'],
  ])('is refused to its own task where its record %s', async (_what, field, broken, code) => {
    const { keys, projectId, redis, track, tracked } = await createTrackedPath();
    const { holder, job } = await track();
    await redis.hset(keys.project(projectId).job(job.id), field, broken);
    // Another process, which does not know the job from its own reports.
    await expect(new TrackedJobs({ redis, keys }).reportProgress(holder)).rejects.toMatchObject({ code });
    await expect(tracked.reportCompletion(holder)).rejects.toMatchObject({ code });
  });

  test('tells nothing of itself to who never had a lease of it', async () => {
    const { enqueue, track, tracked } = await createTrackedPath();
    const { holder } = await track();
    const other = await track();
    const own = await enqueue();
    for (const wrong of [
      { ...holder, lease: other.lease },
      { ...holder, lease: '' },
      { ...holder, lease: 'x'.repeat(32) },
      { ...holder, jobId: own.id },
      { ...holder, jobId: 'nothing' },
    ]) {
      await expect(tracked.reportProgress(wrong)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(tracked.reportCompletion(wrong)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });
});

const REFUSED = { accepted: false, stop: 'LOST' };

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

describe('a task that is silent for longer than its lease', () => {
  test('fails with WORKER_LOST, and is refused when it comes back', async () => {
    const { endings, expire, load, reconciler, track, tracked } = await createTrackedPath();
    const begun = await track({ externalId: '7' });
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'RUNNING' });
    await expire(begun);
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'FAILED', error: { code: 'WORKER_LOST' } });
    expect(await tracked.reportProgress({ ...begun.holder, progress: 1 })).toMatchObject(REFUSED);
    expect(await tracked.reportError({ ...begun.holder, error: 'x' })).toMatchObject(REFUSED);
    expect(await tracked.reportCompletion(begun.holder)).toMatchObject(REFUSED);
    expect(await endings(begun.job.id)).toHaveLength(1);
  });

  test('waits for its next attempt while some are left, for a time', async () => {
    const { createReconciler, endings, expire, load, track, tracked } = await createTrackedPath();
    const reconciler = createReconciler({ returnMs: 1_000_000 });
    const begun = await track({ externalId: '7', maxAttempts: 2, leaseSeconds: 30 });
    await expire(begun);
    await reconciler.sweep();
    const { error, status } = await load(begun.job.id);
    expect([status, error]).toMatchObject([
      'RETRYING',
      { code: 'WORKER_LOST', details: { leaseSeconds: 30 } },
    ]);
    expect(error?.message).toContain('silent for longer than its lease');
    expect(await tracked.reportProgress(begun.holder)).toMatchObject(REFUSED);
    const second = await track({ externalId: '7', maxAttempts: 2 });
    expect(second.attempt).toBe(2);
    await tracked.reportError({ ...second.holder, error: 'x', willRetry: true });
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'RETRYING', error: { code: 'TASK_FAILED' } });
    await expire(begun);
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({
      status: 'FAILED',
      error: { code: 'WORKER_LOST', message: expect.stringContaining('announced, and never began') },
    });
    expect(await tracked.reportError({ ...second.holder, error: 'x', willRetry: true })).toMatchObject({
      accepted: true,
    });
    expect(await endings(begun.job.id)).toHaveLength(1);
  });

  test.each([
    ['no reconciler has looked for a while', { swept: -20_000 }, false],
    ['no API process has served for a while', { heard: -20_000 }, true],
  ])('is not lost while it could not be heard: %s', async (_what, times, isRemote) => {
    const { expire, keys, load, projectId, reconciler, redis, track } = await createTrackedPath();
    const [seconds] = await redis.time();
    for (const [name, ago] of Object.entries(times)) {
      await redis.hset(keys.leaseWatch, name, Number(seconds) * 1_000 + ago);
    }
    const remote = new TrackedJobs({ redis, keys, isRemote });
    const begun = await remote.track({ projectId, taskName: 'cut' });
    await expire(begun);
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'RUNNING' });
    // A task that needs no API process is heard all the same.
    const local = await track();
    if (isRemote) {
      await expire(local);
      await reconciler.sweep();
      expect(await load(local.job.id)).toMatchObject({ status: 'FAILED' });
    }
    // It has a whole lease from the moment at which it could be heard again.
    await redis.hset(keys.leaseWatch, 'heard', Number(seconds) * 1_000);
    await expire(begun);
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'RUNNING' });
    await redis.hset(keys.leaseWatch, { away: 1, deaf: 1 });
    await expire(begun);
    await reconciler.sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'FAILED', error: { code: 'WORKER_LOST' } });
  });

  test('is not lost when a heartbeat comes between the look and the end', async () => {
    const { expire, jobs, load, log, createReconciler, track, tracked } = await createTrackedPath();
    const begun = await track();
    await expire(begun);
    // What a reconciler has read is out of date when it writes.
    const late = Object.create(jobs, {
      leaseEnds: {
        value: async (ids: Parameters<typeof jobs.leaseEnds>[0]) => {
          const ends = await jobs.leaseEnds(ids);
          await tracked.reportProgress(begun.holder);
          return ends;
        },
      },
      loadMany: { value: jobs.loadMany.bind(jobs) },
    }) as typeof jobs;
    await createReconciler({ jobs: late, log }).sweep();
    expect(await load(begun.job.id)).toMatchObject({ status: 'RUNNING' });
  });

  test('is looked at when its lease ends, not before, also where a crash has left out to note that', async () => {
    const path = await createTrackedPath();
    const { keys, projectId, redis, track } = path;
    const { job } = await track();
    await redis.del(keys.leases);
    await new LeaseWatch({ ...path, logger: silentLogger }).note([job]);
    const leaseUntil = await redis.hget(keys.project(projectId).job(job.id), 'leaseUntil');
    expect(await redis.zscore(keys.leases, memberOf(job))).toBe(leaseUntil);
  });

  test('is found whatever a crash has left undone, and by two reconcilers once', async () => {
    const { createReconciler, endings, keys, projectId, reconciler, redis, track } =
      await createTrackedPath();
    const begun = await track();
    await redis.del(keys.leases);
    await redis.hset(keys.project(projectId).job(begun.job.id), 'leaseUntil', 1);
    await until(
      async () => {
        await Promise.all([reconciler.sweep(), createReconciler().sweep()]);
        return (await endings(begun.job.id)).length > 0 || undefined;
      },
      { what: 'the lease has ended' },
    );
    await reconciler.sweep();
    expect(await endings(begun.job.id)).toMatchObject([{ code: 'WORKER_LOST' }]);
    expect(await redis.zcard(keys.leases)).toBe(0);
  });
});

describe('commands', () => {
  test('cancel a tracked job at once, and its next report is told', async () => {
    const { commands, endings, load, projectId, track, tracked } = await createTrackedPath();
    const { holder, job } = await track();
    await commands.cancel(projectId, job.id);
    expect(await load(job.id)).toMatchObject({ status: 'CANCELLED', finishedAt: expect.any(Number) });
    const stopped = { accepted: false, stop: 'CANCELLED' };
    expect(await tracked.reportProgress(holder)).toMatchObject(stopped);
    expect(await tracked.reportProgress({ ...holder, progress: 1 })).toMatchObject(stopped);
    expect(await tracked.reportCompletion(holder)).toMatchObject(stopped);
    expect(await endings(job.id)).toMatchObject([{ code: 'CANCELLED' }]);
  });

  test('leave the retry to the system that runs the job', async () => {
    const { commands, projectId, track, tracked } = await createTrackedPath();
    const { holder, job } = await track({ externalId: '7' });
    await tracked.reportError({ ...holder, error: 'x' });
    await expect(commands.retry(projectId, job.id)).rejects.toMatchObject({
      code: 'JOB_NOT_RETRYABLE',
      message: expect.stringContaining('the system that runs it'),
      details: { workflow: 'TRACKED', externalId: '7' },
    });
  });

  test('never put it into the queue', async () => {
    const { bull, clock, load, reconciler, startWorker, track } = await createTrackedPath();
    const { job } = await track();
    await startWorker();
    clock.time += 60_000;
    await reconciler.sweep();
    expect(await bull.getJobCounts()).toMatchObject({ waiting: 0, active: 0, prioritized: 0, delayed: 0 });
    expect(await load(job.id)).toMatchObject({ status: 'RUNNING', attempt: 1 });
  });
});

test('a project takes as many unfinished jobs as it may, tracked ones included', async () => {
  const { enqueue, keys, redis, track, tracked } = await createTrackedPath({ maxQueuedJobs: 2 });
  const first = await track({ externalId: '1' });
  await enqueue();
  await expect(track()).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
  // What was refused leaves nothing to look after.
  expect(await redis.zcard(keys.unended)).toBe(2);
  expect(await track({ externalId: '1' })).toMatchObject({ attempt: 2 });
  await expect(enqueue()).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
  const again = await track({ externalId: '1' });
  await tracked.reportCompletion(again.holder);
  expect((await track()).job.id).not.toBe(first.job.id);
});

test('goes with all that is kept of it after the retention time', async () => {
  const { clock, jobs, keys, projectId, reconciler, redis, track, tracked } = await createTrackedPath({
    retentionMs: 1_000,
  });
  const { holder, job } = await track({ externalId: '7' });
  await tracked.reportError({ ...holder, error: 'x' });
  await reconciler.sweep();
  clock.time += 60_000;
  await reconciler.sweep();
  expect(await jobs.load(projectId, job.id)).toBeNull();
  expect(await redis.exists(keys.project(projectId).job(job.id))).toBe(0);
  const next = await track({ externalId: '7' });
  expect(next).toMatchObject({ attempt: 1, stop: null });
  expect(next.job.id).not.toBe(job.id);
});

describe('many reports at once', () => {
  test('have a receipt each, and one that fails stops no other', async () => {
    const { projectId, track, tracked } = await createTrackedPath();
    const [one, other] = [await track(), await track({ steps: STEPS })];
    const receipts = await tracked.reportProgressMany([
      { ...one.holder, progress: 0.2 },
      { projectId, jobId: 'unknown', lease: 'x' },
      other.holder,
      { ...one.holder, progress: 0.4, message: 'later' },
      { ...other.holder, step: 'nowhere' },
    ]);
    expect(receipts).toMatchObject([
      { accepted: true, job: { progress: 0.2 } },
      { code: 'NOT_FOUND' },
      { accepted: true, job: { id: other.job.id } },
      { accepted: true, job: { progress: 0.4, message: 'later' } },
      { code: 'BAD_USER_INPUT', details: { field: 'input.reports.4.step' } },
    ]);
    expect(receipts[1]).toBeInstanceOf(PlayheadError);
  });

  test('of one job have the time of each, not of one', async () => {
    const path = await createTrackedPath();
    const { holder } = await path.track();
    const tracked = new TrackedJobs({ redis: slowly(connect()), keys: path.keys });
    const reports = range(1, 30).map((number) => ({ ...holder, progress: number / 100 }));
    expect(await tracked.reportProgressMany(reports)).toMatchObject(reports.map(() => ({ accepted: true })));
    expect(await path.load(holder.jobId)).toMatchObject({ progress: 0.3 });
  });

  test('are refused together when one can’t be', async () => {
    const { events, track, tracked } = await createTrackedPath();
    const { holder, job } = await track();
    const reports = [
      { ...holder, progress: 0.5 },
      { ...holder, progress: 2 },
    ];
    await expect(tracked.reportProgressMany(reports)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.reports.1.progress' },
    });
    await expect(tracked.reportProgressMany([])).rejects.toMatchObject({
      details: { field: 'input.reports' },
    });
    expect(await events(job.id)).toHaveLength(1);
  });
});

/** A link whose address has so many characters. */
function linkOf(characters: number) {
  return { url: 'https://files.example/'.padEnd(characters, 'a'), contentType: 'video/mp4' };
}

const linksOf = (count: number) => range(1, count).map(() => linkOf(99));

describe('what is refused, by its field', () => {
  test('progress of the job and of its step in one report', async () => {
    const { track, tracked } = await createTrackedPath();
    const { holder } = await track({ steps: STEPS });
    const both = { ...holder, step: 'encode', progress: 0.5, stepProgress: 0.5 };
    await expect(tracked.reportProgress(both)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.stepProgress', expected: 'either progress or stepProgress' },
    });
    await tracked.reportProgress({ ...holder, step: 'encode', stepProgress: 0.5 });
  });

  test.each([
    ['projectId', { projectId: 'a/b' }],
    ['taskName', { taskName: '' }],
    ['taskName', { taskName: 'a\nb' }],
    ['taskName', { taskName: 'x'.repeat(101) }],
    ['externalId', { externalId: 'x'.repeat(201) }],
    ['idempotencyKey', { idempotencyKey: 'a b' }],
    ['leaseSeconds', { leaseSeconds: 4 }],
    ['leaseSeconds', { leaseSeconds: 3_601 }],
    ['leaseSeconds', { leaseSeconds: 5.5 }],
    ['maxAttempts', { maxAttempts: 0 }],
    ['maxAttempts', { maxAttempts: 1_001 }],
    ['steps', { steps: range(1, 101).map((number) => ({ name: `step${number}`, share: 1 })) }],
    ['steps.0.name', { steps: [{ name: 'a'.repeat(65), share: 1 }] }],
    ['steps.1.name', { steps: [STEPS[0], STEPS[0]] }],
    ['steps.0.name', { steps: [{ name: '1a', share: 1 }] }],
    ['steps.0.share', { steps: [{ name: 'a', share: -1 }] }],
    ['steps', { steps: [{ name: 'a', share: 0 }] }],
    ['input', { input: 'x'.repeat(100_001) }],
  ])('%s of trackJob', async (field, input) => {
    const { track } = await createTrackedPath();
    await expect(track(input as Partial<TrackInput>)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: `input.${field}` },
    });
  });

  test.each([
    ['reportProgress', 'progress', { progress: 1.1 }],
    ['reportProgress', 'stepProgress', { stepProgress: 0.5, progress: 0.5 }],
    ['reportProgress', 'stepProgress', { stepProgress: 0.5 }],
    ['reportProgress', 'step', { step: 'encode' }],
    ['reportProgress', 'metadata', { metadata: ['a'] }],
    ['reportProgress', 'preview.url', { preview: { url: 'file:///1.jpg', contentType: 'image/jpeg' } }],
    ['reportProgress', 'sequence', { sequence: 0 }],
    ['reportError', 'code', { error: 'x', code: 'no good' }],
    ['reportError', 'details', { error: 'x', details: 'text' }],
    ['reportError', 'retryAfterSeconds', { error: 'x', retryAfterSeconds: -1 }],
    ['reportError', 'retryAfterSeconds', { error: 'x', retryAfterSeconds: 30 * 86_400 + 1 }],
    ['reportCompletion', 'artifacts', { artifacts: linksOf(101) }],
    ['reportCompletion', 'artifacts.0.url', { artifacts: [linkOf(2_049)] }],
    ['reportCompletion', 'artifacts.0.name', { artifacts: [{ ...linkOf(99), name: 'x'.repeat(201) }] }],
    ['reportCompletion', 'result', { result: 'x'.repeat(100_001) }],
    [
      'reportCompletion',
      'artifacts.0.url',
      { artifacts: [{ url: 'javascript:alert(1)', contentType: 'a/b' }] },
    ],
    ['reportCompletion', 'artifacts.0.url', { artifacts: [{ url: '/etc/passwd', contentType: 'a/b' }] }],
    [
      'reportCompletion',
      'artifacts.0.contentType',
      { artifacts: [{ url: 'https://a.test', contentType: 'x' }] },
    ],
    [
      'reportCompletion',
      'artifacts.0.sizeBytes',
      { artifacts: [{ url: 'https://a.test', contentType: 'a/b', sizeBytes: 0.5 }] },
    ],
  ] as const)('by %s: %s', async (report, field, told) => {
    const { events, track, tracked } = await createTrackedPath();
    const { holder, job } = await track();
    // Whatever a client sends.
    await expect(tracked[report]({ ...holder, ...told } as never)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: `input.${field}` },
    });
    expect(await events(job.id)).toHaveLength(1);
  });

  test('nothing that is as much as it may be', async () => {
    const { load, track, tracked } = await createTrackedPath();
    const steps = range(1, 100).map((number) => ({ name: `s${number}`.padEnd(64, '_'), share: 1 }));
    const most = { taskName: 'x'.repeat(100), externalId: 'x'.repeat(200), input: 'x'.repeat(99_998) };
    const { holder, job } = await track({ ...most, steps, leaseSeconds: 3_600, maxAttempts: 1_000 });
    expect(job.ranges).toHaveLength(100);
    const reports = range(1, 500).map(() => holder);
    expect(await tracked.reportProgressMany(reports)).toHaveLength(500);
    await expect(tracked.reportProgressMany([...reports, holder])).rejects.toMatchObject({
      details: { field: 'input.reports' },
    });
    const failed = { error: 'x', code: 'X'.repeat(64), willRetry: true, retryAfterSeconds: 30 * 86_400 };
    expect(await tracked.reportError({ ...holder, ...failed })).toMatchObject({ accepted: true });
    const next = await track({ ...most, leaseSeconds: 5 });
    const links = linksOf(99);
    const artifacts = [...links, { ...linkOf(2_048), name: 'x'.repeat(200) }];
    await tracked.reportCompletion({ ...next.holder, result: 'x'.repeat(99_998), artifacts });
    const { result } = await load(job.id);
    expect((result as { readonly links: readonly unknown[] }).links).toHaveLength(100);
  });

  test('nothing for its length: what a task says is cut', async () => {
    const { load, track, tracked } = await createTrackedPath();
    const { holder, job } = await track({ title: 'x'.repeat(500) });
    await tracked.reportProgress({
      ...holder,
      message: 'm'.repeat(5_000),
      metadata: { a: 'x'.repeat(20_000) },
    });
    expect(await load(job.id)).toMatchObject({
      metadata: { truncated: true },
      title: expect.stringMatching(/^x{199}…$/),
    });
    await tracked.reportError({ ...holder, error: 'e'.repeat(9_000), details: { a: 'x'.repeat(20_000) } });
    const { error } = await load(job.id);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^e{3999}…$/),
      details: { truncated: true },
    });
  });
});

test('the remaining time is learned from earlier runs of the same task with the same steps', async () => {
  const { keys, projectId, redis } = await createTrackedPath();
  const clock = new SetClock();
  const tracked = new TrackedJobs({ redis, keys, clock });
  const run = async (externalId: string) => {
    const { job, lease } = await tracked.track({ projectId, taskName: 'cut', steps: STEPS, externalId });
    const holder = { projectId, jobId: job.id, lease };
    for (const { name, share } of STEPS) {
      await tracked.reportProgress({ ...holder, step: name });
      clock.time += share * 10_000;
    }
    await tracked.reportCompletion(holder);
  };
  for (const id of ['1', '2', '3']) await run(id);
  // A step that was entered tells that 90 s are left: 80 of this, 10 of the next.
  const { job, lease } = await tracked.track({ projectId, taskName: 'cut', steps: STEPS });
  const eta = await until(
    async () => {
      clock.time += 1;
      const receipt = await tracked.reportProgress({ projectId, jobId: job.id, lease, step: 'encode' });
      return receipt.job.eta ?? undefined;
    },
    { what: 'a prediction' },
  );
  expect(eta.remainingSeconds).toBeGreaterThan(80);
  expect(eta.remainingSeconds).toBeLessThan(100);
  const other = await tracked.track({ projectId, taskName: 'paste', steps: STEPS });
  expect(other.job.eta).toBeNull();
});

test('a result that is reported again is learned from once', async () => {
  const { projectId, redis, track, tracked } = await createTrackedPath();
  const runs = async (): Promise<number> => {
    // A report on the same connection: what was sent before it is there.
    await track();
    const keys = await redis.keys(`*${projectId}*`);
    const types = await Promise.all(keys.map((key) => redis.type(key)));
    const lists = keys.filter((_, at) => types[at] === 'list');
    return (await Promise.all(lists.map((key) => redis.llen(key)))).reduce((one, other) => one + other, 0);
  };
  const { holder } = await track();
  await tracked.reportCompletion(holder);
  expect(await runs()).toBe(1);
  await tracked.reportCompletion(holder);
  expect(await runs()).toBe(1);
});

test('a subscriber has the events of a tracked job like those of any other, and no gap', async () => {
  const { log, open, projectId, track, tracked } = await createTrackedPath();
  const stream = await open({ projectId });
  const { holder, job } = await track();
  await tracked.reportProgress({ ...holder, progress: 0.5 });
  await tracked.reportCompletion(holder);
  const seen = await stream.take(3);
  expect(seen).toEqual(await log.readAfter(projectId, ORIGIN, 10));
  const ofJob = await open({ projectId, jobId: job.id, snapshot: true });
  expect(await ofJob.next()).toMatchObject({ event: { type: 'CompletionEvent' } });
  expect(await ofJob.next()).toBeNull();
});
