/** What the delivery takes for granted of ws and graphql-ws: an upgrade that changes it fails here. */
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../setup/deadline.ts';
import { range, unique, writeJob } from '../setup/harness.ts';
import { keepLog } from '../setup/kept-log.ts';
import { asOnePacket, holdIntervals, type Message, startEndpoint } from './endpoint.ts';

test('frames stand beside pings, pongs and protocol messages of ws, all written at once', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const client = await endpoint.connect();
  let pongs = 0;
  client.socket.on('pong', () => {
    pongs += 1;
  });
  client.subscribe('s', { projectId });
  await client.events('s', 1);
  for (const step of range(1, 50)) {
    client.socket.ping('x'.repeat(step));
    client.send({ type: 'ping', payload: { step } });
    await writer.progress(step / 100);
  }
  expect((await client.events('s', 51)).map(({ progress }) => progress)).toEqual(
    range(0, 50).map((step) => step / 100),
  );
  await until(() => pongs === 50 && client.messages.filter(({ type }) => type === 'pong').length === 50);
  expect(client.closed).toBeNull();
});

test('compression is not taken up, also when a client offers it', async () => {
  const endpoint = await startEndpoint();
  const socket = new WebSocket(`ws://${endpoint.url}`, 'graphql-transport-ws', { perMessageDeflate: true });
  await new Promise((resolve) => socket.once('open', resolve));
  expect(socket.extensions).toBe('');
  expect(socket.protocol).toBe('graphql-transport-ws');
  socket.terminate();
});

const SUBSCRIBE = { id: 's', type: 'subscribe', payload: { query: '{ workflows { workflow } }' } };

test.each<[string, string | undefined, (Message | string)[], number]>([
  ['another subprotocol', 'graphql-ws', [], 4406],
  ['no subprotocol', undefined, [], 4406],
  ['something that is no message', 'graphql-transport-ws', ['nonsense'], 4400],
  ['an operation before the handshake', 'graphql-transport-ws', [SUBSCRIBE], 4401],
  [
    'a message that only servers send',
    'graphql-transport-ws',
    [{ type: 'connection_init' }, { id: 's', type: 'next', payload: { data: null } }],
    4400,
  ],
  [
    'a second handshake',
    'graphql-transport-ws',
    [{ type: 'connection_init' }, { type: 'connection_init' }],
    4429,
  ],
])('%s closes with its code', async (_name, subprotocol, messages, code) => {
  const endpoint = await startEndpoint();
  const socket = new WebSocket(`ws://${endpoint.url}`, subprotocol);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('open', resolve).once('close', resolve));
  for (const message of messages)
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  expect(await closed).toBe(code);
});

test('a fault of ours as an operation begins closes with 4500, and stands in the log', async () => {
  const logger = keepLog();
  const err = new TypeError('a fault of ours');
  const viewer = (): never => {
    throw err;
  };
  const endpoint = await startEndpoint({ logger, viewer });
  const client = await endpoint.connect();
  client.send(SUBSCRIBE);
  await until(() => client.closed);
  expect(client.closed).toEqual({ code: 4500, reason: 'Internal server error' });
  expect(logger.lines).toEqual([{ level: 'error', err, text: expect.any(String) as string }]);
});

test('a client of another subprotocol that goes on before it hears the refusal does no harm', async () => {
  const endpoint = await startEndpoint();
  const socket = connect(endpoint.port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let answer = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    answer = Buffer.concat([answer, bytes]);
  });
  const head = [
    'GET /graphql HTTP/1.1',
    'host: a',
    'connection: Upgrade',
    'upgrade: websocket',
    'sec-websocket-version: 13',
    `sec-websocket-key: ${Buffer.alloc(16).toString('base64')}`,
    'sec-websocket-protocol: graphql-ws',
  ];
  // A frame of the text {}, masked with zeros.
  const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x7b, 0x7d]);
  socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), frame]));
  await until(() => answer.includes('expected graphql-transport-ws'));
  const client = await endpoint.connect();
  client.send(SUBSCRIBE);
  await client.until(({ type }) => type === 'complete');
});

test('queries go over the same socket', async () => {
  const endpoint = await startEndpoint();
  const client = await endpoint.connect();
  client.send(SUBSCRIBE);
  await client.until(({ type }) => type === 'complete');
  expect(client.of('s').map(({ type }) => type)).toEqual(['next', 'complete']);
});

test('an id may be used again right behind its end, in the same packet', async () => {
  const endpoint = await startEndpoint();
  const [first, second] = [unique('project'), unique('project')];
  await writeJob(endpoint.log, first);
  const writer = await writeJob(endpoint.log, second);
  const client = await endpoint.connect();
  client.subscribe('s', { projectId: first });
  await client.events('s', 1);
  const [server] = endpoint.sockets as [Socket];
  await asOnePacket(server, client, () => {
    client.complete('s');
    client.subscribe('s', { projectId: second });
    client.complete('other');
    client.send({ type: 'ping' });
  });
  await client.until(({ type }) => type === 'pong');
  await writer.progress(0.5);
  await client.until(({ id, payload }) => id === 's' && JSON.stringify(payload).includes('0.5'));
  expect(client.closed).toBeNull();
});

test('answers to what came in one packet leave in one or two writes, in order', async () => {
  holdIntervals();
  const endpoint = await startEndpoint();
  const client = await endpoint.connect();
  const [server] = endpoint.sockets as [Socket];
  const ids = range(1, 8).map(String);
  // What a Writable hands to the operating system goes through these two.
  const spies = [vi.spyOn(server, '_write'), vi.spyOn(server, '_writev' as '_write')];
  await asOnePacket(server, client, () => {
    for (const id of ids) client.send({ ...SUBSCRIBE, id });
  });
  await until(() => client.messages.filter(({ type }) => type === 'complete').length === ids.length);
  for (const id of ids) expect(client.of(id).map(({ type }) => type)).toEqual(['next', 'complete']);
  expect(spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0)).toBeLessThanOrEqual(2);
});

test('an upgrade elsewhere is refused', async () => {
  const endpoint = await startEndpoint();
  const socket = new WebSocket(`ws://127.0.0.1:${endpoint.port}/elsewhere`);
  const message = await new Promise<string>((resolve) =>
    socket.once('error', (error) => resolve(error.message)),
  );
  expect(message).toContain('404');
});

test('the server says goodbye with 1001', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  await writeJob(endpoint.log, projectId);
  const client = await endpoint.connect();
  client.subscribe('s', { projectId });
  await client.events('s', 1);
  await endpoint.webSocket.close();
  await until(() => client.closed);
  expect(client.closed?.code).toBe(1001);
  await until(() => endpoint.webSocket.groups === 0 && endpoint.hub.listenerCount === 0);
});
