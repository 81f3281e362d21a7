/** A field for the id of another job, chosen among the finished ones. */
import { useEffect, useState } from 'react';
import { request } from '../api/request.ts';
import { FinishedJobsDocument, type FinishedJobsQuery } from '../generated/graphql.ts';
import { isBatch } from '../state/job-view.ts';
import { useProject } from '../state/project-context.ts';
import { formatMoment, shortId } from '../text/format.ts';
import { type Text, useText } from '../text/use-text.ts';
import { summariseResult } from '../views/result-views.tsx';
import { type FieldProps, SelectField, TextField } from './fields.tsx';

type Finished = FinishedJobsQuery['jobs']['edges'][number]['node'];

interface JobFieldProps extends FieldProps {
  /** Whose jobs; null: of any workflow. */
  readonly workflow: string | null;
}

export function JobField({ workflow, ...props }: JobFieldProps) {
  const text = useText();
  const { id: projectId } = useProject();
  const jobs = useFinished(projectId, workflow);
  const { onChange, optional = false, value } = props;
  const first = jobs === 'unknown' ? undefined : jobs?.[0]?.id;
  useEffect(() => {
    // A required field starts with the newest job.
    if (!optional && value === '' && first !== undefined) onChange(first);
  }, [optional, value, first, onChange]);
  // Without a list, an id can be typed instead.
  if (jobs === 'unknown') return <TextField {...props} />;
  const none = jobs?.length === 0 && value === '' && !optional;
  const options = optionsOf(jobs ?? [], value, text, workflow === null);
  const empty = optional || options.length === 0 ? [{ value: '', label: '–' }] : [];
  return (
    <SelectField
      {...props}
      wide
      help={none ? text('form.noJob') : (props.help ?? null)}
      options={[...empty, ...options]}
    />
  );
}

/** Null while they are not known; `unknown`: they cannot be loaded. */
function useFinished(projectId: string, workflow: string | null): readonly Finished[] | 'unknown' | null {
  const [jobs, setJobs] = useState<readonly Finished[] | 'unknown' | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    const variables = { projectId, workflow: workflow === null ? null : [workflow] };
    request(FinishedJobsDocument, variables, stop.signal).then(
      // A batch's results are those of its items.
      (answer) => setJobs(answer.jobs.edges.map(({ node }) => node).filter((job) => !isBatch(job))),
      () => {
        if (!stop.signal.aborted) setJobs('unknown');
      },
    );
    return () => stop.abort();
  }, [projectId, workflow]);
  return jobs;
}

/** @param named whether to include each job's workflow */
function optionsOf(jobs: readonly Finished[], chosen: string, text: Text, named: boolean) {
  const known = jobs.map(({ id, createdAt, result, workflow }) => {
    const moment = formatMoment(createdAt, text.language, Date.now());
    const name = named ? `${text.workflow(workflow)}  ` : '';
    const made = result === null ? null : summariseResult(result);
    return { value: id, label: `${moment}  ${name}${made ?? shortId(id)}` };
  });
  const missing = chosen !== '' && !known.some(({ value }) => value === chosen);
  return missing ? [{ value: chosen, label: chosen }, ...known] : known;
}
