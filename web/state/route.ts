/**
 * The page's address: `/p/PROJECT?status=…&workflow=…` is a project's list, `/p/PROJECT/jobs/ID` one job,
 * `/p/PROJECT/statistics` how long its steps take.
 */
import { BASE_PATH } from '../api/base-path.ts';
import type { JobStatus } from '../generated/graphql.ts';
import type { JobFilter } from './job-list.ts';
import { isProjectId, recentProjects } from './settings.ts';
import { createValue, type Value } from './value.ts';

export interface Route {
  readonly projectId: string;
  /** Null: the list, or the statistics. */
  readonly jobId: string | null;
  readonly statistics: boolean;
  readonly filter: JobFilter;
}

export const STATUSES: readonly JobStatus[] = [
  'RUNNING',
  'QUEUED',
  'RETRYING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
];

const WORKFLOW_NAME = /^[A-Z][A-Z0-9_]*$/;

/** Reads an address; whatever is not one of ours is the list of the project looked at last. */
export function parseRoute(path: string, search: string, fallback: string): Route {
  const [, area, projectId = '', page, jobId] = path.split('/');
  const query = new URLSearchParams(search);
  const wanted = (name: string): readonly string[] => [...new Set((query.get(name) ?? '').split(','))];
  const known = area === 'p' && isProjectId(projectId);
  return {
    projectId: known ? projectId : fallback,
    jobId: known && page === 'jobs' && jobId ? jobId : null,
    statistics: known && page === 'statistics',
    filter: {
      status: STATUSES.filter((status) => wanted('status').includes(status)),
      // Which there are, the server says.
      workflow: wanted('workflow').filter((name) => WORKFLOW_NAME.test(name)),
    },
  };
}

export function listPath(projectId: string, filter?: JobFilter): string {
  const query = new URLSearchParams();
  if (filter !== undefined && filter.status.length > 0) query.set('status', filter.status.join(','));
  if (filter !== undefined && filter.workflow.length > 0) query.set('workflow', filter.workflow.join(','));
  const search = query.toString().replaceAll('%2C', ',');
  return `${BASE_PATH}/p/${projectId}${search === '' ? '' : `?${search}`}`;
}

export function jobPath(projectId: string, jobId: string): string {
  return `${BASE_PATH}/p/${projectId}/jobs/${jobId}`;
}

export function statisticsPath(projectId: string): string {
  return `${BASE_PATH}/p/${projectId}/statistics`;
}

export const route: Value<Route> = createValue(current());

/** Goes to an address of ours without loading the page again. */
export function navigate(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  route.set(current());
}

addEventListener('popstate', () => route.set(current()));

/** The address's path below the server's own. */
export function localPath(): string {
  const { pathname } = location;
  return pathname.startsWith(`${BASE_PATH}/`) ? pathname.slice(BASE_PATH.length) : pathname;
}

function current(): Route {
  const fallback = recentProjects.get()[0] ?? 'demo';
  return parseRoute(localPath(), location.search, fallback);
}
