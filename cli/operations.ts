/** The generated documents and types, under the names that the command line uses. */
import type {
  ArtifactFieldsFragment,
  DeliveryFieldsFragment,
  EventFieldsFragment,
  JobFieldsFragment,
  JobsQuery,
  ToldFieldsFragment,
  WaitFieldsFragment,
  WebhookFieldsFragment,
  WorkflowsQuery,
} from './generated/graphql.ts';

export {
  CancelJobDocument,
  CreateWebhookDocument,
  DeleteWebhookDocument,
  DeliveriesDocument,
  EnableWebhookDocument,
  JobDocument,
  JobEventsDocument,
  type JobEventsSubscription,
  JobIdsDocument,
  type JobStatus,
  JobsDocument,
  RedeliverWebhookDocument,
  RetryJobDocument,
  RotateWebhookSecretDocument,
  TypedDocumentString,
  ViewerDocument,
  WaitDocument,
  WaitsDocument,
  type WebhookEvent,
  WebhooksDocument,
  WorkflowsDocument,
} from './generated/graphql.ts';

/** A job's result. Its type and fields are the server's, which may differ from those that this program knows. */
export interface JobResult {
  readonly __typename: string;
  /** Its fields that are not files, as an object. */
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

/** A job of a list whose stored record cannot be read. */
export type UnreadableJob = JobsQuery['jobs']['unreadable'][number];
/** What is queried about a job while events do not contain it. */
export type Wait = WaitFieldsFragment;
export type JobEvent = EventFieldsFragment;
/** The job as an event contains it. */
export type ToldJob = Omit<ToldFieldsFragment, 'workflow' | 'result'> & Pick<Job, 'workflow' | 'result'>;
export type Artifact = ArtifactFieldsFragment;
/** A workflow of the server. */
export type WorkflowInfo = WorkflowsQuery['workflows'][number];
/** A webhook of a project. */
export type Webhook = WebhookFieldsFragment;
/** One message of a webhook. */
export type Delivery = DeliveryFieldsFragment;
