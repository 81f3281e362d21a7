/** GraphQL over HTTP as clients speak it: the types of refusals, hashes without a query, addresses that hold no JSON. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SecuredServer, startSecured } from '../security/secured-server.ts';

const WORKFLOWS = '{ workflows { taskName } }';
const HASH = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } };

let secured: SecuredServer;
/** Takes one operation an hour. */
let slow: SecuredServer;
beforeAll(async () => {
  secured = await startSecured({ keep: true, env: { PLAYHEAD_MAX_OPERATIONS_PER_SECOND: '100000' } });
  slow = await startSecured({ keep: true, operationsPerSecond: 1 / 3_600 });
});
afterAll(() => Promise.all([secured.close(), slow.close()]));

const JSON_TYPE = 'application/json';
const GRAPHQL_TYPE = 'application/graphql-response+json';
type Negotiated = [accept: string, answered: string];
const TYPES: Negotiated[] = [
  [JSON_TYPE, `${JSON_TYPE}; charset=utf-8`],
  [GRAPHQL_TYPE, `${GRAPHQL_TYPE}; charset=utf-8`],
  [`${GRAPHQL_TYPE}, ${JSON_TYPE};q=0.9`, `${GRAPHQL_TYPE}; charset=utf-8`],
  ['*/*', `${JSON_TYPE}; charset=utf-8`],
  // One that is refused has no event to give.
  ['text/event-stream', `${JSON_TYPE}; charset=utf-8`],
];

describe.each(TYPES)('where %s is accepted, a refusal', (accept, type) => {
  const codeIn = (text: string): unknown => {
    const answer = JSON.parse(text) as { errors: { extensions: { code: string } }[] };
    // By the specification nothing stands beside errors and data.
    expect(Object.keys(answer)).toEqual(['errors']);
    return answer.errors[0]?.extensions.code;
  };

  test.each([
    [401, 'UNAUTHENTICATED', { authorization: 'Bearer nothing' }, 'www-authenticate'],
    [403, 'FORBIDDEN', { origin: 'https://evil.example' }, null],
    [415, 'BAD_USER_INPUT', { 'content-type': 'text/plain' }, null],
    [429, 'RATE_LIMITED', {}, 'retry-after'],
  ])('by %i is of that type, with the code %s', async (status, code, headers, told) => {
    const server = status === 429 ? slow : secured;
    const credential = await server.key();
    const ask = () => server.post(WORKFLOWS, { credential, headers: { accept, ...headers } });
    if (status === 429) expect((await ask()).status).toBe(200);
    const answer = await ask();
    const text = await answer.text();
    expect([answer.status, answer.headers.get('content-type'), codeIn(text)]).toEqual([status, type, code]);
    if (told !== null) expect(answer.headers.get(told)).not.toBeNull();
  });
});

test('a subscription that is one too many is refused in the type that was asked for', async () => {
  const limited = await startSecured({ env: { PLAYHEAD_MAX_CONNECTIONS_PER_TOKEN: '1' } });
  const credential = await limited.key();
  const watch = 'subscription { jobEvents(projectId: "a") { __typename } }';
  const first = await limited.post(watch, { credential, headers: { accept: 'text/event-stream' } });
  const accepted = ['text/event-stream', '*/*', 'text/event-stream, application/json'];
  for (const accept of accepted) {
    const answer = await limited.post(watch, { credential, headers: { accept } });
    expect([answer.status, answer.headers.get('content-type')], accept).toEqual([
      429,
      `${JSON_TYPE}; charset=utf-8`,
    ]);
    expect(await answer.text()).toContain('"code":"RATE_LIMITED"');
  }
  await first.body?.cancel();
});

describe('a query’s hash without the query', () => {
  test.each(['GET', 'POST'])('by %s is answered so that clients send the query', async (method) => {
    const headers = { authorization: `Bearer ${await secured.key()}`, accept: JSON_TYPE };
    const answer =
      method === 'GET'
        ? await fetch(`${secured.url}/graphql?extensions=${encodeURIComponent(JSON.stringify(HASH))}`, {
            headers,
          })
        : await fetch(`${secured.url}/graphql`, {
            method,
            headers: { ...headers, 'content-type': JSON_TYPE },
            body: JSON.stringify({ extensions: HASH }),
          });
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([
      200,
      expect.stringContaining('no-cache') as string,
    ]);
    expect(await answer.json()).toEqual({
      errors: [
        { message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } },
      ],
    });
  });

  test.each([true, false])(
    'is followed by the query from Apollo’s client (hashes by GET: %s)',
    async (byGet) => {
      const link = new PersistedQueryLink({
        sha256: (text) => createHash('sha256').update(String(text)).digest('hex'),
        useGETForHashedQueries: byGet,
      });
      const http = new HttpLink({
        uri: `${secured.url}/graphql`,
        headers: { authorization: `Bearer ${await secured.key()}` },
      });
      const client = new ApolloClient({ link: link.concat(http), cache: new InMemoryCache() });
      const { data } = await client.query<{ workflows: unknown[] }>({ query: gql(WORKFLOWS) });
      expect(data?.workflows).toHaveLength(4);
    },
  );

  test('beside the query it changes nothing', async () => {
    const answer = await fetch(`${secured.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await secured.key()}`, 'content-type': JSON_TYPE },
      body: JSON.stringify({ query: WORKFLOWS, extensions: HASH }),
    });
    expect(await answer.json()).toMatchObject({ data: { workflows: expect.any(Array) as unknown } });
  });
});

test.each(['variables', 'extensions'])(
  'an address whose %s are no JSON is a faulty request',
  async (name) => {
    const headers = { authorization: `Bearer ${await secured.key()}`, accept: JSON_TYPE };
    const answer = await fetch(`${secured.url}/graphql?query=${encodeURIComponent(WORKFLOWS)}&${name}={x`, {
      headers,
    });
    expect([answer.status, await answer.json()]).toMatchObject([
      400,
      { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    ]);
  },
);

test('docs/errors.md has the codes that are GraphQL’s own', async () => {
  const docs = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');
  const codes = new Set<string>();
  const documents = ['{', '{ none }', 'query One { __typename } query Two { __typename }', undefined];
  for (const query of documents) {
    const headers = { authorization: `Bearer ${await secured.key()}`, 'content-type': JSON_TYPE };
    const answer = await fetch(`${secured.url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    });
    const { errors } = (await answer.json()) as { errors: { extensions: { code: string } }[] };
    for (const { extensions } of errors) codes.add(extensions.code);
  }
  expect([...codes]).toEqual([
    ...['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'OPERATION_RESOLUTION_FAILURE', 'BAD_REQUEST'],
  ]);
  for (const code of [...codes, 'PERSISTED_QUERY_NOT_SUPPORTED']) expect(docs).toContain(`\n| ${code} |`);
});
