/** Every limit, reached on purpose: a code and a 4xx or close code, and a server that goes on answering. */

import { readFileSync } from 'node:fs';
import { GraphQLError, parse, Source } from 'graphql';
import { expect, inject, onTestFinished, test } from 'vitest';
import { measureDocument } from '../../src/realtime/document-measure.ts';
import { checkDocument, DEFAULT_LIMITS, withExtensions, withoutStatus } from '../../src/realtime/limits.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { MAX_PAGE } from '../../web/state/job-list.ts';
import { until } from '../setup/deadline.ts';
import { range, unique } from '../setup/harness.ts';
import { schema } from '../setup/schema.ts';
import { RawClient } from './raw-client.ts';
import { answerOf, fieldOf, makeJwt, type SecuredServer, startSecured } from './secured-server.ts';

const WORKFLOWS = '{ workflows { taskName } }';
const TEN = range(1, 10);
const WATCH = 'subscription { jobEvents(projectId: "a", snapshot: false) { __typename } }';

async function expectRefusal(response: Response, status: number, code: string): Promise<void> {
  expect((await answerOf(response)).errors?.[0]?.extensions.code).toBe(code);
  expect(response.status).toBe(status);
}

async function expectAlive(secured: SecuredServer): Promise<void> {
  const response = await secured.post(WORKFLOWS, { credential: await secured.key() });
  expect(response.status).toBe(200);
}

async function connect(secured: SecuredServer, credential: string): Promise<RawClient> {
  const client = await RawClient.open(secured.url);
  client.init(credential);
  await client.until('connection_ack');
  return client;
}

test('a body over the limit is PAYLOAD_TOO_LARGE, announced or not', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_MAX_BODY_KB: '8' } });
  const credential = await secured.key();
  const variables = { filler: 'x'.repeat(9_000) };
  await expectRefusal(await secured.post(WORKFLOWS, { credential, variables }), 413, 'PAYLOAD_TOO_LARGE');
  const sendChunked = (payload: object): Promise<Response> =>
    fetch(`${secured.url}/graphql`, {
      method: 'POST',
      body: new Blob([JSON.stringify(payload)]).stream(),
      duplex: 'half',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${credential}` },
    } as RequestInit);
  const chunked = await sendChunked({ query: WORKFLOWS, variables });
  await expectRefusal(chunked, 413, 'PAYLOAD_TOO_LARGE');
  const short = { filler: '가'.repeat(2_000) };
  expect(await (await sendChunked({ query: WORKFLOWS, variables: short })).json()).toHaveProperty('data');
  await expectAlive(secured);
});

test.each(['announced', 'not announced'])(
  'a body of exactly the limit, %s, is read, and one byte more is not',
  async (how) => {
    const secured = await startSecured({ env: { PLAYHEAD_MAX_BODY_KB: '8' } });
    const credential = await secured.key();
    const send = (bytes: number): Promise<Response> => {
      const text = JSON.stringify({ query: WORKFLOWS }).padEnd(bytes);
      return fetch(`${secured.url}/graphql`, {
        method: 'POST',
        body: how === 'announced' ? text : new Blob([text]).stream(),
        duplex: 'half',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${credential}` },
      } as RequestInit);
    };
    expect((await send(8 * 1_024)).status).toBe(200);
    await expectRefusal(await send(8 * 1_024 + 1), 413, 'PAYLOAD_TOO_LARGE');
  },
);

test('100,000 Korean characters pass the default limit of a body', () => {
  const body = JSON.stringify({ query: 'x'.repeat(1_000), variables: { script: '가'.repeat(100_000) } });
  expect(Buffer.byteLength(body)).toBeLessThan(DEFAULT_LIMITS.maxBodyBytes);
});

test('a WebSocket message over the limit closes with 1009', async () => {
  const secured = await startSecured();
  const client = await connect(secured, await secured.key());
  client.send(JSON.stringify({ type: 'ping', payload: { filler: 'x'.repeat(65_536) } }));
  expect(await client.ended()).toBe(1009);
  await expectAlive(secured);
});

