/** Opens the form with a job's input, to start another one like it. */
import { draftOf, inputsOf } from '../forms/past-input.ts';
import { readFields } from '../forms/schema-fields.ts';
import { isBatch, type JobView } from '../state/job-view.ts';
import { useWorkflow } from '../state/workflows.ts';
import { useText } from '../text/use-text.ts';
import { Glyph } from './icons.tsx';
import { openNewJob } from './new-job-state.ts';
import { useWriteButton } from './read-only.tsx';

export function RunAgain({ job }: { readonly job: JobView }) {
  const text = useText();
  const write = useWriteButton();
  const info = useWorkflow(job.workflow);
  const batch = isBatch(job);
  const inputs = inputsOf(job.input, batch);
  if (info === undefined || inputs === null) return null;
  const open = (): void => {
    // A retry may have raised the attempts of a single job; the form's default will do.
    const draft = draftOf(readFields(info.inputSchema), inputs, '');
    openNewJob({ workflow: info.workflow, ...draft, from: job.id });
  };
  return (
    <button className="button" onClick={open} type="button" {...write}>
      <Glyph name="again" />
      {text('again.action')}
    </button>
  );
}
