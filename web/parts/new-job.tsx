/** The form for a new job: one tab per workflow. */
import { useEffect, useRef, useState } from 'react';
import { AudioForm } from '../forms/audio-form.tsx';
import { LipsyncForm } from '../forms/lipsync-form.tsx';
import { VideoForm } from '../forms/video-form.tsx';
import { WriterForm } from '../forms/writer-form.tsx';
import type { Workflow } from '../generated/graphql.ts';
import { WORKFLOWS } from '../state/route.ts';
import { useValue } from '../state/value.ts';
import { useText } from '../text/use-text.ts';
import { Glyph, WorkflowIcon } from './icons.tsx';
import { type NewJobStart, newJob } from './new-job-state.ts';

export function NewJob() {
  const text = useText();
  const dialog = useRef<HTMLDialogElement>(null);
  const start = useValue(newJob);
  const open = start !== null;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
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

function Kinds({ start }: { readonly start: NewJobStart }) {
  const text = useText();
  const [workflow, setWorkflow] = useState<Workflow>(start.workflow);
  return (
    <>
      <fieldset className="kinds">
        <legend className="sr-only">{text('form.kind')}</legend>
        {WORKFLOWS.map((kind) => (
          <label className="kind" data-workflow={kind} key={kind}>
            <input
              checked={kind === workflow}
              className="sr-only"
              name="workflow"
              onChange={() => setWorkflow(kind)}
              type="radio"
              value={kind}
            />
            <WorkflowIcon workflow={kind} />
            <span className="kind-name">{text(`workflow.${kind}`)}</span>
            <span className="kind-about">{text(`form.about.${kind}`)}</span>
          </label>
        ))}
      </fieldset>
      <KindForm start={start} workflow={workflow} />
    </>
  );
}

function KindForm({ start, workflow }: { readonly start: NewJobStart; readonly workflow: Workflow }) {
  switch (workflow) {
    case 'DIRECTOR':
      return <VideoForm script={start.script ?? ''} title={start.title ?? ''} />;
    case 'AUDIO':
      return <AudioForm />;
    case 'WRITER':
      return <WriterForm />;
    case 'LIPSYNC':
      return <LipsyncForm audioJobId={start.audioJobId ?? ''} />;
  }
}
