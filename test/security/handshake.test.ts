/** A WebSocket's first messages in every wrong order, and credentials where none belong. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../setup/deadline.ts';
import { RawClient } from './raw-client.ts';
import { type SecuredServer, startSecured } from './secured-server.ts';

const MUTATION = 'mutation { cancelJob(projectId: "a", id: "1") { id } }';
const READ = '{ workflows { taskName } }';

let secured: SecuredServer;
let reading: string;
let admin: string;
beforeAll(async () => {
  secured = await startSecured({ keep: true });
  reading = await secured.key();
  admin = await secured.key({ projects: '*', scope: 'admin' });
});
afterAll(() => secured.close());

const init = (authorization: unknown): string =>
  JSON.stringify({ type: 'connection_init', payload: { authorization } });
const subscribe = (query: string, more: object = {}): string =>
  JSON.stringify({ id: '1', type: 'subscribe', payload: { query, ...more } });

test.each([
  ['an operation instead of it', [4401], () => [subscribe(READ), init(`Bearer ${reading}`)]],
  ['two at once', [4429], () => [init(`Bearer ${reading}`), init(`Bearer ${admin}`)]],
  // The first may already be refused when the second comes.
  ['a wrong one and then a right one', [4403, 4429], () => [init('Bearer nothing'), init(`Bearer ${admin}`)]],
  ['none and then a right one', [4403, 4429], () => [init(undefined), init(`Bearer ${admin}`)]],
])('%s: closes with %j and runs nothing', async (_name, codes, messages) => {
  const client = await RawClient.open(secured.url);
  for (const message of messages()) client.send(message);
  expect(codes).toContain(await client.ended());
  expect(client.messages.filter(({ type }) => type !== 'connection_ack')).toEqual([]);
});

test('an operation right behind connection_init waits for nothing: 4401, or run once who asks is known', async () => {
  for (const credential of ['nothing', reading]) {
    const client = await RawClient.open(secured.url);
    client.send(init(`Bearer ${credential}`));
    client.send(subscribe(READ));
    await until(() => client.closed !== null || client.messages.some(({ type }) => type === 'complete'));
    const types = client.messages.map(({ type }) => type);
    if (types.length > 0)
      expect([credential, types]).toEqual([reading, ['connection_ack', 'next', 'complete']]);
    else expect([4401, 4403]).toContain(client.closed?.code);
  }
});

test.each([
  ['a list', () => init([`Bearer ${admin}`])],
  ['an object', () => init({ toString: `Bearer ${admin}` })],
  ['a key without Bearer', () => init(admin)],
  ['two in one', () => init(`Bearer nothing, Bearer ${admin}`)],
  ['a line break', () => init(`Bearer nothing\r\nauthorization: Bearer ${admin}`)],
  [
    'the prototype of the parameters',
    () => `{"type":"connection_init","payload":{"__proto__":{"authorization":"Bearer ${admin}"}}}`,
  ],
  ['another field of the message', () => `{"type":"connection_init","authorization":"Bearer ${admin}"}`],
])('a credential in %s is none: 4403', async (_name, message) => {
  // Nor does that of the upgrade count, which a browser’s page cannot choose.
  const client = await RawClient.open(secured.url, { headers: { authorization: `Bearer ${admin}` } });
  client.send(message());
  expect(await client.ended()).toBe(4403);
});

test.each(['Authorization', 'AUTHORIZATION'])(
  '%s is found, as a header is under any case of its name',
  async (name) => {
    const client = await RawClient.open(secured.url);
    client.send(
      JSON.stringify({ type: 'connection_init', payload: { more: 1, [name]: `Bearer ${reading}` } }),
    );
    expect(await client.until('connection_ack')).toEqual({ type: 'connection_ack' });
  },
);

test('what an operation brings along changes nothing of who asks', async () => {
  const client = await RawClient.open(secured.url, { headers: { authorization: `Bearer ${admin}` } });
  client.init(reading);
  await client.until('connection_ack');
  const authorization = `Bearer ${admin}`;
  client.send(JSON.stringify({ type: 'ping', payload: { authorization } }));
  client.send(
    subscribe(MUTATION, { authorization, extensions: { authorization, headers: { authorization } } }),
  );
  client.send(JSON.stringify({ id: '2', type: 'subscribe', authorization, payload: { query: MUTATION } }));
  for (const wanted of ['1', '2']) {
    const answer = await until(() =>
      client.messages.find(({ id, type }) => id === wanted && type === 'next'),
    );
    expect(answer).toMatchObject({ payload: { errors: [{ extensions: { code: 'FORBIDDEN' } }] } });
  }
});

test('a client that leaves while it is authenticated leaves nothing behind', async () => {
  const limited = await startSecured({ env: { PLAYHEAD_MAX_CONNECTIONS_PER_TOKEN: '1' } });
  const credential = await limited.key();
  for (let count = 0; count < 20; count += 1) {
    const client = await RawClient.open(limited.url);
    client.init(credential);
    client.socket.terminate();
  }
  await until(async () => {
    const client = await RawClient.open(limited.url);
    client.init(credential);
    await until(() => client.closed !== null || client.messages.length > 0);
    return client.messages[0]?.type === 'connection_ack';
  });
});
