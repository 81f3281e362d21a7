/** The meters rise when the thing happens that they count, by as much as it happened. */

import { expect, onTestFinished, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { Counter, Histogram } from '../../src/core/meter.ts';
import { METERS } from '../../src/core/meters.ts';
import { encodeCursor } from '../../src/log/cursor.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { ProgressTracker } from '../../src/progress/tracker.ts';
import { startEndpoint, WATCH } from '../realtime/endpoint.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import {
  connect,
  createEventPath,
  cursorOf,
  JobWriter,
  range,
  SetClock,
  unique,
  writeJob,
} from '../setup/harness.ts';
import { createJobPath } from '../setup/job-harness.ts';

/** @returns by how much it has risen since; of a histogram the number of its values */
function rise(meter: Counter | Histogram, ...labels: string[]): () => number {
  const now = (): number => {
    const cell = meter.read().find((each) => each.labels.join() === labels.join())?.value;
    return cell === undefined ? 0 : 'count' in cell ? cell.count : cell.value;
  };
  const before = now();
  return () => now() - before;
}

async function subscribers(): Promise<number> {
  return (await METERS.subscribers.read())[0]?.value.value ?? 0;
}

test('a subscription that goes on behind a cursor is a resume; one whose history is lost is an expiry', async () => {
  const path = createEventPath();
  const projectId = unique('project');
  await writeJob(path.log, projectId, 4);
  const [first, second] = await path.log.readAfter(projectId, ORIGIN, 2);
  const [resumes, expired] = [rise(METERS.resumes), rise(METERS.eventsExpired)];
  await path.open({ projectId });
  await path.open({ projectId, after: cursorOf(first) });
  const lost = encodeCursor({ epoch: second?.epoch ?? '', seq: 2, hash: first?.hash ?? '' });
  await expect(path.open({ projectId, after: lost })).rejects.toMatchObject({ code: 'EVENTS_EXPIRED' });
  expect([resumes(), expired()]).toEqual([1, 1]);
});

test('events whose Pub/Sub message was lost are counted when the log has given them', async () => {
  const repaired = rise(METERS.gapsRepaired);
  const path = createEventPath({
    wrap: (channel) => ({ ...channel, subscribe: (name) => channel.subscribe(name, () => {}) }),
  });
  const projectId = unique('project');
  const stream = await path.open({ projectId });
  await writeJob(path.log, projectId, 5);
  await stream.take(5);
  expect(repaired()).toBe(5);
});

test('a connection to Redis that breaks is counted', async () => {
  const [victim, other] = [connect(), connect()];
  const id = await victim.client('ID');
  const reconnects = rise(METERS.redisReconnects);
  await other.client('KILL', 'ID', id);
  await until(() => reconnects() > 0, { what: 'the reconnect' });
  expect(await victim.ping()).toBe('PONG');
  expect(reconnects()).toBe(1);
});

test('a worker’s reports that newer ones overtake are coalesced; the others are published', async () => {
  const path = createEventPath();
  const job = new JobWriter(path.log, unique('project'));
  await job.create();
  const parts = { log: path.log, clock: new SetClock(), logger: silentLogger, onRefused: () => {} };
  const tracker = new ProgressTracker(job.state, { ...parts, minIntervalMs: 0 });
  await tracker.begin(1);
  const coalesced = rise(METERS.eventsCoalesced, 'worker');
  const published = rise(METERS.eventsPublished, 'ProgressEvent');
  for (const step of range(1, 100)) tracker.update(step / 100, 'processing', `${step}`);
  await until(() => published() === 2, { what: 'the first and the newest report' });
  expect(coalesced()).toBe(98);
  await tracker.close();
});

