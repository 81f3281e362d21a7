/** Nonsense at the three entrances: whatever comes, the server goes on answering; its memory: memory.test.ts. */
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../setup/deadline.ts';
import { RawClient } from './raw-client.ts';
import { type SecuredServer, startSecured } from './secured-server.ts';

const SEED = 20_261_124;

let secured: SecuredServer;
let credential: string;
beforeAll(async () => {
  secured = await startSecured({ keep: true, env: { PLAYHEAD_MAX_OPERATIONS_PER_SECOND: '100000' } });
  credential = await secured.key({ scope: 'admin', projects: '*' });
});
afterAll(() => secured.close());

async function expectAlive(): Promise<void> {
  expect((await secured.post('{ workflows { taskName } }', { credential })).status).toBe(200);
}

async function postBody(body: string, type = 'application/json'): Promise<number> {
  const response = await fetch(`${secured.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': type, authorization: `Bearer ${credential}` },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

/** Raw bytes at the port. @returns what came back until the end of the socket */
function raw(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(secured.server.port, '127.0.0.1', () => socket.end(bytes));
    let text = '';
    socket.on('data', (piece) => {
      text += String(piece);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
  });
}

const anyQuery = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '{',
    '{ job',
    'query ($a: [[[Int!]!]!]!) { jobs }',
    '{ __typename @skip }',
    'fragment f on Job { ...f }',
  ),
  fc.array(fc.constantFrom('{', '}', '(', '$a', ':', 'job', '"', '"""', '...', 'on', '@', '\u0000'), {
    maxLength: 40,
  }),
);

test('bodies of any kind are answered with a 2xx or 4xx', async () => {
  const body = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.record({ query: fc.anything(), variables: fc.anything(), operationName: fc.anything() }).map(safeJson),
    anyQuery.map((query) => safeJson({ query: String(query) })),
  );
  await fc.assert(
    fc.asyncProperty(body, async (text) => {
      const status = await postBody(text);
      expect(status < 500, `${status} for ${JSON.stringify(text)}`).toBe(true);
    }),
    { seed: SEED, numRuns: 250 },
  );
  await expectAlive();
});

test('JSON bombs and deep nesting end in a 4xx', async () => {
  const deep = 20_000;
  expect(
    await postBody(
      `{"query":"{ workflows { taskName } }","variables":${'['.repeat(deep)}${']'.repeat(deep)}}`,
    ),
  ).toBeLessThan(500);
  expect(await postBody(`${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`)).toBeLessThan(500);
  expect(await postBody(safeJson({ query: '{ a '.repeat(1_900) + '}'.repeat(1_900) }))).toBeLessThan(500);
  expect(
    await postBody(safeJson({ query: `query (${'$a: Int '.repeat(1_000)}) { workflows { taskName } }` })),
  ).toBe(400);
  expect(await postBody(`{"query":"${'x'.repeat(2 * 1_024 * 1_024)}"}`)).toBe(413);
  await expectAlive();
});

test('WebSocket messages and frames of any kind end in an answer or a close code', async () => {
  const message = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .record({
        id: fc.anything(),
        type: fc.constantFrom('subscribe', 'complete', 'next', 'ping'),
        payload: fc.anything(),
      })
      .map(safeJson),
    anyQuery.map((query) => safeJson({ id: '1', type: 'subscribe', payload: { query: String(query) } })),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      async (texts, first) => {
        const client = await RawClient.open(secured.url);
        if (first) client.init(credential);
        for (const text of texts) client.send(text);
        client.send({ type: 'ping' });
        await until(() => client.closed !== null || client.messages.some(({ type }) => type === 'pong'));
        client.socket.terminate();
        const code = client.closed?.code ?? 4400;
        expect(code, JSON.stringify(texts)).not.toBe(4500);
      },
    ),
    { seed: SEED, numRuns: 60 },
  );
  const garbage = Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 31) % 256));
  const client = await RawClient.open(secured.url);
  (client.socket as unknown as { _socket: Socket })._socket.write(garbage);
  expect(await client.ended()).toBeGreaterThanOrEqual(1002);
  await expectAlive();
});

test.each([
  { type: 'next', id: '1', payload: {} },
  { type: 'error', id: '1', payload: [{ message: 'x' }] },
  { type: 'connection_ack' },
])('a message that only servers send ($type) closes with 4400', async (message) => {
  const client = await RawClient.open(secured.url);
  client.init(credential);
  await client.until('connection_ack');
  client.send(message);
  expect(await client.ended()).toBe(4400);
  await expectAlive();
});

test('broken HTTP, header floods and paths of any kind are answered or cut', async () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => `x-${index}: ${index}`).join('\r\n');
  expect(await raw(`GET / HTTP/1.1\r\nhost: a\r\n${lines}\r\n\r\n`)).toMatch(/^(HTTP\/1.1 431|$)/);
  expect(await raw(`GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: a\r\n\r\n`)).toMatch(
    /^(HTTP\/1.1 4\d\d|$)/,
  );
  expect(
    await raw(
      'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ),
  ).toMatch(/^HTTP\/1.1 400/);
  expect(await raw(Buffer.from([22, 3, 1, 2, 0, 1, 0]))).toMatch(/^(HTTP\/1.1 400|$)/);
  await fc.assert(
    fc.asyncProperty(fc.webPath(), fc.webQueryParameters(), async (path, query) => {
      const status = await new Promise<number>((resolve, reject) => {
        const sent = request(secured.url, { path: `/${path}?${query}` }, (response) => {
          response.resume();
          response.once('end', () => resolve(response.statusCode ?? 0));
        });
        sent.once('error', reject);
        sent.end();
      });
      expect(status, path).toBeLessThan(500);
    }),
    { seed: SEED, numRuns: 60 },
  );
  await expectAlive();
});

test('requests that never end do not keep others from being answered', async () => {
  const slow = Array.from({ length: 200 }, () => {
    const socket = connect(secured.server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(
      'POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    );
    return socket;
  });
  await expectAlive();
  await expectAlive();
  for (const socket of slow) socket.destroy();
});

/** Bigints and circles are no JSON. */
function safeJson(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? Number(part) : part)) ?? ''
    );
  } catch {
    return '{}';
  }
}