const TOO_COMPLEX: readonly (readonly [string, string])[] = [
  ['depth', `{ job(projectId: "a", id: "1") ${'{ parent '.repeat(14)}{ id }${' }'.repeat(14)} }`],
  [
    'aliases',
    `{ ${Array.from({ length: 31 }, (_, index) => `a${index}: workflows { taskName }`).join(' ')} }`,
  ],
  [
    'cost',
    '{ jobs(projectId: "a", first: 100) { edges { node { items { id step message taskName attempt status workflow progress createdAt startedAt } } } } }',
  ],
  ['cost', '{ job(projectId: "a", id: "1") { items { items { items { id } } } } }'],
  ['tokens', `{ ${'workflows { taskName } '.repeat(1_001)} }`],
];

test.each(TOO_COMPLEX)('too much %s is TOO_COMPLEX by HTTP and by WebSocket', async (_name, query) => {
  const secured = await startSecured();
  const credential = await secured.key();
  await expectRefusal(await secured.post(query, { credential }), 400, 'TOO_COMPLEX');
  const client = await connect(secured, credential);
  client.send({ id: '1', type: 'subscribe', payload: { query } });
  const error = (await client.until('error')) as { payload?: unknown };
  expect(error.payload).toMatchObject([{ extensions: { code: 'TOO_COMPLEX' } }]);
  expect(JSON.stringify(error)).not.toContain('"http"');
});

test.each([
  ['PLAYHEAD_MAX_DEPTH', '2', 'depth', '{ job(projectId: "a", id: "1") { parent { id } } }'],
  ['PLAYHEAD_MAX_ALIASES', '0', 'aliases', '{ a: workflows { taskName } }'],
  ['PLAYHEAD_MAX_COST', '100', 'cost', '{ jobs(projectId: "a", first: 50) { edges { node { id } } } }'],
])('%s=%s is kept, and what is within it is answered', async (setting, value, name, query) => {
  const secured = await startSecured({ env: { [setting]: value } });
  const response = await secured.post(query, { credential: await secured.key() });
  const [error] = (await answerOf(response)).errors ?? [];
  expect(error).toMatchObject({
    extensions: { code: 'TOO_COMPLEX', details: { name, limit: Number(value) } },
  });
  await expectAlive(secured);
});

test('PLAYHEAD_MAX_MESSAGE_KB is kept: one message passes, a longer one closes', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_MAX_MESSAGE_KB: '128' } });
  const client = await connect(secured, await secured.key());
  const ping = (length: number): string =>
    JSON.stringify({ type: 'ping', payload: { filler: 'x'.repeat(length) } });
  client.send(ping(100_000));
  await client.until('pong');
  client.send(ping(131_072));
  expect(await client.ended()).toBe(1009);
});

test('a page’s length in a variable counts, and so does one that is missing', () => {
  const query = 'query ($n: Int = 100) { jobs(projectId: "a", first: $n) { edges { node { id } } } }';
  const cost = (variables: Record<string, unknown>): number =>
    measureDocument(parse(query), null, variables).cost;
  expect(cost({ n: 2 })).toBe(1 + 2 * 3);
  expect(cost({ n: 100 })).toBe(1 + 100 * 3);
  expect(cost({})).toBe(1 + 100 * 3);
  expect(cost({ n: 'many' })).toBe(1 + 100 * 3);
});

const DEEP = (fields: number): string =>
  `{ job(projectId: "a", id: "1") ${'{ parent '.repeat(fields - 2)}{ id }${' }'.repeat(fields - 1)}`;
const ALIASED = (count: number): string =>
  `{ ${range(1, count)
    .map((index) => `a${index}: __typename`)
    .join(' ')} }`;
/** Nine jobs of 10,102 values, 89 of 102, and fields of one. */
const COSTLY = (cost: number): string =>
  `{ ${[
    ...Array<string>(9).fill('job(projectId: "a", id: "1") { items { items { id } } }'),
    ...Array<string>(89).fill('job(projectId: "a", id: "1") { items { id } }'),
    ...Array<string>(cost - 9 * 10_102 - 89 * 102).fill('__typename'),
  ].join(' ')} }`;

