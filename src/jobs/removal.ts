/** Removes an ended job on request, before its retention time is over. */
import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';
import { badInput, PlayheadError } from '../core/errors.ts';
import type { JobStore } from '../log/job-store.ts';
import { hasEnded, itemIds } from '../progress/state.ts';
import type { Keys } from '../redis/keys.ts';
import { memberOf } from './watch.ts';

interface RemovalParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly jobs: Pick<JobStore, 'load' | 'remove'>;
}

/**
 * Takes a job out of its project at once. Its files, and the items of a batch, are noted as due before that, so that the next
 * sweep of a worker (retirement.ts) removes them whatever happens here.
 * @throws PlayheadError NOT_FOUND, JOB_NOT_ENDED, BAD_USER_INPUT for an item of a batch, RECORD_DAMAGED
 */
export async function removeJob(
  { clock, jobs, keys, redis }: RemovalParts,
  projectId: string,
  jobId: string,
): Promise<void> {
  const state = await jobs.load(projectId, jobId);
  if (state === null) throw new PlayheadError('NOT_FOUND', `There is no job ${jobId} in this project`);
  if (state.parentId !== null) throw badInput('id', 'a job that is no item of a batch', jobId);
  if (hasEnded(state.status)) {
    const now = clock.now();
    const due = [jobId, ...itemIds(state)].flatMap((id) => [now, memberOf({ projectId, id })]);
    await redis.zadd(keys.retired, ...due);
    if (await jobs.remove(state)) return;
  }
  throw new PlayheadError(
    'JOB_NOT_ENDED',
    `Expected a job that has ended, received one that is not: ${jobId}`,
  );
}
