/** Jobs and their events, as the API gives them to the dashboard. */
import type { JobFieldsFragment, ToldFieldsFragment } from '../../web/generated/graphql.ts';
import type { JobEvent } from '../../web/state/job-view.ts';

/** A job that runs, in its first version. */
export function jobState(id: string, changes: Partial<JobFieldsFragment> = {}): JobFieldsFragment {
  return {
    ...{ id, version: 1, title: null, workflow: 'DIRECTOR', taskName: 'video_generation', status: 'RUNNING' },
    ...{ progress: 0.1, step: null, steps: [], message: null, metadata: null, attempt: 1, maxAttempts: 3 },
    ...{ eta: null, preview: null, result: null, error: null, parent: null },
    ...{ createdAt: '2026-01-01T00:00:00Z', startedAt: null, finishedAt: null },
    ...changes,
  };
}

/** The event that left a job so. */
export function eventOf(job: ToldFieldsFragment, timestamp = '2026-01-01T00:00:01Z'): JobEvent {
  const { attempt, error, eta, finishedAt, id, message, metadata, preview, progress, result } = job;
  const { status, step, taskName, version, workflow } = job;
  const told = {
    ...{ attempt, error, eta, finishedAt, id, message, metadata, preview, progress, result },
    ...{ status, step, taskName, version, workflow },
  };
  const isProgress = status === 'QUEUED' || status === 'RUNNING';
  const type = isProgress ? 'ProgressEvent' : status === 'COMPLETED' ? 'CompletionEvent' : 'ErrorEvent';
  return { __typename: type, id: `event ${id} ${version}`, timestamp, job: told };
}
