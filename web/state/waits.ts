/**
 * Queries how long waiting jobs will still wait: events do not contain that, since it changes with every other job of the
 * server.
 */
import type { JobCache } from './job-cache.ts';
import type { Wait } from './job-view.ts';

const LOOK_MS = 1_000;
/** The least time between two queries while the same jobs wait. */
const ASK_MS = 5_000;

interface WaitsParts {
  readonly store: Pick<JobCache, 'waiting' | 'noteWait'>;
  readonly ask: () => Promise<readonly Wait[]>;
  /** Whether somebody is looking. */
  readonly isSeen: () => boolean;
}

/** Keeps the waits of a project's jobs up to date, while there are any and somebody looks. @returns a function that stops it */
export function followWaits({ store, ask, isSeen }: WaitsParts): () => void {
  let askedAt = Number.NEGATIVE_INFINITY;
  let asked: ReadonlySet<string> = new Set();
  let asking = false;
  const look = async (): Promise<void> => {
    const waiting = isSeen() ? store.waiting() : [];
    const due = performance.now() - askedAt >= ASK_MS || waiting.some((id) => !asked.has(id));
    if (asking || waiting.length === 0 || !due) return;
    asking = true;
    askedAt = performance.now();
    asked = new Set(waiting);
    // It is retried in a moment; the connection's own display shows what is wrong.
    const waits = await ask().catch(() => []);
    for (const wait of waits) store.noteWait(wait, Date.now());
    asking = false;
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return () => clearInterval(timer);
}
