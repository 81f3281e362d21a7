/** Which jobs of a project are listed, and how the address expresses that. Pure. */
import type { JobStatus } from '../generated/graphql.ts';
import { isListedAs, type JobView } from './job-view.ts';

export interface JobFilter {
  /** Empty: any. */
  readonly status: readonly JobStatus[];
  readonly workflow: readonly string[];
  /** A text in the title, id, error or input; empty: any. */
  readonly search: string;
  /** How far back; empty: any time, unless `from` or `to` limit it. */
  readonly since: Since | '';
  /** Local times such as `2026-01-31T09:30`, the first inclusive; empty: unbounded. */
  readonly from: string;
  readonly to: string;
}

export const SINCE = ['1h', '24h', '7d'] as const;
export type Since = (typeof SINCE)[number];

const SINCE_MS: Readonly<Record<Since, number>> = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 };

export const NO_FILTER: JobFilter = { status: [], workflow: [], search: '', since: '', from: '', to: '' };

export const STATUSES: readonly JobStatus[] = [
  'RUNNING',
  'QUEUED',
  'RETRYING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
];

const WORKFLOW_NAME = /^[A-Z][A-Z0-9_]*$/;
const LOCAL_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/;
/** The server's limit. */
export const MAX_SEARCH_CHARS = 200;

export function isFiltered({ status, workflow, search, since, from, to }: JobFilter): boolean {
  return status.length + workflow.length > 0 || [search, since, from, to].some((part) => part !== '');
}

/** Reads the filter from an address's query; anything else in it is ignored. */
export function readFilter(query: URLSearchParams): JobFilter {
  const wanted = (name: string): readonly string[] => [...new Set((query.get(name) ?? '').split(','))];
  const time = (name: string): string =>
    LOCAL_TIME.test(query.get(name) ?? '') ? String(query.get(name)) : '';
  return {
    status: STATUSES.filter((status) => wanted('status').includes(status)),
    // Only the server knows which of these exist.
    workflow: wanted('workflow').filter((name) => WORKFLOW_NAME.test(name)),
    search: (query.get('search') ?? '').slice(0, MAX_SEARCH_CHARS),
    since: SINCE.find((known) => known === query.get('since')) ?? '',
    ...{ from: time('from'), to: time('to') },
  };
}

export function writeFilter({ status, workflow, ...texts }: JobFilter): URLSearchParams {
  const query = new URLSearchParams();
  if (status.length > 0) query.set('status', status.join(','));
  if (workflow.length > 0) query.set('workflow', workflow.join(','));
  for (const [name, text] of Object.entries(texts)) if (text !== '') query.set(name, text);
  return query;
}

/** The range of creation times, as ISO 8601; null: unbounded. */
export function boundsOf(
  { since, from, to }: JobFilter,
  now: number,
): { readonly createdFrom: string | null; readonly createdBefore: string | null } {
  if (since !== '')
    return { createdFrom: new Date(now - SINCE_MS[since]).toISOString(), createdBefore: null };
  const moment = (local: string): string | null => (local === '' ? null : new Date(local).toISOString());
  return { createdFrom: moment(from), createdBefore: moment(to) };
}

/**
 * Whether a job belongs to the list, as far as the page can tell: only the server can search its input.
 * @param isFound whether the server has listed it
 */
export function isListed(job: JobView, filter: JobFilter, isFound: boolean, now: number): boolean {
  const { status, workflow, search } = filter;
  const { createdFrom, createdBefore } = boundsOf(filter, now);
  return (
    (status.length === 0 || isListedAs(job, status)) &&
    (workflow.length === 0 || workflow.includes(job.workflow)) &&
    (createdFrom === null || Date.parse(job.createdAt) >= Date.parse(createdFrom)) &&
    (createdBefore === null || Date.parse(job.createdAt) < Date.parse(createdBefore)) &&
    (search.trim() === '' || isFound || says(job, search.trim().toLowerCase()))
  );
}

function says({ id, title, error }: JobView, text: string): boolean {
  return [id, title, error?.message, error?.code].some((said) => said?.toLowerCase().includes(text));
}
