/**
 * graphql-ws on ws: does what `graphql-ws/use/ws` does, through graphql-ws's own makeServer, with three differences: one timer
 * for all clients, instead of two for each, sends pings and waits for `connection_init`; nothing of the upgrade request is kept
 * for the life of the connection; and the network socket is known, so that the delivery can write to it.
 */
import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  CloseCode,
  GRAPHQL_TRANSPORT_WS_PROTOCOL,
  MessageType,
  type WebSocket as ProtocolSocket,
  type Server,
  stringifyMessage,
} from 'graphql-ws';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Viewer } from '../auth/viewer.ts';
import { ERRORS } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { nothing } from '../core/nothing.ts';
import { asText, isServersMessage } from '../patches/graphql-ws-messages.ts';
import type { UpgradeDecision } from './access.ts';
import { ClientSocket, STALL_LIMIT_MS } from './client-socket.ts';
import { OperationIds, withClientId } from './operation-ids.ts';

/** A client that has not answered a ping by the next one is cut off: noticed after 12 to 24 s. */
const KEEP_ALIVE_MS = 12_000;
/** The pings of all clients are spread over that time. */
const SWEEP_MS = 1_000;
const ROUNDS = KEEP_ALIVE_MS / SWEEP_MS;
/** How long clients have to answer the close frame when the server shuts down. */
const CLOSE_LIMIT_MS = 2_000;

/** How long a client may take to send `connection_init`, plus up to one sweep. */
const INIT_LIMIT_MS = 3_000;

/** What hooks find in `context.extra`. */
export interface Extra {
  readonly socket: ClientSocket;
  /** Set when `connection_init` has arrived. */
  isInitialised: boolean;
  /** Null until connectionParams have been checked. */
  viewer: Viewer | null;
  /** Releases what was admitted for the viewer. */
  leave: () => void;
  /** Operation ids in hooks are those of graphql-ws; `clientIdOf` returns the client's. */
  readonly ids: OperationIds;
}

interface TransportParts {
  readonly server: HttpServer;
  readonly path: string;
  readonly maxPayloadBytes: number;
  /** Decides whether an upgrade is served. */
  readonly admit: (request: IncomingMessage) => UpgradeDecision;
  readonly protocol: Server<Extra>;
  readonly logger: Logger;
  /** Whether no events can come at present; clients that ping are told. Default: never. */
  readonly isUnavailable?: (() => boolean) | undefined;
  /** A client that reads nothing for this long has its connection closed; default 15 s. */
  readonly stallLimitMs?: number | undefined;
}

/**
 * One client: the socket that graphql-ws speaks through, and what its hooks find in `extra`. It is one object with methods, and
 * all clients share the listeners below: a closure for each would be most of an idle client's memory.
 */
class Peer implements ProtocolSocket, Extra {
  readonly client: WebSocket;
  readonly socket: ClientSocket;
  readonly ids = new OperationIds();
  readonly isUnavailable: () => boolean;
  /** The round in which it is pinged. */
  readonly round: number;
  pongDue = false;
  isInitialised = false;
  /** Sweeps since it was opened; counted until it is initialised. */
  sweeps = 0;
  viewer: Viewer | null = null;
  leave: () => void = nothing;
  /** graphql-ws's handler: takes a message, and settles when it has been handled, which for a subscription is its end. */
  handle: ((text: string) => Promise<void>) | null = null;
  /** graphql-ws's handler of the end. */
  onClosed: ((code: number, reason: string) => Promise<void>) | null = null;

  constructor(client: WebSocket, socket: ClientSocket, round: number, isUnavailable: () => boolean) {
    this.client = client;
    this.socket = socket;
    this.round = round;
    this.isUnavailable = isUnavailable;
  }

  get protocol(): string {
    return this.client.protocol;
  }

