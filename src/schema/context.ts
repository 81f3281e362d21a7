/** What the resolvers need from the process that runs them. */
import type { Grant } from '../auth/viewer.ts';
import type { ViewerToken } from '../auth/viewer-token.ts';
import type { Json } from '../core/json.ts';
import type { JobCommands } from '../jobs/enqueue.ts';
import type { StreamRequest } from '../log/event-stream.ts';
import type { JobStore } from '../log/job-store.ts';
import type { Eta, LoggedEvent } from '../progress/events.ts';
import type { JobState } from '../progress/state.ts';

/** What is the same for every viewer: all that the results of events can be made from. */
export interface ProcessContext {
  readonly commands: Pick<JobCommands, 'enqueue' | 'enqueueBatch' | 'cancel' | 'retry'>;
  readonly jobs: Pick<JobStore, 'load' | 'loadMany' | 'list'>;
  /** The job's place in the queue, 1 for the one that is taken next; null when it does not wait. */
  readonly queuePosition: (job: JobState) => Promise<number | null>;
  /** What is left of the job; null when it has ended or nothing can be predicted. */
  readonly etaOf: (job: JobState) => Promise<Eta | null>;
  /** `openEventStream` bound to this process's sources; the iterator it gives is handed to graphql-js as it is. */
  readonly openEvents: (request: StreamRequest) => Promise<AsyncGenerator<LoggedEvent, void, void>>;
  /** Absolute or root-relative URL of a stored file's path, for example `/files/projectId/jobId/video.mp4`. */
  readonly artifactUrl: (path: string) => string;
}

/** What a server gives to the contexts of its viewers. */
export interface ServerContext extends ProcessContext {
  /** The input of a job, as it was accepted. Not for everybody who may see the job. */
  readonly inputOf: (projectId: string, jobId: string) => Promise<Json>;
}

/**
 * The GraphQL context value of one operation. Everything in it is held to the rights of its viewer (guarded-context.ts),
 * so that no resolver can forget to check.
 */
export interface SchemaContext extends ProcessContext {
  /** The input of a job, as it was accepted; null where the viewer may not write. */
  readonly inputOf: (projectId: string, jobId: string) => Promise<Json>;
  /** What the viewer may do; holds no secret. */
  readonly viewer: Grant;
  /** Makes a read-only token of one project for a browser. */
  readonly createViewerToken: (projectId: string) => Promise<ViewerToken>;
}
