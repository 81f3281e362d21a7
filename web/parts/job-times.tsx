/** The running times of a job, in small components, so that the clock re-renders only these. */
import { useNow } from '../state/clock.ts';
import { hasEnded, type JobView, remainingAt, waitAt } from '../state/job-view.ts';
import { useProject } from '../state/project-context.ts';
import { formatClock, formatDuration, formatPlace, formatRange, roughly } from '../text/format.ts';
import { useText } from '../text/use-text.ts';

/** How long it has run; for an ended job, how long it took. */
export function Elapsed({ job }: { readonly job: JobView }) {
  return hasEnded(job) ? <Took job={job} /> : <Running job={job} />;
}

function Running({ job }: { readonly job: JobView }) {
  const { store } = useProject();
  const now = useNow() + store.clockOffset;
  if (job.startedAt === null) return null;
  return <span className="number">{formatClock((now - Date.parse(job.startedAt)) / 1000)}</span>;
}

function Took({ job }: { readonly job: JobView }) {
  const text = useText();
  if (job.startedAt === null || job.finishedAt === null) return null;
  const seconds = (Date.parse(job.finishedAt) - Date.parse(job.startedAt)) / 1000;
  return <span className="number">{formatDuration(Math.max(seconds, 0), text.language)}</span>;
}

/** The place of a waiting job in the queue; while that is unknown, only that it waits. */
export function Place({ job }: { readonly job: JobView }) {
  const text = useText();
  const place = job.queue?.position ?? null;
  if (place === null) return <>{text('job.message.QUEUED')}</>;
  return <>{text('job.place', { place: formatPlace(place, text.language) })}</>;
}

/** When a waiting job begins. */
export function StartsIn({ job }: { readonly job: JobView }) {
  const text = useText();
  const wait = waitAt(job, useNow());
  if (wait === null) return null;
  if (wait < 1) return <>{text('job.startsSoon')}</>;
  return <>{text('job.startsIn', { time: formatDuration(roughly(wait), text.language) })}</>;
}

/** The remaining time with its range. */
export function Remaining({ job }: { readonly job: JobView }) {
  const text = useText();
  const left = remainingAt(job, useNow());
  if (left === null) return <span className="muted">{text('job.noEta')}</span>;
  if (left.high < 1) return <span>{text('job.soon')}</span>;
  const range = formatRange(left.low, left.high, text.language);
  const time = formatDuration(roughly(left.seconds), text.language);
  return (
    <span>
      {/* 0 s would be wrong. */}
      {left.seconds < 0.5 ? text('job.soon') : text('job.left', { time })}
      <span className="muted eta-range"> ({range})</span>
    </span>
  );
}
