/** A job's progress for everybody, including users of screen readers; styling is up to you. */
import { type ComponentPropsWithoutRef, createElement, Fragment, type ReactNode } from 'react';
import type { Job } from '../job.ts';
import { useJob } from './hooks.ts';

type ProgressProps = Omit<ComponentPropsWithoutRef<'progress'>, 'value' | 'max' | 'children'>;

interface JobProgressProps extends ProgressProps {
  /** The job, or its id. */
  readonly job: string | Pick<Job, 'id' | 'projectId'>;
  /** The content beside the bar. @default the job's message, or what went wrong */
  readonly children?: (job: Job) => ReactNode;
}

/**
 * A `<progress>` element named after the job's title or task, and the job's message as a status that is read out. Other
 * properties are passed to the `<progress>`.
 */
export function JobProgress({ children, job: asked, ...props }: JobProgressProps): ReactNode {
  const id = typeof asked === 'string' ? asked : asked.id;
  const { data: job, error } = useJob(id, typeof asked === 'string' ? {} : { projectId: asked.projectId });
  const message = job === null ? (error?.message ?? '') : (job.error?.message ?? job.message ?? '');
  const bar = createElement('progress', {
    'aria-label': job?.title ?? job?.taskName ?? id,
    ...(job !== null && { 'aria-valuetext': `${job.progressPercent}% ${message}`, value: job.progress }),
    'aria-busy': job === null && error === null,
    ...(job !== null && { 'data-status': job.status }),
    ...props,
    max: 1,
  });
  const said = job !== null && children !== undefined ? children(job) : message;
  return createElement(Fragment, null, bar, createElement('span', { role: 'status' }, said));
}
