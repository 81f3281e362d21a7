/**
 * A TCP proxy in front of Redis that can cut a connection after Redis has carried out a command but before its answer, or
 * delay the answer.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface LossyProxy {
  readonly url: string;
  /** Number of answers that were lost together with their connection. */
  readonly lost: number;
  /** From now on the next `count` answers that follow a command containing `text` are lost. */
  loseAnswersTo(text: string, count: number): void;
  /** Holds back Redis's answers on the connection of the next command containing `text`, even while the client closes it. */
  holdAnswersTo(text: string): HeldAnswers;
}

interface HeldAnswers {
  /** Whether Redis has answered. */
  readonly answered: boolean;
  release(): void;
}

/** A connection whose answers are held back. */
interface Hold {
  readonly text: string;
  client: Socket | null;
  readonly answers: Buffer[];
}

export async function startLossyProxy(redisUrl: string): Promise<LossyProxy> {
  const target = new URL(redisUrl);
  const sockets = new Set<Socket>();
  let wanted = { text: '', count: 0 };
  let lost = 0;
  let hold: Hold | null = null;
  // A client that closes still reads data in flight to it.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const redis = connect(Number(target.port), target.hostname);
    let losing = false;
    const cut = (): void => {
      client.destroy();
      redis.destroy();
    };
    for (const socket of [client, redis]) {
      sockets.add(socket);
      socket.on('error', cut).on('close', () => {
        sockets.delete(socket);
        cut();
      });
    }
    client.on('end', () => {
      if (hold?.client !== client) cut();
    });
    client.on('data', (data) => {
      if (hold?.client === null && data.includes(hold.text)) hold.client = client;
      if (wanted.count > 0 && data.includes(wanted.text)) {
        wanted = { ...wanted, count: wanted.count - 1 };
        losing = true;
      }
      redis.write(data);
    });
    redis.on('data', (data) => {
      if (hold?.client === client) {
        hold.answers.push(data);
        return;
      }
      if (!losing) {
        client.write(data);
        return;
      }
      lost += 1;
      cut();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = new URL(redisUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    get lost() {
      return lost;
    },
    loseAnswersTo: (text, count) => {
      wanted = { text, count };
    },
    holdAnswersTo: (text) => {
      const held: Hold = { text, client: null, answers: [] };
      hold = held;
      return {
        get answered() {
          return held.answers.length > 0;
        },
        release: () => {
          hold = null;
          for (const answer of held.answers) held.client?.write(answer);
          if (held.client?.readableEnded) held.client.end();
        },
      };
    },
  };
}
