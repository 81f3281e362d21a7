/** The package `playhead/client`, for building frontends. */
export { apolloJobCache } from './cache/apollo.ts';
export { graphcacheJobs } from './cache/graphcache.ts';
export { JobOrder, type Moment } from './cache/job-order.ts';
export {
  type ClientOptions,
  type ConnectionState,
  createClient,
  type EventSink,
  type JobFilter,
  type JobPage,
  type PlayheadClient,
  type StartOptions,
} from './client.ts';
export {
  type Artifact,
  type Eta,
  hasEnded,
  type Job,
  type JobError,
  type JobResult,
  type JobStatus,
  type ToldJob,
} from './job.ts';
export type { JobRun } from './job-run.ts';
export { RequestError, type TypedDocument } from './request.ts';
export {
  createResumingClient,
  type LiveState,
  type ResumingClient,
  type ResumingClientOptions,
  type Transport,
} from './resuming-client.ts';
