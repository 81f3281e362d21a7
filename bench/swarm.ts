/** The clients, in a process of their own: thousands of raw WebSockets that implement just enough of each protocol. */
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { clientFrame, FrameReader } from './frame-reader.ts';

export type Protocol = 'graphql-ws' | 'ws' | 'socket.io';

export interface OpenCommand {
  readonly do: 'open';
  readonly port: number;
  readonly path: string;
  readonly protocol: Protocol;
  readonly count: number;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Whether every client sends a distinct query. */
  readonly distinct: boolean;
  /** Whether to keep each client's last event id, and all ids of some clients. */
  readonly track: boolean;
}

type Command =
  | OpenCommand
  /** Answers when every reading client has received `count` events since the last `expect`. */
  | { readonly do: 'expect'; readonly count: number }
  /** Resets the counts. Answers how many clients have received nothing yet. */
  | { readonly do: 'rebase' }
  | { readonly do: 'latencies' }
  | { readonly do: 'stall'; readonly count: number }
  | { readonly do: 'unstall' }
  | {
      readonly do: 'reconnect';
      readonly port: number;
      readonly lastSeq: number;
      readonly stalledOnly?: boolean;
    }
  | { readonly do: 'tracks' }
  | { readonly do: 'end' };

const clients: Client[] = [];
let open: OpenCommand | null = null;
let latencies: number[] = [];
let expected = 0;
let behind = 0;
let onCaughtUp: (() => void) | null = null;

const EVENT_ID = 'Event","id":"';
const QUOTE = 0x22;

class Client {
  readonly #index: number;
  readonly id = randomUUID();
  socket: Socket | null = null;
  events = 0;
  base = 0;
  stalled = false;
  closed = false;
  lastId: string | null = null;
  lastSeq = 0;
  readonly seqs: number[] = [];
  #onSubscribed: (() => void) | null = null;

  constructor(index: number) {
    this.#index = index;
  }

  /** @returns once the server has answered the handshake and the subscribe message is sent */
  start(after: string | null = null): Promise<void> {
    const command = open as OpenCommand;
    this.closed = false;
    const socket = connect(command.port, '127.0.0.1');
    this.socket = socket;
    socket.setNoDelay(true);
    const started = new Promise<void>((resolve, reject) => {
      this.#onSubscribed = resolve;
      socket.once('error', reject);
      socket.once('close', () => {
        this.closed = true;
        reject(new Error('closed'));
      });
    });
    started.catch(() => undefined);
    let head = '';
    const onHead = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      if (!head.startsWith('HTTP/1.1 101')) throw new Error(head);
      socket.off('data', onHead);
      const reader = new FrameReader((opcode, payload) => this.#onFrame(opcode, payload));
      socket.on('data', (data) => reader.push(data as Buffer));
      if (command.protocol === 'graphql-ws') this.#send('{"type":"connection_init"}');
      if (command.protocol === 'ws') {
        this.#send(String(command.variables['projectId']));
        this.#onSubscribed?.();
      }
      reader.push(Buffer.from(head.slice(end + 4), 'latin1'));
    };
    socket.on('data', onHead);
    socket.write(
      `GET ${command.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n' +
        `Origin: http://127.0.0.1\r\n${command.protocol === 'graphql-ws' ? 'Sec-WebSocket-Protocol: graphql-transport-ws\r\n' : ''}\r\n`,
    );
    this.#after = after;
    return started;
  }

  #after: string | null = null;
  #awaited = Number.POSITIVE_INFINITY;
  #onReached: (() => void) | null = null;

  /** Resolves when the event with that seq has arrived. */
  reached(seq: number): Promise<void> {
    this.#awaited = seq;
    return new Promise((resolve) => {
      this.#onReached = resolve;
    });
  }

