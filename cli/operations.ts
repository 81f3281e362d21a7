/** The generated documents and types, by the names that the command line uses. */
import type {
  ArtifactFieldsFragment,
  EventFieldsFragment,
  JobFieldsFragment,
  JobQuery,
  JobsQuery,
  ResultFieldsFragment,
  WaitFieldsFragment,
} from './generated/graphql.ts';

export {
  CancelJobDocument,
  GenerateAudioBatchDocument,
  GenerateAudioDocument,
  GenerateVideoBatchDocument,
  GenerateVideoDocument,
  JobDocument,
  JobEventsDocument,
  type JobEventsSubscription,
  type JobStatus,
  JobsDocument,
  RetryJobDocument,
  SyncLipsDocument,
  type TypedDocumentString,
  WaitDocument,
  WaitsDocument,
  type Workflow,
  WriteScriptDocument,
} from './generated/graphql.ts';

/** A job's snapshot. */
export type Job = JobFieldsFragment;
/** A job's snapshot with the items of a batch. */
export type WholeJob = NonNullable<JobQuery['job']>;
/** A job of a list of which something that is stored can't be read. */
export type UnreadableJob = JobsQuery['jobs']['unreadable'][number];
/** What is asked of a job while no event tells it. */
export type Wait = WaitFieldsFragment;
export type JobEvent = EventFieldsFragment;
export type JobResult = ResultFieldsFragment;
export type BatchResult = Extract<JobResult, { readonly __typename: 'BatchResult' }>;
export type Artifact = ArtifactFieldsFragment;
