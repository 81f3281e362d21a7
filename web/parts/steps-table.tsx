/** Every step of a job: its status, its share of the whole, and how long it took. */
import { useNow } from '../state/clock.ts';
import type { JobView } from '../state/job-view.ts';
import { formatClock } from '../text/format.ts';
import { useText } from '../text/use-text.ts';

type Step = JobView['steps'][number];

export function StepsTable({ job }: { readonly job: JobView }) {
  const text = useText();
  return (
    <section className="panel" data-workflow={job.workflow}>
      <h2>{text('steps.title')}</h2>
      <ol className="plain steps">
        {job.steps.map((step) => (
          <StepRow key={step.name} step={step} workflow={job.workflow} />
        ))}
      </ol>
    </section>
  );
}

function StepRow({ step, workflow }: { readonly step: Step; readonly workflow: string }) {
  const text = useText();
  const share = Math.round((step.to - step.from) * 100);
  return (
    <li className="step" data-instant={share === 0} data-status={step.status}>
      <span aria-hidden="true" className="step-mark" />
      <span className="step-name">
        {text.step(workflow, step.name)}
        <span className="sr-only">, {text(`steps.${step.status}`)}</span>
      </span>
      <span className="muted number step-share" title={text('steps.share', { share: `${share}%` })}>
        {share === 0 ? '' : `${share}%`}
      </span>
      <span className="number step-time">
        <StepTime step={step} />
      </span>
    </li>
  );
}

function StepTime({ step }: { readonly step: Step }) {
  const text = useText();
  if (step.startedAt === null) return null;
  if (step.finishedAt === null) return <RunningTime since={Date.parse(step.startedAt)} />;
  const seconds = (Date.parse(step.finishedAt) - Date.parse(step.startedAt)) / 1000;
  return seconds < 10
    ? text('result.seconds', { seconds: Math.max(0, seconds).toFixed(1) })
    : formatClock(seconds);
}

function RunningTime({ since }: { readonly since: number }) {
  return formatClock((useNow() - since) / 1000);
}
