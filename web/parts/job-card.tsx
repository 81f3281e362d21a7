/** One job in the list. It re-renders only for its own events. */
import { memo } from 'react';
import { batchCounts, lookOf } from '../state/batch-counts.ts';
import { canRetry, hasEnded, isBatch, type JobResult, type JobView } from '../state/job-view.ts';
import { useJob, useProject } from '../state/project-context.ts';
import { jobPath } from '../state/route.ts';
import { formatPercent, shortId } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { resultViewOf } from '../views/result-views.tsx';
import { AnyOutcome } from './any-result.tsx';
import { ItemDots } from './batch-items.tsx';
import { WorkflowIcon } from './icons.tsx';
import { RetryButton } from './job-actions.tsx';
import { Elapsed, Place, Remaining, StartsIn } from './job-times.tsx';
import { Link } from './link.tsx';
import { Moment } from './moment.tsx';
import { Preview } from './preview.tsx';
import { JobBadge } from './status-badge.tsx';
import { Track } from './track.tsx';

interface Choice {
  readonly isChosen: boolean;
  readonly choose: (ids: readonly string[], isChosen: boolean) => void;
}

export const JobCard = memo(function JobCard({ id, ...choice }: Choice & { readonly id: string }) {
  const job = useJob(id);
  return job === undefined ? null : <Card job={job} {...choice} />;
});

function Card({ job, ...choice }: Choice & { readonly job: JobView }) {
  const text = useText();
  const label = text('job.progress', { job: `${text.title(job)} ${shortId(job.id)}` });
  return (
    <article className="card" data-status={lookOf(job)} data-workflow={job.workflow}>
      <CardHead job={job} {...choice} />
      <CardBody job={job} />
      <Track job={job} label={label} />
      <CardFoot job={job} />
    </article>
  );
}

function CardHead({ choose, isChosen, job }: Choice & { readonly job: JobView }) {
  const text = useText();
  const project = useProject();
  return (
    <header className="card-head">
      <span className="card-icon">
        <WorkflowIcon workflow={job.workflow} />
        <input
          aria-label={text('list.choose', { job: `${text.title(job)} ${shortId(job.id)}` })}
          checked={isChosen}
          className="card-choice"
          onChange={(event) => choose([job.id], event.target.checked)}
          type="checkbox"
        />
      </span>
      <div className="card-title">
        <h2>
          <Link className="card-link" href={jobPath(project.id, job.id)} title={text.title(job)}>
            {text.title(job)}
          </Link>
        </h2>
        <p className="muted card-sub">
          {job.title !== null && <span>{text.job(job)} </span>}
          <Moment iso={job.createdAt} /> <span className="mono">{shortId(job.id)}</span>
        </p>
        <Excerpt job={job} />
      </div>
      <JobBadge job={job} />
    </header>
  );
}

/** The beginning of the input, unless the title already contains it. */
function Excerpt({ job: { inputExcerpt, title } }: { readonly job: JobView }) {
  if (inputExcerpt == null || title?.startsWith(inputExcerpt.replace(/…$/, '')) === true) return null;
  return (
    <p className="card-excerpt muted" title={inputExcerpt}>
      {inputExcerpt}
    </p>
  );
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
      <Preview preview={job.preview} small />
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
