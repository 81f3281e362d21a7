/** Where a job stands in the queue. */
import type { JobState } from '../progress/state.ts';
import { connectionOf } from './fairness.ts';
import type { JobQueue } from './queue.ts';

/**
 * The place of a waiting job among all that wait, in the order in which workers take them: 1 is taken next. The order is
 * that of fairness.ts at this moment, over all projects; one of another project that is enqueued later may still go first.
 * @returns null unless the job is QUEUED and its entry waits: not for a batch, whose items are what waits, nor in the
 *   moments in which an entry is added or taken
 */
export async function findQueuePosition(
  queue: JobQueue,
  { status, itemCount, queueId }: Pick<JobState, 'status' | 'itemCount' | 'queueId'>,
): Promise<number | null> {
  if (status !== 'QUEUED' || itemCount > 0) return null;
  const wait = queue.toKey('wait');
  // One transaction: an entry that moves on meanwhile is counted once.
  const replies = await connectionOf(queue)
    .multi()
    .llen(wait)
    .lpos(wait, queueId)
    .zrank(queue.toKey('prioritized'), queueId)
    .exec();
  const [unordered, place, rank] = (replies ?? []).map(([error, value]) => {
    if (error) throw error;
    return value as number | null;
  });
  // BullMQ takes what has no priority first, from the right end of its list.
  if (place != null) return (unordered ?? 0) - place;
  return rank == null ? null : (unordered ?? 0) + rank + 1;
}
