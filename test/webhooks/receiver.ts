/** Receives webhooks as somebody's server would: real HTTP, and it may be slow, rude or dead. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface Received {
  readonly id: string;
  /** As the signature library takes them. */
  readonly headers: Record<string, string>;
  readonly text: string;
  readonly body: {
    readonly type: string;
    readonly data: { readonly job: { readonly id: string }; readonly result: unknown };
  };
}

/** What a receiver does with a request; default: 204. */
export type Answer = (received: Received, response: ServerResponse, request: IncomingMessage) => void;

export class Receiver {
  readonly received: Received[] = [];
  answer: Answer;
  #server: Server | null = null;
  #port = 0;

  constructor(answer: Answer = (_received, response) => response.writeHead(204).end()) {
    this.answer = answer;
  }

  /** Closed at the end of the test. */
  static async start(answer?: Answer): Promise<Receiver> {
    const receiver = new Receiver(answer);
    await receiver.listen();
    onTestFinished(() => receiver.kill());
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  /** Ids in the order in which they came. */
  get ids(): readonly string[] {
    return this.received.map(({ id }) => id);
  }

  /** At the port that it had before. */
  async listen(): Promise<void> {
    const server = createServer((request, response) => void this.#take(request, response));
    this.#server = server;
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Stops listening and cuts every connection. */
  async kill(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const received = { id: headers['webhook-id'] ?? '', headers, text, body: JSON.parse(text) };
    this.received.push(received);
    this.answer(received, response, request);
  }
}
