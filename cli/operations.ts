/** The generated documents and types, by the names that the command line uses. */
import type {
  ArtifactFieldsFragment,
  EventFieldsFragment,
  JobFieldsFragment,
  JobsQuery,
  WaitFieldsFragment,
  WorkflowsQuery,
} from './generated/graphql.ts';

export {
  CancelJobDocument,
  JobDocument,
  JobEventsDocument,
  type JobEventsSubscription,
  type JobStatus,
  JobsDocument,
  RetryJobDocument,
  TypedDocumentString,
  WaitDocument,
  WaitsDocument,
  WorkflowsDocument,
} from './generated/graphql.ts';

/** What a job made. The type and the fields are those of the server, which may have others than this program knows. */
export interface JobResult {
  readonly __typename: string;
  /** Its fields that are no files, as an object. */
  readonly data: unknown;
  readonly artifacts: readonly Artifact[];
}

/** A job's snapshot. */
export interface Job extends Omit<JobFieldsFragment, 'result' | 'workflow'> {
  readonly workflow: string;
  readonly result: JobResult | null;
}

/** A job's snapshot with the items of a batch. */
export interface WholeJob extends Job {
  readonly items: readonly Job[];
}

/** A job of a list of which something that is stored can't be read. */
export type UnreadableJob = JobsQuery['jobs']['unreadable'][number];
/** What is asked of a job while no event tells it. */
export type Wait = WaitFieldsFragment;
export type JobEvent = EventFieldsFragment;
export type Artifact = ArtifactFieldsFragment;
/** A workflow of the server. */
export type WorkflowInfo = WorkflowsQuery['workflows'][number];
