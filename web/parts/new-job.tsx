/** The form for a new job: one tab per workflow. */
import { useEffect, useRef, useState } from 'react';
import { JobForm } from '../forms/job-form.tsx';
import { useValue } from '../state/value.ts';
import { loadWorkflows, workflows } from '../state/workflows.ts';
import { explainRequest } from '../text/explain-request.ts';
import { useText } from '../text/use-text.ts';
import { Glyph, WorkflowIcon } from './icons.tsx';
import { type NewJobStart, newJob } from './new-job-state.ts';

export function NewJob() {
  const text = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  const start = useValue(newJob);
  const open = start !== null;
  useEffect(() => {
    if (!open) dialog.current?.close();
    else if (dialog.current !== null) {
      dialog.current.showModal();
      focusFirst(dialog.current);
    }
  }, [open]);
  return (
    <dialog
      aria-labelledby="new-job-title"
      className="dialog new-job"
      onClose={() => newJob.set(null)}
      ref={dialog}
    >
      <header className="dialog-head">
        <h2 id="new-job-title">{text('form.title')}</h2>
        <button
          aria-label={text('form.close')}
          className="icon-button"
          onClick={() => newJob.set(null)}
          type="button"
        >
          <Glyph name="close" />
        </button>
      </header>
      {start !== null && <Kinds start={start} />}
    </dialog>
  );
}

/** The kind of job chosen before. */
let lastChosen: string | undefined;

/** Focuses the first field or, where that would open an on-screen keyboard, the kind of job. */
function focusFirst(dialog: HTMLDialogElement): void {
  const isTouched = matchMedia('(pointer: coarse)').matches;
  const fields = isTouched ? null : dialog.querySelector<HTMLElement>('.fields :is(textarea, input, select)');
  (fields ?? dialog.querySelector<HTMLElement>('.kinds :checked'))?.focus();
}

function Kinds({ start }: { readonly start: NewJobStart }) {
  const text = useText();
  const { all, failure } = useValue(workflows);
  const [chosen, choose] = useState(start.workflow ?? lastChosen);
  const info = all?.find(({ workflow }) => workflow === chosen) ?? all?.[0];
  if (all === null) return <NotKnown failure={failure} />;
  if (info === undefined) return <p className="nothing">{text('form.kinds.none')}</p>;
  return (
    <>
      <fieldset className="kinds">
        <legend className="sr-only">{text('form.kind')}</legend>
        {all.map(({ workflow, description }) => (
          <label className="kind" data-workflow={workflow} key={workflow}>
            <input
              checked={workflow === info.workflow}
              className="sr-only"
              name="workflow"
              onChange={() => {
                lastChosen = workflow;
                choose(workflow);
              }}
              type="radio"
              value={workflow}
            />
            <WorkflowIcon workflow={workflow} />
            <span className="kind-name">{text.workflow(workflow)}</span>
            <span className="kind-about">{text.named('form.about', workflow) ?? description}</span>
          </label>
        ))}
      </fieldset>
      <JobForm info={info} key={info.workflow} start={info.workflow === start.workflow ? start : {}} />
    </>
  );
}

function NotKnown({ failure }: { readonly failure: unknown }) {
  const text = useText();
  if (failure === null) {
    return (
      <p className="nothing" role="status">
        {text('form.kinds.loading')}
      </p>
    );
  }
  return (
    <div className="nothing" role="alert">
      <p>{text('form.kinds.failed', { reason: explainRequest(failure, text) })}</p>
      <button className="button" onClick={() => void loadWorkflows()} type="button">
        {text('list.again')}
      </button>
    </div>
  );
}
