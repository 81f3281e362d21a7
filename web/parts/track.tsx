/**
 * A job's progress as a film editor's timeline: every step with its share of the whole, steps without a share as markers,
 * and the playhead where the job is.
 */
import { memo } from 'react';
import { lookOf } from '../state/batch-counts.ts';
import { isBatch, type JobView } from '../state/job-view.ts';
import { useText } from '../text/use-text.ts';

type Step = JobView['steps'][number];

interface TrackProps {
  readonly label: string;
  readonly job: JobView;
  /** Whether the names of the steps are shown below. */
  readonly named?: boolean;
}

export function Track({ job, label, named = false }: TrackProps) {
  // Moved out of sight at 0, where rounding would leave a line.
  const shift = { transform: `translateX(${job.progress === 0 ? -110 : job.progress * 100 - 100}%)` };
  const percent = Math.floor(job.progress * 100);
  // A batch's progress is the mean over its items, whatever their steps.
  const steps = isBatch(job) ? [] : job.steps;
  return (
    <div className="track" data-status={lookOf(job)} data-workflow={job.workflow}>
      <div
        aria-label={label}
        aria-valuemax={100}
        aria-valuemin={0}
        aria-valuenow={percent}
        aria-valuetext={`${percent}%${job.message === null ? '' : `, ${job.message}`}`}
        className="track-bar"
        role="progressbar"
      >
        <div className="track-clip">
          <div className="track-fill" style={shift} />
          <Cuts steps={steps} />
        </div>
        <Markers steps={steps} />
        <div className="track-head" style={{ transform: `translateX(${job.progress * 100}%)` }}>
          <span className="needle" />
        </div>
      </div>
      {named && <StepNames current={job.step} steps={steps} workflow={job.workflow} />}
    </div>
  );
}

/** The cuts between the steps. Their places never change, so they do not re-render as the bar moves. */
const Cuts = memo(
  function Cuts({ steps }: { readonly steps: readonly Step[] }) {
    return steps
      .filter(({ from, to }) => from < to && from > 0)
      .map(({ name, from }) => <span className="track-cut" key={name} style={{ left: `${from * 100}%` }} />);
  },
  (before, after) => before.steps.length === after.steps.length && before.steps[1]?.to === after.steps[1]?.to,
);

const Markers = memo(function Markers({ steps }: { readonly steps: readonly Step[] }) {
  return steps
    .filter(({ from, to }) => from === to)
    .map(({ name, from, status }) => (
      <span className="track-marker" data-status={status} key={name} style={{ left: `${from * 100}%` }} />
    ));
});

interface StepNamesProps {
  readonly steps: readonly Step[];
  readonly current: string | null;
  readonly workflow: string;
}

function StepNames({ steps, current, workflow }: StepNamesProps) {
  const text = useText();
  return (
    <div aria-hidden="true" className="track-names">
      {steps.map(({ name, from, to, status }) => (
        <span
          className="track-name"
          data-current={name === current}
          data-status={status}
          key={name}
          style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
        >
          {to - from > 0.09 ? text.step(workflow, name) : ''}
        </span>
      ))}
    </div>
  );
}
