/** An API process without a worker, and a Scribe that writes what a worker would, for all tests of a file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, inject } from 'vitest';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { unique } from '../setup/harness.ts';
import { ApiProcess } from './processes.ts';
import { Scribe } from './scribe.ts';

/** Called once, outside of the tests. @param env further settings of the API */
export function openScribedApi(name: string, env?: Readonly<Record<string, string>>) {
  const dataDir = mkdtempSync(join(tmpdir(), `playhead-${name}-`));
  const prefix = unique(name);
  const api = new ApiProcess({ prefix, dataDir, ...(env && { env }) });
  const redis = connectRedis(inject('redisUrl'), () => {});
  beforeAll(() => api.start());
  afterAll(async () => {
    await api.kill();
    await closeRedis(redis);
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { api, dataDir, prefix, redis, scribe: new Scribe(redis, prefix) };
}
