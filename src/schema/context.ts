/** What the resolvers need from the process that runs them. */
import type { Viewer } from '../auth/viewer.ts';
import type { Delegation, ViewerToken } from '../auth/viewer-token.ts';
import type { Json } from '../core/json.ts';
import type { JobCommands } from '../jobs/enqueue.ts';
import type { TrackedJobs } from '../jobs/tracked-jobs.ts';
import type { StreamRequest } from '../log/event-stream.ts';
import type { JobHistory } from '../log/job-history.ts';
import type { JobLines } from '../log/job-lines.ts';
import type { JobStore } from '../log/job-store.ts';
import type { Eta, LoggedEvent } from '../progress/events.ts';
import type { JobRecord } from '../progress/job-record.ts';
import type { JobState } from '../progress/state.ts';
import type { WebhookCommands } from '../webhooks/commands.ts';

/** What is the same for every viewer: everything from which the results of events can be made. */
export interface ProcessContext {
  readonly commands: Pick<JobCommands, 'enqueue' | 'enqueueBatch' | 'cancel' | 'retry' | 'remove'>;
  readonly tracked: Pick<
    TrackedJobs,
    'track' | 'reportProgress' | 'reportProgressMany' | 'reportError' | 'reportCompletion'
  >;
  readonly jobs: Pick<JobStore, 'load' | 'loadMany' | 'list' | 'search' | 'counts'>;
  /** A job with what is kept of its earlier attempts; null when unknown in this project. @throws DamagedJob */
  readonly recordOf: (projectId: string, jobId: string) => Promise<JobRecord | null>;
  /** A page of a job's events, oldest first. @throws PlayheadError EVENTS_EXPIRED */
  readonly historyOf: JobHistory['read'];
  /** The job's place in the queue, 1 being the next to be taken; null when it does not wait. */
  readonly queuePosition: (job: JobState) => Promise<number | null>;
  /** The job's remaining time; null when it has ended or nothing can be predicted. */
  readonly etaOf: (job: JobState) => Promise<Eta | null>;
  /** `openEventStream` bound to this process's sources; its iterator is passed to graphql-js unchanged. */
  readonly openEvents: (request: StreamRequest) => Promise<AsyncGenerator<LoggedEvent, void, void>>;
  /** Absolute or root-relative URL of a stored file's path, for example `/files/projectId/jobId/video.mp4`. */
  readonly artifactUrl: (path: string) => string;
}

/** What resolvers can do with webhooks. */
export type Webhooks = Pick<
  WebhookCommands,
  'create' | 'list' | 'deliveries' | 'delete' | 'redeliver' | 'rotate' | 'enable'
>;

/** What a server provides to the contexts of its viewers. */
export interface ServerContext extends ProcessContext {
  readonly webhooks: Webhooks;
  /** The input of a job, as it was accepted. Not visible to everybody who may see the job. */
  readonly inputOf: (projectId: string, jobId: string) => Promise<Json>;
  /** The lines of a job, oldest first. Not visible to everybody who may see the job. */
  readonly linesOf: JobLines['read'];
}

/** What viewers may see of their own credential. */
export type ShownViewer = Pick<Viewer, 'scope' | 'projects' | 'expiresAt' | 'jobId'>;

/**
 * The GraphQL context value of one operation. Everything in it is restricted to its viewer's rights (guarded-context.ts), so no
 * resolver can forget to check.
 */
export interface SchemaContext extends ProcessContext {
  readonly webhooks: Webhooks;
  /** The input of a job, as it was accepted; null where the viewer may not write. */
  readonly inputOf: (projectId: string, jobId: string) => Promise<Json>;
  /** The lines of a job, oldest first; none where the viewer may not write. */
  readonly linesOf: JobLines['read'];
  /** What the viewer may do; holds no secret. */
  readonly viewer: ShownViewer;
  /** Makes a token for one project or one of its jobs, for a browser or for a task that reports. */
  readonly createViewerToken: (asked: Delegation) => Promise<ViewerToken>;
}
