/** Starts the realtime endpoint on a real HTTP server and a real Redis, and speaks its protocol over raw WebSockets. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { GraphQLSchema } from 'graphql';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { OPEN_VIEWER, type Viewer } from '../../src/auth/viewer.ts';
import { type Logger, silentLogger } from '../../src/core/logger.ts';
import { METERS } from '../../src/core/meters.ts';
import type { QueueLimits } from '../../src/log/delivery-queue.ts';
import { openEventStream } from '../../src/log/event-stream.ts';
import type { Channel } from '../../src/log/feed.ts';
import { createJobLoader } from '../../src/log/job-loader.ts';
import { OPEN_ACCESS } from '../../src/realtime/access.ts';
import type { Delivery } from '../../src/realtime/delivery.ts';
import { createErrorMapping, createGraphQLEndpoint } from '../../src/realtime/graphql-http.ts';
import { serveWebSocket, type WebSocketEndpoint } from '../../src/realtime/graphql-ws.ts';
import { DEFAULT_LIMITS } from '../../src/realtime/limits.ts';
import { SharedDelivery } from '../../src/realtime/shared-delivery/shared-delivery.ts';
import type { ProcessContext, SchemaContext } from '../../src/schema/context.ts';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import {
  createEventPath,
  type EventPath,
  type EventPathOptions,
  unique,
  writeJob,
} from '../setup/harness.ts';
import { schema as productSchema } from '../setup/schema.ts';

export interface Endpoint extends EventPath {
  readonly webSocket: WebSocketEndpoint;
  readonly url: string;
  readonly port: number;
  /** The server's ends of the connections, in the order they came. */
  readonly sockets: readonly Socket[];
  connect(): Promise<Client>;
}

interface EndpointOptions extends EventPathOptions {
  readonly schema?: GraphQLSchema;
  /** Default: the shared one. */
  readonly delivery?: Delivery;
  /** Of what waits for a slow subscriber. */
  readonly queue?: QueueLimits;
  readonly stallLimitMs?: number;
  /** Of the WebSocket; default: silent. */
  readonly logger?: Logger;
  /** Whether no event can come for now; default: never. */
  readonly isUnavailable?: () => boolean;
  /** What the context of a single operation has beyond the shared one. */
  readonly viewer?: (name: string) => unknown;
  /** The only job that a viewer sees; default: all of them. */
  readonly jobOf?: (name: string) => string | null;
  /** Changes when results that were kept are to be made anew. */
  readonly linkEdition?: () => number;
}

/**
 * Intervals stand still from here to the end of the test: the server pings nobody, cuts nobody who takes nothing for long, and
 * feeds don't look by themselves. To be called before the endpoint is started.
 */
export function holdIntervals(): void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
}

