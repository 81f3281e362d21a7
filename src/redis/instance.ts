/**
 * The small file beside a private redis-server's data that tells the next start which server holds the data, on which
 * port, and with which password.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';
import { storageFailure } from '../core/storage-failure.ts';

/** What `instance.json` holds; the file is readable by its owner only. */
export interface Instance {
  /**
   * The redis-server, for people and not for signals: it may be from another container, or another process by now. 0 when it
   * was stopped in order. The folder's lock says whether a server holds it (launcher.ts).
   */
  readonly pid: number;
  readonly port: number;
  readonly password: string;
}

/** What a server that answered reports about itself. */
interface ServerFacts {
  readonly pid: number;
  /** For example `7.0.15`; Valkey gives the Redis version that it is compatible with. */
  readonly version: string;
  /** Where its files are. */
  readonly folder: string;
}

/** Reads `<folder>/instance.json`; undefined when there is none or it is not usable. */
export async function readInstance(folder: string): Promise<Instance | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, 'instance.json'), 'utf8'));
    return isInstance(value) ? value : undefined;
  } catch {
    // A missing or torn file means the same: nothing is known, so start afresh.
    return undefined;
  }
}

/**
 * Writes `<folder>/instance.json` aside and renames it, mode 0600.
 * @throws PlayheadError STORAGE_FAILED
 */
export async function writeInstance(folder: string, instance: Instance): Promise<void> {
  const path = join(folder, 'instance.json');
  const aside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(aside, `${JSON.stringify(instance, null, 2)}\n`, { mode: 0o600 });
    await chmod(aside, 0o600);
    await rename(aside, path);
  } catch (cause) {
    await rm(aside, { force: true }).catch(() => {});
    throw storageFailure(`cannot write ${path}`, cause);
  }
}

/** 32 random bytes as text without characters that a URL or a Redis configuration would have to escape. */
export function makePassword(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Asks a server on 127.0.0.1 who it is.
 * @returns undefined when nothing answers or the password is not its own; `loading` while it reads its AOF
 */
export async function ask(port: number, password: string): Promise<ServerFacts | 'loading' | undefined> {
  const client = connectOnce(port, password);
  try {
    await client.connect();
    await client.ping();
    const info = await client.info('server');
    const [, folder = ''] = (await client.config('GET', 'dir')) as string[];
    return { pid: Number(field(info, 'process_id')), version: field(info, 'redis_version'), folder };
  } catch (error) {
    return error instanceof Error && error.message.startsWith('LOADING') ? 'loading' : undefined;
  } finally {
    client.disconnect();
  }
}

/** Makes a server on 127.0.0.1 end in order, with its AOF flushed. Its lock shows when it has ended. */
export async function shutDown(port: number, password: string): Promise<void> {
  const client = connectOnce(port, password);
  try {
    await client.connect();
    await client.shutdown();
  } catch {
    // The connection ends with the server, and before the answer.
  } finally {
    client.disconnect();
  }
}

function connectOnce(port: number, password: string): Redis {
  const client = new Redis({
    host: '127.0.0.1',
    port,
    password,
    lazyConnect: true,
    enableReadyCheck: false,
    retryStrategy: () => null,
    connectTimeout: 2000,
    commandTimeout: 2000,
    maxRetriesPerRequest: 0,
  });
  // Connection errors come back from the callers' commands as well; without a listener ioredis prints them.
  client.on('error', () => {});
  return client;
}

/** A TCP port of 127.0.0.1 that is free now: the preferred one if it is, or else any. */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await tryPort(preferred)) !== undefined) return preferred;
  const port = await tryPort(0);
  if (port === undefined)
    throw new PlayheadError('UNAVAILABLE', 'expected a free TCP port on 127.0.0.1, found none');
  return port;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
}

function isInstance(value: unknown): value is Instance {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, port, password } = value as Record<string, unknown>;
  return [pid, port].every((part) => Number.isSafeInteger(part)) && typeof password === 'string';
}
