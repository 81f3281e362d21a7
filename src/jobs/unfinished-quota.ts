/** How many unfinished jobs a project may have (PLAYHEAD_MAX_QUEUED_JOBS). */
import { PlayheadError } from '../core/errors.ts';

/** How many it may have before `added` more are made, for the script that decides. @param limit undefined: any number */
export function unfinishedBefore(limit: number | undefined, added: number): number | undefined {
  return limit === undefined ? undefined : limit - added;
}

export function queueFull(limit: number | undefined): PlayheadError {
  return new PlayheadError(
    'QUOTA_EXCEEDED',
    `expected at most ${limit} unfinished jobs in a project (PLAYHEAD_MAX_QUEUED_JOBS), this would be more: wait until some have ended, or cancel some`,
  );
}
