/** What the operator's programs that talk directly to the server's Redis have in common. */
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { closeRedis, connectRedis, withDeadline } from '../redis/client.ts';
import { readInstance } from '../redis/instance.ts';
import { createKeys, type Keys } from '../redis/keys.ts';
import { troubleOf } from '../redis/replies.ts';
import { findRedisFault } from '../redis/server-check.ts';
import { databaseOf } from '../redis/url.ts';
import { type Config, ConfigError } from '../settings/config.ts';

import { loadProject } from '../workflow/project.ts';

/** Invalid command line arguments. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** REDIS_URL, or the private Redis that `npm start` runs on the same data folder. */
async function findRedis({ redisUrl, dataDir }: Config): Promise<string> {
  if (redisUrl !== undefined) return redisUrl;
  const instance = await readInstance(join(dataDir, 'redis'));
  if (instance === undefined || instance.pid === 0) {
    throw new ConfigError('REDIS_URL is not set, and no server runs on this data folder: start it first.');
  }
  return `redis://:${instance.password}@127.0.0.1:${instance.port}`;
}

/** The output of a command: `out` is what was requested, `note` goes to standard error. */
export interface Printed {
  readonly out: string;
  readonly note?: string;
}

/**
 * Runs a command with the server's settings and prints what it returns, or its error.
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage
 */
export async function runOperator(
  usage: string,
  argv: readonly string[],
  run: (redis: Redis, keys: Keys, argv: readonly string[]) => Promise<string | Printed>,
): Promise<number> {
  if (argv.includes('--help')) {
    process.stdout.write(usage);
    return 0;
  }
  try {
    const { config } = await loadProject();
    const url = await findRedis(config);
    const fault = await findRedisFault(url, config.prefix);
    if (fault !== null) throw new ConfigError(fault);
    const redis = connectRedis(url, () => {});
    try {
      const keys = createKeys(config.prefix, databaseOf(url));
      const printed = await withDeadline(run(redis, keys, argv), 5_000);
      const { out, note = '' } = typeof printed === 'string' ? { out: printed } : printed;
      process.stdout.write(out);
      process.stderr.write(note);
      return 0;
    } finally {
      await closeRedis(redis);
    }
  } catch (error) {
    const isUsage = error instanceof UsageError;
    const trouble = troubleOf(error);
    process.stderr.write(
      `${trouble === null ? textOf(error) : `Redis: ${trouble.reason} (${trouble.code})`}\n${isUsage ? usage : ''}`,
    );
    return isUsage ? 2 : 1;
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
