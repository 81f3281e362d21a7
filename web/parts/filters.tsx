/** The filters of the list; the choice is kept in the address. */
import { useCounts } from '../state/counts.ts';
import { isFiltered, type JobFilter, NO_FILTER, STATUSES } from '../state/job-filter.ts';
import { useProject } from '../state/project-context.ts';
import { listPath, navigate } from '../state/route.ts';
import { useValue } from '../state/value.ts';
import { workflows } from '../state/workflows.ts';
import { useText } from '../text/use-text.ts';
import { WorkflowIcon } from './icons.tsx';
import { ListTools } from './list-tools.tsx';

interface FiltersProps {
  readonly filter: JobFilter;
  readonly table: boolean;
}

export function Filters({ filter, table }: FiltersProps) {
  const text = useText();
  const project = useProject();
  const { all } = useValue(workflows);
  // Even while the workflows are not known, the chosen ones can be removed.
  const names = all?.map(({ workflow }) => workflow) ?? filter.workflow;
  const counts = useCounts(filter.workflow);
  const go = (changed: JobFilter, asTable = table): void =>
    navigate(listPath(project.id, changed, asTable), { replace: true });
  return (
    <>
      <ListTools filter={filter} go={go} table={table} />
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
              {(counts[status] ?? 0) > 0 && <span className="count">{counts[status]}</span>}
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
        {isFiltered(filter) && (
          <button className="chip clear" onClick={() => go(NO_FILTER)} type="button">
            {text('filter.clear')}
          </button>
        )}
      </div>
    </>
  );
}

function toggle<T>(values: readonly T[], value: T): readonly T[] {
  return values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
}
