/** Live delivery over WebSocket: groups, frames, order, endings (G1, G2, G8). */

import { expect, test } from 'vitest';
import { newWriteId } from '../../src/progress/write-id.ts';
import { until } from '../setup/deadline.ts';
import { JobWriter, range, unique, writeJob } from '../setup/harness.ts';
import { type Client, holdIntervals, startEndpoint, WATCH } from './endpoint.ts';

test('subscribers that ask the same share a group and get the same results under their own ids', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const ids = ['a', 'another-id', 'c2'];
  const clients = await Promise.all(ids.map(() => endpoint.connect()));
  for (const [index, client] of clients.entries()) client.subscribe(ids[index] as string, { projectId });
  for (const [index, client] of clients.entries()) await client.events(ids[index] as string, 1);
  await Promise.all(range(1, 9).map((step) => writer.progress(step / 10)));
  const seen = await Promise.all(
    clients.map(async (client, index) => client.events(ids[index] as string, 10)),
  );
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
  expect(seen[0]?.map(({ progress }) => progress)).toEqual([0, ...range(1, 9).map((step) => step / 10)]);
  expect(endpoint.webSocket.groups).toBe(1);
  expect(endpoint.hub.listenerCount).toBe(1);
});

test('messages are byte for byte those of graphql-ws', async () => {
  const { connect, log } = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(log, projectId);
  const client = await connect();
  client.subscribe('s1', { projectId });
  await client.events('s1', 1);
  await writer.progress(0.5);
  await client.events('s1', 2);
  for (const text of client.texts) expect(text).toBe(JSON.stringify(JSON.parse(text)));
  const { id, type, payload } = JSON.parse(client.texts.at(-1) as string);
  expect(client.texts.at(-1)).toBe(JSON.stringify({ id, type, payload }));
});

test('other documents, operations and result variables are kept apart; the choosing ones are not', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const query = `subscription One($projectId: ID!, $with: Boolean!, $jobId: ID, $after: ID) {
    jobEvents(projectId: $projectId, jobId: $jobId, after: $after) {
      ... on Event { id } ... on ProgressEvent { progress @include(if: $with) message @skip(if: $with) }
    }
  }
  subscription Two($projectId: ID!) { jobEvents(projectId: $projectId) { ... on Event { attempt } } }`;
  const client = await endpoint.connect();
  client.subscribe('with', { projectId, with: true }, query, 'One');
  client.subscribe('without', { projectId, with: false }, query, 'One');
  client.subscribe('two', { projectId }, query, 'Two');
  client.subscribe('job', { projectId, with: true, jobId: writer.state.id }, query, 'One');
  const [first] = await client.events('with', 1);
  client.subscribe('after', { projectId, with: true, after: first?.id }, query, 'One');
  for (const id of ['without', 'two', 'job']) await client.events(id, 1);
  await until(() => endpoint.webSocket.groups === 3 && endpoint.hub.listenerCount === 3);
  await writer.progress(0.5);
  const id = (await client.events('with', 2))[1]?.id;
  expect((await client.events('with', 2))[1]).toEqual({ id, progress: 0.5 });
  expect((await client.events('job', 2))[1]).toEqual({ id, progress: 0.5 });
  expect(await client.events('after', 1)).toEqual([{ id, progress: 0.5 }]);
  expect((await client.events('without', 2))[1]).toEqual({ id, message: 'at 0.5' });
  expect((await client.events('two', 2))[1]).toEqual({ attempt: 1 });
});

test.each([
  ['quotes and backslashes', 'a"b\\c'],
  ['controls', 'a\n\u0000\u001f'],
  ['unicode', 'héllo ☃ 🎬'],
  ['a lone surrogate', '\ud800x'],
  ['JSON', '","type":"complete"}'],
  ['300 characters', 'x'.repeat(300)],
  ['70,000 characters', 'ü'.repeat(70_000)],
])('an id with %s comes back as it was', async (_name, id) => {
  const { connect, log } = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(log, projectId);
  const client = await connect();
  client.subscribe(id, { projectId });
  await client.events(id, 1);
  await Promise.all([writer.progress(0.5), writer.progress(0.6)]);
  expect((await client.events(id, 3)).map(({ progress }) => progress)).toEqual([0, 0.5, 0.6]);
  expect(client.closed).toBeNull();
});