  send(text: string): Promise<void> {
    const { client, socket } = this;
    const data = withClientId(text);
    // graphql-ws waits for each message before it sends the next; there is no need to wait when the socket takes it at once.
    if (client.readyState === client.OPEN && socket.gather(data.length)) {
      client.send(data);
      return SENT;
    }
    return new Promise((resolve, reject) => {
      if (client.readyState !== client.OPEN) return resolve();
      client.send(data, (error) => (error ? reject(error) : resolve()));
    });
  }

  close(code: number, reason: string): void {
    this.client.close(code, reason);
  }

  /** Called by graphql-ws: answers a ping of the protocol with its payload, and with what clients cannot know. */
  onPing(asked?: Readonly<Record<string, unknown>>): Promise<void> {
    const payload = this.isUnavailable() ? { ...asked, unavailable: true } : asked;
    return this.send(stringifyMessage({ type: MessageType.Pong, ...(payload && { payload }) }));
  }

  onMessage(handle: (text: string) => Promise<void>): void {
    this.handle = handle;
  }

  /** Stops reading from a client that does not read what it asked for, until it does (G7). */
  holdBack(): void {
    const { client, socket } = this;
    if (client.isPaused || !socket.isOverfull) return;
    client.pause();
    socket.whenClear({ onClear: () => client.resume() });
  }

  /** Passes a message on. */
  take(text: string, fail: OnFailed): void {
    const message = this.ids.toOwn(text);
    if (message === undefined) {
      this.close(CloseCode.SubscriberAlreadyExists, 'An operation with this id is under way');
      return;
    }
    // Not awaited: handling a subscription's message lasts until its end.
    this.handle?.(asText(message)).catch((error: unknown) => fail(this.client, error));
  }

  /** Called once the socket is gone, after its last message. */
  leaveProtocol(code: number, reason: string, fail: OnFailed): void {
    this.handle = null;
    this.onClosed?.(code, reason).catch((error: unknown) => fail(this.client, error));
  }
}

const never = (): boolean => false;

type OnFailed = (client: WebSocket, error: unknown) => void;

const SENT = Promise.resolve();

export class WebSocketTransport {
  readonly #parts: TransportParts;
  readonly #sockets: WebSocketServer;
  readonly #peers = new Map<WebSocket, Peer>();
  readonly #sweeps: NodeJS.Timeout;
  readonly #listeners: ReturnType<typeof createListeners>;
  #round = 0;
  #opened = 0;