test.each([
  ['depth', 12, DEEP],
  ['aliases', 30, ALIASED],
  ['cost', 100_000, COSTLY],
])('%s of %d passes by default, and one more does not', (name, limit, make) => {
  const refused = (counted: number) =>
    checkDocument(schema, DEFAULT_LIMITS, parse(make(counted)), null, {})?.extensions['details'];
  expect(refused(limit)).toBeUndefined();
  expect(refused(limit + 1)).toEqual({ name, limit, counted: limit + 1 });
});

test('2,000 tokens pass, and one more does not', async () => {
  const secured = await startSecured();
  const credential = await secured.key();
  const post = (tokens: number) => {
    const statuses = 'QUEUED '.repeat(tokens - 15);
    return secured.post(`{ jobs(projectId: "a", status: [${statuses}]) { __typename } }`, { credential });
  };
  expect((await answerOf(await post(2_000))).errors).toBeUndefined();
  await expectRefusal(await post(2_001), 400, 'TOO_COMPLEX');
});

test.each([
  ['{ job { history(first: 2) { edges { node { id } } } } }', 5, 1 + 100 + 2 * 3],
  ['{ jobs { edges { node { id } } } }', 4, 1 + 20 * 3],
  ['query ($n: Int) { jobs(first: $n) { edges { cursor } } }', 3, 1 + 20 * 2],
  ['{ jobs(first: 0) { edges { cursor } } }', 3, 1 + 100 * 2],
  ['{ webhooks { id deliveries(first: 1) { edges { cursor } } } }', 4, 1 + 20 * (1 + 1 + 2)],
  ['mutation { reportProgressMany { id status } }', 2, 1 + 100 * 2],
  ['{ __schema { types { fields { name } } } }', 1, 1],
  ['{ ... { job { ...Name } } } fragment Name on Job { id }', 2, 2],
])('%s is %d deep, and its answer may hold %d values', (text, depth, cost) => {
  expect(measureDocument(parse(text), null, { n: null })).toMatchObject({ depth, cost });
});

test('fragments that use one another are measured in a moment, and in a circle too', () => {
  const doubling = Array.from(
    { length: 60 },
    (_, index) => `fragment f${index} on Job { ...f${index + 1} ...f${index + 1} }`,
  ).join('\n');
  const bomb = parse(`{ job(projectId: "a", id: "1") { ...f0 } } ${doubling} fragment f60 on Job { id }`);
  expect(checkDocument(schema, DEFAULT_LIMITS, bomb, null, {})?.extensions['code']).toBe('TOO_COMPLEX');
  const circle = parse('{ job(projectId: "a", id: "1") { ...f } } fragment f on Job { parent { ...f } }');
  expect(measureDocument(circle, null, {}).depth).toBe(2);
});

test('an error without its status, or with other facts, stays where it was', () => {
  const document = parse('{\n  workflows { taskName } }');
  const [operation] = document.definitions;
  const place = { nodes: operation ?? null, path: ['workflows', 0] };
  const refused = new GraphQLError('too much', {
    ...place,
    extensions: { code: 'RATE_LIMITED', http: { status: 429 } },
  });
  const { nodes, locations, message, path, extensions } = withoutStatus(refused);
  expect({ nodes, locations, message, path, extensions }).toEqual({
    nodes: [operation],
    locations: [{ line: 1, column: 1 }],
    message: 'too much',
    path: ['workflows', 0],
    extensions: { code: 'RATE_LIMITED' },
  });
  const located = new GraphQLError('too much', { source: new Source('{ a }'), positions: [2] });
  expect(withExtensions(located, { code: 'TOO_COMPLEX' }).toJSON()).toEqual({
    message: 'too much',
    locations: [{ line: 1, column: 3 }],
    extensions: { code: 'TOO_COMPLEX' },
  });
  expect(withoutStatus(located)).toBe(located);
});

