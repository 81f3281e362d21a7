import type { JobStatus } from '../generated/graphql.ts';
import { batchCounts, lookOf } from '../state/batch-counts.ts';
import type { JobView } from '../state/job-view.ts';
import { useText } from '../text/use-text.ts';

export function StatusBadge({ status }: { readonly status: JobStatus }) {
  const text = useText();
  return (
    <span className="badge" data-status={status}>
      <span aria-hidden="true" className="dot" />
      {text(`status.${status}`)}
    </span>
  );
}

/** The status of a job; for a batch that COMPLETED without all of its items, how many were done. */
export function JobBadge({ job }: { readonly job: JobView }) {
  const text = useText();
  const look = lookOf(job);
  const counts = batchCounts(job);
  if (look !== 'PARTIAL' || counts === null) return <StatusBadge status={job.status} />;
  return (
    <span className="badge" data-status={look}>
      <span aria-hidden="true" className="dot" />
      {text('batch.done', { done: counts.done, total: counts.total })}
    </span>
  );
}
