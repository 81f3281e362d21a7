/** An S3-compatible server of the test's own, which checks signatures, and the ways in which tests disturb it. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { createServer, type Socket, type Server as TcpServer, connect as tcpConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { onTestFinished } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { type S3Limits, type S3Settings, S3Store } from '../../src/store/s3-store.ts';

/** The server knows only this account. */
export const ACCESS_KEY = 'S3RVER';
export const SECRET_KEY = 'S3RVER';
export const BUCKET = 'playhead-files';

export interface ObjectStorage {
  readonly endpoint: string;
  /** Settings for a process that uses it. */
  readonly env: Record<string, string>;
  settings(other?: Partial<S3Settings>): S3Settings;
  open(other?: Partial<S3Settings>, limits?: Partial<S3Limits>): S3Store;
  /** Stops the server, as a crash would; its files stay. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function startObjectStorage(): Promise<ObjectStorage> {
  const directory = await mkdtemp(join(tmpdir(), 'playhead-s3-'));
  let running = await listen(directory, 0);
  const { port } = running;
  const endpoint = `http://127.0.0.1:${port}`;
  onTestFinished(async () => {
    await running.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const settings = (other: Partial<S3Settings> = {}): S3Settings => ({
    bucket: BUCKET,
    prefix: '',
    endpoint,
    region: 'us-east-1',
    credentials: { accessKey: new Secret(ACCESS_KEY), secretKey: new Secret(SECRET_KEY) },
    pathStyle: true,
    ...other,
  });
  return {
    endpoint,
    env: {
      PLAYHEAD_STORE: `s3://${BUCKET}/here`,
      PLAYHEAD_S3_ENDPOINT: endpoint,
      PLAYHEAD_S3_ACCESS_KEY: ACCESS_KEY,
      PLAYHEAD_S3_SECRET_KEY: SECRET_KEY,
    },
    settings,
    open: (other, limits) => {
      const store = new S3Store(settings(other), limits);
      onTestFinished(() => store.close());
      return store;
    },
    stop: () => running.stop(),
    start: async () => {
      running = await listen(directory, port);
    },
  };
}

async function listen(directory: string, port: number) {
  const server = new S3rver({
    ...{ address: '127.0.0.1', port, directory, silent: true, configureBuckets: [{ name: BUCKET }] },
  });
  // It computes the signature of `/bucket/?list-type=2`, as requested by the SDK, over `/bucket`. If the request is treated as
  // one to the bucket's own host, mounted at `/`, it uses the right path; the signature is still checked.
  server.middleware.unshift(async (context, next) => {
    if (/^\/[^/]+\/$/.test(context.path)) {
      context.mountPath = '/';
      Object.defineProperty(context.state, 'vhost', { get: () => true, set: () => {} });
    }
    await next();
  });
  // It removes the files of a list concurrently, and fails on folders that the others have removed, so run them one by one.
  const remove = server.store.deleteObject.bind(server.store);
  let removed = Promise.resolve();
  server.store.deleteObject = (bucket, key) => {
    removed = removed.then(() => remove(bucket, key));
    return removed;
  };
  const address = await server.run();
  const http = server.httpServer as Server;
  const stopped = async (): Promise<void> => {
    if (!http.listening) return;
    http.closeAllConnections();
    await server.close();
  };
  return { port: address.port, stop: stopped };
}

export interface Wire {
  readonly endpoint: string;
  /** Number of bytes that the storage has sent so far. */
  readonly sentBytes: () => number;
  /** Number of currently open connections. */
  readonly open: () => number;
  /** Cuts the next `times` connections, each once after `bytes` bytes of answers. */
  cutAfter(bytes: number, times: number): void;
  /** Stops passing on answers, but keeps the connections. */
  hold(): void;
}

/** A wire to the storage that breaks as the test requests. */
export async function startWire(storage: ObjectStorage): Promise<Wire> {
  const target = Number(new URL(storage.endpoint).port);
  const sockets = new Set<Socket>();
  let sent = 0;
  let cuts = 0;
  let cutBytes = 0;
  let held = false;
  const server: TcpServer = createServer((client) => {
    const upstream = tcpConnect(target, '127.0.0.1');
    let answered = 0;
    sockets.add(client);
    client.pipe(upstream);
    upstream.on('data', (piece) => {
      answered += piece.length;
      sent += piece.length;
      if (cuts > 0 && answered > cutBytes) {
        cuts -= 1;
        client.destroy();
        return;
      }
      if (held) return;
      if (!client.write(piece)) upstream.pause();
    });
    client.on('drain', () => upstream.resume());
    upstream.on('end', () => client.end());
    client.on('close', () => {
      sockets.delete(client);
      upstream.destroy();
    });
    for (const socket of [client, upstream]) socket.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    sentBytes: () => sent,
    open: () => sockets.size,
    cutAfter: (bytes, times) => {
      cutBytes = bytes;
      cuts = times;
    },
    hold: () => {
      held = true;
    },
  };
}
