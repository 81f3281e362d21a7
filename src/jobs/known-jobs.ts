/**
 * Tracked jobs as this process' last reports have left them, so that the next report of each need not read its job. What is
 * kept may be out of date: whoever writes from it writes only where no other event has been written since (tracked.lua).
 */
import { LRUCache } from 'lru-cache';
import type { JobState, TrackedAttempt } from '../progress/state.ts';
import type { Holder } from './tracked-input.ts';

export type TrackedState = JobState & { readonly tracked: TrackedAttempt };

/** Jobs that are kept, those with the newest reports; with at most 16 KB of metadata each. */
const MAX_KEPT = 2_000;

export class KnownJobs {
  readonly #jobs = new LRUCache<string, TrackedState>({ max: MAX_KEPT });

  /** Gives the job out, once: whoever fails to write from it must not find it again. Null: it is not known. */
  take(holder: Holder): TrackedState | null {
    const key = keyOf(holder);
    const job = this.#jobs.get(key) ?? null;
    if (job !== null) this.#jobs.delete(key);
    return job;
  }

  keep(holder: Holder, job: JobState): void {
    const { tracked } = job;
    if (tracked !== null) this.#jobs.set(keyOf(holder), { ...job, tracked });
  }
}

/** By the lease too: it is a secret, and who has another one is told nothing about the job. */
function keyOf({ jobId, lease, projectId }: Holder): string {
  return `${projectId} ${jobId} ${lease}`;
}
