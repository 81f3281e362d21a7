/** Playhead's API in a process of its own. */
import { Server } from 'node:http';
import type { Socket } from 'node:net';
import { silentLogger } from '../src/core/logger.ts';
import { startObservation } from '../src/observe/observation.ts';
import { startServer } from '../src/server.ts';
import { readConfig, requireRedisUrl } from '../src/settings/config.ts';
import { reportReady } from './measured-process.ts';

/** How long sockets that do not accept written data are left open, observed from outside the product's code. */
const sockets = new Map<Socket, number | null>();
const held = { now: 0, cut: 0, longestMs: 0 };
const listen = Server.prototype.listen;
Server.prototype.listen = function (this: Server, ...args: unknown[]) {
  this.on('connection', (socket: Socket) => {
    sockets.set(socket, null);
    socket.on('close', () => {
      const since = sockets.get(socket) ?? null;
      if (since !== null) {
        held.cut += 1;
        held.longestMs = Math.max(held.longestMs, performance.now() - since);
      }
      sockets.delete(socket);
    });
  });
  return Reflect.apply(listen, this, args) as Server;
} as typeof listen;
setInterval(() => {
  held.now = 0;
  for (const [socket, since] of sockets) {
    if (socket.writableLength === 0) sockets.set(socket, null);
    else {
      held.now += 1;
      if (since === null) sockets.set(socket, performance.now());
    }
  }
}, 250).unref();

const config = readConfig();
await startObservation(config, 'api', (problem) => process.stderr.write(`${problem}\n`));
const running = await startServer({ config, redisUrl: requireRedisUrl(config), logger: silentLogger });
reportReady(running.port, () => ({ connections: sockets.size, ...held }));
