/** The generated documents and types, by the names that the command line uses. */
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
/** What an event says of its job. */
export type ToldJob = Omit<ToldFieldsFragment, 'workflow' | 'result'> & Pick<Job, 'workflow' | 'result'>;
export type Artifact = ArtifactFieldsFragment;
/** A workflow of the server. */
export type WorkflowInfo = WorkflowsQuery['workflows'][number];
/** What is told of a project's jobs by HTTP. */
export type Webhook = WebhookFieldsFragment;
/** One message of a webhook. */
export type Delivery = DeliveryFieldsFragment;
