/** How running attempts learn that they have to stop: by messages, and by looking at the jobs. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import type { RunningAttempt } from '../../src/jobs/attempt.ts';
import { type StopWatchParts, watchStops } from '../../src/jobs/stops.ts';
import type { JobStore } from '../../src/log/job-store.ts';
import { until } from '../setup/deadline.ts';
import { connect, createEventPath, type EventPath, JobWriter, unique } from '../setup/harness.ts';
import { keepLog } from '../setup/kept-log.ts';

const HOUR_MS = 3_600_000;

/** An attempt that keeps why it was stopped. */
function attemptOf(projectId: string, jobId: string, attempt: number) {
  const stops: string[] = [];
  const running: RunningAttempt = {
    ...{ projectId, jobId, attempt },
    stop: (reason) => void stops.push(reason),
  };
  return { ...running, stops };
}

/** Watches until the test ends. */
async function watching(path: EventPath, parts: Partial<StopWatchParts>) {
  const subscriber = connect();
  const { jobs, keys } = path;
  const stops = watchStops({
    ...{ jobs, keys, subscriber, logger: silentLogger, running: () => [], intervalMs: HOUR_MS },
    ...parts,
  });
  onTestFinished(() => stops.close());
  await until(async () => Number((await path.redis.pubsub('NUMSUB', keys.control))[1]) === 1);
  return { ...stops, subscriber };
}

test('a message stops the attempts of its job up to the one that it names, and whatever else is said stops none', async () => {
  const path = createEventPath();
  const meant = [1, 2].map((attempt) => attemptOf('p', 'j', attempt));
  const others = [attemptOf('p', 'j', 3), attemptOf('q', 'j', 1), attemptOf('p', 'k', 1)];
  const { subscriber } = await watching(path, { running: () => [...meant, ...others] });
  const cancel = { projectId: 'p', jobId: 'j', attempt: 2 };
  const other = unique('channel');
  await subscriber.subscribe(other);
  await path.redis.publish(other, JSON.stringify({ cancel: { ...cancel, attempt: 9 } }));
  for (const said of [
    'not JSON',
    'null',
    '{}',
    '{"cancel":{"projectId":"p","jobId":"j"}}',
    '{"notices":"x"}',
    // Nobody here waits for notices.
    '{"notices":["x"]}',
  ])
    await path.redis.publish(path.keys.control, said);
  await path.redis.publish(path.keys.control, JSON.stringify({ cancel }));
  await until(() => meant.every(({ stops }) => stops.length > 0));
  expect(meant.map(({ stops }) => stops)).toEqual([['ended'], ['ended']]);
  expect(others.map(({ stops }) => stops)).toEqual([[], [], []]);
});

test('notices are told, each id by itself', async () => {
  const path = createEventPath();
  const told: string[] = [];
  await watching(path, { onNotice: (id) => told.push(id) });
  for (const notices of [['a', 'b'], [], ['c']])
    await path.redis.publish(path.keys.control, JSON.stringify({ notices }));
  await until(() => told.includes('c'));
  expect(told).toEqual(['a', 'b', 'c']);
});

test('whoever looks finds jobs that have ended, are gone or have a later attempt, and leaves others alone', async () => {
  const path = createEventPath();
  const projectId = unique('project');
  const writers = await Promise.all(
    Array.from({ length: 4 }, async () => {
      const writer = new JobWriter(path.log, projectId);
      await writer.create();
      await writer.begin();
      return writer;
    }),
  );
  const [running, cancelled, later, damaged] = writers as [JobWriter, JobWriter, JobWriter, JobWriter];
  await cancelled.fail('close', 'CANCELLED');
  await later.fail('release');
  await later.begin(2);
  await path.redis.hset(path.keys.project(projectId).job(damaged.state.id), 'attempt', 'two');
  const attempts = [...writers.map(({ state }) => state.id), 'gone'].map((id) => attemptOf(projectId, id, 1));
  await watching(path, { running: () => attempts, intervalMs: 5 });
  await until(() => attempts.filter(({ stops }) => stops.length > 0).length === 3);
  expect(attempts.map(({ jobId, stops }) => [jobId, stops[0]])).toEqual([
    [running.state.id, undefined],
    [cancelled.state.id, 'ended'],
    [later.state.id, 'lost'],
    [damaged.state.id, undefined],
    ['gone', 'ended'],
  ]);
});

/** A store that answers its first look as it is told to. */
function answering(first: () => Promise<never>) {
  const asked: unknown[] = [];
  const loadMany: JobStore['loadMany'] = async (ids) => {
    asked.push(ids);
    return asked.length === 1 ? first() : ids.map(() => null);
  };
  return { asked, jobs: { loadMany } as JobStore };
}

test('a look that fails is said in the log, and followed by another', async () => {
  const logger = keepLog();
  const attempt = attemptOf('p', 'j', 1);
  const { jobs } = answering(() => Promise.reject(new Error('away')));
  await watching(createEventPath(), { jobs, logger, running: () => [attempt], intervalMs: 5 });
  await until(() => attempt.stops.length > 0);
  const text = 'looking for cancelled jobs failed';
  expect(logger.lines).toEqual([{ level: 'warn', text, err: new Error('away') }]);
});

test('no look begins before the last is over, and none is needed while nothing runs', async () => {
  const path = createEventPath();
  const { asked, jobs } = answering(() => new Promise(() => {}));
  let looks = 0;
  const running = (): readonly RunningAttempt[] => {
    looks += 1;
    return looks < 5 ? [] : [attemptOf('p', 'j', 1)];
  };
  const { close } = await watching(path, { jobs, running, intervalMs: 5 });
  await until(() => looks > 10);
  expect(asked).toHaveLength(1);
  await close();
  expect(await path.redis.pubsub('NUMSUB', path.keys.control)).toEqual([path.keys.control, 0]);
});

test('whoever is told nothing looks once a second, and neither looks nor listens when it is closed', async () => {
  const path = createEventPath();
  const subscriber = connect();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const { asked, jobs } = answering(() => Promise.resolve([null] as never));
  const attempt = attemptOf('p', 'j', 1);
  const parts = { ...path, subscriber, jobs, logger: silentLogger, running: () => [attempt] };
  const { close } = watchStops(parts);
  vi.advanceTimersByTime(999);
  expect(asked).toHaveLength(0);
  vi.advanceTimersByTime(1);
  expect(asked).toEqual([[attempt]]);
  await close();
  vi.advanceTimersByTime(5_000);
  expect(asked).toHaveLength(1);
  expect(subscriber.listenerCount('message')).toBe(0);
});

test('where messages can’t be heard, that is said in the log', async () => {
  const path = createEventPath();
  const logger = keepLog();
  const subscriber = connect();
  subscriber.disconnect();
  const stops = watchStops({ ...path, subscriber, logger, running: () => [], intervalMs: HOUR_MS });
  const text = 'subscribing to the control channel failed; cancellation takes up to a second';
  await until(() => logger.lines.length > 0);
  expect(logger.lines).toEqual([{ level: 'warn', text, err: expect.any(Error) }]);
  await stops.close();
});
