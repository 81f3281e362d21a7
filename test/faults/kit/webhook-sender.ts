/** A process that only sends webhooks, with the same dispatcher as every worker, but a short lease. */
import { systemClock } from '../../../src/core/clock.ts';
import { runProcess } from '../../../src/core/lifecycle.ts';
import { JobStore } from '../../../src/log/job-store.ts';
import { EventLog } from '../../../src/log/log.ts';
import { createLogger } from '../../../src/observe/logging.ts';
import { closeRedis, connectRedis } from '../../../src/redis/client.ts';
import { createKeys } from '../../../src/redis/keys.ts';
import { readConfig, requireRedisUrl } from '../../../src/settings/config.ts';
import { WebhookDispatcher } from '../../../src/webhooks/dispatcher.ts';
import { WebhookStore } from '../../../src/webhooks/webhook-store.ts';
import { WORKFLOWS } from '../../setup/workflows.ts';

const LEASE_MS = 500;
const PAUSE_MS = 20;

runProcess(async () => {
  const config = readConfig();
  const logger = createLogger(config, 'worker');
  const redis = connectRedis(requireRedisUrl(config), () => {});
  const keys = createKeys(config.prefix);
  const dispatcher = new WebhookDispatcher({
    ...{ redis, keys, logger, clock: systemClock, leaseMs: LEASE_MS, pauseMs: PAUSE_MS },
    log: new EventLog(redis, keys),
    jobs: new JobStore(redis, keys, WORKFLOWS),
    store: new WebhookStore(redis, keys),
    retentionMs: config.jobRetentionMs,
    post: { policy: { allowsPrivate: true } },
  });
  process.send?.({ ready: true });
  return {
    logger,
    close: async () => {
      await dispatcher.close();
      await closeRedis(redis);
    },
    limitMs: 10_000,
  };
}, String);
