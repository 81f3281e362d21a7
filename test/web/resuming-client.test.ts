/** The client that people copy, against a graphql-ws server whose behaviour the test writes. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema, type ExecutionArgs, GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import {
  createResumingClient,
  type LiveState,
  type ResumingClient,
  type ResumingClientOptions,
} from '../../client/resuming-client.ts';
import { until } from '../setup/deadline.ts';

const QUERY = 'subscription ($after: ID) { jobEvents(after: $after) { id timestamp } }';
const schema = buildSchema(`
  type Query { ok: Boolean }
  type Mutation { say(text: String!): Boolean }
  type Event { id: ID! timestamp: String! }
  type Subscription { jobEvents(after: ID): Event! }
`);

interface Connection {
  /** `after` of the subscription. */
  readonly after: string | undefined;
  readonly authorization: unknown;
  /** Closes the connection. */
  close(code: number): void;
}
/** An id is an event, an error ends the stream, both together are an event with a field that failed. */
type Said = string | GraphQLError | { readonly id: string | null; readonly error: GraphQLError };
type Script = (connection: Connection) => AsyncGenerator<Said>;

class FakeServer {
  readonly connections: Connection[] = [];
  readonly authorizations: unknown[] = [];
  refuse: (authorization: unknown) => boolean = () => false;
  script: Script = async function* () {};
  /** What mutations said, in order. */
  readonly said: string[] = [];
  /** Answers a mutation. */
  answer: () => Promise<boolean> = async () => true;
  url = '';
  sockets = 0;
  #http: Server | null = null;

