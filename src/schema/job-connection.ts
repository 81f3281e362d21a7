/** Paging through a project's jobs: a Relay connection over ids that sort by creation time. */
import { badInput } from '../core/errors.ts';
import { DamagedJob, isReadable } from '../log/damaged-job.ts';
import type { JobFilter, JobStore } from '../log/job-store.ts';
import type { JobState } from '../progress/state.ts';
import type { Builder } from './builder.ts';
import type { JobRef } from './job.ts';

interface JobEdge {
  readonly cursor: string;
  readonly node: JobState;
}

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/** What is shown of a DamagedJob, which graphql-js itself would take for an error of the field. */
type UnreadableJob = Pick<DamagedJob, 'jobId' | 'reason'>;

interface JobConnection {
  readonly edges: readonly JobEdge[];
  readonly unreadable: readonly UnreadableJob[];
  readonly pageInfo: PageInfo;
}

export type JobConnectionRef = ReturnType<typeof addJobConnection>;

export function addJobConnection(builder: Builder, job: JobRef) {
  const PageInfoRef = builder.objectRef<PageInfo>('PageInfo').implement({
    description: 'Where a page of a connection begins and ends (Relay).',
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage', {
        description: 'Whether more follow; ask for them with after: endCursor.',
      }),
      hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
        description: 'Whether this page was asked for with `after`.',
      }),
      startCursor: t.exposeString('startCursor', {
        nullable: true,
        description: 'Cursor of the page’s first place; null for an empty page.',
      }),
      endCursor: t.exposeString('endCursor', {
        nullable: true,
        description:
          'Cursor of the page’s last place; null for an empty page. It stays valid after that job has been removed.',
      }),
    }),
  });

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
          'The jobs of this page, newest first. May be fewer than `first` although more follow, if jobs changed or were removed while the page was read.',
      }),
      unreadable: t.expose('unreadable', {
        type: [UnreadableJobRef],
        description:
          'The jobs of this page that cannot be read and are therefore not in `edges`; newest first, usually none.',
      }),
      pageInfo: t.expose('pageInfo', { type: PageInfoRef, description: 'Where the page begins and ends.' }),
    }),
  });
}

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

interface PageRequest extends JobFilter {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/**
 * Reads a page of a project's jobs, newest first.
 * @throws PlayheadError BAD_USER_INPUT for `first` or `after`
 */
export async function readJobPage(
  jobs: Pick<JobStore, 'list' | 'loadMany'>,
  projectId: string,
  request: PageRequest,
): Promise<JobConnection> {
  const size = parsePageSize(request.first);
  // An empty page has no cursor, which some clients keep as an empty text.
  const before = request.after ? decodeJobCursor(request.after) : null;
  // One more than asked for tells whether another page follows.
  const found = await jobs.list(projectId, request, before, size + 1);
  const ids = found.slice(0, size);
  const jobsFound = await jobs.loadMany(ids.map((jobId) => ({ projectId, jobId })));
  const edges = jobsFound
    .filter(isReadable)
    .filter((state) => matches(state, request))
    .map((node) => ({ cursor: encodeJobCursor(node.id), node }));
  const [firstId] = ids;
  const lastId = ids.at(-1);
  return {
    edges,
    unreadable: jobsFound
      .filter((job) => job instanceof DamagedJob)
      .map(({ jobId, reason }) => ({ jobId, reason })),
    pageInfo: {
      hasNextPage: found.length > size,
      hasPreviousPage: before !== null,
      // Of the ids, not of the edges: the next page is reachable even when all jobs of this one went meanwhile.
      startCursor: firstId === undefined ? null : encodeJobCursor(firstId),
      endCursor: lastId === undefined ? null : encodeJobCursor(lastId),
    },
  };
}

/** A job may have changed its status after its id was read from the index. */
function matches(state: JobState, { items, statuses, workflows }: JobFilter): boolean {
  // A batch, whatever its own status, is there for the items of it that have failed.
  const forItems = !items && state.itemCount > 0 && statuses?.includes('FAILED');
  return (
    (forItems || (statuses?.includes(state.status) ?? true)) && (workflows?.includes(state.workflow) ?? true)
  );
}

function parsePageSize(first: number | null | undefined): number {
  if (first == null) return DEFAULT_PAGE_SIZE;
  if (first < 1 || first > MAX_PAGE_SIZE) {
    throw badInput('first', `a whole number from 1 to ${MAX_PAGE_SIZE}`, first);
  }
  return first;
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
