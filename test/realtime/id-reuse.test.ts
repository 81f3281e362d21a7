/** An id that the client uses again before the server is through with the operation that had it. */
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { until } from '../setup/deadline.ts';
import { range, unique, writeJob } from '../setup/harness.ts';
import {
  asOnePacket,
  createGate,
  holdIntervals,
  startEndpoint,
  subscriberCount,
  WATCH,
  WATCH_ALONE,
} from './endpoint.ts';

test.each([
  ['shared', WATCH],
  ['not shared', WATCH_ALONE],
])(
  'of a subscription that is still being opened (%s): its events never come, and nothing remains of it',
  async (_what, query) => {
    const gate = createGate();
    const endpoint = await startEndpoint({ wrap: gate.wrap, hub: { lingerMs: 0 } });
    const [first, second] = [unique('first'), unique('second')];
    const [one, other] = [await writeJob(endpoint.log, first), await writeJob(endpoint.log, second)];
    const client = await endpoint.connect();
    for (const _ of range(1, 10)) {
      client.subscribe('s', { projectId: first }, query);
      client.complete('s');
    }
    client.subscribe('s', { projectId: second }, query);
    await until(() => gate.waiting() === 2);
    gate.open();
    await client.events('s', 1);
    await one.progress(0.5);
    await other.progress(0.6);
    await one.progress(0.7);
    await other.progress(0.8);
    const events = await client.events('s', 3);
    expect(events.map(({ jobId, progress }) => [jobId, progress])).toEqual([
      [other.state.id, 0],
      [other.state.id, 0.6],
      [other.state.id, 0.8],
    ]);
    expect(client.of('s').every(({ type }) => type === 'next')).toBe(true);
    // The first project has no listener any more, although the client is there.
    await until(() => endpoint.hub.size === 1);
    client.complete('s');
    await until(() => endpoint.hub.size === 0);
    client.subscribe('s', { projectId: second }, query);
    await client.until(({ id }) => id === 's');
    client.socket.terminate();
    await until(() => endpoint.webSocket.connections === 0);
    await until(async () => endpoint.hub.size === 0 && (await subscriberCount()) === 0);
    expect(endpoint.webSocket.groups).toBe(0);
  },
);

test('of a subscription whose result waits for the socket: its end does not end the second', async () => {
  holdIntervals();
  const gate = createGate();
  gate.open();
  const endpoint = await startEndpoint({ wrap: gate.wrap, hub: { lingerMs: 0 } });
  const [first, second] = [unique('first'), unique('second')];
  const [one, other] = [await writeJob(endpoint.log, first), await writeJob(endpoint.log, second)];
  const client = await endpoint.connect();
  client.subscribe('s', { projectId: first }, WATCH_ALONE);
  await client.events('s', 1);
  const [server] = endpoint.sockets as [Socket];
  server.cork();
  // The first is gathered, the second waits until the socket has taken it.
  for (const progress of [0.5, 0.6]) {
    const before = server.writableLength;
    await one.progress(progress);
    await until(() => server.writableLength > before);
  }
  client.complete('s');
  client.subscribe('s', { projectId: second }, WATCH_ALONE);
  await until(() => gate.waiting() === 2 && endpoint.hub.size === 1 && endpoint.hub.listenerCount === 1);
  server.uncork();
  await until(() => client.eventsSoFar('s').some(({ jobId }) => jobId === other.state.id));
  await other.progress(0.7);
  await until(() => client.eventsSoFar('s').some(({ progress }) => progress === 0.7));
  expect(client.of('s').map(({ type }) => type)).not.toContain('complete');
  client.complete('s');
  await until(() => endpoint.hub.size === 0);
});

test('of a query that has not been answered: the second gets its own answer alone', async () => {
  const endpoint = await startEndpoint();
  const client = await endpoint.connect();
  const [server] = endpoint.sockets as [Socket];
  await asOnePacket(server, client, () => {
    client.send({ id: 'q', type: 'subscribe', payload: { query: '{ workflows { workflow } }' } });
    client.complete('q');
    client.send({ id: 'q', type: 'subscribe', payload: { query: '{ __typename }' } });
  });
  await client.until(({ type }) => type === 'complete');
  expect(client.of('q').map(({ type, payload }) => [type, payload])).toEqual([
    ['next', { data: { __typename: 'Query' } }],
    ['complete', undefined],
  ]);
});

test('in any form: what begins like an id of ours is the client’s', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const client = await endpoint.connect();
  const ids = ['1:s', '2:1:s', 's', ':', '0:s', 'with "quotes" and \n'];
  for (const id of ids) client.subscribe(id, { projectId });
  for (const id of ids) await client.events(id, 1);
  // The first one's own id, as graphql-ws has it.
  client.complete('1:1:s');
  await writer.progress(0.5);
  for (const id of ids) expect(await client.events(id, 2)).toHaveLength(2);
  for (const id of ids) client.complete(id);
  await until(() => endpoint.webSocket.groups === 0);
});
