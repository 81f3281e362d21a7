/** A client that does not take what is written (G7). The server's socket is corked, as if the kernel took nothing. */
import type { Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { METERS } from '../../src/core/meters.ts';
import { until } from '../setup/deadline.ts';
import { range, unique, writeJob } from '../setup/harness.ts';
import { type Endpoint, holdIntervals, startEndpoint, watchTogether } from './endpoint.ts';

function socketOf({ sockets }: Endpoint, index = 0): Socket {
  const socket = sockets[index];
  if (socket === undefined) throw new Error(`expected a connection ${index}, there are ${sockets.length}`);
  return socket;
}

/** Waits until the server has delivered everything to those who take it. */
async function settled(endpoint: Endpoint, projectId: string, seq: number): Promise<void> {
  const lease = await endpoint.hub.acquire(projectId);
  await until(() => lease.feed.position.seq === seq, { what: `event ${seq} in the feed` });
  lease.release();
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

test('progress of one job collapses to the newest, endings stay, in the order of the log', async () => {
  holdIntervals();
  const dropped = METERS.eventsCoalesced.cell('subscriber');
  const droppedBefore = dropped.value;
  const endpoint = await startEndpoint({ queue: { collapseFrom: 4, maxLength: 50 } });
  const projectId = unique('project');
  const [one, two] = [await writeJob(endpoint.log, projectId), await writeJob(endpoint.log, projectId)];
  const [slow, healthy] = [await endpoint.connect(), await endpoint.connect()];
  for (const client of [slow, healthy]) client.subscribe('s', { projectId });
  for (const client of [slow, healthy]) await client.events('s', 2);
  await until(() => endpoint.hub.listenerCount === 1);
  const socket = socketOf(endpoint);
  socket.cork();
  await one.progress(0.01);
  await healthy.events('s', 3);
  for (const step of range(1, 20)) {
    await one.progress(step / 20);
    await two.progress(step / 40);
    if (step === 10) await two.fail('release');
    if (step === 10) await two.begin(2);
  }
  const ending = await one.complete();
  const whole = await healthy.events('s', 2 + 1 + 40 + 2 + 1);
  await settled(endpoint, projectId, ending.position.seq);
  socket.uncork();
  const seen = (await until(() => {
    const events = slow.eventsSoFar('s');
    return events.at(-1)?.__typename === 'CompletionEvent' && events;
  })) as typeof whole;
  const ids = whole.map(({ id }) => id);
  expect(seen.map(({ id }) => ids.indexOf(id))).toEqual(
    seen.map(({ id }) => ids.indexOf(id)).toSorted((first, second) => first - second),
  );
  expect(seen.map(({ __typename, progress }) => [__typename, progress])).toEqual([
    ['ProgressEvent', 0],
    ['ProgressEvent', 0],
    ['ProgressEvent', 0.01],
    ['ErrorEvent', undefined],
    ['ProgressEvent', 1],
    ['ProgressEvent', 0.5],
    ['CompletionEvent', undefined],
  ]);
  expect(dropped.value - droppedBefore).toBe(whole.length - seen.length);
  await two.progress(0.9);
  expect((await slow.events('s', 8)).at(-1)).toEqual((await healthy.events('s', whole.length + 1)).at(-1));
});

test('over the limit it is closed with 1013, and resumes exactly (G2)', async () => {
  const endpoint = await startEndpoint({ queue: { collapseFrom: 2, maxLength: 5 } });
  const cut = METERS.clientsCut.cell();
  const cutBefore = cut.value;
  const projectId = unique('project');
  await writeJob(endpoint.log, projectId);
  const [slow, healthy] = [await endpoint.connect(), await endpoint.connect()];
  for (const client of [slow, healthy]) client.subscribe('s', { projectId });
  for (const client of [slow, healthy]) await client.events('s', 1);
  await until(() => endpoint.hub.listenerCount === 1);
  const socket = socketOf(endpoint);
  socket.cork();
  // In turns of their own, so that the queue, not a single write, must hold more than its limit.
  let count = 0;
  while (cut.value === cutBefore) {
    await writeJob(endpoint.log, projectId);
    count += 2;
    await healthy.events('s', 1 + count);
  }
  socket.uncork();
  const whole = healthy.eventsSoFar('s');
  await until(() => slow.closed);
  expect(slow.closed?.code).toBe(1013);
  expect(cut.value - cutBefore).toBe(1);
  const before = slow.eventsSoFar('s');
  expect(before).toEqual(whole.slice(0, before.length));
  const again = await endpoint.connect();
  again.subscribe('s', { projectId, after: before.at(-1)?.id });
  expect(await again.events('s', whole.length - before.length)).toEqual(whole.slice(before.length));
  await until(() => endpoint.webSocket.connections === 2);
});

test('one that takes nothing for the time limit is closed with 1013; others are not touched', async () => {
  const endpoint = await startEndpoint({ stallLimitMs: 100 });
  const cut = METERS.clientsCut.cell();
  const cutBefore = cut.value;
  const { clients, writer } = await watchTogether(endpoint);
  const [stalled, healthy] = clients;
  const socket = socketOf(endpoint);
  socket.cork();
  await writer.progress(0.5);
  await healthy.events('s', 2);
  // The close frame is written with it, behind what was written before.
  await until(() => cut.value > cutBefore);
  socket.uncork();
  await until(() => stalled.closed);
  expect(stalled.closed?.code).toBe(1013);
  expect(cut.value - cutBefore).toBe(1);
  await writer.progress(0.6);
  expect(await healthy.events('s', 3)).toHaveLength(3);
  expect(healthy.closed).toBeNull();
});

test('an error stands behind the events that came before it, also for one that is behind (G1)', async () => {
  holdIntervals();
  const endpoint = await startEndpoint({ hub: { checkIntervalMs: 3_600_000 } });
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const [slow, healthy] = [await endpoint.connect(), await endpoint.connect()];
  for (const client of [slow, healthy]) client.subscribe('s', { projectId });
  for (const client of [slow, healthy]) await client.events('s', 1);
  await until(() => endpoint.hub.listenerCount === 1);
  const socket = socketOf(endpoint);
  socket.cork();
  for (const step of range(1, 5)) await writer.progress(step / 10);
  await healthy.events('s', 6);
  const { feed } = await endpoint.hub.acquire(projectId);
  await endpoint.redis.unlink(await endpoint.redis.keys(`*{${projectId}}*`));
  await feed.repair();
  const failed = ({ messages }: typeof slow): boolean => messages.some(({ type }) => type === 'error');
  await until(() => failed(healthy));
  socket.uncork();
  await until(() => failed(slow));
  expect(slow.eventsSoFar('s')).toEqual(healthy.eventsSoFar('s'));
  expect(slow.eventsSoFar('s')).toHaveLength(6);
  const last = slow.messages.filter(({ id }) => id === 's').at(-1);
  expect(last).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'EVENTS_EXPIRED' } }] });
});

