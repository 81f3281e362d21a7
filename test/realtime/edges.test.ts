/** Requests at the edges of what clients send: conditions on a subscription, ids as numbers, empty cursors, older protocols. */
import { beforeAll, describe, expect, test } from 'vitest';
import { RawClient } from '../security/raw-client.ts';
import { answerOf, fieldOf, type SecuredServer, startSecured } from '../security/secured-server.ts';
import { until } from '../setup/deadline.ts';

const START = 'mutation ($input: WriteScriptInput!) { writeScript(input: $input) { id projectId } }';

let secured: SecuredServer;
let credential: string;
async function start(env: Record<string, string> = {}): Promise<void> {
  secured = await startSecured({ keep: true, env: { PLAYHEAD_MAX_OPERATIONS_PER_SECOND: '100000', ...env } });
  credential = await secured.key({ projects: '*', scope: 'admin' });
}

async function open(): Promise<RawClient> {
  const client = await RawClient.open(secured.url);
  client.init(credential);
  await client.until('connection_ack');
  return client;
}

/** Sends JSON as it is written: a number that JavaScript could not hold too. */
const post = (body: string): Promise<Response> =>
  fetch(`${secured.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${credential}` },
    body,
  });

// Where the schema can be queried, other rules of validation are added.
describe.each(['off', 'on'])(
  'a condition on what a subscription follows, with introspection %s',
  (introspection) => {
    beforeAll(async () => {
      await start({ PLAYHEAD_INTROSPECTION: introspection });
      return () => secured.close();
    });
    const FIELD = 'jobEvents(projectId: "a")';
    const IN_FRAGMENT = `fragment F on Subscription { ${FIELD} @skip(if: $off) { __typename } }`;
    const VARIABLE = `subscription ($on: Boolean = false) { ${FIELD} @include(if: $on) { __typename } }`;

    test.each([
      ['@skip(if: true)', `subscription { ${FIELD} @skip(if: true) { __typename } }`, {}],
      ['@include(if: false)', `subscription { ${FIELD} @include(if: false) { __typename } }`, {}],
      ['a variable', VARIABLE, { on: false }],
      ['a variable’s default', VARIABLE, {}],
      ['a condition of a fragment', `subscription { ... @skip(if: true) { ${FIELD} { __typename } } }`, {}],
      ['a condition in a fragment', `subscription ($off: Boolean!) { ...F } ${IN_FRAGMENT}`, { off: true }],
    ])('%s that leaves nothing is refused in words, over each transport', async (_name, query, variables) => {
      const client = await open();
      client.send({ id: '1', type: 'subscribe', payload: { query, variables } });
      const expected = {
        message: expect.stringContaining('expected one field') as string,
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      };
      expect((await client.until('error')).payload).toMatchObject([expected]);
      const headers = { accept: 'text/event-stream, application/json' };
      const answer = await secured.post(query, { credential, variables, headers });
      expect((await answerOf(answer)).errors).toMatchObject([expected]);
    });

    test.each([
      ['@include(if: true)', `subscription { ${FIELD} @include(if: true) { __typename } }`, {}],
      ['a variable', VARIABLE, { on: true }],
      ['a condition in a fragment', `subscription ($off: Boolean!) { ...F } ${IN_FRAGMENT}`, { off: false }],
      [
        'one of two fields',
        `subscription { x: ${FIELD} @skip(if: true) { __typename } jobEvents: ${FIELD} { __typename } }`,
        {},
      ],
    ])('%s that leaves one is followed, over each transport', async (_name, query, variables) => {
      await secured.post(START, { credential, variables: { input: { projectId: 'a', brief: 'Rain.' } } });
      const client = await open();
      client.send({ id: '1', type: 'subscribe', payload: { query, variables } });
      expect((await client.until('next')).payload).toEqual({
        data: { jobEvents: { __typename: 'ProgressEvent' } },
      });
      const headers = { accept: 'text/event-stream' };
      const { body } = await secured.post(query, { credential, variables, headers });
      let text = '';
      for await (const piece of body ?? []) {
        text += new TextDecoder().decode(piece);
        if (text.includes('ProgressEvent')) break;
      }
      expect(text).not.toContain('errors');
    });

    test('two fields that are left are one too many', async () => {
      const query = `subscription { a: ${FIELD} @include(if: true) { __typename } b: ${FIELD} { __typename } }`;
      const headers = { accept: 'text/event-stream, application/json' };
      const { errors } = await answerOf(await secured.post(query, { credential, headers }));
      expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
    });
  },
);

