/** How a batch's items have fared: from its events while it runs, from its result afterwards. Pure. */
import { isBatch, type JobView } from './job-view.ts';

export interface BatchCounts {
  /** Items that succeeded. */
  readonly done: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly total: number;
}

type Counted = Pick<JobView, 'taskName' | 'workflow' | 'result' | 'metadata'>;

/** @returns null for any other job, and before a batch has counts */
export function batchCounts({ taskName, workflow, result, metadata }: Counted): BatchCounts | null {
  if (!isBatch({ taskName, workflow })) return null;
  if (result?.__typename === 'BatchResult') {
    const { succeeded, failed, cancelled, total } = result;
    return { done: succeeded, failed, cancelled, total };
  }
  const {
    completed,
    failed = 0,
    cancelled = 0,
    total,
  } = (metadata ?? {}) as Readonly<Record<string, unknown>>;
  const isKnown = [completed, failed, cancelled, total].every((count) => typeof count === 'number');
  return isKnown
    ? { done: Number(completed), failed: Number(failed), cancelled: Number(cancelled), total: Number(total) }
    : null;
}

/** The counts of a batch in which something went wrong; null: nothing did. */
export function flawedCounts(job: Counted): BatchCounts | null {
  const counts = batchCounts(job);
  return counts !== null && counts.failed + counts.cancelled > 0 ? counts : null;
}

/** How a job is displayed: a batch that COMPLETED without all of its items looks different from one with all. */
export function lookOf(job: Counted & Pick<JobView, 'status'>): JobView['status'] | 'PARTIAL' {
  return job.status === 'COMPLETED' && flawedCounts(job) !== null ? 'PARTIAL' : job.status;
}
