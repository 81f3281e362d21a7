/** A proxy before a server, as they stand in companies and hotels: no upgrades, responses kept back, connections cut. */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ProxyManners {
  /** WebSockets are let through. */
  upgrades: boolean;
  /** A response is handed on when it has ended. */
  buffers: boolean;
  /** Nothing is answered, as while the server starts anew. @default false */
  isAway?: boolean;
}

export interface Proxy {
  readonly url: string;
  readonly manners: ProxyManners;
  /** Requests that came, by what they accept. */
  readonly accepted: string[];
  upgraded: number;
  /** Connections that were cut at once while it was away. */
  refused: number;
  /** Cuts everything that is under way. */
  cut(): void;
}

export async function startProxy(target: string, manners: ProxyManners): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const accepted: string[] = [];
  const handle = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    accepted.push(String(incoming.headers.accept));
    const { headers, method, url } = incoming;
    const onward = request({ hostname, port, path: url, method, headers }, (response) => {
      const pieces: Buffer[] = [];
      if (!manners.buffers) {
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(outgoing);
        return;
      }
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        outgoing.end(Buffer.concat(pieces));
      });
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  };
  const server = createServer(handle);
  server.on('connection', (socket) => {
    if (manners.isAway === true) {
      proxy.refused += 1;
      socket.destroy();
      return;
    }
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const proxy = { url: '', manners, accepted, upgraded: 0, refused: 0, cut: () => {} };
  server.on('upgrade', (incoming, socket, head) => {
    if (!manners.upgrades) {
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
      return;
    }
    proxy.upgraded += 1;
    const onward = connect(Number(port), hostname, () => {
      const lines = incoming.rawHeaders.flatMap((name, at, all) =>
        at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : [],
      );
      onward.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const end of [onward, socket]) end.on('error', () => {});
    socket.on('close', () => onward.destroy());
    onward.on('close', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy.cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    proxy.cut();
    server.close();
  });
  return proxy;
}
