/** How long clients have for what they owe, by WebSocket and by event stream, and how long a stream is silent or open. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { METERS } from '../../src/core/meters.ts';
import { StalledStreams } from '../../src/realtime/stalled-streams.ts';
import { until } from '../setup/deadline.ts';
import { range, unique, writeJob } from '../setup/harness.ts';
import { type Client, type Endpoint, startEndpoint, WATCH, watchTogether } from './endpoint.ts';

const SECOND_MS = 1_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  return () => void vi.useRealTimers();
});

/** Waits until the server has read everything that the client has sent, the answer to a ping included. */
async function heard(client: Client): Promise<void> {
  const pongs = (): number => client.messages.filter(({ type }) => type === 'pong').length;
  const before = pongs();
  client.send({ type: 'ping' });
  await until(() => pongs() > before);
}

function countPings(client: Client): () => number {
  let count = 0;
  client.socket.on('ping', () => {
    count += 1;
  });
  return () => count;
}

test('each second a twelfth of the clients is pinged; one that has not answered when its turn comes again is cut', async () => {
  const endpoint = await startEndpoint();
  const clients: Client[] = [];
  for (const _ of range(1, 12)) clients.push(await endpoint.connect());
  const [silent, ...others] = clients as [Client, ...Client[]];
  const counts = others.map(countPings);
  const pings = (): number => counts.reduce((sum, count) => sum + count(), 0);
  silent.socket.pause();
  for (const second of range(1, 12)) {
    vi.advanceTimersByTime(SECOND_MS);
    await until(() => pings() === second - 1);
    await Promise.all(others.map(heard));
    expect(pings()).toBe(second - 1);
  }
  expect([counts.map((count) => count()), endpoint.webSocket.connections]).toEqual([others.map(() => 1), 12]);
  vi.advanceTimersByTime(SECOND_MS);
  await until(() => endpoint.webSocket.connections === 11);
  for (const second of range(1, 11)) {
    vi.advanceTimersByTime(SECOND_MS);
    await until(() => pings() === 11 + second);
    await Promise.all(others.map(heard));
  }
  expect(others.map(({ closed }) => closed)).toEqual(others.map(() => null));
});

test('one that cannot be written to is not pinged, and not cut for an answer that it could not give', async () => {
  const endpoint = await startEndpoint({ stallLimitMs: 3_600 * SECOND_MS });
  const { clients, writer } = await watchTogether(endpoint);
  const [held, healthy] = clients;
  const pings = countPings(held);
  const [server] = endpoint.sockets as [Socket];
  held.socket.pause();
  vi.advanceTimersByTime(SECOND_MS);
  server.cork();
  await writer.progress(0.5);
  await healthy.events('s', 2);
  const waiting = server.writableLength;
  vi.advanceTimersByTime(12 * SECOND_MS);
  expect([server.writableLength, endpoint.webSocket.connections]).toEqual([waiting, 2]);
  server.uncork();
  held.socket.resume();
  await held.events('s', 2);
  await heard(held);
  expect(pings()).toBe(1);
  vi.advanceTimersByTime(12 * SECOND_MS);
  await until(() => pings() === 2);
  expect(held.closed).toBeNull();
});

test('one that does not begin within 3 s is closed with 4408, and one that has begun is not', async () => {
  const endpoint = await startEndpoint();
  const client = await endpoint.connect();
  const late = new WebSocket(`ws://${endpoint.url}`, 'graphql-transport-ws');
  onTestFinished(() => late.terminate());
  const closed: unknown[] = [];
  late.on('close', (code, reason) => closed.push(code, String(reason)));
  await new Promise((resolve) => late.once('open', resolve));
  await until(() => endpoint.webSocket.connections === 2);
  vi.advanceTimersByTime(3 * SECOND_MS);
  await heard(client);
  expect([closed, late.readyState]).toEqual([[], WebSocket.OPEN]);
  vi.advanceTimersByTime(SECOND_MS);
  await until(() => closed.length > 0);
  expect(closed).toEqual([4408, 'Connection initialisation timeout']);
  await heard(client);
  expect(client.closed).toBeNull();
});

test('when the server ends, one that does not answer its goodbye is cut after 2 s', async () => {
  const endpoint = await startEndpoint();
  const [silent, other] = [await endpoint.connect(), await endpoint.connect()];
  silent.socket.pause();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const ended = endpoint.webSocket.close();
  await new Promise((resolve) => other.socket.once('close', resolve));
  const [server] = endpoint.sockets as [Socket];
  vi.advanceTimersByTime(1_999);
  expect(server.destroyed).toBe(false);
  vi.advanceTimersByTime(1);
  expect(server.destroyed).toBe(true);
  await ended;
  expect([other.closed?.code, endpoint.webSocket.connections]).toEqual([1001, 0]);
});