test('results of any length are framed', async () => {
  const { connect, log } = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(log, projectId);
  const client = await connect();
  const query = `subscription ($projectId: ID!) { jobEvents(projectId: $projectId) { ... on ProgressEvent { message } } }`;
  client.subscribe('s', { projectId }, query);
  await client.events('s', 1);
  const lengths = [0, 1, 20, 40, 60, 125, 126, 500, 65_000, 65_500, 65_536, 200_000];
  for (const length of lengths) {
    const event = { ...writer.progressEvent(0.5, 'processing'), message: 'é'.repeat(length / 2) } as never;
    await log.append({ mode: 'event', writeId: newWriteId(), event, state: writer.state });
  }
  const messages = (await client.events('s', lengths.length + 1)).slice(1).map(({ message }) => message);
  expect(messages).toEqual(lengths.map((length) => 'é'.repeat(length / 2)));
});

test('what is due for a socket in one tick leaves in one write, several subscriptions included', async () => {
  holdIntervals();
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const client = await endpoint.connect();
  client.subscribe('all', { projectId });
  client.subscribe('mine', { projectId, jobId: writer.state.id });
  client.subscribe(
    'short',
    { projectId },
    'subscription ($projectId: ID!) { jobEvents(projectId: $projectId) { ... on Event { id } } }',
  );
  for (const id of ['all', 'mine', 'short']) await client.events(id, 1);
  const socket = endpoint.sockets[0];
  if (socket === undefined) throw new Error('no socket');
  const writes: number[] = [];
  const seen: unknown[] = [];
  const { _writev, _write } = socket;
  socket._writev = (chunks, done) => {
    writes.push(chunks.length);
    _writev?.call(socket, chunks, done);
  };
  socket._write = (chunk, encoding, done) => {
    writes.push(1);
    _write.call(socket, chunk, encoding, done);
  };
  const lease = await endpoint.hub.acquire(projectId);
  const detach = lease.feed.attach({ onEvent: (event) => seen.push(event), onExpired: () => {} });
  // Without its doorbell the feed reads the two from the log, at once, when it is told to look.
  await endpoint.subscriber.unsubscribe(endpoint.keys.project(projectId).live);
  await Promise.all([writer.progress(0.4), writer.progress(0.5)]);
  await lease.feed.repair();
  for (const id of ['all', 'mine', 'short']) await client.events(id, 3);
  detach();
  lease.release();
  expect(writes).toEqual([3]);
});

test('a stream with jobId completes after the last event of its job', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const other = await writeJob(endpoint.log, projectId);
  const client = await endpoint.connect();
  client.subscribe('mine', { projectId, jobId: writer.state.id });
  client.subscribe('all', { projectId });
  await client.events('mine', 1);
  await client.events('all', 2);
  await other.progress(0.3);
  await writer.progress(0.5);
  await writer.complete();
  await other.progress(0.6);
  await client.until(({ id, type }) => id === 'mine' && type === 'complete');
  await client.events('all', 6);
  expect(client.of('mine').map(({ type }) => type)).toEqual(['next', 'next', 'next', 'complete']);
  expect(client.eventsSoFar('mine').every(({ jobId }) => jobId === writer.state.id)).toBe(true);
  await until(() => endpoint.webSocket.groups === 1);
});

test('a run that is retried in the same tick is not part of the stream that its ending completes', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const client = await endpoint.connect();
  client.subscribe('mine', { projectId, jobId: writer.state.id });
  client.subscribe('all', { projectId });
  for (const id of ['mine', 'all']) await client.events(id, 1);
  await endpoint.subscriber.unsubscribe(endpoint.keys.project(projectId).live);
  await writer.fail('end');
  await writer.retry();
  await client.events('all', 3);
  await client.until(({ id, type }) => id === 'mine' && type === 'complete');
  expect(client.of('mine').map(({ type }) => type)).toEqual(['next', 'next', 'complete']);
});

test('unsubscribing and closing let go at once', async () => {
  const endpoint = await startEndpoint({ hub: { lingerMs: 10 } });
  const projectId = unique('project');
  await writeJob(endpoint.log, projectId);
  const [one, two] = [await endpoint.connect(), await endpoint.connect()];
  one.subscribe('s', { projectId });
  two.subscribe('s', { projectId });
  for (const client of [one, two]) await client.events('s', 1);
  await until(() => endpoint.hub.listenerCount === 1);
  one.complete('s');
  one.send({ type: 'ping' });
  await one.until(({ type }) => type === 'pong');
  expect(endpoint.webSocket.groups).toBe(1);
  two.socket.terminate();
  await until(() => endpoint.webSocket.groups === 0 && endpoint.hub.listenerCount === 0);
  await until(() => endpoint.hub.size === 0);
  expect(one.of('s').map(({ type }) => type)).toEqual(['next']);
  expect(endpoint.webSocket.connections).toBe(1);
});

test('an id may be used again after complete', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const client = await endpoint.connect();
  client.subscribe('s', { projectId });
  await client.events('s', 1);
  client.complete('s');
  client.subscribe('s', { projectId });
  await client.events('s', 2);
  await writer.progress(0.5);
  expect((await client.events('s', 3)).map(({ progress }) => progress)).toEqual([0, 0, 0.5]);
  expect(client.closed).toBeNull();
});

