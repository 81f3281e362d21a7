/** The numbers of a job: the remaining time, how long it has run, its attempt, and what its step counts. */
import type { ReactNode } from 'react';
import { hasEnded, type JobView } from '../state/job-view.ts';
import { useText } from '../text/use-text.ts';
import { Elapsed, Remaining, StartsIn } from './job-times.tsx';
import { Moment } from './moment.tsx';

export function JobFacts({ job }: { readonly job: JobView }) {
  const text = useText();
  const clip = clipOf(job.metadata);
  return (
    <dl className="facts">
      {!hasEnded(job) && (
        <Fact name={text('job.remaining')}>
          <Remaining job={job} />
        </Fact>
      )}
      {job.status === 'QUEUED' && job.queue?.waitSeconds != null && (
        <Fact name={text('job.queue')}>
          <StartsIn job={job} />
        </Fact>
      )}
      {job.startedAt !== null && (
        <Fact name={text('job.elapsed')}>
          <Elapsed job={job} />
        </Fact>
      )}
      {job.step !== null && <Fact name={text('job.step')}>{text.step(job.workflow, job.step)}</Fact>}
      {clip !== null && <Fact name={text('job.clip')}>{clip}</Fact>}
      <Fact name={text('job.attemptLabel')}>
        <span className="number">
          {job.attempt} / {job.maxAttempts}
        </span>
      </Fact>
      <Fact name={text('job.created')}>
        <Moment iso={job.createdAt} />
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function clipOf(metadata: unknown): string | null {
  const { current_clip: current, total_clips: total } = (metadata ?? {}) as Record<string, unknown>;
  return typeof current === 'number' && typeof total === 'number' ? `${current} / ${total}` : null;
}
