/** A TCP proxy in front of Redis that loses selected messages. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export class FaultyProxy {
  readonly url: string;
  readonly #server: ReturnType<typeof createServer>;
  readonly #sockets: Set<Socket>;
  /** Pub/Sub messages with this text are dropped. */
  dropText: string | null = null;
  dropped = 0;
  /** After the next command with this text has been carried out, its answer is lost together with the connection. */
  loseAnswerTo: string | null = null;
  lost = 0;
  #frozen = new WeakSet<Socket>();
  #subscribers = new Set<Socket>();

  private constructor(url: string, server: ReturnType<typeof createServer>, sockets: Set<Socket>) {
    this.url = url;
    this.#server = server;
    this.#sockets = sockets;
  }

  static async start(redisUrl: string): Promise<FaultyProxy> {
    const target = new URL(redisUrl);
    const sockets = new Set<Socket>();
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(redisUrl);
    url.port = String((server.address() as AddressInfo).port);
    const proxy = new FaultyProxy(url.href, server, sockets);
    server.on('connection', (client) => proxy.#join(client, connect(Number(target.port), target.hostname)));
    return proxy;
  }

  /** Makes the open subscriber connections neither pass anything on nor close, as when a cable is pulled. */
  freezeSubscribers(): number {
    for (const socket of this.#subscribers) this.#frozen.add(socket);
    return this.#subscribers.size;
  }

  /** The same for every open connection: their owners lose the network to Redis. */
  freezeAll(): void {
    for (const socket of this.#sockets) this.#frozen.add(socket);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(client: Socket, redis: Socket): void {
    let losing = false;
    const cut = (): void => {
      client.destroy();
      redis.destroy();
    };
    for (const socket of [client, redis]) {
      this.#sockets.add(socket);
      socket.on('error', cut).on('close', () => {
        this.#sockets.delete(socket);
        this.#subscribers.delete(client);
        cut();
      });
    }
    client.on('data', (data) => {
      if (data.includes('\r\nsubscribe\r\n')) this.#subscribers.add(client);
      if (this.loseAnswerTo !== null && data.includes(this.loseAnswerTo)) {
        this.loseAnswerTo = null;
        losing = true;
      }
      if (!this.#frozen.has(client)) redis.write(data);
    });
    redis.on('data', (data) => {
      if (this.#frozen.has(client)) return;
      if (losing) {
        this.lost += 1;
        cut();
      } else {
        client.write(this.#subscribers.has(client) ? this.#without(data) : data);
      }
    });
  }

  /** Removes messages from a piece made up of whole Pub/Sub messages; anything else passes unchanged. */
  #without(data: Buffer): Buffer {
    const text = this.dropText;
    if (text === null || !data.includes(text)) return data;
    const messages = data.toString('latin1').split(/(?=[*>]3\r\n\$7\r\nmessage\r\n)/);
    const kept = messages.filter((message) => !message.includes(text));
    this.dropped += messages.length - kept.length;
    return Buffer.from(kept.join(''), 'latin1');
  }
}
