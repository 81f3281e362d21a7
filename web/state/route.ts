/**
 * The page's address: `/p/PROJECT?status=…&search=…&view=table` is a project's list, `/p/PROJECT/jobs/ID` one job,
 * `/p/PROJECT/statistics` shows how long its steps take, `/p/PROJECT/webhooks` its webhooks.
 */
import { BASE_PATH } from '../api/base-path.ts';
import { type JobFilter, readFilter, writeFilter } from './job-filter.ts';
import { isProjectId, recentProjects } from './settings.ts';
import { createValue, type Value } from './value.ts';

type Page = 'list' | 'job' | 'statistics' | 'webhooks';

export interface Route {
  readonly projectId: string;
  readonly page: Page;
  /** The job of the page `job`; null on other pages. */
  readonly jobId: string | null;
  /** An invalid project name in the address; null: there is none. */
  readonly wrongProject: string | null;
  readonly filter: JobFilter;
  /** Whether the list is shown as a table. */
  readonly table: boolean;
}

/** Reads an address; an unknown one means the list of the last viewed project. */
export function parseRoute(path: string, search: string, fallback: string): Route {
  const [, area, projectId = '', name, jobId] = path.split('/');
  const query = new URLSearchParams(search);
  const known = area === 'p' && isProjectId(projectId);
  const page = known ? pageOf(name, jobId) : 'list';
  return {
    projectId: known ? projectId : fallback,
    page,
    jobId: page === 'job' ? (jobId ?? null) : null,
    wrongProject: area === 'p' && projectId !== '' && !known ? decoded(projectId) : null,
    filter: readFilter(query),
    table: query.get('view') === 'table',
  };
}

function pageOf(name: string | undefined, jobId: string | undefined): Page {
  if (name === 'jobs' && jobId) return 'job';
  return name === 'statistics' || name === 'webhooks' ? name : 'list';
}

/** The text as typed, in case the browser has encoded it. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function listPath(projectId: string, filter?: JobFilter, table = false): string {
  const query = filter === undefined ? new URLSearchParams() : writeFilter(filter);
  if (table) query.set('view', 'table');
  const search = query.toString().replaceAll('%2C', ',');
  return `${BASE_PATH}/p/${projectId}${search === '' ? '' : `?${search}`}`;
}

export function jobPath(projectId: string, jobId: string): string {
  return `${BASE_PATH}/p/${projectId}/jobs/${jobId}`;
}

export function statisticsPath(projectId: string): string {
  return `${BASE_PATH}/p/${projectId}/statistics`;
}

export function webhooksPath(projectId: string): string {
  return `${BASE_PATH}/p/${projectId}/webhooks`;
}

export const route: Value<Route> = createValue(current());

/** Goes to an address of the dashboard without reloading the page. */
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
