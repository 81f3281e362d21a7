/** Which jobs are listed; the choice stands in the address. */
import type { JobFilter } from '../state/job-list.ts';
import { useProject } from '../state/project-context.ts';
import { listPath, navigate, STATUSES } from '../state/route.ts';
import { useValue } from '../state/value.ts';
import { workflows } from '../state/workflows.ts';
import { useText } from '../text/use-text.ts';
import { WorkflowIcon } from './icons.tsx';

export function Filters({ filter }: { readonly filter: JobFilter }) {
  const text = useText();
  const project = useProject();
  const { all } = useValue(workflows);
  // While they are not known, what is chosen can be given up all the same.
  const names = all?.map(({ workflow }) => workflow) ?? filter.workflow;
  const go = (changed: JobFilter): void => navigate(listPath(project.id, changed), { replace: true });
  const active = filter.status.length + filter.workflow.length > 0;
  return (
    <div className="filters">
      <fieldset className="chips">
        <legend className="sr-only">{text('filter.status')}</legend>
        {STATUSES.map((status) => (
          <button
            aria-pressed={filter.status.includes(status)}
            className="chip"
            data-status={status}
            key={status}
            onClick={() => go({ ...filter, status: toggle(filter.status, status) })}
            type="button"
          >
            <span aria-hidden="true" className="dot" />
            {text(`status.${status}`)}
          </button>
        ))}
      </fieldset>
      <fieldset className="chips">
        <legend className="sr-only">{text('filter.workflow')}</legend>
        {names.map((workflow) => (
          <button
            aria-pressed={filter.workflow.includes(workflow)}
            className="chip"
            data-workflow={workflow}
            key={workflow}
            onClick={() => go({ ...filter, workflow: toggle(filter.workflow, workflow) })}
            type="button"
          >
            <WorkflowIcon workflow={workflow} />
            {text.workflow(workflow)}
          </button>
        ))}
      </fieldset>
      {active && (
        <button className="chip clear" onClick={() => go({ status: [], workflow: [] })} type="button">
          {text('filter.clear')}
        </button>
      )}
    </div>
  );
}

function toggle<T>(values: readonly T[], value: T): readonly T[] {
  return values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
}
