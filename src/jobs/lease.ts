/** The leases of tracked jobs: who may report, and how an attempt ends. lease-watch.ts decides when a lease is over. */
import { randomBytes } from 'node:crypto';
import { isSame } from '../core/secret.ts';
import type { CompletionEvent, ErrorEvent } from '../progress/events.ts';
import { endedJob, type JobState, remainsOf, type TrackedAttempt } from '../progress/state.ts';

/** How long a job that will be retried by its own queue waits for that, beyond the time that was announced. */
export const RETURN_MS = 3_600_000;

/** The number of characters of a lease that are the same for all attempts of a job, and of those that are not. */
const SECRET_CHARS = 16;

/**
 * The lease of a job's next attempt: two secrets, the first of which is the job's.
 * @param before the lease of an earlier attempt
 */
export function newLease(before?: string): string {
  const secret = (): string => randomBytes((SECRET_CHARS / 4) * 3).toString('base64url');
  return `${before?.slice(0, SECRET_CHARS) ?? secret()}${secret()}`;
}

/** Whether a lease is one of the job's, present or earlier. A caller without one is told nothing about the job. */
export function isOfJob(lease: string, tracked: TrackedAttempt): boolean {
  if (lease.length !== 2 * SECRET_CHARS) return false;
  return isSame(lease.slice(0, SECRET_CHARS), tracked.lease.slice(0, SECRET_CHARS));
}

/** How an event ends the present attempt of a tracked job. */
export function ending<Event extends ErrorEvent | CompletionEvent>(
  job: JobState,
  event: Event,
  end: NonNullable<TrackedAttempt['end']>,
  now: number,
): { readonly state: JobState; readonly event: Event } {
  const state = endedJob(job, event, now);
  return {
    state: { ...state, tracked: state.tracked && { ...state.tracked, end } },
    event: { ...event, remains: remainsOf(state) },
  };
}
