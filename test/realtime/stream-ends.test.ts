/** What is opened for a subscription over HTTP ends with its response, however that ends. */
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { METERS } from '../../src/core/meters.ts';
import { until } from '../setup/deadline.ts';
import { range, unique, writeJob } from '../setup/harness.ts';
import { createGate, type Endpoint, startEndpoint, subscriberCount, WATCH } from './endpoint.ts';

interface Asked {
  readonly endpoint: Endpoint;
  readonly variables: Record<string, unknown>;
  readonly accept?: string;
  readonly signal?: AbortSignal;
  readonly method?: string;
}

function ask({ endpoint, variables, accept = 'text/event-stream', signal }: Asked): Promise<Response> {
  return fetch(`http://${endpoint.url}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query: WATCH, variables }),
    ...(signal && { signal }),
  });
}

/** A request as it goes over the wire. @param accept its header of that name; '' sends none */
function requestText(variables: Record<string, unknown>, accept = 'accept: text/event-stream'): string {
  const body = JSON.stringify({ query: WATCH, variables });
  const head = [
    'POST /graphql HTTP/1.1',
    'host: a',
    'content-type: application/json',
    ...(accept === '' ? [] : [accept]),
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** A client that speaks HTTP by itself, to leave when and how it likes. */
async function dial({ port }: Endpoint): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

function timerCount(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

/** Everything that requests have opened has been let go of. */
async function expectNothingLeft(endpoint: Endpoint, timersBefore: number): Promise<void> {
  await until(() => endpoint.hub.size === 0, { what: 'no feed is left' });
  await until(async () => (await subscriberCount()) === 0, { what: 'no subscriber is left' });
  // Yoga keeps a timer for each event stream; the test's own waits are over.
  await until(() => timerCount() <= timersBefore + 1, { what: `timers: ${timersBefore} before` });
}

test.each([
  'application/json',
  'text/html, application/graphql-response+json',
  'text/html',
  'text/event-stream;q=0, */*',
  'text/event-stream;charset=iso-8859-1',
  'application/*, image/*',
])('Accept: %s is refused before anything is opened, with what to use instead', async (accept) => {
  const gate = createGate();
  const endpoint = await startEndpoint({ wrap: gate.wrap });
  const response = await ask({ endpoint, accept, variables: { projectId: unique('project') } });
  expect(response.status).toBe(406);
  expect(response.headers.get('content-type')).toMatch(/json/);
  const { errors } = (await response.json()) as { errors: { message: string; extensions: object }[] };
  expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'accept' });
  expect(errors[0]?.message).toContain('text/event-stream');
  expect(errors[0]?.message).toContain('graphql-transport-ws');
  expect([gate.waiting(), endpoint.hub.size]).toEqual([0, 0]);
});

test.each(['text/event-stream', '*/*', 'text/*;q=0.1', 'application/json, text/event-stream; charset=utf-8'])(
  'Accept: %s is answered by an event stream, which ends with its client',
  async (accept) => {
    const endpoint = await startEndpoint({ hub: { lingerMs: 0 } });
    const projectId = unique('project');
    await writeJob(endpoint.log, projectId);
    const timers = timerCount();
    const left = new AbortController();
    const response = await ask({ endpoint, accept, variables: { projectId }, signal: left.signal });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    await response.body?.getReader().read();
    expect(endpoint.hub.size).toBe(1);
    left.abort();
    await expectNothingLeft(endpoint, timers);
  },
);

test.each(['', 'accept:', 'Accept: text/html, Text/Event-Stream; Q=0.5'])(
  'a request with the header "%s" is answered by an event stream',
  async (accept) => {
    const endpoint = await startEndpoint();
    const projectId = unique('project');
    await writeJob(endpoint.log, projectId);
    const socket = await dial(endpoint);
    let answer = '';
    socket.on('data', (bytes) => {
      answer += String(bytes);
    });
    socket.write(requestText({ projectId }, accept));
    await until(() => answer.includes('ProgressEvent') || answer.includes('errors'));
    expect(answer).toMatch(/^HTTP\/1.1 200 .*content-type: text\/event-stream/is);
    socket.destroy();
  },
);

test('clients that leave before the answer leave nothing behind', async () => {
  const gate = createGate();
  const endpoint = await startEndpoint({ wrap: gate.wrap, hub: { lingerMs: 0 } });
  const timers = timerCount();
  const sockets = await Promise.all(range(1, 20).map(() => dial(endpoint)));
  for (const socket of sockets) socket.write(requestText({ projectId: unique('project') }));
  await until(() => gate.waiting() === sockets.length);
  for (const socket of sockets) socket.destroy();
  await until(() => endpoint.sockets.every(({ closed }) => closed));
  gate.open();
  await expectNothingLeft(endpoint, timers);
});

test('clients that leave right behind their request leave nothing behind', async () => {
  const endpoint = await startEndpoint({ hub: { lingerMs: 0 } });
  const projectId = unique('project');
  await writeJob(endpoint.log, projectId);
  const timers = timerCount();
  for (const _ of range(1, 20)) {
    const socket = await dial(endpoint);
    await new Promise<void>((resolve) => socket.write(requestText({ projectId }), () => resolve()));
    socket.resetAndDestroy();
  }
  await until(() => endpoint.sockets.length === 20 && endpoint.sockets.every(({ closed }) => closed));
  await expectNothingLeft(endpoint, timers);
});

test('a client that reads nothing, and then leaves, leaves nothing behind', async () => {
  const endpoint = await startEndpoint({ hub: { lingerMs: 0 }, stallLimitMs: 3_600_000 });
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const timers = timerCount();
  const socket = await dial(endpoint);
  socket.pause();
  socket.write(requestText({ projectId }));
  await until(() => endpoint.hub.listenerCount === 1);
  // As a kernel that takes nothing.
  const [server] = endpoint.sockets as [Socket];
  server.cork();
  for (const step of range(1, 400)) await writer.progress(step / 1_000);
  await until(() => server.writableLength > server.writableHighWaterMark);
  socket.destroy();
  await expectNothingLeft(endpoint, timers);
});

test('a client that takes nothing for the time limit is cut; others are not touched', async () => {
  const endpoint = await startEndpoint({ hub: { lingerMs: 0 }, stallLimitMs: 100 });
  const cut = METERS.clientsCut.cell();
  const cutBefore = cut.value;
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const timers = timerCount();
  const stalled = await dial(endpoint);
  stalled.write(requestText({ projectId }));
  await until(() => endpoint.hub.listenerCount === 1);
  const left = new AbortController();
  const healthy = await ask({ endpoint, variables: { projectId }, signal: left.signal });
  const reader = healthy.body?.pipeThrough(new TextDecoderStream()).getReader();
  const [server] = endpoint.sockets as [Socket];
  server.cork();
  await writer.progress(0.5);
  await until(() => server.closed, { what: 'the connection of the stalled client is closed' });
  expect(cut.value - cutBefore).toBe(1);
  await writer.progress(0.75);
  let text = '';
  while (!text.includes('"progress":0.75')) text += (await reader?.read())?.value ?? '';
  expect(cut.value - cutBefore).toBe(1);
  left.abort();
  stalled.destroy();
  await expectNothingLeft(endpoint, timers);
});

test('a subscription that fails as it begins, and one that ends by itself, leave nothing behind', async () => {
  const endpoint = await startEndpoint({ hub: { lingerMs: 0 } });
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  await writer.complete();
  const timers = timerCount();
  const unknown = await ask({ endpoint, variables: { projectId, jobId: 'unknown' } });
  expect(await unknown.text()).toContain('NOT_FOUND');
  const ended = await ask({ endpoint, variables: { projectId, jobId: writer.state.id } });
  expect(await ended.text()).toContain('CompletionEvent');
  await expectNothingLeft(endpoint, timers);
});

test('HEAD opens nothing', async () => {
  const gate = createGate();
  const endpoint = await startEndpoint({ wrap: gate.wrap });
  const query = 'subscription { jobEvents(projectId: "a") { __typename } }';
  const response = await fetch(`http://${endpoint.url}?query=${encodeURIComponent(query)}`, {
    method: 'HEAD',
    headers: { accept: 'text/event-stream' },
  });
  expect(response.status).toBe(405);
  expect([gate.waiting(), endpoint.hub.size]).toEqual([0, 0]);
});