  constructor(parts: TransportParts) {
    this.#parts = parts;
    this.#listeners = createListeners(this.#peers, parts.logger, (client, error) =>
      this.#fail(client, error),
    );
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: parts.maxPayloadBytes,
      // The delivery's frames are mixed with those of ws, which must therefore keep no state between frames.
      perMessageDeflate: false,
      handleProtocols: chooseProtocol,
    });
    parts.server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#sweeps = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeps.unref();
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Closes every connection with 1001 (going away); cuts off those that do not answer in time. */
  async close(): Promise<void> {
    clearInterval(this.#sweeps);
    this.#sockets.close();
    const clients = [...this.#peers.keys()];
    const closed = clients.map((client) => new Promise((resolve) => client.once('close', resolve)));
    for (const client of clients) client.close(1001, 'Going away');
    const cut = setTimeout(() => {
      for (const client of clients) client.terminate();
    }, CLOSE_LIMIT_MS);
    await Promise.all(closed);
    clearTimeout(cut);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (request.url?.split('?')[0] !== this.#parts.path) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    const decision = this.#parts.admit(request);
    if ('refused' in decision) {
      const { status, meaning } = ERRORS[decision.refused.code];
      socket.end(`HTTP/1.1 ${status} ${decision.refused.code}\r\nConnection: close\r\n\r\n${meaning}`);
      return;
    }
    // Even if the handshake fails.
    if (decision.leave !== nothing) socket.on('close', decision.leave);
    this.#sockets.handleUpgrade(request, socket, head, (client) => this.#open(client, socket));
  }

  #open(client: WebSocket, socket: Duplex): void {
    this.#opened += 1;
    const { isUnavailable = never } = this.#parts;
    const peer = new Peer(client, new ClientSocket(client, socket), this.#opened % ROUNDS, isUnavailable);
    this.#peers.set(client, peer);
    if (client.protocol === GRAPHQL_TRANSPORT_WS_PROTOCOL) {
      peer.onClosed = this.#parts.protocol.opened(peer, peer);
    } else {
      client.close(CloseCode.SubprotocolNotAcceptable, subprotocolFault(client.protocol));
    }
    client.on('message', this.#listeners.message);
    client.on('ping', this.#listeners.ping);
    client.on('pong', this.#listeners.pong);
    client.on('error', this.#listeners.error);
    client.on('close', this.#listeners.close);
  }

  /**
   * Something went wrong outside any operation: an error of ours, or a message that only servers send (`next` and the like).
   */
  #fail(client: WebSocket, error: unknown): void {
    if (isServersMessage(error)) {
      client.close(CloseCode.BadRequest, 'Invalid message received');
      return;
    }
    this.#parts.logger.error({ err: error }, 'handling a WebSocket message failed');
    client.close(CloseCode.InternalServerError, 'Internal server error');
  }

  /** What graphql-ws does with a timer for each client. */
  #awaitInit(peer: Peer): void {
    // The first sweep may come right after the handshake.
    if (peer.sweeps >= INIT_LIMIT_MS / SWEEP_MS) {
      peer.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
    }
    peer.sweeps += 1;
  }

  #sweep(): void {
    this.#round = (this.#round + 1) % ROUNDS;
    const now = performance.now();
    const { stallLimitMs = STALL_LIMIT_MS } = this.#parts;
    for (const [client, peer] of this.#peers) {
      const { heldUpSince } = peer.socket;
      if (heldUpSince !== null && now - heldUpSince >= stallLimitMs) {
        peer.socket.shed('Nothing was read: subscribe again with after');
      }
      if (!peer.isInitialised) this.#awaitInit(peer);
      if (peer.round === this.#round) ping(client, peer);
    }
  }
}

/** Any other subprotocol is accepted too, and closed at once: a failed handshake gives a browser's page no reason. */
function chooseProtocol(offered: Set<string>): string | false {
  if (offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL)) return GRAPHQL_TRANSPORT_WS_PROTOCOL;
  const [first] = offered;
  return first ?? false;
}

/** A close frame has room for 123 bytes of it. */
function subprotocolFault(received: string): string {
  if (received === 'graphql-ws') {
    return 'expected graphql-transport-ws (package graphql-ws), received graphql-ws of subscriptions-transport-ws';
  }
  return `expected subprotocol graphql-transport-ws, received ${received === '' ? 'none' : 'another'}`;
}

/** Shared by all clients: ws calls them on the client itself. */
function createListeners(peers: Map<WebSocket, Peer>, logger: Logger, fail: OnFailed) {
  return {
    message(this: WebSocket, data: RawData): void {
      const peer = peers.get(this);
      peer?.take(String(data), fail);
      peer?.holdBack();
    },
    ping(this: WebSocket): void {
      peers.get(this)?.holdBack();
    },
    pong(this: WebSocket): void {
      const peer = peers.get(this);
      if (peer !== undefined) peer.pongDue = false;
    },
    error: (error: Error): void => logger.debug({ err: error }, 'WebSocket'),
    close(this: WebSocket, code: number, reason: Buffer): void {
      const peer = peers.get(this);
      peers.delete(this);
      peer?.leaveProtocol(code, String(reason), fail);
    },
  };
}

function ping(client: WebSocket, peer: Peer): void {
  if (client.readyState !== client.OPEN) return;
  if (peer.pongDue && peer.socket.heldUpSince === null) {
    client.terminate();
    return;
  }
  // A client that is held up could not receive it; stalling is measured separately.
  if (peer.socket.heldUpSince !== null) return;
  peer.pongDue = true;
  client.ping();
}
