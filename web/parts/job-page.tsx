/** One job: its progress, what it made or why it failed, its steps and its events. */
import { useEffect, useState } from 'react';
import { RequestError } from '../api/request.ts';
import { batchCounts, flawedCounts, lookOf } from '../state/batch-counts.ts';
import { isUnreadable, UNREADABLE } from '../state/job-list.ts';
import { isBatch, type JobView } from '../state/job-view.ts';
import { useTop } from '../state/places.ts';
import { useJob, useProject, useStory } from '../state/project-context.ts';
import { useValue } from '../state/value.ts';
import { formatPercent, shortId } from '../text/format.ts';
import { useText } from '../text/use-text.ts';
import { BatchGrid } from './batch-items.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { EventLog } from './event-log.tsx';
import { Glyph } from './icons.tsx';
import { JobFacts } from './job-facts.tsx';
import { JobHead } from './job-head.tsx';
import { JobInput } from './job-input.tsx';
import { Place } from './job-times.tsx';
import { Link } from './link.tsx';
import { Preview } from './preview.tsx';
import { Result } from './result.tsx';
import { StepsTable } from './steps-table.tsx';
import { Timeline } from './timeline.tsx';
import { Track } from './track.tsx';

export function JobPage({ id }: { readonly id: string }) {
  const { listAddress } = useProject();
  const text = useText();
  return (
    <div className="job-page">
      <nav>
        <Link className="back" href={listAddress}>
          <Glyph name="back" />
          {text('job.back')}
        </Link>
      </nav>
      <JobContent id={id} />
    </div>
  );
}

/** The whole page except the link back. */
export function JobContent({ id }: { readonly id: string }) {
  const project = useProject();
  const text = useText();
  const job = useJob(id);
  const found = useLoaded(id);
  useTop();
  const flawed = job === undefined ? null : flawedCounts(job);
  const name = job === undefined ? shortId(id) : text.title(job);
  const title = flawed === null ? name : `${text.counts(flawed)} · ${name}`;
  useEffect(() => {
    document.title = `${title} · ${project.id} · Playhead`;
  }, [title, project.id]);
  return (
    <>
      {job !== undefined && <Whole job={job} />}
      {job === undefined && found instanceof RequestError && (
        <section className="nothing">
          <h1>{text('job.unreadable')}</h1>
          <p>
            {found.message} ({found.code})
          </p>
          <p>{text(`error.${UNREADABLE}`)}</p>
        </section>
      )}
      {job === undefined && (found === 'no' || found === 'yes') && (
        <section className="nothing">
          <h1>{text('job.notFound')}</h1>
          <p>{text('job.notFoundHint')}</p>
        </section>
      )}
    </>
  );
}

/** A RequestError when the job exists and cannot be read. */
type Found = 'asking' | 'yes' | 'no' | 'failed' | RequestError;

/** Loads the whole job, and again when that failed and the connection is back. */
function useLoaded(id: string): Found {
  const project = useProject();
  const { name } = useValue(project.connection);
  const [found, setFound] = useState<Found>('asking');
  const retry = found === 'failed' && name === 'live';
  useEffect(() => project.watchJob(id), [project, id]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: retry asks once more
  useEffect(() => {
    project.loadJob(id).then(
      (job) => setFound(job === null ? 'no' : 'yes'),
      (error: RequestError) => {
        if (isUnreadable(error)) setFound(error);
        else setFound(error.code === 'BAD_USER_INPUT' ? 'no' : 'failed');
      },
    );
  }, [project, id, retry]);
  return found;
}

function Whole({ job }: { readonly job: JobView }) {
  const text = useText();
  const batch = isBatch(job);
  const story = useStory(job.id);
  const counts = batchCounts(job);
  const label = text('job.progress', { job: `${text.title(job)} ${shortId(job.id)}` });
  return (
    <>
      <JobHead job={job} />
      <section className="panel hero" data-status={lookOf(job)} data-workflow={job.workflow}>
        {job.status !== 'COMPLETED' && (
          <div className="hero-line">
            <span className="hero-percent number">{formatPercent(job.progress)}</span>
            <p className="hero-message">{job.status === 'QUEUED' ? <Place job={job} /> : job.message}</p>
          </div>
        )}
        {counts !== null && (
          <p className={counts.failed > 0 ? 'hero-counts error-text' : 'hero-counts'}>
            {text.counts(counts)}
          </p>
        )}
        <Track job={job} label={label} named={!batch} />
        <JobFacts job={job} />
        <Preview preview={job.preview} />
        <Warnings metadata={job.metadata} />
      </section>
      <div className="job-columns">
        <div className="job-main">
          {job.error !== null && <ErrorPanel error={job.error} job={job} />}
          {job.itemIds.length > 0 && <BatchGrid ids={job.itemIds} />}
          {job.result !== null && <Result job={job} result={job.result} />}
          <Timeline job={job} story={story} />
          <JobInput job={job} />
          <EventLog job={job} story={story} />
        </div>
        {!batch && (
          <aside>
            <StepsTable job={job} />
          </aside>
        )}
      </div>
    </>
  );
}

function Warnings({ metadata }: { readonly metadata: unknown }) {
  const text = useText();
  const { warnings } = (metadata ?? {}) as { warnings?: unknown };
  if (!Array.isArray(warnings) || warnings.length === 0) return null;
  return (
    <div className="warnings">
      <Glyph name="warning" />
      <ul aria-label={text('job.warnings')} className="plain">
        {warnings.map((warning) => (
          <li key={String(warning)}>{String(warning)}</li>
        ))}
      </ul>
    </div>
  );
}
