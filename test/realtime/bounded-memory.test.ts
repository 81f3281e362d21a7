/**
 * What one client can make the server keep for it (G7). Where the server's socket is corked, it stands for a kernel that
 * takes nothing.
 */

import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { afterTurns } from '../../src/core/turns.ts';
import type { Channel } from '../../src/log/feed.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { newWriteId } from '../../src/progress/write-id.ts';
import { WRITE_LIMIT_BYTES } from '../../src/realtime/client-socket.ts';
import { until } from '../setup/deadline.ts';
import { cursorOf, type JobWriter, range, unique, writeJob } from '../setup/harness.ts';
import { type Endpoint, holdIntervals, startEndpoint } from './endpoint.ts';

const EVENT_BYTES = 10_000;
const SUBSCRIPTIONS = range(1, 10).map((number) => `s${number}`);
/** One write, with the event that took it over the limit, and the protocol's own messages. */
const MAX_KEPT_BYTES = 2 * WRITE_LIMIT_BYTES;
/** Nothing collapses, so that every event can be waited for. */
const PATIENT = { collapseFrom: 10_000, maxLength: 20_000 };

const WITH_METADATA = `subscription ($projectId: ID!, $after: ID, $snapshot: Boolean) {
  jobEvents(projectId: $projectId, after: $after, snapshot: $snapshot) {
    ... on Event { id }
    ... on ProgressEvent { metadata }
  }
}`;

/** Adds events that are as large as they come. */
async function writeLarge({ log }: Endpoint, writer: JobWriter, count: number): Promise<void> {
  const metadata = { text: 'x'.repeat(EVENT_BYTES) };
  const write = () =>
    log.append({
      mode: 'event',
      writeId: newWriteId(),
      event: { ...writer.progressEvent(0.1, 'processing', 1), metadata } as never,
      state: writer.state,
    });
  await Promise.all(range(1, count).map(write));
}

function socketOf({ sockets }: Endpoint): Socket {
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error('expected a connection, there is none');
  return socket;
}

/** The most that a socket keeps in so many turns of the event loop. */
async function mostKept(socket: Socket, turns = 200): Promise<number> {
  let most = 0;
  for (const _ of range(1, turns)) {
    await new Promise<void>((resolve) => afterTurns(1, resolve));
    most = Math.max(most, socket.writableLength);
  }
  return most;
}

function idsOf(events: readonly LoggedEvent[]): string[] {
  return events.map(cursorOf);
}

test('replays to one socket that are asked for together, behind a ping, wait until it takes them', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const lease = await endpoint.hub.acquire(projectId);
  await writeLarge(endpoint, writer, 200);
  await until(() => lease.feed.position.seq === 202);
  const events = await endpoint.log.readAfter(projectId, ORIGIN, 300);
  const client = await endpoint.connect();
  const socket = socketOf(endpoint);
  socket.cork();
  // Sent in one turn, so that they come in one packet: the answer to the ping has the socket gather what follows.
  client.send({ type: 'ping' });
  for (const id of SUBSCRIPTIONS)
    client.subscribe(id, { projectId, after: cursorOf(events[2]) }, WITH_METADATA);
  await until(() => socket.writableLength > 0);
  expect(await mostKept(socket)).toBeLessThan(MAX_KEPT_BYTES);
  socket.uncork();
  for (const id of SUBSCRIPTIONS) {
    expect((await client.events(id, 199)).map((event) => event.id)).toEqual(idsOf(events.slice(3)));
  }
  lease.release();
});

test.each([
  ['one subscription', SUBSCRIPTIONS.slice(0, 1)],
  ['several subscriptions', SUBSCRIPTIONS],
])('a burst in one turn to %s of one socket waits until it takes it', async (_what, ids) => {
  let isDeaf = false;
  // Messages that are lost make the feed read the log, and hand on what it missed at once.
  const wrap = (channel: Channel): Channel => ({
    subscribe: (name, take) =>
      channel.subscribe(name, (message) => {
        if (!isDeaf) take(message);
      }),
    unsubscribe: (id) => channel.unsubscribe(id),
  });
  const endpoint = await startEndpoint({ wrap, queue: PATIENT, hub: { checkIntervalMs: 3_600_000 } });
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const client = await endpoint.connect();
  for (const id of ids) client.subscribe(id, { projectId }, WITH_METADATA);
  for (const id of ids) await client.events(id, 1);
  const lease = await endpoint.hub.acquire(projectId);
  await until(() => endpoint.hub.listenerCount === 1);
  isDeaf = true;
  await writeLarge(endpoint, writer, 200);
  const socket = socketOf(endpoint);
  socket.cork();
  const repaired = lease.feed.repair();
  await until(() => socket.writableLength > 0);
  expect(await mostKept(socket)).toBeLessThan(MAX_KEPT_BYTES);
  await repaired;
  socket.uncork();
  const events = await endpoint.log.readAfter(projectId, ORIGIN, 300);
  for (const id of ids) {
    const seen = await client.events(id, 201);
    expect(seen.map((event) => event.id)).toEqual(idsOf(events.slice(1)));
  }
  lease.release();
});

test('a client that asks and reads nothing is not read either, and loses no answer', async () => {
  holdIntervals();
  const endpoint = await startEndpoint();
  const client = await endpoint.connect();
  const socket = socketOf(endpoint);
  client.socket.pause();
  const payload = { text: 'x'.repeat(50_000) };
  const pings = 400;
  for (const _ of range(1, pings)) client.send({ type: 'ping', payload });
  await until(() => socket.isPaused());
  expect(await mostKept(socket)).toBeLessThan(2 * 1024 * 1024);
  client.socket.resume();
  await until(() => client.messages.filter(({ type }) => type === 'pong').length === pings);
});
