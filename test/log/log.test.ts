import { describe, expect, inject, test } from 'vitest';
import { parseLiveMessage } from '../../src/log/live-message.ts';
import { DEFAULT_LOG_SETTINGS, EventLog } from '../../src/log/log.ts';
import { isEnding } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { newWriteId } from '../../src/progress/write-id.ts';
import { until } from '../setup/deadline.ts';
import { connect, createEventPath, JobWriter, range, seqs, unique, writeJob } from '../setup/harness.ts';
import { startLossyProxy } from '../setup/lossy-proxy.ts';

const project = (): string => unique('project');

describe('the order of a project’s events (G1)', () => {
  test('is one numbering without gaps, however many write, and every subscriber sees it', async () => {
    const prefix = unique('order');
    const first = createEventPath({ prefix });
    const keys = first.keys;
    const projectId = project();
    const second = createEventPath({ prefix });
    const streams = await Promise.all([first, first, second].map((path) => path.open({ projectId })));

    const writers = range(1, 4).map(() => new EventLog(connect(), keys));
    const jobs = await Promise.all(writers.map((log) => writeJob(log, projectId, 50)));
    await Promise.all(jobs.map((job) => job.complete()));

    const total = 4 * 51;
    const logged = await first.log.readAfter(projectId, ORIGIN, 1_000);
    expect(seqs(logged)).toEqual(range(1, total));
    expect(new Set(logged.map(({ hash }) => hash)).size).toBe(total);
    for (const stream of streams) expect(await stream.take(total)).toMatchObject(logged);
    for (const job of jobs) {
      const own = logged.filter(({ event }) => event.jobId === job.state.id);
      expect(own).toHaveLength(51);
      expect(isEnding(own.at(-1)?.event as never)).toBe(true);
    }
  });
});

describe('the same event sent twice (G2)', () => {
  test('stands in the log once, and the second answer names its place', async () => {
    const { log } = createEventPath();
    const job = new JobWriter(log, project());
    const command = {
      mode: 'create',
      writeId: newWriteId(),
      event: job.progressEvent(0, 'queued'),
      state: job.state,
    } as const;
    const first = await log.append(command);
    await job.begin();
    const again = await log.append(command);
    expect(first).toMatchObject({ code: 'OK', position: { seq: 1 } });
    expect(again).toMatchObject({ code: 'DUP', position: first.position });
    expect(await log.readAfter(job.state.projectId, ORIGIN, 10)).toHaveLength(2);
  });

  test('stands in the log once when the answer was lost and ioredis sent the command again', async () => {
    const proxy = await startLossyProxy(inject('redisUrl'));
    const { log, keys } = createEventPath();
    const job = await writeJob(log, project());
    const shaky = new JobWriter(new EventLog(connect(proxy.url), keys), job.state.projectId);
    await shaky.create();
    proxy.loseAnswersTo(shaky.state.id, 1);
    const begun = await shaky.begin();
    expect(proxy.lost).toBe(1);
    expect(begun.code).toBe('DUP');
    const events = await log.readAfter(job.state.projectId, ORIGIN, 10);
    expect(seqs(events)).toEqual([1, 2, 3, 4]);
    expect(begun.position).toMatchObject({ seq: 4, hash: events[3]?.hash });
  });

  test('is refused as a repeat even when the job has ended since', async () => {
    const { log } = createEventPath();
    const job = await writeJob(log, project());
    const event = job.progressEvent(0.9, 'processing');
    const command = { mode: 'event', writeId: newWriteId(), event, state: job.state } as const;
    await log.append(command);
    await job.complete();
    expect((await log.append(command)).code).toBe('DUP');
  });
});

