/** Checks the store: once at start, and now and then for readiness. */
import type { Logger } from '../core/logger.ts';
import { openStore, type StoreSettings } from './open-store.ts';
import type { FileStore, StoreFault } from './store.ts';

const START_LIMIT_MS = 10_000;
const LOOK_LIMIT_MS = 1_500;
const LOOK_AGAIN_MS = 5_000;

/**
 * Whether a process may start with this store. One that is away may come back, and is only logged.
 * @returns null when it may; otherwise what to put right
 */
export async function findStoreFault(
  settings: StoreSettings,
  dataDir: string,
  logger: Logger,
): Promise<string | null> {
  const store = await openStore(settings, dataDir);
  try {
    const fault = await store.findFault(AbortSignal.timeout(START_LIMIT_MS));
    if (fault?.kind === 'away') logger.warn({ reason: fault.message }, 'the file store does not answer');
    return fault?.kind === 'settings' ? fault.message : null;
  } finally {
    store.close();
  }
}

/** Tells whether the store can be used, checking it at most once in 5 s, however many ask. */
export function watchStore(store: FileStore, now: () => number): () => Promise<StoreFault | null> {
  let latest: Promise<StoreFault | null> | null = null;
  let askedAt = 0;
  return () => {
    if (latest === null || now() - askedAt >= LOOK_AGAIN_MS) {
      askedAt = now();
      latest = store.findFault(AbortSignal.timeout(LOOK_LIMIT_MS));
    }
    return latest;
  };
}
