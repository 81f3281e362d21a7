/** Tracked jobs, on a real Redis: what their beginnings keep, who may report, and what a report's answer says. */
import { describe, expect, test, vi } from 'vitest';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { connect } from '../setup/harness.ts';
import { interrupted } from '../setup/interrupted.ts';
import { createTrackedPath, STEPS, timeOf } from '../setup/tracked-harness.ts';

describe('a beginning', () => {
  test('has no title unless the task gives one, which a later attempt may change', async () => {
    const { load, track } = await createTrackedPath();
    expect((await track({ externalId: '7' })).job.title).toBeNull();
    expect((await track({ externalId: '7', title: ' A \n film ' })).job.title).toBe('A film');
    expect((await track({ externalId: '7' })).job.title).toBe('A film');
    const { job } = await track({ externalId: '7', title: 'Another' });
    expect(await load(job.id)).toMatchObject({ title: 'Another', attempt: 4 });
  });

  test('keeps the task’s input, until a later attempt brings another', async () => {
    const { jobs, projectId, track } = await createTrackedPath();
    const { job } = await track({ externalId: '7', input: { film: 1 } });
    expect(await jobs.loadInput(projectId, job.id)).toEqual({ film: 1 });
    await track({ externalId: '7' });
    expect(await jobs.loadInput(projectId, job.id)).toEqual({ film: 1 });
    await track({ externalId: '7', input: 0 });
    expect(await jobs.loadInput(projectId, job.id)).toBe(0);
    const without = await track();
    expect(await jobs.loadInput(projectId, without.job.id)).toBeNull();
  });

  test('is one attempt at most unless the task says otherwise', async () => {
    const { track } = await createTrackedPath();
    expect(await track({ externalId: '7' })).toMatchObject({ attempt: 1, job: { maxAttempts: 1 } });
    // It is up to the task's own system how often it runs the task.
    expect(await track({ externalId: '7' })).toMatchObject({ attempt: 2, job: { maxAttempts: 1 } });
  });

  test('takes a list of no steps for none', async () => {
    const { track } = await createTrackedPath();
    expect((await track({ steps: [] })).job.ranges).toBeNull();
  });

  test('takes steps that have no share of the time, beside one that has', async () => {
    const { track, tracked } = await createTrackedPath();
    const { holder, job } = await track({
      steps: [
        { name: 'open', share: 0 },
        { name: 'cut', share: 2 },
      ],
    });
    expect(job.ranges).toEqual([
      { name: 'open', from: 0, to: 0 },
      { name: 'cut', from: 0, to: 1 },
    ]);
    const { job: half } = await tracked.reportProgress({ ...holder, step: 'cut', stepProgress: 0.5 });
    expect(half.progress).toBe(0.5);
  });

  test('tells of each attempt, and each report of one, that it is under way', async () => {
    const { events, track, tracked } = await createTrackedPath();
    const { holder, job } = await track({ externalId: '7' });
    await tracked.reportProgress({ ...holder, progress: 0.5 });
    await track({ externalId: '7' });
    expect(await events(job.id)).toMatchObject([
      { status: 'processing', message: 'Starting' },
      { status: 'processing', progress: 0.5 },
      { status: 'retrying', message: 'Attempt 2', progress: 0 },
    ]);
  });

  test('is found by its call for thirty days, where the task has no externalId', async () => {
    const { keys, projectId, redis, track } = await createTrackedPath();
    const { job } = await track({ idempotencyKey: 'call-1' });
    const key = keys.project(projectId).tracked('call', 'transcode', 'call-1');
    expect(await redis.get(key)).toBe(job.id);
    const left = await redis.ttl(key);
    expect(left).toBeLessThanOrEqual(30 * 86_400);
    expect(left).toBeGreaterThan(30 * 86_400 - 3_600);
  });

  test('of a new run is refused where the project has as many unfinished jobs as it may', async () => {
    const { load, track, tracked } = await createTrackedPath({ maxQueuedJobs: 1 });
    const { holder, job } = await track({ externalId: '1' });
    await tracked.reportError({ ...holder, error: 'x' });
    const other = await track({ externalId: '2' });
    await expect(track({ externalId: '1' })).rejects.toMatchObject({
      ...{ code: 'QUOTA_EXCEEDED', message: expect.stringContaining('at most 1 unfinished jobs') },
    });
    expect(await load(job.id)).toMatchObject({ status: 'FAILED', attempt: 1 });
    await tracked.reportCompletion(other.holder);
    expect(await track({ externalId: '1' })).toMatchObject({ attempt: 2, job: { id: job.id } });
  });
});

