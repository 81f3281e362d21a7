/** An API process that says what it holds: forked by run.ts with --expose-gc. */
import { readdirSync } from 'node:fs';
import { writeHeapSnapshot } from 'node:v8';
import { silentLogger } from '../../src/core/logger.ts';
import { startObservation } from '../../src/observe/observation.ts';
import { startServer } from '../../src/server.ts';
import { readConfig, requireRedisUrl } from '../../src/settings/config.ts';

/** What is left when everything that can be collected is. */
export interface Holding {
  readonly heapBytes: number;
  /** Outside of the heap: buffers. */
  readonly externalBytes: number;
  readonly rssBytes: number;
  readonly descriptors: number;
}

const config = readConfig();
await startObservation(config, 'api', () => {});
const { port } = await startServer({ config, redisUrl: requireRedisUrl(config), logger: silentLogger });

process.on('message', (ask: { readonly hold?: true; readonly snapshot?: string }) => {
  if (ask.snapshot !== undefined) {
    writeHeapSnapshot(ask.snapshot);
    process.send?.({ snapshot: ask.snapshot });
    return;
  }
  for (let round = 0; round < 4; round += 1) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const holding: Holding = {
    heapBytes: heapUsed,
    externalBytes: external,
    rssBytes: rss,
    descriptors: readdirSync('/proc/self/fd').length,
  };
  process.send?.({ holding });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port });
