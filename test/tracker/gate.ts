/** A TCP proxy that can be shut, so that a server that goes on is away for those behind it. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export class Gate {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port = 0;

  private constructor(target: string) {
    this.#target = new URL(target);
  }

  /** Opens one in front of the server of an address; it is shut at the end of the test. */
  static async open(target: string): Promise<Gate> {
    const gate = new Gate(target);
    await gate.open();
    onTestFinished(() => gate.shut());
    return gate;
  }

  /** The target's address, through the gate. */
  get url(): string {
    const url = new URL(this.#target);
    url.port = String(this.#port);
    return url.href;
  }

  async open(): Promise<void> {
    const server = createServer((client) => {
      const behind = connect(Number(this.#target.port), this.#target.hostname);
      for (const [one, other] of [
        [client, behind],
        [behind, client],
      ] as const) {
        this.#sockets.add(one);
        one.pipe(other);
        one
          .on('error', () => {})
          .on('close', () => {
            this.#sockets.delete(one);
            other.destroy();
          });
      }
    });
    this.#server = server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  async shut(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