test('the stream of a job ends with the run that ended, though the job was retried before the client took it', async () => {
  holdIntervals();
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const [slow, whole] = [await endpoint.connect(), await endpoint.connect()];
  slow.subscribe('s', { projectId, jobId: writer.state.id });
  whole.subscribe('w', { projectId });
  await slow.events('s', 1);
  await whole.events('w', 1);
  await until(() => endpoint.hub.listenerCount === 1);
  const socket = socketOf(endpoint);
  socket.cork();
  await writer.progress(0.5);
  await whole.events('w', 2);
  await writer.fail('end');
  await writer.retry();
  await writer.begin(2);
  await whole.events('w', 5);
  socket.uncork();
  await until(() => slow.messages.some(({ type }) => type === 'complete'));
  await whole.events('w', 5);
  expect(slow.eventsSoFar('s').map(({ __typename }) => __typename)).toEqual([
    'ProgressEvent',
    'ProgressEvent',
    'ErrorEvent',
  ]);
  expect(slow.messages.filter(({ id }) => id === 's').at(-1)?.type).toBe('complete');
});

test('the time limit is 15 s, from the first event that was not taken', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const endpoint = await startEndpoint();
  const cut = METERS.clientsCut.cell();
  const cutBefore = cut.value;
  const { clients, writer } = await watchTogether(endpoint);
  const [stalled, healthy] = clients;
  const socket = socketOf(endpoint);
  socket.cork();
  await writer.progress(0.5);
  await healthy.events('s', 2);
  vi.advanceTimersByTime(14_000);
  expect(cut.value - cutBefore).toBe(0);
  // The sweeps are some seconds apart.
  vi.advanceTimersByTime(5_000);
  expect(cut.value - cutBefore).toBe(1);
  socket.uncork();
  await until(() => stalled.closed);
  expect(stalled.closed?.code).toBe(1013);
});

test('a bystander’s pending write is never overwritten by the next one’s id', async () => {
  holdIntervals();
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const clients = await Promise.all(range(1, 6).map(() => endpoint.connect()));
  for (const [index, client] of clients.entries()) client.subscribe(`id-${index}`, { projectId });
  for (const [index, client] of clients.entries()) await client.events(`id-${index}`, 1);
  await until(() => endpoint.hub.listenerCount === 1);
  const held = endpoint.sockets.slice(0, 3);
  for (const socket of held) socket.cork();
  await writer.progress(0.5);
  for (const [index, client] of clients.entries()) if (index >= 3) await client.events(`id-${index}`, 2);
  for (const socket of held) socket.uncork();
  for (const [index, client] of clients.entries()) {
    await client.events(`id-${index}`, 2);
    expect(client.messages.filter(({ id }) => id !== undefined && id !== `id-${index}`)).toEqual([]);
  }
});