describe('a job’s ending (G3)', () => {
  test.each(range(1, 20))('is one when completion, failure and two cancels race (round %d)', async () => {
    const path = createEventPath();
    const job = await writeJob(path.log, project());
    const others = range(1, 3).map(() => {
      const other = new JobWriter(new EventLog(connect(), path.keys), job.state.projectId, job.state.id);
      other.state = job.state;
      return other;
    });
    const outcomes = await Promise.all([
      job.complete(),
      others[0]?.fail('end'),
      others[1]?.fail('close', 'CANCELLED'),
      others[2]?.fail('close', 'CANCELLED'),
    ]);
    expect(outcomes.map((outcome) => outcome?.code).sort()).toEqual(['ENDED', 'ENDED', 'ENDED', 'OK']);
    const events = await path.log.readAfter(job.state.projectId, ORIGIN, 100);
    expect(events.filter(({ event }) => isEnding(event))).toHaveLength(1);
    const state = await path.jobs.load(job.state.projectId, job.state.id);
    expect(state?.last).toMatchObject({ seq: events.at(-1)?.seq, hash: events.at(-1)?.hash });
  });

  test('is followed by nothing', async () => {
    const { log } = createEventPath();
    const job = await writeJob(log, project());
    expect((await job.complete()).code).toBe('OK');
    expect((await job.complete()).code).toBe('ENDED');
    expect((await job.progress(0.5)).code).toBe('ENDED');
    expect((await job.begin(2)).code).toBe('ENDED');
    expect((await job.fail('end')).code).toBe('ENDED');
    expect((await job.fail('close', 'CANCELLED')).code).toBe('ENDED');
    expect((await job.retry()).code).toBe('STALE');
    expect(await log.readAfter(job.state.projectId, ORIGIN, 100)).toHaveLength(3);
  });

  test('from outside is refused when the job has moved on to another attempt since it was read', async () => {
    const { log } = createEventPath();
    const job = await writeJob(log, project());
    const seen = job.state;
    await job.fail('release');
    await job.begin(2);
    const outside = new JobWriter(log, seen.projectId, seen.id);
    outside.state = seen;
    expect((await outside.fail('close', 'CANCELLED')).code).toBe('STALE');
  });

  test('from outside leaves progress and steps as the attempt last wrote them (G5)', async () => {
    const { log, jobs } = createEventPath();
    const job = await writeJob(log, project());
    const seen = job.state;
    await job.progress(0.6);
    const outside = new JobWriter(log, seen.projectId, seen.id);
    outside.state = seen;
    expect((await outside.fail('close', 'CANCELLED')).code).toBe('OK');
    expect(await jobs.load(seen.projectId, seen.id)).toMatchObject({
      status: 'CANCELLED',
      progress: 0.6,
      error: { code: 'CANCELLED' },
    });
  });
});

describe('an attempt that lost its job can’t write (G4)', () => {
  test('after a newer attempt began', async () => {
    const { log } = createEventPath();
    const old = await writeJob(log, project());
    const young = new JobWriter(log, old.state.projectId, old.state.id);
    young.state = old.state;
    expect((await young.begin(2)).code).toBe('OK');
    expect((await old.progress(0.5, 1)).code).toBe('FENCED');
    expect((await old.complete(1)).code).toBe('FENCED');
    expect((await old.fail('release')).code).toBe('FENCED');
    expect((await old.begin(1)).code).toBe('FENCED');
    expect((await young.progress(0.1)).code).toBe('OK');
  });

  test('before it has begun, nor under another attempt’s number', async () => {
    const { log } = createEventPath();
    const job = new JobWriter(log, project());
    await job.create();
    expect((await job.progress(0.5)).code).toBe('FENCED');
    await job.begin(1);
    expect((await job.progress(0.5, 2)).code).toBe('FENCED');
  });

  test('after it was released for a retry', async () => {
    const { log } = createEventPath();
    const job = await writeJob(log, project());
    expect((await job.fail('release')).code).toBe('OK');
    expect((await job.progress(0.5)).code).toBe('FENCED');
    expect((await job.complete()).code).toBe('FENCED');
    expect((await job.begin(1)).code).toBe('FENCED');
    expect((await job.begin(2)).code).toBe('OK');
  });

  test('after the job was cancelled and retried', async () => {
    const { log } = createEventPath();
    const job = await writeJob(log, project());
    const old = new JobWriter(log, job.state.projectId, job.state.id);
    old.state = job.state;
    await job.fail('close', 'CANCELLED');
    expect((await old.progress(0.5)).code).toBe('ENDED');
    expect((await job.retry()).code).toBe('OK');
    expect((await old.progress(0.5)).code).toBe('FENCED');
    expect((await old.complete()).code).toBe('FENCED');
    // Whatever its number: the queue counts the attempts of the earlier run's entry on from 1.
    for (const attempt of [1, 2, 3]) expect((await old.begin(attempt)).code).toBe('FENCED');
    expect((await job.begin(2)).code).toBe('OK');
    expect((await old.begin(3)).code).toBe('FENCED');
    expect((await old.complete()).code).toBe('FENCED');
    expect((await job.complete()).code).toBe('OK');
  });

  test('twice at the same time: one of two begins with the same number is refused', async () => {
    const { log } = createEventPath();
    const job = new JobWriter(log, project());
    await job.create();
    const codes = (await Promise.all([job.begin(1), job.begin(1)])).map(({ code }) => code);
    expect(codes.sort()).toEqual(['FENCED', 'OK']);
  });
});

test('nothing is written of a job that does not exist', async () => {
  const { log, redis, keys } = createEventPath();
  const job = new JobWriter(log, project());
  for (const write of [() => job.begin(), () => job.progress(0.5), () => job.complete(), () => job.retry()]) {
    expect((await write()).code).toBe('GONE');
  }
  const { meta, log: stream } = keys.project(job.state.projectId);
  expect(await redis.exists(meta, stream)).toBe(0);
});

