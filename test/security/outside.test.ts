/** What others have written about these protocols, held against this server: audits, rules and clients not of ours. */

import { serverAudits } from 'graphql-http';
import { createClient as createEventsClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startEndpoint } from '../realtime/endpoint.ts';
import { within } from '../setup/deadline.ts';
import { RawClient } from './raw-client.ts';
import { fieldOf, makeJwt, type SecuredServer, startSecured } from './secured-server.ts';

let secured: SecuredServer;
let credential: string;
beforeAll(async () => {
  secured = await startSecured({
    keep: true,
    env: { PLAYHEAD_INTROSPECTION: 'on', PLAYHEAD_MAX_OPERATIONS_PER_SECOND: '100000' },
  });
  credential = await secured.key({ scope: 'write' });
});
afterAll(() => secured.close());

/** Some audits ask for introspection. Taken up when the tests are collected, before there is a server. */
const audits = serverAudits({
  url: () => `${secured.url}/graphql`,
  fetchFn: (url: string, init?: RequestInit) =>
    fetch(url, {
      ...init,
      headers: { ...(init?.headers as object | undefined), authorization: `Bearer ${credential}` },
    }),
});

describe('GraphQL over HTTP, by the audits of graphql-http', () => {
  test('there are 61', () => {
    expect(audits).toHaveLength(61);
  });

  test.each(audits.map(({ name, fn }) => ({ name, fn })))('$name', async ({ fn }) => {
    expect(await fn()).toMatchObject({ status: 'ok' });
  });
});

describe('graphql-transport-ws closes', () => {
  const open = (): Promise<RawClient> => RawClient.open(secured.url);
  const acknowledged = async (): Promise<RawClient> => {
    const client = await open();
    client.init(credential);
    await client.until('connection_ack');
    return client;
  };
  const watch = 'subscription { jobEvents(projectId: "a") { __typename } }';

  test('4400 for what is no message of the protocol', async () => {
    const texts = [
      '',
      'hello',
      'null',
      '[]',
      '{}',
      '{"type":1}',
      '{"type":"start","id":"1"}',
      '{"type":"subscribe"}',
    ];
    for (const text of texts) {
      const client = await acknowledged();
      client.send(text);
      expect(await client.ended(), text).toBe(4400);
    }
  });

  test('4401 for an operation before the acknowledgement', async () => {
    const client = await open();
    client.send({ id: '1', type: 'subscribe', payload: { query: watch } });
    expect(await client.ended()).toBe(4401);
  });

  test('4403 without a credential that counts', async () => {
    const client = await open();
    client.init(await makeJwt({}, { secret: 'x'.repeat(32) }));
    expect(await client.ended()).toBe(4403);
  });

  test('4406 for another subprotocol', async () => {
    const client = await RawClient.open(secured.url, {}, []).catch(() => null);
    expect(client === null ? 4406 : await client.ended()).toBe(4406);
  });

  test('4408 when connection_init does not come', async () => {
    const client = await open();
    expect(await client.ended()).toBe(4408);
  });

  test('4409 for an id that is in use', async () => {
    const client = await acknowledged();
    client.send({ id: '1', type: 'subscribe', payload: { query: watch } });
    client.send({ id: '1', type: 'subscribe', payload: { query: watch } });
    expect(await client.ended()).toBe(4409);
  });

  test('4429 for a second connection_init', async () => {
    const client = await acknowledged();
    client.init(credential);
    expect(await client.ended()).toBe(4429);
  });

  test('4500 for a fault of the server, and says nothing of it', async () => {
    const fault = (): never => {
      throw new Error('the password is swordfish');
    };
    const { port } = await startEndpoint({ viewer: fault });
    const client = await RawClient.open(`http://127.0.0.1:${port}`);
    client.init();
    await client.until('connection_ack');
    client.send({ id: '1', type: 'subscribe', payload: { query: watch } });
    expect(await client.ended()).toBe(4500);
    expect(client.closed?.reason).toBe('Internal server error');
    expect(client.messages).toHaveLength(1);
  });
});

test('graphql-sse’s client follows a job to its end', async () => {
  const client = createEventsClient({
    url: `${secured.url}/graphql`,
    headers: { authorization: `Bearer ${credential}` },
    retryAttempts: 0,
  });
  onTestFinished(() => client.dispose());
  const start = 'mutation { writeScript(input: { projectId: "a", brief: "Rain." }) { id } }';
  const { id } = await fieldOf<{ id: string }>(await secured.post(start, { credential }), 'writeScript');
  const query = `subscription { jobEvents(projectId: "a", jobId: "${id}") { __typename ... on ErrorEvent { code } } }`;
  const events = client.iterate({ query });
  expect(await within(events.next())).toMatchObject({
    value: { data: { jobEvents: { __typename: 'ProgressEvent' } } },
  });
  await secured.post(`mutation { cancelJob(projectId: "a", id: "${id}") { id } }`, { credential });
  expect(await within(events.next())).toMatchObject({
    value: { data: { jobEvents: { code: 'CANCELLED' } } },
  });
  expect(await within(events.next())).toMatchObject({ done: true });
});