  async start(): Promise<void> {
    const http = createServer();
    const sockets = new WebSocketServer({ server: http });
    // biome-ignore lint/correctness/useHookAtTopLevel: not a hook of React
    useServer(
      {
        schema,
        onConnect: ({ connectionParams }) => {
          const authorization = connectionParams?.['authorization'];
          this.authorizations.push(authorization);
          return !this.refuse(authorization);
        },
        subscribe: (args: ExecutionArgs) => this.#subscribe(args),
        roots: {
          query: { ok: true },
          mutation: {
            say: ({ text }: { text: string }) => {
              this.said.push(text);
              return this.answer();
            },
          },
        },
      },
      sockets,
    );
    sockets.on('connection', () => {
      this.sockets += 1;
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    this.url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
    this.#http = http;
    onTestFinished(() => {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      this.#http?.close();
    });
    this.closeAll = (code) => {
      for (const socket of sockets.clients) socket.close(code);
    };
  }

  closeAll: (code: number) => void = () => {};

  #subscribe({ variableValues }: ExecutionArgs) {
    const connection: Connection = {
      after: variableValues?.['after'] as string | undefined,
      authorization: this.authorizations.at(-1),
      close: (code) => this.closeAll(code),
    };
    this.connections.push(connection);
    const events = this.script(connection);
    return (async function* () {
      for await (const event of events) {
        if (event instanceof GraphQLError) {
          yield { errors: [event] };
          return;
        }
        const [id, errors] = typeof event === 'string' ? [event] : [event.id, [event.error]];
        const jobEvents = id === null ? null : { id, timestamp: new Date().toISOString() };
        yield { data: { jobEvents }, ...(errors && { errors }) };
      }
    })();
  }
}

interface Followed {
  readonly client: ResumingClient;
  readonly ids: string[];
  readonly states: LiveState[];
  readonly ends: unknown[];
  snapshots: number;
}

function follow(
  server: FakeServer,
  options: Partial<ResumingClientOptions> = {},
  variables: Record<string, unknown> = {},
): Followed {
  const followed = { ids: [] as string[], states: [] as LiveState[], ends: [] as unknown[], snapshots: 0 };
  const client = createResumingClient({
    url: server.url,
    webSocketImpl: WebSocket,
    firstWaitMs: 20,
    maxWaitMs: 40,
    onState: (state) => followed.states.push(state),
    onSnapshot: () => {
      followed.snapshots += 1;
    },
    ...options,
  });
  client.subscribe<{ jobEvents: { id: string } }>(
    { query: QUERY, variables },
    {
      next: ({ data }) => {
        if (data?.jobEvents != null) followed.ids.push(data.jobEvents.id);
      },
      error: (error) => followed.ends.push(error),
      complete: () => followed.ends.push('complete'),
    },
  );
  onTestFinished(() => void client.dispose());
  return Object.assign(followed, { client });
}

async function startServer(script: Script): Promise<FakeServer> {
  const server = new FakeServer();
  server.script = script;
  await server.start();
  return server;
}

/** Keeps a stream open. */
const forever = (): Promise<never> => new Promise(() => {});

test.each([1000, 1001, 1006, 1011, 1012, 1013, 4408])(
  'after close code %i it goes on behind the last event',
  async (code) => {
    const server = await startServer(async function* ({ after, close }) {
      if (after === undefined) {
        yield 'a';
        yield 'b';
        // 1006 is never sent: it is what a client sees of a connection that broke.
        setTimeout(() => (code === 1006 ? server.closeAll(4999) : close(code)), 10);
      } else yield 'c';
      await forever();
    });
    const { ids } = follow(server);
    await until(() => ids.length === 3);
    expect(ids).toEqual(['a', 'b', 'c']);
    expect(server.connections.map(({ after }) => after)).toEqual([undefined, 'b']);
  },
);

test('EVENTS_EXPIRED starts over without a cursor and asks for a new snapshot', async () => {
  const server = await startServer(async function* ({ after }) {
    if (after === undefined) yield server.connections.length === 1 ? 'a' : 'z';
    else yield new GraphQLError('expired', { extensions: { code: 'EVENTS_EXPIRED' } });
    if (server.connections.length === 1) setTimeout(() => server.closeAll(1001), 10);
    await forever();
  });
  const followed = follow(server);
  await until(() => followed.ids.includes('z') && followed.snapshots === 2);
  expect(server.connections.map(({ after }) => after)).toEqual([undefined, 'a', undefined]);
  expect(followed.states.at(-1)?.name).toBe('live');
});

test('a cursor of the caller’s own that has expired is not sent again', async () => {
  const server = await startServer(async function* ({ after }) {
    if (after == null) yield 'z';
    else yield new GraphQLError('expired', { extensions: { code: 'EVENTS_EXPIRED' } });
    await forever();
  });
  const followed = follow(server, {}, { after: 'old' });
  await until(() => followed.ids.includes('z'));
  expect(server.connections.map(({ after }) => after)).toEqual(['old', undefined]);
});

test('an event with a field that failed is an event; one that failed wholly is asked for again', async () => {
  const error = new GraphQLError('away', { extensions: { code: 'UNAVAILABLE' } });
  const server = await startServer(async function* ({ after }) {
    if (after == null) {
      yield { id: 'a', error };
      yield 'b';
      yield { id: null, error };
      yield 'd';
    } else {
      yield 'c';
      yield 'd';
    }
    await forever();
  });
  const { ids } = follow(server);
  await until(() => ids.includes('d'));
  expect(ids).toEqual(['a', 'b', 'c', 'd']);
  expect(server.connections.map(({ after }) => after)).toEqual([undefined, 'b']);
});

test('SUBSCRIBER_TOO_SLOW inside the stream resumes; a faulty request ends it', async () => {
  const server = await startServer(async function* () {
    const code = server.connections.length === 1 ? 'SUBSCRIBER_TOO_SLOW' : 'BAD_USER_INPUT';
    if (code === 'SUBSCRIBER_TOO_SLOW') yield 'a';
    yield new GraphQLError(code, { extensions: { code } });
  });
  const { ids, ends } = follow(server);
  await until(() => ends.length > 0);
  expect(ids).toEqual(['a']);
  expect(server.connections.map(({ after }) => after)).toEqual([undefined, 'a']);
});

test('a token is renewed when the server refuses it', async () => {
  const server = new FakeServer();
  server.script = async function* () {
    yield 'a';
    await forever();
  };
  server.refuse = (authorization) => authorization !== 'Bearer new';
  await server.start();
  const asked: boolean[] = [];
  const { ids } = follow(server, {
    token: (refused) => {
      asked.push(refused);
      return refused ? 'new' : 'old';
    },
  });
  await until(() => ids.length === 1);
  expect(asked).toEqual([false, true]);
  expect(server.authorizations).toEqual(['Bearer old', 'Bearer new']);
});

test('a token that ends while live is waited for, longer than a server would, and the stream goes on behind it', async () => {
  const server = new FakeServer();
  server.script = async function* ({ after }) {
    yield after === undefined ? 'a' : 'b';
    if (after === undefined) setTimeout(() => server.closeAll(4403), 10);
    await forever();
  };
  await server.start();
  const [asked, renewed] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
  const token = (refused: boolean): Promise<string> | null => {
    if (!refused) return null;
    asked.resolve();
    return renewed.promise;
  };
  const { ids } = follow(server, { token });
  await asked.promise;
  // A server closes a connection that does not say in some seconds who it is.
  expect(server.sockets).toBe(1);
  renewed.resolve('new');
  await until(() => ids.length === 2);
  expect(server.authorizations).toEqual([undefined, 'Bearer new']);
  expect(server.connections.map(({ after }) => after)).toEqual([undefined, 'a']);
});

test('it retries for ever, within the limits of the jitter, and at once when told', async () => {
  const server = await startServer(async function* () {
    setTimeout(() => server.closeAll(1013), 1);
    await forever();
  });
  const { states, client } = follow(server, { firstWaitMs: 10, maxWaitMs: 30 });
  const waits = () => states.filter((state) => state.name === 'reconnecting');
  await until(() => waits().length > 12);
  for (const { at } of waits()) expect(at - Date.now()).toBeLessThanOrEqual(30);

  await client.dispose();
  const slow = follow(server, { firstWaitMs: 3_600_000, maxWaitMs: 3_600_000 });
  await until(() => slow.states.at(-1)?.name === 'reconnecting');
  const before = server.connections.length;
  slow.client.retryNow();
  await until(() => server.connections.length > before);
});

test('RATE_LIMITED waits as long as the server asks for, and goes on behind the last event', async () => {
  const times: number[] = [];
  const server = await startServer(async function* ({ after }) {
    times.push(Date.now());
    if (after === undefined) yield 'a';
    else if (times.length > 2) yield 'b';
    if (times.length > 2) await forever();
    yield limited(times.length === 1 ? 0.3 : 0.2);
  });
  const { ids, ends, states } = follow(server);
  await until(() => ids.includes('b'));
  expect([ids, ends]).toEqual([['a', 'b'], []]);
  const [first = 0, second = 0, third = 0] = times;
  expect(second - first).toBeGreaterThanOrEqual(299);
  expect(third - second).toBeGreaterThanOrEqual(199);
  await until(() => states.at(-1)?.name === 'live');
});

test('of many subscriptions that begin at once under a limit, none ends and none is left out', async () => {
  const perSecond = 200;
  let left = 20;
  const refill = setInterval(() => {
    left = Math.min(20, left + perSecond / 50);
  }, 20);
  onTestFinished(() => clearInterval(refill));
  const server = await startServer(async function* () {
    if (left < 1) {
      yield limited(1 / perSecond);
      return;
    }
    left -= 1;
    yield 'a';
    await forever();
  });
  const { client, ids, ends, states } = follow(server);
  const events = new Set<number>();
  for (let index = 0; index < 160; index += 1) {
    const sink = {
      next: () => void events.add(index),
      error: (error: unknown) => ends.push(error),
      complete: () => ends.push('complete'),
    };
    client.subscribe({ query: QUERY }, sink);
  }
  await until(() => events.size === 160 && ids.length === 1);
  expect(ends).toEqual([]);
  await until(() => states.at(-1)?.name === 'live');
});

test('a subscription that is left while it waits for its limit lets the others be live again', async () => {
  const server = await startServer(async function* () {
    if (server.connections.length === 2) yield limited(3_600);
    yield 'a';
    await forever();
  });
  const { client, ids, states } = follow(server);
  await until(() => ids.length === 1);
  const leave = client.subscribe({ query: QUERY }, { next: () => {}, error: () => {}, complete: () => {} });
  await until(() => states.at(-1)?.name === 'reconnecting');
  leave();
  await until(() => states.at(-1)?.name === 'live');
});

const SAY = 'mutation Say($text: String!) { say(text: $text) }';

test.each([1000, 1001, 1006, 1012, 1013, 4499])(
  'a mutation is sent once, whatever its text says, when the connection is closed with %i before the answer',
  async (code) => {
    const server = await startServer(async function* () {
      yield 'a';
      await forever();
    });
    const { client, ids } = follow(server);
    await until(() => ids.length === 1);
    server.answer = () => {
      server.closeAll(code === 1006 ? 4999 : code);
      return forever();
    };
    const { promise: end, resolve } = Promise.withResolvers<unknown>();
    const query = `# no subscription\n${SAY} query subscription { ok }`;
    client.subscribe(
      { query, operationName: 'Say', variables: { text: 'subscription' } },
      { next: () => resolve('answered'), error: resolve, complete: () => resolve('complete') },
    );
    const failure = await end;
    expect(failure).not.toBeTypeOf('string');
    // The subscription beside it is there again: so would be the mutation.
    await until(() => server.connections.length === 2);
    await until(() => server.sockets === 2);
    await ask(client, '{ ok }');
    expect(server.said).toEqual(['subscription']);
  },
);

test('what an operation is stands in its document: fragments, comments and the operation’s name count', async () => {
  const server = await startServer(async function* ({ after }) {
    yield after === undefined ? 'a' : 'b';
    if (after === undefined) setTimeout(() => server.closeAll(1012), 1);
    await forever();
  });
  const { client } = follow(server);
  const ids: string[] = [];
  const query = `query mutation { ok } ${QUERY.replace('subscription', 'subscription query')} ${SAY}`;
  client.subscribe<{ jobEvents: { id: string } }>(
    { query, operationName: 'query' },
    {
      next: ({ data }) => ids.push(data?.jobEvents.id ?? ''),
      error: () => {},
      complete: () => {},
    },
  );
  await until(() => ids.length === 2);
  expect(ids).toEqual(['a', 'b']);
  expect(await ask(client, 'query subscription { ok }')).toEqual({ ok: true });
  expect(await ask(client, SAY, { text: 'x' })).toEqual({ say: true });
});

function limited(retryAfterSeconds: number): GraphQLError {
  return new GraphQLError('too many', { extensions: { code: 'RATE_LIMITED', retryAfterSeconds } });
}

/** The data of a query or mutation. @throws what the sink gets */
function ask(client: ResumingClient, query: string, variables: Record<string, unknown> = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  client.subscribe(
    { query, variables },
    { next: ({ data }) => resolve(data), error: reject, complete: () => {} },
  );
  return promise;
}