test('the dashboard’s own operations are far below the limits', () => {
  const document = parse(readFileSync(new URL('../../web/api/operations.graphql', import.meta.url), 'utf8'));
  for (const definition of document.definitions) {
    if (definition.kind !== 'OperationDefinition') continue;
    const name = definition.name?.value;
    const measured = measureDocument(document, name, { first: MAX_PAGE });
    expect(measured.cost, name).toBeLessThan(DEFAULT_LIMITS.maxCost / 2);
    expect(measured.depth, name).toBeLessThan(DEFAULT_LIMITS.maxDepth);
  }
});

test('a list of operations in one body is refused', async () => {
  const secured = await startSecured();
  const response = await fetch(`${secured.url}/graphql`, {
    method: 'POST',
    body: JSON.stringify([{ query: WORKFLOWS }, { query: WORKFLOWS }]),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await secured.key()}` },
  });
  expect(response.status).toBe(400);
});

test('too many operations per second are RATE_LIMITED with 429, over all servers and transports', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_MAX_OPERATIONS_PER_SECOND: '1' } });
  const credential = await secured.key();
  const client = await connect(secured, credential);
  // At once, since a slow machine takes longer than the limit's second for three that wait for each other.
  const responses = await Promise.all(TEN.map(() => secured.post(WORKFLOWS, { credential })));
  const refused = responses.find(({ status }) => status === 429);
  if (refused === undefined) throw new Error('expected one of ten at once to be refused');
  expect(Number(refused.headers.get('retry-after'))).toBe(1);
  const { code, retryAfterSeconds } = (await answerOf(refused)).errors?.[0]?.extensions ?? {};
  expect(code).toBe('RATE_LIMITED');
  expect(retryAfterSeconds).toBeGreaterThan(0);
  expect(retryAfterSeconds).toBeLessThanOrEqual(1);
  for (const id of TEN) client.send({ id: `${id}`, type: 'subscribe', payload: { query: WORKFLOWS } });
  expect((await client.until('error')).payload).toMatchObject([
    { extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) as number } },
  ]);
  expect(client.closed).toBeNull();
  // Another credential has its own.
  await expectAlive(secured);
});

test('operations are counted over all servers of one Redis', async () => {
  const options = { env: { PLAYHEAD_PREFIX: unique('shared') }, operationsPerSecond: 1 / 3_600 };
  const [one, other] = await Promise.all([startSecured(options), startSecured(options)]);
  const credential = await makeJwt();
  const responses = await Promise.all(
    TEN.map((number) => (number % 2 === 0 ? one : other).post(WORKFLOWS, { credential })),
  );
  const accepted = responses.filter(({ status }) => status === 200);
  // By itself each of the two would let one pass.
  expect(accepted).toHaveLength(1);
});

test('connections per address are limited: 429 at the upgrade, and one that ends makes room', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_MAX_CONNECTIONS_PER_ADDRESS: '2' } });
  const credential = await secured.key();
  const first = await connect(secured, credential);
  await connect(secured, credential);
  await expect(RawClient.open(secured.url)).rejects.toThrow('429');
  first.socket.close();
  await first.ended();
  const again = await until(() => RawClient.open(secured.url));
  expect(again.closed).toBeNull();
});

test('connections per credential are limited: 1013, which clients take as a reason to try later', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_MAX_CONNECTIONS_PER_TOKEN: '1' } });
  const credential = await secured.key();
  await connect(secured, credential);
  const second = await RawClient.open(secured.url);
  second.init(credential);
  expect(await second.ended()).toBe(1013);
  expect(second.closed?.reason).toBe('RATE_LIMITED');
  const streams = await secured.post('subscription { jobEvents(projectId: "a") { __typename } }', {
    credential,
    headers: { accept: 'text/event-stream' },
  });
  await expectRefusal(streams, 429, 'RATE_LIMITED');
  // Nobody knows when the other connection ends.
  expect(streams.headers.get('retry-after')).toBeNull();
  await connect(secured, await makeJwt());
});

test('operations at once on one connection are limited; one that ends makes room', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_MAX_SUBSCRIPTIONS: '2' } });
  const client = await connect(secured, await secured.key());
  const query = WATCH;
  for (const id of ['1', '2', '3']) client.send({ id, type: 'subscribe', payload: { query } });
  expect(await client.until('error')).toMatchObject({
    id: '3',
    payload: [{ extensions: { code: 'RATE_LIMITED' } }],
  });
  client.send({ id: '1', type: 'complete' });
  client.send({ id: '4', type: 'subscribe', payload: { query: WORKFLOWS } });
  expect(await client.until('next')).toMatchObject({ id: '4' });
});

/** A document of its own: about 0.5 MB when it is parsed. */
const own = (mark: string, directive = ''): string =>
  `subscription { jobEvents(projectId: "a") ${directive} { ${mark}: __typename ${'... @include(if: true) { __typename } '.repeat(85)} } }`;
const TOO_MUCH = {
  code: 'RATE_LIMITED',
  details: { name: 'documents', limit: 1_048_576, counted: expect.any(Number) as number },
};

/**
 * Subscribes, and waits until each subscription has its first event or is refused: while it begins, one that the client has
 * completed still counts.
 */
async function subscribe(client: RawClient, queries: Readonly<Record<string, string>>): Promise<void> {
  for (const [id, query] of Object.entries(queries))
    client.send({ id, type: 'subscribe', payload: { query } });
  await until(() => Object.keys(queries).every((id) => client.messages.some((message) => message.id === id)));
}

test('what open subscriptions keep is limited per credential, over its connections; what ends makes room', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_MAX_DOCUMENTS_MB: '1' } });
  const credential = await secured.key();
  const [one, other] = await Promise.all([connect(secured, credential), connect(secured, credential)]);
  const stream = (query: string): Promise<Response> =>
    secured.post(query, { credential, headers: { accept: 'text/event-stream' } });
  await secured.post('mutation { writeScript(input: { projectId: "a", brief: "A fox" }) { id } }', {
    credential: await secured.key({ scope: 'write' }),
  });
  // The second is of the same text, and shared.
  await subscribe(one, { '1': own('a'), '2': own('a') });
  await subscribe(other, { '3': own('b'), '4': own('c') });
  expect(other.messages.find(({ id }) => id === '3')?.type).toBe('next');
  expect(other.messages).toContainEqual({
    id: '4',
    type: 'error',
    payload: [expect.objectContaining({ extensions: TOO_MUCH })],
  });
  await expectRefusal(await stream(own('d')), 429, 'RATE_LIMITED');
  // Another credential has its own.
  const third = await connect(secured, await secured.key());
  await subscribe(third, { '1': own('a') });
  expect(third.messages.filter(({ type }) => type === 'error')).toEqual([]);

  for (const id of ['1', '2']) one.send({ id, type: 'complete' });
  // One whose delivery is not taken over, too.
  await subscribe(one, { '5': own('d', '@include(if: true)') });
  one.send({ id: '5', type: 'complete' });
  await subscribe(one, { '6': own('e') });
  expect(one.messages.filter(({ type }) => type === 'error')).toEqual([]);
  one.socket.close();
  const opened = await until(async () => {
    const response = await stream(own('f'));
    return response.status === 200 ? response : null;
  });
  await opened.body?.cancel();
});

test('one that is too large by itself is TOO_COMPLEX: comments, variables of any depth, connectionParams', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_MAX_DOCUMENTS_MB: '1' } });
  const credential = await secured.key();
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const client = await connect(secured, credential);
  await subscribe(client, { '1': `${WATCH}${'#\n'.repeat(15_000)}` });
  client.send(
    `{"id":"2","type":"subscribe","payload":{"query":${JSON.stringify(WATCH)},"variables":{"x":${deep}}}}`,
  );
  await until(() => client.messages.filter(({ type }) => type === 'error').length === 2);
  for (const { payload } of client.messages.filter(({ type }) => type === 'error')) {
    expect(payload).toMatchObject([{ extensions: { code: 'TOO_COMPLEX', details: { name: 'documents' } } }]);
  }
  const other = await RawClient.open(secured.url);
  other.send(`{"type":"connection_init","payload":{"authorization":"Bearer ${credential}","x":${deep}}}`);
  expect(await other.ended()).toBe(4400);
  expect(other.closed?.reason).toBe('TOO_COMPLEX');
  await expectAlive(secured);
});

test('the address behind a trusted proxy is the one that the proxy saw, whatever the client claims', async () => {
  const secured = await startSecured({
    env: { PLAYHEAD_MAX_CONNECTIONS_PER_ADDRESS: '1', PLAYHEAD_TRUSTED_PROXIES: '1' },
  });
  const credential = await secured.key();
  // One that does not begin is closed after some seconds, which makes room.
  const from = async (addresses: string): Promise<void> => {
    const client = await RawClient.open(secured.url, { headers: { 'x-forwarded-for': addresses } });
    client.init(credential);
    await client.until('connection_ack');
  };
  await from('203.0.113.1');
  await expect(from('198.51.100.9, 203.0.113.1')).rejects.toThrow('429');
  await from('203.0.113.2');
  await from('2001:db8:1:2::1');
  await expect(from('2001:db8:1:2:ffff::7')).rejects.toThrow('429');
});

test('a project has no more unfinished jobs than it may: QUOTA_EXCEEDED with 429; a repeat gets its own job', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_MAX_QUEUED_JOBS: '3' } });
  const credential = await secured.key({ scope: 'write' });
  const write = (key: string): Promise<Response> =>
    secured.post(
      `mutation { writeScript(input: { projectId: "a", brief: "Rain.", idempotencyKey: "${key}" }) { id } }`,
      { credential },
    );
  const made = await Promise.all(['1', '2', '3', '4', '5'].map(write));
  expect(made.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 429, 429]);
  const first = made.findIndex(({ status }) => status === 200);
  const again = await write(String(first + 1));
  expect(await answerOf(again)).toEqual(await answerOf(made[first] as Response));
  await expectRefusal(await write('6'), 429, 'QUOTA_EXCEEDED');
  const { id } = await fieldOf<{ id: string }>(await write(String(first + 1)), 'writeScript');
  const batch = `mutation { generateVideoBatch(input: { projectId: "a", items: [{ script: "A: B" }] }) { id } }`;
  await secured.post(`mutation { cancelJob(projectId: "a", id: "${id}") { id } }`, { credential });
  // The batch and its item are two.
  await expectRefusal(await secured.post(batch, { credential }), 429, 'QUOTA_EXCEEDED');
  expect((await write('7')).status).toBe(200);
});

test('a text longer than allowed is BAD_USER_INPUT and names its field, in a batch too', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_MAX_TEXT_CHARS: '20' } });
  const credential = await secured.key({ scope: 'write' });
  const ask = async (mutation: string): Promise<unknown> =>
    (await answerOf(await secured.post(mutation, { credential }))).errors?.[0]?.extensions;
  const script = 'MIRA: A line that is too long.';
  expect(
    await ask(`mutation { generateVideo(input: { projectId: "a", script: "${script}" }) { id } }`),
  ).toMatchObject({
    code: 'BAD_USER_INPUT',
    field: 'input.script',
  });
  const items = `[{ script: "MIRA: Hi." }, { script: "${script}" }]`;
  expect(
    await ask(`mutation { generateVideoBatch(input: { projectId: "a", items: ${items} }) { id } }`),
  ).toMatchObject({
    field: 'input.items.1.script',
  });
});

test('a project whose files take what they may gets no more jobs: QUOTA_EXCEEDED with what is used and the limit', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_MAX_PROJECT_MB: '1' } });
  const redis = connectRedis(inject('redisUrl'), () => {});
  onTestFinished(() => closeRedis(redis));
  await redis.hset(secured.keys.project('a').usage, ':total', 1_048_576);
  const credential = await secured.key({ scope: 'write' });
  const mutation = 'mutation { writeScript(input: { projectId: "a", brief: "Rain." }) { id } }';
  const response = await secured.post(mutation, { credential });
  expect(response.status).toBe(429);
  expect((await answerOf(response)).errors?.[0]).toMatchObject({
    message: expect.stringContaining('PLAYHEAD_MAX_PROJECT_MB') as string,
    extensions: { code: 'QUOTA_EXCEEDED', details: { usedBytes: 1_048_576, limitBytes: 1_048_576 } },
  });
});
