/** One private redis-server for the whole run, without files; test files are separated by their project ids. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { launchRedis } from '../../src/redis/launcher.ts';
import { findRedisServer } from '../../src/settings/programs.ts';
import { PATIENCE_MS } from './deadline.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the run's Redis: `inject('redisUrl')`. */
    redisUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-test-'));
  const redis = await launchRedis({
    ...{ dataDir, binary: findRedisServer() },
    ...{ persist: false, restart: false, startTimeoutMs: PATIENCE_MS },
  });
  project.provide('redisUrl', redis.url);
  return async () => {
    await redis.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