test('of a job that is retried, fails and is taken up again, each attempt and ending counts once', async () => {
  const path = await createJobPath();
  const again = new PlayheadError('PROVIDER_FAILED', 'busy', { retryAfterSeconds: 0.1 });
  path.stage.fail('analyze_audio', again);
  path.stage.fail('analyze_audio', new PlayheadError('INVALID_INPUT', 'no voice in it'));
  const rises = {
    created: rise(METERS.jobsCreated, 'LIPSYNC'),
    retries: rise(METERS.attemptsFailed, 'LIPSYNC', 'PROVIDER_FAILED', 'true'),
    failures: rise(METERS.attemptsFailed, 'LIPSYNC', 'INVALID_INPUT', 'false'),
    waits: rise(METERS.queueWait, 'LIPSYNC'),
    failedJobs: rise(METERS.jobsEnded, 'LIPSYNC', 'FAILED'),
    failedDurations: rise(METERS.jobDuration, 'LIPSYNC', 'FAILED'),
    failedSteps: rise(METERS.stepDuration, 'LIPSYNC', 'analyze_audio', 'failed'),
    completedSteps: rise(METERS.stepDuration, 'LIPSYNC', 'analyze_audio', 'completed'),
    completedJobs: rise(METERS.jobsEnded, 'LIPSYNC', 'COMPLETED'),
    completedDurations: rise(METERS.jobDuration, 'LIPSYNC', 'COMPLETED'),
    errors: rise(METERS.eventsPublished, 'ErrorEvent'),
    completions: rise(METERS.eventsPublished, 'CompletionEvent'),
  };
  const { id, projectId } = await path.enqueue();
  await path.startWorker();
  expect((await path.ended(id)).status).toBe('FAILED');
  await path.commands.retry(projectId, id);
  expect((await path.ended(id)).status).toBe('COMPLETED');
  // The snapshot is there before the worker has Redis' answer.
  await until(() => rises.completions() === 1, { what: 'the count of the completion' });
  expect(Object.fromEntries(Object.entries(rises).map(([name, by]) => [name, by()]))).toEqual({
    ...{ created: 1, retries: 1, failures: 1, waits: 1, errors: 2, completions: 1 },
    ...{ failedJobs: 1, failedDurations: 1, failedSteps: 2 },
    // The run that retryJob began has no duration: the time since the first start holds a pause of somebody's.
    ...{ completedJobs: 1, completedDurations: 0, completedSteps: 1 },
  });
});

test('a job that runs is seen while it does', async () => {
  const path = await createJobPath();
  const running = async (): Promise<number> => (await METERS.runningJobs.read())[0]?.value.value ?? 0;
  const held = path.stage.hold('apply_lipsync');
  const { id } = await path.enqueue();
  const before = await running();
  await path.startWorker();
  await held.entered();
  expect(await running()).toBe(before + 1);
  held.release();
  await path.ended(id);
  await until(async () => (await running()) === before, { what: 'the end of the attempt' });
});

test('batches have durations of their own, however they end', async () => {
  const path = await createBatchPath();
  const [jobs, completed, cancelled] = [
    rise(METERS.jobDuration, 'LIPSYNC', 'COMPLETED'),
    rise(METERS.batchDuration, 'LIPSYNC', 'COMPLETED'),
    rise(METERS.batchDuration, 'LIPSYNC', 'CANCELLED'),
  ];
  await path.startWorker();
  const whole = await path.enqueueBatch(3);
  await path.ended(whole.id);
  await until(() => completed() === 1, { what: 'the duration of the batch' });
  expect([jobs(), completed(), cancelled()]).toEqual([3, 1, 0]);
  const held = path.hold(1);
  const cut = await path.enqueueBatch(2);
  await held.entered();
  await until(async () => (await path.load(cut.id)).startedAt !== null, { what: 'the report of an item' });
  await path.commands.cancel(cut.projectId, cut.id);
  await until(() => cancelled() === 1, { what: 'the duration of the batch' });
  expect(completed()).toBe(1);
});

test('a subscription by server-sent events is a subscriber, and what it gets is delivered', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  await writeJob(endpoint.log, projectId);
  const delivered = rise(METERS.eventsDelivered, 'iterator');
  const before = await subscribers();
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const response = await fetch(`http://${endpoint.url}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: WATCH, variables: { projectId } }),
    signal: leaving.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = ''; !text.includes('ProgressEvent'); ) text += (await reader?.read())?.value ?? '';
  expect(delivered()).toBe(1);
  expect(await subscribers()).toBe(before + 1);
  leaving.abort();
  await until(async () => (await subscribers()) === before, { what: 'the end of the subscription' });
});
