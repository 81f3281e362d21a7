/** What the resolvers need from the process that runs them. */
import type { JobCommands } from '../jobs/enqueue.ts';
import type { StreamRequest } from '../progress/event-stream.ts';
import type { LoggedEvent } from '../progress/events.ts';
import type { JobStore } from '../progress/job-store.ts';

/** The GraphQL context value; one object may serve every operation of a process. */
export interface SchemaContext {
  readonly commands: Pick<JobCommands, 'enqueue' | 'enqueueBatch' | 'cancel' | 'retry'>;
  readonly jobs: Pick<JobStore, 'load' | 'loadMany' | 'list'>;
  /** `openEventStream` bound to this process's sources; the iterator it gives is handed to graphql-js as it is. */
  readonly openEvents: (request: StreamRequest) => Promise<AsyncGenerator<LoggedEvent, void, void>>;
  /** Absolute or root-relative URL of a stored file's path, for example `/files/projectId/jobId/video.mp4`. */
  readonly artifactUrl: (path: string) => string;
}
