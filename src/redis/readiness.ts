/** Whether this process can serve: Redis answers and, where asked for, a worker is alive. */
import type { Redis } from 'ioredis';
import { withDeadline } from './client.ts';
import { countWorkers } from './heartbeat.ts';
import type { Keys } from './keys.ts';

/** @returns null when ready; otherwise the reason, in words */
export async function checkReadiness(
  redis: Redis,
  keys: Keys,
  requireWorker: boolean,
): Promise<string | null> {
  try {
    const workers = await withDeadline(countWorkers(redis, keys), 1_500);
    return requireWorker && workers === 0 ? 'no worker is running' : null;
  } catch {
    return 'Redis does not answer';
  }
}
