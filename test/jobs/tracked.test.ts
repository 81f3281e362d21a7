/** Tracked jobs, on a real Redis: who may report, what becomes of reports, and of tasks that fall silent. */
import { describe, expect, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import type { JobState } from '../../src/progress/state.ts';
import { until } from '../setup/deadline.ts';
import { connect, range, SetClock, slowly } from '../setup/harness.ts';
import { createTrackedPath, REFUSED, STEPS, timeOf } from '../setup/tracked-harness.ts';

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
    const { events, expire, jobs, reconciler, redis, track, tracked } = await createTrackedPath();
    const begun = await track({ leaseSeconds: 30 });
    await expire(begun);
    const { projectId, jobId } = begun.holder;
    const from = await timeOf(redis);
    expect(await tracked.reportProgress(begun.holder)).toMatchObject({ accepted: true, stop: null });
    const to = await timeOf(redis);
    const [end] = await jobs.leaseEnds([{ projectId, jobId }]);
    expect(end).toBeGreaterThanOrEqual(from + 30_000);
    expect(end).toBeLessThanOrEqual(to + 30_000);
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
