/** How a batch's items have fared, from its events while it runs, from its result behind that. Pure. */
import { isBatch, type JobView } from './job-view.ts';

export interface BatchCounts {
  /** Succeeded. */
  readonly done: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly total: number;
}

type Counted = Pick<JobView, 'taskName' | 'workflow' | 'result' | 'metadata'>;

/** @returns null for any other job, and before a batch has counted */
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

/** The counts of a batch of which something went wrong; null: nothing did. */
export function flawedCounts(job: Counted): BatchCounts | null {
  const counts = batchCounts(job);
  return counts !== null && counts.failed + counts.cancelled > 0 ? counts : null;
}

/** What a job looks like: a batch that COMPLETED, but not with all its items, is not like one that did. */
export function lookOf(job: Counted & Pick<JobView, 'status'>): JobView['status'] | 'PARTIAL' {
  return job.status === 'COMPLETED' && flawedCounts(job) !== null ? 'PARTIAL' : job.status;
}
