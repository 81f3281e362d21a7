/** One job in the list. It renders again for its own events only. */
import { artifactUrl } from '../api/artifact-url.ts';
import { batchCounts, lookOf } from '../state/batch-counts.ts';
import { useNow } from '../state/clock.ts';
import { canRetry, hasEnded, isBatch, type JobResult, type JobView } from '../state/job-view.ts';
import { useJob, useProject } from '../state/project-context.ts';
import { jobPath } from '../state/route.ts';
import { formatClock, formatMoment, formatPercent, formatSize, shortId } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
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
  if (job.status === 'COMPLETED' && job.result !== null) return <Outcome id={job.id} result={job.result} />;
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
          {job.step === null ? '' : text.named('step', job.step)}
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

interface OutcomeProps {
  readonly id: string;
  readonly result: JobResult;
}

function Outcome({ id, result }: OutcomeProps) {
  const text = useText();
  const { links } = useProject();
  switch (result.__typename) {
    case 'VideoResult':
      return (
        <div className="card-body">
          <span className="thumb">
            <img
              alt=""
              height="54"
              loading="lazy"
              onError={() => links.renew(id, result.thumbnail.url)}
              src={artifactUrl(result.thumbnail)}
              width="96"
            />
            <span className="thumb-time number">{formatClock(result.totalDuration)}</span>
          </span>
          <p className="card-message">
            <strong>{text('result.video')}</strong>
            <span className="muted card-step">
              {text('result.clipCount', { count: result.clips })} · {formatSize(result.video.sizeBytes)}
            </span>
          </p>
        </div>
      );
    case 'AudioResult':
      return (
        <div className="card-body">
          <span className="percent number">{formatClock(result.totalDuration)}</span>
          <p className="card-message">
            <span className="card-text">{result.transcript}</span>
            <span className="muted card-step">
              {text('result.similarityOf', { percent: formatPercent(result.similarity) })}
            </span>
          </p>
        </div>
      );
    case 'ScriptResult':
      return (
        <div className="card-body">
          <p className="card-message">
            <strong>{result.title}</strong>
            <span className="muted card-step">{text('result.sceneCount', { count: result.scenes })}</span>
          </p>
        </div>
      );
    case 'LipsyncResult':
      return (
        <div className="card-body">
          <span className="percent number">{formatClock(result.totalDuration)}</span>
          <p className="card-message">
            <strong>{text('result.video')}</strong>
            <span className="muted card-step">{formatSize(result.video.sizeBytes)}</span>
          </p>
        </div>
      );
    case 'BatchResult':
      return (
        <div className="card-body">
          <p className="card-message">{text.counts({ ...result, done: result.succeeded })}</p>
        </div>
      );
  }
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
