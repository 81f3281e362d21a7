/** Whether this process can serve: Redis answers and takes writes and, if required, a worker is alive. */
import type { Redis } from 'ioredis';
import { withDeadline } from './client.ts';
import type { RedisHealth } from './health.ts';
import { countWorkers } from './heartbeat.ts';
import type { Keys } from './keys.ts';

interface ReadinessParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly health: Pick<RedisHealth, 'findFault'>;
  readonly requireWorker: boolean;
}

/** @returns null when ready; otherwise the reason, in words */
export async function checkReadiness({
  redis,
  keys,
  health,
  requireWorker,
}: ReadinessParts): Promise<string | null> {
  const fault = await health.findFault();
  if (fault !== null || !requireWorker) return fault;
  const workers = await withDeadline(countWorkers(redis, keys), 1_500).catch(() => null);
  if (workers === null) return 'Redis does not answer';
  return workers === 0 ? 'no worker is running' : null;
}
