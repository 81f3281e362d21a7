/** Speaks to a WebSocket without a library's opinion: any text, any order, any close code. */
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';

interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: unknown;
}

export class RawClient {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data) => this.messages.push(JSON.parse(String(data)) as Message));
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    socket.on('error', () => {});
    onTestFinished(() => socket.terminate());
  }

  /** @throws Error with the status when the upgrade is refused */
  static async open(
    url: string,
    options: ClientOptions = {},
    protocol: string | string[] = 'graphql-transport-ws',
    path = '/graphql',
  ): Promise<RawClient> {
    const client = new RawClient(new WebSocket(`${url.replace('http', 'ws')}${path}`, protocol, options));
    const opened = new Promise<void>((resolve, reject) => {
      client.socket.once('open', resolve);
      client.socket.once('error', reject);
    });
    await within(opened, PATIENCE_MS, 'the open socket');
    return client;
  }

  init(credential?: string): void {
    this.send({
      type: 'connection_init',
      ...(credential !== undefined && { payload: { authorization: `Bearer ${credential}` } }),
    });
  }

  send(message: Message | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  until(type: string): Promise<Message> {
    return until(() => this.messages.find((message) => message.type === type), {
      what: `a message ${type}; there are ${JSON.stringify(this.messages)}, closed ${JSON.stringify(this.closed)}`,
    });
  }

  /** The close code. */
  async ended(timeoutMs = PATIENCE_MS): Promise<number> {
    const { code } = await until(() => this.closed, { what: 'the end of the socket', timeoutMs });
    return code;
  }
}