export async function startEndpoint(options: EndpointOptions = {}): Promise<Endpoint> {
  const path = createEventPath(options);
  const shared: ProcessContext = {
    commands: undefined as never,
    tracked: undefined as never,
    jobs: path.jobs,
    historyOf: undefined as never,
    recordOf: createJobLoader((ids) => path.jobs.loadRecords(ids)),
    etaOf: undefined as never,
    queuePosition: undefined as never,
    openEvents: (request) => openEventStream(path.sources, request),
    artifactUrl: (file) => `http://files.test/${file}`,
  };
  const own: SchemaContext = {
    ...shared,
    inputOf: undefined as never,
    linesOf: undefined as never,
    webhooks: undefined as never,
    viewer: undefined as never,
    createViewerToken: undefined as never,
  };
  const schema = options.schema ?? productSchema;
  const { isUnavailable = () => false, stallLimitMs } = options;
  const endpoint = createGraphQLEndpoint({
    ...{ schema, logger: silentLogger, context: own },
    ...{ stallLimitMs, isUnavailable },
  });
  const server = createServer((request, response) => void endpoint(request, response));
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  const { jobOf = () => null, viewer } = options;
  const mapping = createErrorMapping(schema, silentLogger);
  const webSocket = serveWebSocket({
    server,
    mapping,
    endpoint: viewer === undefined ? endpoint : withViewer(endpoint, viewer),
    delivery:
      options.delivery ??
      new SharedDelivery({
        ...{ shared, logger: silentLogger, mapping },
        ...{ limits: options.queue, linkEdition: options.linkEdition },
      }),
    logger: options.logger ?? silentLogger,
    access: {
      ...OPEN_ACCESS,
      authenticate: async (name) => ({ ...OPEN_VIEWER, id: String(name), jobId: jobOf(String(name)) }),
    },
    // For ids of any length.
    requestLimits: { ...DEFAULT_LIMITS, maxMessageBytes: 1024 * 1024 },
    isUnavailable,
    ...(stallLimitMs !== undefined && { stallLimitMs }),
  });
  const port = await listen(server);
  onTestFinished(async () => {
    await webSocket.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `127.0.0.1:${port}/graphql`;
  return { ...path, webSocket, url, port, sockets, connect: () => Client.connect(`ws://${url}`) };
}

/** What authentication will do: a context of its own for each operation. */
function withViewer(
  endpoint: ReturnType<typeof createGraphQLEndpoint>,
  viewer: (name: string) => unknown,
): ReturnType<typeof createGraphQLEndpoint> {
  return new Proxy(endpoint, {
    get: (target, key) => {
      if (key !== 'getEnveloped') return Reflect.get(target, key);
      return (initial: { viewer: Viewer }) => {
        // Before the context is made, in the same object.
        const { id } = initial.viewer;
        const enveloped = target.getEnveloped(initial as never);
        return {
          ...enveloped,
          contextFactory: async () =>
            Object.assign({}, await enveloped.contextFactory(), { viewer: viewer(id) }),
        };
      };
    },
  });
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** Of all endpoints of this process. */
export async function subscriberCount(): Promise<number> {
  const cells = await METERS.subscribers.read();
  return cells.reduce((sum, { value }) => sum + value.value, 0);
}

/** Feeds wait for `open` as they begin; `waiting` says how many have come there. */
export function createGate(): {
  wrap: (channel: Channel) => Channel;
  waiting: () => number;
  open: () => void;
} {
  let open: () => void = () => {};
  let waiting = 0;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const wrap = (channel: Channel): Channel => ({
    subscribe: async (name, take) => {
      waiting += 1;
      await opened;
      return channel.subscribe(name, take);
    },
    unsubscribe: (id) => channel.unsubscribe(id),
  });
  return { wrap, waiting: () => waiting, open };
}

/** What is sent meanwhile comes to the server as one packet. */
export async function asOnePacket(server: Socket, client: Client, send: () => void): Promise<void> {
  server.pause();
  send();
  // A socket that is paused goes on reading until its buffer is full.
  const { bytesWritten } = (client.socket as unknown as { readonly _socket: Socket })._socket;
  await until(() => server.bytesRead === bytesWritten);
  server.resume();
}

export interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

/** A client that keeps every message as it came. */
export class Client {
  readonly socket: WebSocket;
  readonly texts: string[] = [];
  readonly messages: Message[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => {
      const text = String(data);
      this.texts.push(text);
      this.messages.push(JSON.parse(text) as Message);
    });
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    socket.on('error', () => {});
  }

  /** @param name of the viewer */
  static async connect(url: string, headers: Record<string, string> = {}, name?: string): Promise<Client> {
    const client = new Client(new WebSocket(url, 'graphql-transport-ws', { headers }));
    onTestFinished(() => client.socket.terminate());
    await within(
      new Promise((resolve) => client.socket.once('open', resolve)),
      PATIENCE_MS,
      'the open socket',
    );
    client.send({ type: 'connection_init', ...(name !== undefined && { payload: { authorization: name } }) });
    await client.until(({ type }) => type === 'connection_ack');
    return client;
  }

  send(message: Message): void {
    this.socket.send(JSON.stringify(message));
  }

  subscribe(id: string, variables: Record<string, unknown>, query = WATCH, operationName?: string): void {
    this.send({
      id,
      type: 'subscribe',
      payload: { query, variables, ...(operationName && { operationName }) },
    });
  }

  complete(id: string): void {
    this.send({ id, type: 'complete' });
  }

  /** The first message that is so, now or later. */
  until(condition: (message: Message) => boolean, what = 'a message'): Promise<Message> {
    return until(() => this.messages.find(condition), { what });
  }

  of(id: string): Message[] {
    return this.messages.filter((message) => message.id === id);
  }

  /** What a subscription has been given, once there are so many. */
  async events(id: string, count: number): Promise<Event[]> {
    await until(() => this.of(id).filter(({ type }) => type === 'next').length >= count, {
      what: `${count} events of ${id}; there are ${JSON.stringify(this.of(id)).slice(0, 2_000)}`,
    });
    return this.eventsSoFar(id);
  }

  eventsSoFar(id: string): Event[] {
    return this.of(id)
      .filter(({ type }) => type === 'next')
      .map(({ payload }) => (payload as { data: { jobEvents: Event } | null }).data?.jobEvents as Event);
  }
}

export interface Event {
  readonly __typename: string;
  readonly id: string;
  readonly jobId: string;
  readonly progress?: number;
  readonly message?: string;
}

export const WATCH = `subscription Watch($projectId: ID!, $jobId: ID, $after: ID, $snapshot: Boolean) {
  jobEvents(projectId: $projectId, jobId: $jobId, after: $after, snapshot: $snapshot) {
    __typename
    ... on Event { id jobId attempt }
    ... on ProgressEvent { progress status message }
    ... on ErrorEvent { code willRetry }
    ... on CompletionEvent { taskName }
  }
}`;

/** The same, not shared: graphql-ws iterates it and waits for the socket after each result. */
export const WATCH_ALONE = WATCH.replace('snapshot: $snapshot)', 'snapshot: $snapshot) @include(if: true)');

/** Two clients that follow one job in the same group, each with its first event. */
export async function watchTogether(endpoint: Endpoint) {
  const projectId = unique('project');
  const writer = await writeJob(endpoint.log, projectId);
  const clients = [await endpoint.connect(), await endpoint.connect()] as const;
  for (const client of clients) client.subscribe('s', { projectId });
  for (const client of clients) await client.events('s', 1);
  await until(() => endpoint.hub.listenerCount === 1);
  return { clients, projectId, writer };
}
