/** Cancelling, after a confirmation, and retrying. */
import { canRetry, hasEnded, type JobView } from '../state/job-view.ts';
import { useProject } from '../state/project-context.ts';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';
import { OrderButton } from './order.tsx';
import { useReadOnly, useWriteButton } from './read-only.tsx';
import { RunAgain } from './run-again.tsx';

/** The actions on a job, and why the last one was refused. */
export function JobActions({ job }: { readonly job: JobView }) {
  const readOnly = useReadOnly();
  return (
    <>
      {canRetry(job) && <RetryButton job={job} />}
      {hasEnded(job) ? <RunAgain job={job} /> : <CancelButton job={job} />}
      {readOnly !== null && <p className="hint">{readOnly}</p>}
    </>
  );
}

export function RetryButton({ job, small = false }: { readonly job: JobView; readonly small?: boolean }) {
  const text = useText();
  const project = useProject();
  return (
    <OrderButton give={() => project.retry(job.id)} small={small} {...useWriteButton()}>
      <Glyph name="retry" />
      {text('retry.action')}
    </OrderButton>
  );
}

function CancelButton({ job }: { readonly job: JobView }) {
  const text = useText();
  const project = useProject();
  const question = {
    title: text('cancel.title'),
    text: text('cancel.text'),
    confirm: text('cancel.confirm'),
    keep: text('cancel.keep'),
  };
  return (
    <OrderButton give={() => project.cancel(job.id)} question={question} {...useWriteButton()}>
      <Glyph name="close" />
      {text('cancel.action')}
    </OrderButton>
  );
}
