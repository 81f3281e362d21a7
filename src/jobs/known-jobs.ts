/**
 * Tracked jobs as this process' last reports have left them, so that the next report of each need not read its job. A kept job
 * may be out of date, so a report based on it is written only if no other event has been written since (tracked.lua).
 */
import { LRUCache } from 'lru-cache';
import type { JobState, TrackedAttempt } from '../progress/state.ts';
import type { Holder } from './tracked-input.ts';

export type TrackedState = JobState & { readonly tracked: TrackedAttempt };

/** The most jobs that are kept: those with the newest reports, each with at most 16 KB of metadata. */
const MAX_KEPT = 2_000;

export class KnownJobs {
  readonly #jobs = new LRUCache<string, TrackedState>({ max: MAX_KEPT });

  /** Hands out the job once: a report that fails to be written from it must not find it again. Null: it is not known. */
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

/** The lease is part of the key: it is a secret, and a caller with another one is told nothing about the job. */
function keyOf({ jobId, lease, projectId }: Holder): string {
  return `${projectId} ${jobId} ${lease}`;
}
