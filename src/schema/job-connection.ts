/** Paging through a project's jobs: a Relay connection over ids that sort by creation time. */
import { badInput } from '../core/errors.ts';
import { DamagedJob, isReadable } from '../log/damaged-job.ts';
import type { JobFilter } from '../log/job-filter.ts';
import type { JobStore } from '../log/job-store.ts';
import type { JobState } from '../progress/state.ts';
import type { Builder } from './builder.ts';
import type { JobRef } from './job.ts';
import { type PageInfo, type PageInfoRef, parsePageSize } from './page-info.ts';

interface JobEdge {
  readonly cursor: string;
  readonly node: JobState;
}

/** What is shown of a DamagedJob, which graphql-js would otherwise treat as an error of the field. */
type UnreadableJob = Pick<DamagedJob, 'jobId' | 'reason'>;

interface JobConnection {
  readonly edges: readonly JobEdge[];
  readonly unreadable: readonly UnreadableJob[];
  readonly pageInfo: PageInfo;
}

export type JobConnectionRef = ReturnType<typeof addJobConnection>;

export function addJobConnection(builder: Builder, job: JobRef, pageInfo: PageInfoRef) {
  const JobEdgeRef = builder.objectRef<JobEdge>('JobEdge').implement({
    description: 'A job and its place in the list.',
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'Opaque place of this job, for jobs(after:).' }),
      node: t.expose('node', { type: job, description: 'The job.' }),
    }),
  });

  const UnreadableJobRef = builder.objectRef<UnreadableJob>('UnreadableJob').implement({
    description: 'A job whose stored record cannot be read: it is corrupt or was written by another version.',
    fields: (t) => ({
      id: t.exposeID('jobId', {
        description: 'Id of the job. Asked for alone, it is the error RECORD_DAMAGED.',
      }),
      reason: t.exposeString('reason', { description: 'What was expected of which field, for an operator.' }),
    }),
  });

  return builder.objectRef<JobConnection>('JobConnection').implement({
    description: 'A page of jobs, newest first (Relay).',
    fields: (t) => ({
      edges: t.expose('edges', {
        type: [JobEdgeRef],
        description:
          'The jobs of this page, newest first. May be fewer than `first` although more follow, if jobs changed or were removed while the page was read, or a search has looked through 5,000 jobs, or for a second.',
      }),
      unreadable: t.expose('unreadable', {
        type: [UnreadableJobRef],
        description:
          'The jobs of this page that cannot be read and are therefore not in `edges`; newest first, usually none.',
      }),
      pageInfo: t.expose('pageInfo', { type: pageInfo, description: 'Where the page begins and ends.' }),
    }),
  });
}

interface PageRequest extends JobFilter {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly search?: string | null | undefined;
}

/**
 * Reads a page of a project's jobs, newest first.
 * @throws PlayheadError BAD_USER_INPUT for `first`, `after` or `search`
 */
export async function readJobPage(
  jobs: Pick<JobStore, 'list' | 'loadMany' | 'search'>,
  projectId: string,
  request: PageRequest,
): Promise<JobConnection> {
  const size = parsePageSize(request.first);
  // An empty page has no cursor, which some clients store as an empty text.
  const before = request.after ? decodeJobCursor(request.after) : null;
  // Reading one more than requested shows whether another page follows.
  const search = parseSearch(request.search);
  const { ids: found, stoppedAt } =
    search === null
      ? { ids: await jobs.list(projectId, request, before, size + 1), stoppedAt: null }
      : await jobs.search(projectId, { ...request, search }, before, size + 1);
  const ids = found.slice(0, size);
  const jobsFound = await jobs.loadMany(ids.map((jobId) => ({ projectId, jobId })));
  const edges = jobsFound
    .filter(isReadable)
    .filter((state) => matches(state, request))
    .map((node) => ({ cursor: encodeJobCursor(node.id), node }));
  const [firstId] = ids;
  // A search that was cut short continues after the last job that it examined.
  const lastId = found.length > size ? ids.at(-1) : (stoppedAt ?? ids.at(-1));
  return {
    edges,
    unreadable: jobsFound
      .filter((job) => job instanceof DamagedJob)
      .map(({ jobId, reason }) => ({ jobId, reason })),
    pageInfo: {
      hasNextPage: found.length > size || stoppedAt !== null,
      hasPreviousPage: before !== null,
      // Cursors come from the ids, not the edges: the next page is reachable even if all jobs of this one are gone by now.
      startCursor: firstId === undefined ? null : encodeJobCursor(firstId),
      endCursor: lastId === undefined ? null : encodeJobCursor(lastId),
    },
  };
}

/** A job's status may have changed after its id was read from the index. */
function matches(state: JobState, { items, statuses, workflows }: JobFilter): boolean {
  // A batch of any status may be listed because of its failed items.
  const forItems = !items && state.itemCount > 0 && statuses?.includes('FAILED');
  return (
    (forItems || (statuses?.includes(state.status) ?? true)) && (workflows?.includes(state.workflow) ?? true)
  );
}

const MAX_SEARCH_CHARS = 200;

/** Null: no search. */
function parseSearch(search: string | null | undefined): string | null {
  const text = search?.trim() ?? '';
  if (text.length > MAX_SEARCH_CHARS) {
    throw badInput('search', `at most ${MAX_SEARCH_CHARS} characters`, `${text.length} characters`);
  }
  return text === '' ? null : text;
}

const JOB_CURSOR = /^job:([A-Za-z0-9-]{1,64})$/;

function encodeJobCursor(jobId: string): string {
  return Buffer.from(`job:${jobId}`).toString('base64url');
}

function decodeJobCursor(cursor: string): string {
  const decoded = cursor.length <= 128 ? Buffer.from(cursor, 'base64url').toString('latin1') : '';
  const jobId = JOB_CURSOR.exec(decoded)?.[1];
  if (jobId === undefined || encodeJobCursor(jobId) !== cursor) {
    throw badInput('after', 'a cursor of this list (edges.cursor or pageInfo.endCursor), unchanged', cursor);
  }
  return jobId;
}