/** An event stream, whose text is read as far as the test waits for it. */
async function openStream(
  { url }: Endpoint,
  variables: Record<string, unknown>,
  prefer?: string,
): Promise<{ until: (end: string) => Promise<string>; rest: () => Promise<string> }> {
  const left = new AbortController();
  onTestFinished(() => left.abort());
  const response = await fetch(`http://${url}`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', accept: 'text/event-stream' },
      ...(prefer !== undefined && { prefer }),
    },
    body: JSON.stringify({ query: WATCH, variables }),
    signal: left.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const take = async (end: string | null): Promise<string> => {
    while (end === null || !text.includes(end)) {
      const { done = true, value = '' } = (await reader?.read()) ?? {};
      if (done && end !== null) throw new Error(`expected ${end}, but the stream has ended behind ${text}`);
      if (done) break;
      text += value;
    }
    const length = end === null ? text.length : text.indexOf(end) + end.length;
    const taken = text.slice(0, length);
    text = text.slice(length);
    return taken;
  };
  return { until: (end) => take(end), rest: () => take(null) };
}

test('an event stream that has nothing to say says so every 12 s, and whether events can come', async () => {
  let isUnavailable = false;
  const endpoint = await startEndpoint({ isUnavailable: () => isUnavailable });
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const stream = await openStream(endpoint, { projectId, snapshot: false });
  expect(await stream.until('\n\n')).toBe(':\n\n');
  vi.advanceTimersByTime(11_999);
  await writer.progress(0.5);
  expect(await stream.until('\n\n')).toMatch(/^id: .*"progress":0.5/s);
  vi.advanceTimersByTime(1);
  expect(await stream.until('\n\n')).toBe(':\n\n');
  isUnavailable = true;
  vi.advanceTimersByTime(12_000);
  expect(await stream.until('\n\n')).toBe(': unavailable\n\n');
});

/** A short request that follows a job of its own, while no timer goes on by itself. */
async function openWaiting(prefer: string, variables: Record<string, unknown> = {}) {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  return { stream: await openStream(endpoint, { projectId, ...variables }, prefer), writer };
}

test.each([
  ['wait=5', 5_000],
  ['respond-async, Wait = 7', 7_000],
  ['wait=100', 30_000],
])(
  'a response with Prefer: %s and no event ends after %d ms, and is not complete',
  async (prefer, waitMs) => {
    const { stream, writer } = await openWaiting(prefer, { snapshot: false });
    await stream.until('\n\n');
    vi.advanceTimersByTime(waitMs - 1);
    await writer.progress(0.5);
    await stream.until('"progress":0.5');
    vi.advanceTimersByTime(1);
    expect(await stream.rest()).not.toContain('complete');
  },
);

test('a response that waits ends 50 ms behind the first event, with what has come meanwhile', async () => {
  const { stream, writer } = await openWaiting('wait=30');
  await stream.until('"progress":0');
  vi.advanceTimersByTime(49);
  await writer.progress(0.5);
  await stream.until('"progress":0.5');
  vi.advanceTimersByTime(1);
  expect(await stream.rest()).not.toContain('complete');
});

test('an event stream whose client takes nothing is cut after 15 s', async () => {
  const endpoint = await startEndpoint();
  const cut = METERS.clientsCut.cell();
  const cutBefore = cut.value;
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const stream = await openStream(endpoint, { projectId });
  await stream.until('"progress":0');
  const [server] = endpoint.sockets as [Socket];
  server.cork();
  await writer.progress(0.5);
  await until(() => server.writableLength > 0);
  // The first look finds that it has begun.
  vi.advanceTimersByTime(15 * SECOND_MS);
  expect(cut.value - cutBefore).toBe(0);
  vi.advanceTimersByTime(SECOND_MS);
  expect(cut.value - cutBefore).toBe(1);
  await until(() => server.closed);
});

test('a ping by WebSocket is answered with what it brought, and with whether no event can come', async () => {
  let isUnavailable = false;
  const endpoint = await startEndpoint({ isUnavailable: () => isUnavailable });
  const client = await endpoint.connect();
  client.send({ type: 'ping' });
  client.send({ type: 'ping', payload: { at: 1 } });
  await until(() => client.messages.length === 3);
  isUnavailable = true;
  client.send({ type: 'ping' });
  client.send({ type: 'ping', payload: { at: 2 } });
  await until(() => client.messages.length === 5);
  expect(client.messages.slice(1)).toEqual([
    { type: 'pong' },
    { type: 'pong', payload: { at: 1 } },
    { type: 'pong', payload: { unavailable: true } },
    { type: 'pong', payload: { at: 2, unavailable: true } },
  ]);
});

test('the look for event streams that are not read ends with the last of them', () => {
  const stalled = new StalledStreams(15 * SECOND_MS);
  const timers = vi.getTimerCount();
  for (const _round of [1, 2]) {
    const [one, other] = [1, 2].map(() => new ServerResponse(new IncomingMessage(new Socket())));
    for (const response of [one, other]) if (response !== undefined) stalled.watch(response);
    expect(vi.getTimerCount() - timers).toBe(1);
    one?.emit('close');
    expect(vi.getTimerCount() - timers).toBe(1);
    other?.emit('close');
    expect(vi.getTimerCount() - timers).toBe(0);
  }
});
