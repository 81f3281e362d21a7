/** Cancel, with a question before, and retry. */
import { useId, useRef, useState } from 'react';
import { canRetry, hasEnded, type JobView } from '../state/job-view.ts';
import { useProject } from '../state/project-context.ts';
import { explainRequest } from '../text/explain-request.ts';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';
import { useReadOnly, useWriteButton } from './read-only.tsx';

/** What the job can be told, and why the last order was refused. */
export function JobActions({ job }: { readonly job: JobView }) {
  const readOnly = useReadOnly();
  const retry = canRetry(job);
  if (!retry && hasEnded(job)) return null;
  return (
    <>
      {retry ? <RetryButton job={job} /> : <CancelButton job={job} />}
      {readOnly !== null && <p className="hint">{readOnly}</p>}
    </>
  );
}

interface Order {
  readonly busy: boolean;
  readonly failure: string | null;
  readonly give: () => Promise<void>;
}

function useOrder(order: () => Promise<void>): Order {
  const text = useText();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const give = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      await order();
    } catch (error) {
      setFailure(explainRequest(error, text));
    }
    setBusy(false);
  };
  return { busy, failure, give };
}

export function RetryButton({ job, small = false }: { readonly job: JobView; readonly small?: boolean }) {
  const text = useText();
  const project = useProject();
  const { busy, failure, give } = useOrder(() => project.retry(job.id));
  const { disabled, title } = useWriteButton();
  return (
    <>
      <button
        className={`button${small ? ' small' : ''}`}
        disabled={busy || disabled}
        onClick={() => void give()}
        title={title}
        type="button"
      >
        <Glyph name="retry" />
        {text('retry.action')}
      </button>
      {failure !== null && <Refused reason={failure} />}
    </>
  );
}

function CancelButton({ job }: { readonly job: JobView }) {
  const text = useText();
  const project = useProject();
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  const { busy, failure, give } = useOrder(() => project.cancel(job.id));
  const { disabled, title: reason } = useWriteButton();
  const confirm = (): void => {
    dialog.current?.close();
    void give();
  };
  return (
    <>
      <button
        className="button"
        disabled={busy || disabled}
        onClick={() => dialog.current?.showModal()}
        title={reason}
        type="button"
      >
        <Glyph name="close" />
        {text('cancel.action')}
      </button>
      {failure !== null && <Refused reason={failure} />}
      <dialog aria-labelledby={title} className="dialog question" ref={dialog}>
        <h2 id={title}>{text('cancel.title')}</h2>
        <p>{text('cancel.text')}</p>
        <div className="row end">
          <button className="button" onClick={() => dialog.current?.close()} type="button">
            {text('cancel.keep')}
          </button>
          <button className="button danger" onClick={confirm} type="button">
            {text('cancel.confirm')}
          </button>
        </div>
      </dialog>
    </>
  );
}

function Refused({ reason }: { readonly reason: string }) {
  return (
    <p className="field-error" role="alert">
      {reason}
    </p>
  );
}
