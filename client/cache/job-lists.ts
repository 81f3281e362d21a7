/** Where a job belongs in the lists that a cache keeps (`Query.jobs`), according to its events. Pure. */

/** The arguments with which a list was requested from `Query.jobs`. */
export interface JobListArguments {
  readonly projectId?: unknown;
  readonly status?: unknown;
  readonly workflow?: unknown;
  readonly items?: unknown;
  readonly after?: unknown;
}

/** The fields that decide it; those that were not selected are undefined. */
export interface PlacedJob {
  readonly id: string;
  readonly projectId?: unknown;
  readonly status?: unknown;
  readonly workflow?: unknown;
}

/** The index at which a job is inserted or removed; null: nothing changes. */
export type Placing = { readonly insertAt: number } | { readonly removeAt: number } | null;

/**
 * @param ids of the list, newest first
 * @param hasMore whether further pages follow, with older jobs
 */
export function placeJob(
  ids: readonly string[],
  job: PlacedJob,
  asked: JobListArguments,
  hasMore: boolean,
): Placing {
  if (asked.projectId !== job.projectId && job.projectId !== undefined) return null;
  const at = ids.indexOf(job.id);
  const fits = includes(asked.status, job.status) && includes(asked.workflow, job.workflow);
  // A batch is also listed under FAILED because of its items.
  if (at !== -1) return fits || includes(asked.status, 'FAILED') ? null : { removeAt: at };
  if (!fits || (isItem(job.id) && asked.items !== true) || hasOtherFilter(asked)) return null;
  return placeNew(ids, job, asked, hasMore);
}

function placeNew(
  ids: readonly string[],
  job: PlacedJob,
  asked: JobListArguments,
  hasMore: boolean,
): Placing {
  // Ids begin with their creation time.
  const older = ids.findIndex((id) => id < job.id);
  const insertAt = older === -1 ? ids.length : older;
  if (insertAt === ids.length && hasMore) return null;
  if (insertAt === 0 && typeof asked.after === 'string' && asked.after !== '') return null;
  return { insertAt };
}

const KNOWN = new Set(['projectId', 'status', 'workflow', 'items', 'first', 'after']);

/** Only the server can tell whether a job matches other kinds of filters, such as a search text. */
function hasOtherFilter(asked: JobListArguments): boolean {
  return Object.entries(asked).some(([name, value]) => !KNOWN.has(name) && value != null);
}

/** An empty or omitted filter filters nothing. */
function includes(wanted: unknown, value: unknown): boolean {
  return !Array.isArray(wanted) || wanted.length === 0 || value === undefined || wanted.includes(value);
}

/** An item of a batch: the batch's id and four digits. */
function isItem(jobId: string): boolean {
  return /-\d{4}$/.test(jobId) && jobId.length > 36;
}