describe('with authentication', () => {
  beforeAll(async () => {
    await start();
    return () => secured.close();
  });

  describe('an id that is sent as a number', () => {
    test.each(['9007199254740993', '9007199254740992', '-9007199254740993', '1e30'])(
      '%s, which JSON cannot hold exactly, begins no job in another project',
      async (projectId) => {
        const body = `{"query":${JSON.stringify(START)},"variables":{"input":{"brief":"Rain.","projectId":${projectId}}}}`;
        const { errors } = await answerOf(await post(body));
        expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', field: 'input.projectId' } }]);
      },
    );

    test('is refused over WebSocket and in a list too', async () => {
      const client = await open();
      const query = 'subscription ($p: ID!) { jobEvents(projectId: $p) { __typename } }';
      client.send(
        `{"id":"1","type":"subscribe","payload":{"query":"${query}","variables":{"p":9007199254740993}}}`,
      );
      expect((await client.until('error')).payload).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT', field: 'projectId' } },
      ]);
      const batch = 'mutation ($i: GenerateAudioBatchInput!) { generateAudioBatch(input: $i) { id } }';
      const items = '[{"text":"Rain."},{"text":"Rain.","language":9007199254740993}]';
      const answer = await post(`{"query":"${batch}","variables":{"i":{"projectId":"a","items":${items}}}}`);
      expect((await answerOf(answer)).errors).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT', field: 'input.items.1.language' } },
      ]);
    });

    test('is refused in a variable that the operation has not, too, by its name', async () => {
      const query = '{ workflows { taskName } }';
      const answer = await post(`{"query":"${query}","variables":{"other":{"id":9007199254740993}}}`);
      expect((await answerOf(answer)).errors).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT', field: 'other.id' } },
      ]);
    });

    test('is found however many values stand before it', async () => {
      const many = JSON.stringify(Array.from({ length: 200_000 }, () => 1));
      const query = 'query ($p: ID!, $x: [Int!]) { jobs(projectId: $p) { edges { cursor } } }';
      const answer = await post(`{"query":"${query}","variables":{"x":${many},"p":9007199254740993}}`);
      const codes = (await answerOf(answer)).errors?.map(({ extensions }) => extensions.code);
      expect(codes).not.toContain('INTERNAL');
    });

    test('is taken where it is exact, and as it is written in the document', async () => {
      const exact = await post(
        `{"query":${JSON.stringify(START)},"variables":{"input":{"brief":"Rain.","projectId":9007199254740991}}}`,
      );
      expect(await fieldOf(exact, 'writeScript')).toMatchObject({ projectId: '9007199254740991' });
      const literal =
        'mutation { writeScript(input: { projectId: 9007199254740993, brief: "Rain." }) { projectId } }';
      expect(await fieldOf(await secured.post(literal, { credential }), 'writeScript')).toEqual({
        projectId: '9007199254740993',
      });
    });
  });

  test.each([
    ['one that the document has not', 'query One { workflows { taskName } }', 'Other'],
    ['none, of two', 'query One { workflows { taskName } } query Two { workflows { taskName } }', undefined],
    ['none, of a document that has fragments alone', 'fragment F on Job { id }', undefined],
  ])('to name %s is a mistake of the client, over each transport', async (_name, query, operationName) => {
    const payload = { query, ...(operationName && { operationName }) };
    const answer = await answerOf(await post(JSON.stringify(payload)));
    expect(answer.errors?.map(({ extensions }) => extensions.code)).toEqual(['OPERATION_RESOLUTION_FAILURE']);
    const client = await open();
    client.send({ id: '1', type: 'subscribe', payload });
    const refused = await until(() => client.messages.find(({ id }) => id === '1') ?? client.closed);
    expect(refused).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
  });

  describe('an empty cursor', () => {
    test('is the beginning of the list', async () => {
      await secured.post(START, { credential, variables: { input: { projectId: 'one', brief: 'Rain.' } } });
      const query =
        'query ($p: ID!, $after: String) { jobs(projectId: $p, after: $after) { edges { node { id } } pageInfo { hasPreviousPage } } }';
      for (const [projectId, count] of [
        ['none', 0],
        ['one', 1],
      ] as const) {
        const answer = await secured.post(query, { credential, variables: { p: projectId, after: '' } });
        const { edges, pageInfo } = await fieldOf<{ edges: unknown[]; pageInfo: unknown }>(answer, 'jobs');
        expect([edges.length, pageInfo]).toEqual([count, { hasPreviousPage: false }]);
      }
    });

    test('is the beginning of a subscription', async () => {
      await secured.post(START, { credential, variables: { input: { projectId: 'two', brief: 'Rain.' } } });
      const client = await open();
      const query = 'subscription { jobEvents(projectId: "two", after: "") { __typename } }';
      client.send({ id: '1', type: 'subscribe', payload: { query } });
      expect((await client.until('next')).payload).toEqual({
        data: { jobEvents: { __typename: 'ProgressEvent' } },
      });
    });
  });

  test('/graphql/ is /graphql, for requests, for GraphiQL and for WebSocket', async () => {
    const body = JSON.stringify({ query: '{ workflows { taskName } }' });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${credential}` };
    expect((await fetch(`${secured.url}/graphql/`, { method: 'POST', headers, body })).status).toBe(200);
    expect((await fetch(`${secured.url}/graphql/?query={__typename}`, { headers })).status).toBe(200);
    const client = await RawClient.open(secured.url, {}, 'graphql-transport-ws', '/graphql/');
    client.init(credential);
    await client.until('connection_ack');
    expect((await fetch(`${secured.url}/graphql/more`, { method: 'POST', headers, body })).status).toBe(404);
  });

  test.each([
    ['graphql-ws', 'subscriptions-transport-ws'],
    ['another-one', 'graphql-transport-ws'],
  ])('a client of the subprotocol %s is told which one is spoken', async (protocol, told) => {
    const client = await RawClient.open(secured.url, {}, protocol);
    expect(await client.ended()).toBe(4406);
    expect(client.closed?.reason).toContain('graphql-transport-ws');
    expect(client.closed?.reason).toContain(told);
  });

  test('a client that speaks an older subprotocol too is served in the present one', async () => {
    const client = await RawClient.open(secured.url, {}, ['graphql-ws', 'graphql-transport-ws']);
    expect(client.socket.protocol).toBe('graphql-transport-ws');
  });
});
