/** Shared parts of the peers' server processes. */
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { reportReady } from '../measured-process.ts';

/** Starts the HTTP server on a free loopback port and reports it to the driver. */
export async function listen(server = createServer()) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  reportReady(server.address().port);
  return server;
}

export { reportReady as ready };

export function connectRedis(options = {}) {
  return new Redis(process.env.REDIS_URL, options);
}

/** The channel that the driver publishes a project's events to. */
export function channelOf(projectId) {
  return `bench:${projectId}`;
}