test('snapshot, replay and live meet without a gap or a repeat while events are written', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId, 700);
  const clients = await Promise.all(range(1, 10).map(() => endpoint.connect()));
  const first = clients[0] as Client;
  first.subscribe('first', { projectId, snapshot: false });
  await until(() => endpoint.webSocket.groups === 1);
  await writer.progress(0.5);
  const [start] = await first.events('first', 1);
  let written = 1;
  const writing = (async () => {
    for (; written < 400; written += 1) await writer.progress(0.5 + written / 1000);
    await writer.complete();
  })();
  for (const [index, client] of clients.entries()) {
    await until(() => written > index * 30);
    client.subscribe('resumed', { projectId, after: start?.id });
  }
  await writing;
  const whole = (await first.events('first', 401)).map(({ id }) => id);
  for (const client of clients) {
    expect((await client.events('resumed', 400)).map(({ id }) => id)).toEqual(whole.slice(1));
  }
});

test('a fault of a client closes with the code of the protocol', async () => {
  const { connect, log } = await startEndpoint();
  const projectId = unique('project');
  await writeJob(log, projectId);
  const client = await connect();
  client.subscribe('s', { projectId });
  await client.events('s', 1);
  client.subscribe('s', { projectId });
  await until(() => client.closed);
  expect(client.closed?.code).toBe(4409);
});

test('errors before the first event end the operation with an error message', async () => {
  const { connect, webSocket } = await startEndpoint();
  const client = await connect();
  client.subscribe('job', { projectId: unique('project'), jobId: 'none' });
  client.subscribe('cursor', { projectId: unique('project'), after: 'nonsense' });
  client.subscribe('document', {}, 'subscription { nothing }');
  client.subscribe('variable', {});
  const codes = await Promise.all(
    ['job', 'cursor', 'document', 'variable'].map(async (id) => {
      const { payload } = await client.until((message) => message.id === id && message.type === 'error');
      return (payload as { extensions: { code: string } }[])[0]?.extensions.code;
    }),
  );
  expect(codes).toEqual(['NOT_FOUND', 'BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT']);
  expect(client.messages.filter(({ type }) => type === 'complete')).toEqual([]);
  expect(webSocket.groups).toBe(0);
});

test('a lost history ends every subscription with EVENTS_EXPIRED', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId, 10);
  const client = await endpoint.connect();
  client.subscribe('one', { projectId });
  client.subscribe('two', { projectId, jobId: writer.state.id });
  for (const id of ['one', 'two']) await client.events(id, 1);
  await endpoint.redis.del(endpoint.keys.project(projectId).meta, endpoint.keys.project(projectId).log);
  await new JobWriter(endpoint.log, projectId).create();
  for (const id of ['one', 'two']) {
    const { payload } = await client.until((message) => message.id === id && message.type === 'error');
    expect(payload).toMatchObject([{ extensions: { code: 'EVENTS_EXPIRED' } }]);
  }
  expect(endpoint.webSocket.groups).toBe(0);
  client.subscribe('again', { projectId });
  await client.events('again', 1);
});

test('server-sent events carry the same results', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const client = await endpoint.connect();
  client.subscribe('s', { projectId, jobId: writer.state.id });
  await client.events('s', 1);
  const response = await fetch(`http://${endpoint.url}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: WATCH, variables: { projectId, jobId: writer.state.id } }),
  });
  await until(() => endpoint.hub.listenerCount === 2);
  await writer.progress(0.5);
  await writer.fail('end');
  const text = await response.text();
  const results = [...text.matchAll(/^event: next\ndata: (.*)$/gm)].map(([, data]) =>
    JSON.parse(data as string),
  );
  await client.until(({ type }) => type === 'complete');
  expect(results.map(({ data }) => data.jobEvents)).toEqual(client.eventsSoFar('s'));
  expect(results).toHaveLength(3);
});

test('events of many jobs reach only the subscribers of each', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writers = await Promise.all(range(1, 20).map(() => writeJob(endpoint.log, projectId)));
  const client = await endpoint.connect();
  for (const { state } of writers) client.subscribe(state.id, { projectId, jobId: state.id });
  for (const { state } of writers) await client.events(state.id, 1);
  await Promise.all(writers.map((writer) => writer.progress(0.5)));
  for (const { state } of writers) {
    const events = await client.events(state.id, 2);
    expect(events.map(({ jobId }) => jobId)).toEqual([state.id, state.id]);
  }
  expect(endpoint.webSocket.groups).toBe(1);
});
