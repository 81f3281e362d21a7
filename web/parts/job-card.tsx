/** One job in the list. It renders again for its own events only. */
import { batchCounts, lookOf } from '../state/batch-counts.ts';
import { useNow } from '../state/clock.ts';
import { canRetry, hasEnded, isBatch, type JobResult, type JobView } from '../state/job-view.ts';
import { useJob, useProject } from '../state/project-context.ts';
import { jobPath } from '../state/route.ts';
import { formatMoment, formatPercent, shortId } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { resultViewOf } from '../views/result-views.tsx';
import { AnyOutcome } from './any-result.tsx';
import { ItemDots } from './batch-items.tsx';
import { WorkflowIcon } from './icons.tsx';
import { RetryButton } from './job-actions.tsx';
import { Elapsed, Place, Remaining, StartsIn } from './job-times.tsx';
import { Link } from './link.tsx';
import { JobBadge } from './status-badge.tsx';
import { Track } from './track.tsx';

export function JobCard({ id }: { readonly id: string }) {
  const job = useJob(id);
  return job === undefined ? null : <Card job={job} />;
}

function Card({ job }: { readonly job: JobView }) {
  const text = useText();
  const label = text('job.progress', { job: `${text.job(job)} ${shortId(job.id)}` });
  return (
    <article className="card" data-status={lookOf(job)} data-workflow={job.workflow}>
      <CardHead job={job} />
      <CardBody job={job} />
      <Track job={job} label={label} />
      <CardFoot job={job} />
    </article>
  );
}

function CardHead({ job }: { readonly job: JobView }) {
  const text = useText();
  const project = useProject();
  return (
    <header className="card-head">
      <span className="card-icon">
        <WorkflowIcon workflow={job.workflow} />
      </span>
      <div className="card-title">
        <h2>
          <Link className="card-link" href={jobPath(project.id, job.id)}>
            {text.job(job)}
          </Link>
        </h2>
        <p className="muted card-sub">
          <Moment iso={job.createdAt} /> <span className="mono">{shortId(job.id)}</span>
        </p>
      </div>
      <JobBadge job={job} />
    </header>
  );
}

function Moment({ iso }: { readonly iso: string }) {
  const text = useText();
  return <time dateTime={iso}>{formatMoment(iso, text.language, useNow())}</time>;
}

function CardBody({ job }: { readonly job: JobView }) {
  const text = useText();
  if (isBatch(job) && job.itemIds.length > 0) {
    return (
      <div className="card-body">
        <Percent job={job} />
        <div className="card-message">
          <ItemDots ids={job.itemIds} />
          <Counts job={job} />
        </div>
      </div>
    );
  }
  if (job.status === 'COMPLETED' && job.result !== null) return <Outcome job={job} result={job.result} />;
  if (job.error !== null) {
    return (
      <div className="card-body">
        <p className="card-message">
          <span className="card-text error-text">{job.error.message}</span>
        </p>
        <span className="code">{job.error.code}</span>
      </div>
    );
  }
  return (
    <div className="card-body">
      <Percent job={job} />
      <p className="card-message">
        <span className="card-text">{job.status === 'QUEUED' ? <Place job={job} /> : job.message}</span>
        <span className="muted card-step">
          {job.status === 'QUEUED' && <StartsIn job={job} />}
          {job.step === null ? '' : text.step(job.workflow, job.step)}
        </span>
      </p>
    </div>
  );
}

function Counts({ job }: { readonly job: JobView }) {
  const text = useText();
  const counts = batchCounts(job);
  if (counts === null) return null;
  const isFlawed = counts.failed > 0;
  return <span className={`card-step ${isFlawed ? 'error-text' : 'muted'}`}>{text.counts(counts)}</span>;
}

function Percent({ job }: { readonly job: JobView }) {
  return <span className="percent number">{formatPercent(job.progress)}</span>;
}

function Outcome({ job, result }: { readonly job: JobView; readonly result: JobResult }) {
  const text = useText();
  const { links } = useProject();
  if (result.__typename === 'BatchResult') {
    return (
      <div className="card-body">
        <p className="card-message">{text.counts({ ...result, done: result.succeeded })}</p>
      </div>
    );
  }
  const renew = (url: string): void => links.renew(job.id, url);
  return resultViewOf(result)?.card(result, { renew }) ?? <AnyOutcome job={job} result={result} />;
}

function CardFoot({ job }: { readonly job: JobView }) {
  const text = useText();
  const attempt = text('job.attempt', { attempt: job.attempt, most: job.maxAttempts });
  return (
    <footer className="card-foot">
      <span className="card-left">
        {!hasEnded(job) && job.eta !== null && <Remaining job={job} />}
        {canRetry(job) && <RetryButton job={job} small />}
      </span>
      <span className="card-right muted">
        {job.attempt > 1 && (
          <span aria-label={attempt} className="attempt" role="img" title={attempt}>
            {job.attempt}/{job.maxAttempts}
          </span>
        )}
        {job.startedAt !== null && (
          <span>
            <span className="sr-only">{text('job.elapsed')} </span>
            <Elapsed job={job} />
          </span>
        )}
      </span>
    </footer>
  );
}