  #send(text: string): void {
    this.socket?.write(clientFrame(1, Buffer.from(text)));
  }

  #onFrame(opcode: number, payload: Buffer): void {
    if (opcode === 9) this.socket?.write(clientFrame(10, payload));
    if (opcode !== 1) return;
    switch ((open as OpenCommand).protocol) {
      case 'ws':
        return this.#onEvent(payload);
      case 'graphql-ws':
        // {"id":"<36>","type":"next" — others put the type first.
        if (payload.includes('"next"')) return this.#onEvent(payload);
        if (payload.includes('"connection_ack"')) return this.#subscribe();
        if (payload.includes('"error"')) process.stderr.write(`${payload.toString().slice(0, 500)}\n`);
        return;
      case 'socket.io':
        return this.#onSocketIo(payload);
    }
  }

  #subscribe(): void {
    const { query, variables, distinct } = open as OpenCommand;
    const all = {
      ...variables,
      ...(distinct ? { label: `label ${this.#index}` } : {}),
      ...(this.#after === null ? {} : { after: this.#after }),
    };
    const asked = distinct ? query.replaceAll('LABEL', String(this.#index)) : query;
    this.#send(JSON.stringify({ id: this.id, type: 'subscribe', payload: { query: asked, variables: all } }));
    this.#onSubscribed?.();
  }

  #onSocketIo(payload: Buffer): void {
    const text = payload.toString('latin1', 0, 3);
    if (text.startsWith('0')) this.#send('40');
    else if (text.startsWith('2')) this.#send('3');
    else if (text.startsWith('40')) {
      this.#send(`42["subscribe",${JSON.stringify((open as OpenCommand).variables['projectId'])}]`);
      this.#onSubscribed?.();
    } else if (text.startsWith('42')) this.#onEvent(payload);
  }

  #onEvent(payload: Buffer): void {
    this.events += 1;
    const at = payload.indexOf('sent ');
    if (at >= 0) {
      const sent = Number(payload.toString('latin1', at + 5, at + 23));
      if (!this.stalled) latencies.push(now() - sent);
    }
    if ((open as OpenCommand).track) this.#track(payload);
    if (!this.stalled && this.events - this.base === expected) {
      behind -= 1;
      if (behind === 0) onCaughtUp?.();
    }
  }

  #track(payload: Buffer): void {
    // Do not parse: the events may be large, and the clients must not dominate the measurement.
    const start = payload.indexOf(EVENT_ID) + EVENT_ID.length;
    this.lastId = payload.toString('latin1', start, payload.indexOf(QUOTE, start));
    this.lastSeq = Number(Buffer.from(this.lastId, 'base64url').toString('latin1').split('.')[1]);
    this.seqs.push(this.lastSeq);
    if (this.lastSeq >= this.#awaited) this.#onReached?.();
  }
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

async function openAll(command: OpenCommand): Promise<void> {
  open = command;
  const todo = Array.from({ length: command.count }, (_, index) => new Client(index));
  clients.push(...todo);
  const lanes = Array.from({ length: 50 }, async () => {
    for (let client = todo.shift(); client !== undefined; client = todo.shift()) await client.start();
  });
  await Promise.all(lanes);
}

function expectEvents(count: number): Promise<void> {
  expected = count;
  const readers = clients.filter(({ stalled }) => !stalled);
  behind = 0;
  for (const client of readers) {
    if (client.events - client.base < count) behind += 1;
  }
  const done = behind === 0 ? Promise.resolve() : new Promise<void>((resolve) => (onCaughtUp = resolve));
  return done.then(() => {
    for (const client of readers) client.base += count;
  });
}

/** Every closed client reconnects until it is admitted, as a browser would, and is timed until it has everything. */
async function reconnectAll(port: number, lastSeq: number, stalledOnly: boolean): Promise<number[]> {
  open = { ...(open as OpenCommand), port };
  return Promise.all(
    clients.map(async (client) => {
      if (stalledOnly && !client.stalled) return now();
      for (;;) {
        try {
          await client.start(client.lastId);
          break;
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 100));
        }
      }
      if (client.lastSeq < lastSeq) await client.reached(lastSeq);
      return now();
    }),
  );
}

async function carryOut(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'open':
      return openAll(command);
    case 'expect':
      return expectEvents(command.count);
    case 'rebase':
      for (const client of clients) client.base = client.events;
      return clients.filter(({ events }) => events === 0).length;
    case 'latencies': {
      const taken = latencies;
      latencies = [];
      return taken;
    }
    case 'stall':
      for (const client of clients.slice(0, command.count)) {
        client.stalled = true;
        client.socket?.pause();
      }
      return undefined;
    case 'unstall':
      for (const client of clients.filter(({ stalled }) => stalled)) client.socket?.resume();
      return undefined;
    case 'reconnect':
      return reconnectAll(command.port, command.lastSeq, command.stalledOnly ?? false);
    case 'tracks':
      return clients.map(({ seqs, stalled, closed }) => ({ seqs, stalled, closed }));
    case 'end':
      process.exit(0);
  }
}

process.on('message', ({ ask, command }: { ask: number; command: Command }) => {
  carryOut(command).then(
    (result) => process.send?.({ answer: ask, result }),
    (error: unknown) => process.send?.({ answer: ask, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ answer: 'ready' });