describe('an idempotency key', () => {
  test('makes one job, and leads to it', async () => {
    const { log } = createEventPath();
    const projectId = project();
    const jobs = range(1, 8).map(() => new JobWriter(log, projectId));
    const outcomes = await Promise.all(jobs.map((job) => job.create({ idempotencyKey: 'key' })));
    expect(outcomes.filter(({ code }) => code === 'OK')).toHaveLength(1);
    expect(new Set(outcomes.map(({ jobId }) => jobId)).size).toBe(1);
    expect(await log.readAfter(projectId, ORIGIN, 10)).toHaveLength(1);
  });

  test('is free again when its job has been removed', async () => {
    const { log, jobs } = createEventPath();
    const projectId = project();
    const old = new JobWriter(log, projectId);
    await old.create({ idempotencyKey: 'key' });
    await old.fail('close', 'CANCELLED');
    await jobs.remove(old.state);
    const young = new JobWriter(log, projectId);
    expect(await young.create({ idempotencyKey: 'key' })).toMatchObject({
      code: 'OK',
      jobId: young.state.id,
    });
    const third = new JobWriter(log, projectId);
    expect(await third.create({ idempotencyKey: 'key' })).toMatchObject({
      code: 'EXISTS',
      jobId: young.state.id,
    });
  });
});

test('the log of a project is bounded and expires (G7)', async () => {
  const { log, redis, keys } = createEventPath({ log: { maxLength: 200, lifetimeSeconds: 100 } });
  const job = await writeJob(log, project(), 1_000);
  const { log: stream, meta } = keys.project(job.state.projectId);
  const length = await redis.xlen(stream);
  expect(length).toBeGreaterThanOrEqual(200);
  expect(length).toBeLessThan(400);
  for (const key of [stream, meta]) expect(await redis.ttl(key)).toBeGreaterThan(0);
  expect(await log.head(job.state.projectId)).toMatchObject({ seq: 1_000 });
});

test('the snapshot and its indexes change in the same step as the log (G9)', async () => {
  const { log, jobs } = createEventPath();
  const projectId = project();
  const job = await writeJob(log, projectId);
  const { id } = job.state;
  expect(await jobs.activeIds(projectId)).toEqual([id]);
  expect(await jobs.list(projectId, { statuses: ['RUNNING'] }, null, 10)).toEqual([id]);
  await job.complete();
  expect(await jobs.activeIds(projectId)).toEqual([]);
  expect(await jobs.list(projectId, { statuses: ['RUNNING'] }, null, 10)).toEqual([]);
  expect(await jobs.list(projectId, { statuses: ['COMPLETED'], workflows: ['LIPSYNC'] }, null, 10)).toEqual([
    id,
  ]);
  const [last] = await jobs.lastEvents(projectId, [id]);
  expect(last).toEqual((await log.readAfter(projectId, ORIGIN, 10)).at(-1));
  expect(await jobs.load(projectId, id)).toMatchObject({ status: 'COMPLETED', result: { clips: 1 } });
});

test('pages of job ids go on where the one before ended, newest first', async () => {
  const { log, jobs } = createEventPath();
  const projectId = project();
  const ids = range(10, 34).map((number) => `job-${number}`);
  for (const id of ids) await new JobWriter(log, projectId, id).create();
  const seen: string[] = [];
  for (let before: string | null = null; ; before = seen.at(-1) ?? null) {
    const page = await jobs.list(projectId, {}, before, 7);
    if (page.length === 0) break;
    seen.push(...page);
  }
  expect(seen).toEqual(ids.toReversed());
});

test('what is published is the logged event with the hash of the one before it', async () => {
  const { log, keys, redis } = createEventPath();
  const projectId = project();
  const subscriber = connect();
  const messages: string[] = [];
  subscriber.on('message', (_channel, message: string) => messages.push(message));
  await subscriber.subscribe(keys.project(projectId).live);
  const job = await writeJob(log, projectId, 3);
  await redis.ping();
  const events = await log.readAfter(projectId, ORIGIN, 10);
  await until(() => messages.length === 3);
  const live = messages.map(parseLiveMessage);
  expect(live).toEqual(events.map((event, at) => ({ ...event, previousHash: events[at - 1]?.hash ?? '' })));
  expect(job.state.status).toBe('RUNNING');
  expect([parseLiveMessage(''), parseLiveMessage('a 1 b c {'), parseLiveMessage('a x b c {}')]).toEqual([
    null,
    null,
    null,
  ]);
});

test('defaults keep a log of 10,000 events for a week', () => {
  expect(DEFAULT_LOG_SETTINGS).toMatchObject({ maxLength: 10_000, lifetimeSeconds: 604_800 });
});
