/** What goes on under a credential ends with it: WebSocket with 4403, event streams cut. How soon: test/auth/sessions.test.ts. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { SetClock } from '../setup/harness.ts';
import { RawClient } from './raw-client.ts';
import { fieldOf, makeJwt, type SecuredServer, startSecured } from './secured-server.ts';

const WATCH = 'subscription { jobEvents(projectId: "a", snapshot: false) { __typename } }';
interface Watches {
  readonly socket: RawClient;
  /** Settles when the event stream is over. */
  readonly events: { readonly over: Promise<unknown> };
}

async function watch(secured: SecuredServer, credential: string): Promise<Watches> {
  const socket = await RawClient.open(secured.url);
  socket.init(credential);
  await socket.until('connection_ack');
  socket.send({ id: '1', type: 'subscribe', payload: { query: WATCH } });
  const response = await secured.post(WATCH, { credential, headers: { accept: 'text/event-stream' } });
  expect(response.status).toBe(200);
  return { socket, events: { over: response.text().catch(() => {}) } };
}

async function expectEnd({ socket, events }: Watches): Promise<void> {
  const [code] = await Promise.all([
    socket.ended(PATIENCE_MS),
    within(events.over, PATIENCE_MS, 'the event stream'),
  ]);
  expect(code).toBe(4403);
}

async function delegate({ post }: SecuredServer, credential: string): Promise<string> {
  const made = await post('mutation { createViewerToken(projectId: "a") { token } }', { credential });
  return (await fieldOf<{ token: string }>(made, 'createViewerToken')).token;
}

test.each([
  { name: 'an API key', make: ({ key }: SecuredServer, until: number) => key({ expiresAt: until }) },
  {
    name: 'a JWT',
    make: (_secured: SecuredServer, until: number) => makeJwt({}, { expires: until / 1_000 }),
  },
  {
    name: 'a browser’s token',
    make: async (secured: SecuredServer, until: number) =>
      delegate(secured, await secured.key({ expiresAt: until })),
  },
])('$name that runs out ends what it began, and not before', async ({ make }) => {
  const clock = new SetClock(1_800_000_000_000);
  const secured = await startSecured({ clock });
  const until = clock.time + 60_000;
  const watches = await watch(secured, await make(secured, until));
  clock.time = until - 1;
  // An answer says that nothing has been closed so far.
  watches.socket.send({ type: 'ping' });
  await watches.socket.until('pong');
  clock.time = until;
  await expectEnd(watches);
});

test('a browser’s token lasts 15 minutes unless it is set otherwise', async () => {
  const clock = new SetClock(1_800_000_000_000);
  for (const [env, minutes] of [
    [{}, 15],
    [{ PLAYHEAD_VIEWER_TOKEN_MINUTES: '2' }, 2],
  ] as const) {
    const secured = await startSecured({ clock, env });
    const made = await secured.post('mutation { createViewerToken(projectId: "a") { expiresAt } }', {
      credential: await secured.key(),
    });
    const { expiresAt } = await fieldOf<{ expiresAt: string }>(made, 'createViewerToken');
    expect(Date.parse(expiresAt)).toBe(clock.time + minutes * 60_000);
  }
});

test('a revoked key ends what it began, and what its tokens began, and nothing else', async () => {
  const secured = await startSecured();
  const key = await secured.key();
  const other = await watch(secured, await secured.key());
  const own = await watch(secured, key);
  const browser = await watch(secured, await delegate(secured, key));
  await secured.store.revokeKey(key.split('_')[1] ?? '');
  await Promise.all([expectEnd(own), expectEnd(browser)]);
  other.socket.send({ type: 'ping' });
  await other.socket.until('pong');
});

test('a revoked JWT ends what it began', async () => {
  const secured = await startSecured();
  const watches = await watch(secured, await makeJwt({ jti: 'x1' }));
  await secured.store.revokeToken('jwt:x1', null);
  await expectEnd(watches);
});

test.each(['*/*', 'text/*', 'text/ event-stream', 'TEXT/EVENT-STREAM, */*;q=0.1', ''])(
  'an event stream is one whatever its request accepts (%j): counted, and cut with its credential',
  async (accept) => {
    const secured = await startSecured({ env: { PLAYHEAD_MAX_CONNECTIONS_PER_TOKEN: '1' } });
    const key = await secured.key();
    const ask = (): Promise<Response> => secured.post(WATCH, { credential: key, headers: { accept } });
    const response = await ask();
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect((await ask()).status).toBe(429);
    await secured.store.revokeKey(key.split('_')[1] ?? '');
    await within(
      response.text().catch(() => {}),
      PATIENCE_MS,
      'the event stream',
    );
  },
);

test('a client that leaves while it is let in leaves its place too', async () => {
  const secured = await startSecured({ env: { PLAYHEAD_MAX_CONNECTIONS_PER_TOKEN: '1' } });
  const credential = await secured.key();
  const headers = { accept: 'text/event-stream' };
  for (let count = 0; count < 20; count += 1) {
    const body = JSON.stringify({ query: WATCH });
    const socket = connect(secured.server.port, '127.0.0.1');
    await once(socket, 'connect');
    const lines = [
      'POST /graphql HTTP/1.1',
      'host: localhost',
      `authorization: Bearer ${credential}`,
      ...['content-type: application/json', 'accept: text/event-stream'],
      `content-length: ${body.length}`,
    ];
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
    // Some before it is authenticated, some after.
    if (count % 2 === 0) await new Promise(setImmediate);
    socket.destroy();
  }
  const opened = await until(async () => {
    const response = await secured.post(WATCH, { credential, headers });
    if (response.status !== 200) return null;
    return response;
  });
  await opened.body?.cancel();
});

test('a client with a renewed token goes on behind its last event', async () => {
  const secured = await startSecured();
  const credential = await secured.key({ scope: 'write' });
  const start = 'mutation { writeScript(input: { projectId: "a", brief: "Rain." }) { id lastEventId } }';
  const made = await fieldOf<{ id: string; lastEventId: string }>(
    await secured.post(start, { credential }),
    'writeScript',
  );
  await secured.store.revokeKey(credential.split('_')[1] ?? '');
  const renewed = await secured.key({ scope: 'write' });
  await secured.post(`mutation { cancelJob(projectId: "a", id: "${made.id}") { id } }`, {
    credential: renewed,
  });
  const socket = await RawClient.open(secured.url);
  socket.init(renewed);
  await socket.until('connection_ack');
  const query = `subscription { jobEvents(projectId: "a", after: "${made.lastEventId}") { ... on ErrorEvent { code } } }`;
  socket.send({ id: '1', type: 'subscribe', payload: { query } });
  expect(await socket.until('next')).toMatchObject({
    payload: { data: { jobEvents: { code: 'CANCELLED' } } },
  });
});