describe('a lease', () => {
  test('is a secret of 24 bytes, half of which is the job’s, the other half the attempt’s', async () => {
    const { track } = await createTrackedPath();
    const begun = [await track({ externalId: '7' }), await track({ externalId: '7' }), await track()];
    for (const { lease } of begun) expect(lease).toMatch(/^[\w-]{32}$/);
    const [first, second] = begun.map(({ lease }) => [lease.slice(0, 16), lease.slice(16)]);
    expect(second?.[0]).toBe(first?.[0]);
    const secrets = new Set(begun.flatMap(({ lease }) => [lease.slice(0, 16), lease.slice(16)]));
    expect(secrets.size).toBe(5);
  });

  test('opens nothing by a part of it, or with more than it', async () => {
    const { keys, projectId, redis, track } = await createTrackedPath();
    const { holder } = await track();
    // A process that does not know the job from its own reports.
    const tracked = new TrackedJobs({ redis, keys });
    for (const lease of [holder.lease.slice(0, 16), holder.lease.slice(0, 31), `${holder.lease}x`]) {
      await expect(tracked.reportProgress({ ...holder, lease })).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: `There is no tracked job ${holder.jobId} with this lease in project ${projectId}`,
      });
    }
    const jobId = 'x'.repeat(100);
    await expect(tracked.reportProgress({ ...holder, jobId })).rejects.toMatchObject({
      message: `There is no tracked job ${'x'.repeat(79)}… with this lease in project ${projectId}`,
    });
  });

  test('opens no job that a worker runs, also where that can’t be read', async () => {
    const { enqueue, keys, projectId, redis, track, tracked } = await createTrackedPath();
    const { holder } = await track();
    const { id } = await enqueue();
    await redis.hset(keys.project(projectId).job(id), 'steps', '{broken');
    await expect(tracked.reportProgress({ ...holder, jobId: id })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  test('lasts as long as is set behind an attempt that will be followed by another', async () => {
    const { jobs, keys, projectId, redis, track } = await createTrackedPath();
    const tracked = new TrackedJobs({ redis, keys, returnMs: 50_000 });
    const { holder } = await track();
    const from = await timeOf(redis);
    await tracked.reportError({ ...holder, error: 'x', willRetry: true, retryAfterSeconds: 2 });
    const to = await timeOf(redis);
    const [end] = await jobs.leaseEnds([{ projectId, jobId: holder.jobId }]);
    expect(end).toBeGreaterThanOrEqual(from + 52_000);
    expect(end).toBeLessThanOrEqual(to + 52_000);
  });
});

describe('a report', () => {
  test('is answered with what became of it, and with the job', async () => {
    const { load, track, tracked } = await createTrackedPath();
    const { holder, job } = await track({ externalId: '7' });
    const received = async () => ({ job: await load(job.id) });
    const done = { accepted: true, isRepeat: false, stop: null };
    expect(await tracked.reportProgress({ ...holder, progress: 0.5 })).toEqual({
      ...done,
      ...(await received()),
    });
    expect(await tracked.reportProgress(holder)).toEqual({ ...done, ...(await received()) });
    expect(await tracked.reportCompletion(holder)).toEqual({ ...done, ...(await received()) });
    expect(await tracked.reportCompletion(holder)).toEqual({
      ...done,
      isRepeat: true,
      ...(await received()),
    });
    expect(await tracked.reportProgress(holder)).toEqual({
      ...{ accepted: false, isRepeat: false, stop: 'LOST' },
      ...(await received()),
    });
  });

  test('is told that its job was cancelled, also right before its heartbeat is written', async () => {
    const { commands, keys, projectId, track } = await createTrackedPath();
    const { holder, job } = await track();
    // What is asked between reading the job and renewing its lease.
    const redis = interrupted(connect(), 'time', 'before', () => commands.cancel(projectId, job.id));
    const receipt = await new TrackedJobs({ redis, keys }).reportProgress(holder);
    expect(receipt).toMatchObject({ accepted: false, stop: 'CANCELLED', job: { status: 'CANCELLED' } });
  });

  test('reads no job that its process has reported before', async () => {
    const { keys, track } = await createTrackedPath();
    const { holder } = await track({ steps: STEPS });
    const redis = connect();
    await redis.ping();
    const sent = vi.spyOn(redis, 'sendCommand');
    const reads = (): number => sent.mock.calls.filter(([{ name }]) => name === 'hmget').length;
    const tracked = new TrackedJobs({ redis, keys });
    await tracked.reportProgress({ ...holder, step: 'encode' });
    expect(reads()).toBe(1);
    for (const stepProgress of [0.2, undefined, undefined, 0.4]) {
      expect(await tracked.reportProgress({ ...holder, stepProgress })).toMatchObject({ accepted: true });
    }
    expect(reads()).toBe(1);
  });

  test('that Redis can’t carry out fails for all that were sent with it', async () => {
    const { keys, projectId, redis, track, tracked } = await createTrackedPath();
    const { holder } = await track();
    await tracked.reportProgress({ ...holder, progress: 0.5 });
    await redis.hset(keys.project(projectId).job(holder.jobId), 'tracked', '{broken');
    await expect(tracked.reportProgressMany([holder])).rejects.toThrow('script');
  });

  test('waits for those of its own job that came with it, and for no other job’s', async () => {
    const { keys, track } = await createTrackedPath();
    const [one, other] = [await track(), await track()];
    const redis = connect();
    await redis.ping();
    const send = redis.sendCommand.bind(redis);
    let [atOnce, most] = [0, 0];
    redis.sendCommand = (command, ...rest) => {
      // The connection's own, at a time of its own.
      if (command.name === 'ping') return send(command, ...rest);
      atOnce += 1;
      most = Math.max(most, atOnce);
      command.promise.finally(() => (atOnce -= 1)).catch(() => {});
      return send(command, ...rest);
    };
    const tracked = new TrackedJobs({ redis, keys });
    await tracked.reportProgressMany([one.holder, one.holder]);
    expect(most).toBe(1);
    await tracked.reportProgressMany([one.holder, other.holder]);
    expect(most).toBe(2);
  });

  test.each([
    ['a heartbeat', {}],
    ['progress', { progress: 0.5 }],
  ])('comes too late after its time limit, and changes nothing: %s', async (_what, told) => {
    const { jobs, keys, load, projectId, redis, track } = await createTrackedPath();
    const { holder, job } = await track();
    const [before] = await jobs.leaseEnds([{ projectId, jobId: job.id }]);
    const late = new TrackedJobs({ redis, keys, writeLimitMs: 0 });
    const report = { ...holder, ...told };
    await expect(late.reportProgress(report)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    // Also among many: the caller has to send them all again.
    await expect(late.reportProgressMany([report])).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await jobs.leaseEnds([{ projectId, jobId: job.id }])).toEqual([before]);
    expect(await load(job.id)).toMatchObject({ progress: 0, version: 1 });
  });
});
