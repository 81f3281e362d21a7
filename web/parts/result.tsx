/** A job's result, in a view of its own if there is one, otherwise as its files and data. */
import type { JobResult, JobView } from '../state/job-view.ts';
import { resultViewOf } from '../views/result-views.tsx';
import { AnyResult } from './any-result.tsx';
import { useFreshLinks } from './fresh-links.ts';

export function Result({ job, result }: { readonly job: JobView; readonly result: JobResult }) {
  const renew = useFreshLinks(job.id, result);
  // The items show everything.
  if (result.__typename === 'BatchResult') return null;
  return (
    resultViewOf(result)?.panel(result, { job, renew }) ?? (
      <AnyResult job={job} renew={renew} result={result} />
    )
  );
}
