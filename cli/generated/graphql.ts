/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Where a job stands. QUEUED → RUNNING → COMPLETED, FAILED or CANCELLED; a failed attempt that will be repeated is RETRYING in between; retryJob takes FAILED and CANCELLED back to QUEUED, and a COMPLETED batch whose items did not all succeed. */
export type JobStatus =
  /** Ended by cancelJob; retryJob runs it again. */
  | 'CANCELLED'
  /** Ended with a result. It never runs again, unless it is a batch with failed or cancelled items. */
  | 'COMPLETED'
  /** Ended with an error after its last attempt; retryJob runs it again. */
  | 'FAILED'
  /** Waits for a worker; nothing has been done in this run. */
  | 'QUEUED'
  /** An attempt failed; the next one waits for its time or for a worker. */
  | 'RETRYING'
  /** A worker carries it out. */
  | 'RUNNING';

/** What a credential may do in its projects. */
export type Scope =
  /** The same, and it alone may be given for all projects. */
  | 'ADMIN'
  /** Query jobs and follow their events. */
  | 'READ'
  /** Report tracked jobs (trackJob and the reports), and nothing else. */
  | 'REPORT'
  /** The same, start, cancel and retry jobs, and report tracked ones. */
  | 'WRITE';

/** What a webhook can be told of a job. Batches and their items are jobs. */
export type WebhookEvent =
  /** It was cancelled (`job.cancelled`). */
  | 'CANCELLED'
  /** It has ended with a result (`job.completed`). */
  | 'COMPLETED'
  /** It has ended with an error (`job.failed`). */
  | 'FAILED'
  /** An attempt failed, and another will follow (`job.retrying`). */
  | 'RETRYING'
  /** An attempt has begun (`job.started`). */
  | 'STARTED';

/** What createWebhook takes. */
export type WebhookInput = {
  /** What it is told, at least one. Default: COMPLETED, FAILED, CANCELLED. */
  events?: Array<WebhookEvent> | null | undefined;
  /** The project: 1 to 64 letters, digits, `_` or `-`. */
  projectId: string | number;
  /** An https:// URL with a public address, of at most 2,000 characters; with PLAYHEAD_WEBHOOK_PRIVATE also http:// and private addresses. */
  url: string;
};

export type ArtifactFieldsFragment = { name: string, url: string, path: string, contentType: string, sizeBytes: number };

type ResultFields_BatchResult_Fragment = { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> };

type ResultFields_DataResult_Fragment = { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> };

export type ResultFieldsFragment =
  | ResultFields_BatchResult_Fragment
  | ResultFields_DataResult_Fragment
;

export type EtaFieldsFragment = { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number };

export type JobFieldsFragment = { title: string | null, maxAttempts: number, queuePosition: number | null, createdAt: string, startedAt: string | null, id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
    | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
    | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
   | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null };

export type ToldFieldsFragment = { id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
    | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
    | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
   | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null };

type EventFields_CompletionEvent_Fragment = { __typename: 'CompletionEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, job: { id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null }, result:
    | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
    | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
   };

type EventFields_ErrorEvent_Fragment = { __typename: 'ErrorEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, error: string, code: string, details: unknown, willRetry: boolean, retryAfterSeconds: number | null, job: { id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null } };

type EventFields_ProgressEvent_Fragment = { __typename: 'ProgressEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, progress: number, status: string, step: string | null, message: string, metadata: unknown, job: { id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null }, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null };

export type EventFieldsFragment =
  | EventFields_CompletionEvent_Fragment
  | EventFields_ErrorEvent_Fragment
  | EventFields_ProgressEvent_Fragment
;

export type WorkflowsQueryVariables = Exact<{ [key: string]: never; }>;


export type WorkflowsQuery = { workflows: Array<{ workflow: string, label: string, description: string, command: string, mutation: string, inputType: string, batchMutation: string | null, batchInputType: string | null, inputSchema: unknown, resultType: string, resultSchema: unknown }> };

export type JobQueryVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type JobQuery = { job: { title: string | null, maxAttempts: number, queuePosition: number | null, createdAt: string, startedAt: string | null, id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, items: Array<{ title: string | null, maxAttempts: number, queuePosition: number | null, createdAt: string, startedAt: string | null, id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
        | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
        | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
       | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null }>, steps: Array<{ name: string, from: number, to: number }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null } | null };

export type JobIdsQueryVariables = Exact<{
  projectId: string | number;
  search: string;
}>;


export type JobIdsQuery = { jobs: { edges: Array<{ node: { id: string } }> } };

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { scope: Scope, projects: Array<string> | null } };

export type JobsQueryVariables = Exact<{
  projectId: string | number;
  status?: Array<JobStatus> | JobStatus | null | undefined;
  workflow?: Array<string> | string | null | undefined;
  search?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type JobsQuery = { jobs: { edges: Array<{ node: { inputExcerpt: string | null, title: string | null, maxAttempts: number, queuePosition: number | null, createdAt: string, startedAt: string | null, id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
          | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
          | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
         | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null } }>, unreadable: Array<{ id: string, reason: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type WaitFieldsFragment = { id: string, attempt: number, status: JobStatus, queuePosition: number | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null };

export type WaitQueryVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type WaitQuery = { job: { id: string, attempt: number, status: JobStatus, queuePosition: number | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null } | null };

export type WaitsQueryVariables = Exact<{
  projectId: string | number;
}>;


export type WaitsQuery = { jobs: { edges: Array<{ node: { id: string, attempt: number, status: JobStatus, queuePosition: number | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null } }> } };

export type JobEventsSubscriptionVariables = Exact<{
  projectId: string | number;
  jobId?: string | number | null | undefined;
  after?: string | number | null | undefined;
}>;


export type JobEventsSubscription = { jobEvents:
    | { __typename: 'CompletionEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, job: { id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
          | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
          | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
         | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null }, result:
        | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
        | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
       }
    | { __typename: 'ErrorEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, error: string, code: string, details: unknown, willRetry: boolean, retryAfterSeconds: number | null, job: { id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
          | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
          | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
         | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null } }
    | { __typename: 'ProgressEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, progress: number, status: string, step: string | null, message: string, metadata: unknown, job: { id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
          | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
          | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
         | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null }, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null }
   };

export type CancelJobMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type CancelJobMutation = { cancelJob: { title: string | null, maxAttempts: number, queuePosition: number | null, createdAt: string, startedAt: string | null, id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null } };

export type RetryJobMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type RetryJobMutation = { retryJob: { title: string | null, maxAttempts: number, queuePosition: number | null, createdAt: string, startedAt: string | null, id: string, projectId: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null } };

export type WebhookFieldsFragment = { id: string, projectId: string, url: string, events: Array<WebhookEvent>, createdAt: string, disabledReason: string | null };

export type DeliveryFieldsFragment = { id: string, event: WebhookEvent, jobId: string, status: string, attempts: number, lastStatusCode: number | null, lastError: string | null, nextAttemptAt: string | null, deliveredAt: string | null };

export type WebhooksQueryVariables = Exact<{
  projectId: string | number;
}>;


export type WebhooksQuery = { webhooks: Array<{ id: string, projectId: string, url: string, events: Array<WebhookEvent>, createdAt: string, disabledReason: string | null }> };

export type DeliveriesQueryVariables = Exact<{
  projectId: string | number;
  first: number;
}>;


export type DeliveriesQuery = { webhooks: Array<{ id: string, deliveries: Array<{ id: string, event: WebhookEvent, jobId: string, status: string, attempts: number, lastStatusCode: number | null, lastError: string | null, nextAttemptAt: string | null, deliveredAt: string | null }> }> };

export type CreateWebhookMutationVariables = Exact<{
  input: WebhookInput;
}>;


export type CreateWebhookMutation = { createWebhook: { secret: string, webhook: { id: string, projectId: string, url: string, events: Array<WebhookEvent>, createdAt: string, disabledReason: string | null } } };

export type RotateWebhookSecretMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type RotateWebhookSecretMutation = { rotateWebhookSecret: { secret: string, webhook: { id: string, projectId: string, url: string, events: Array<WebhookEvent>, createdAt: string, disabledReason: string | null } } };

export type EnableWebhookMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type EnableWebhookMutation = { enableWebhook: { id: string, projectId: string, url: string, events: Array<WebhookEvent>, createdAt: string, disabledReason: string | null } };

export type DeleteWebhookMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type DeleteWebhookMutation = { deleteWebhook: boolean };

export type RedeliverWebhookMutationVariables = Exact<{
  projectId: string | number;
  deliveryId: string | number;
}>;


export type RedeliverWebhookMutation = { redeliverWebhook: { id: string, event: WebhookEvent, jobId: string, status: string, attempts: number, lastStatusCode: number | null, lastError: string | null, nextAttemptAt: string | null, deliveredAt: string | null } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const EtaFieldsFragmentDoc = new TypedDocumentString(`
    fragment EtaFields on Eta {
  remainingSeconds
  lowSeconds
  highSeconds
  waitSeconds
}
    `, {"fragmentName":"EtaFields"}) as unknown as TypedDocumentString<EtaFieldsFragment, unknown>;
export const ArtifactFieldsFragmentDoc = new TypedDocumentString(`
    fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}
    `, {"fragmentName":"ArtifactFields"}) as unknown as TypedDocumentString<ArtifactFieldsFragment, unknown>;
export const ResultFieldsFragmentDoc = new TypedDocumentString(`
    fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
}
    fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}`, {"fragmentName":"ResultFields"}) as unknown as TypedDocumentString<ResultFieldsFragment, unknown>;
export const ToldFieldsFragmentDoc = new TypedDocumentString(`
    fragment ToldFields on Job {
  id
  projectId
  workflow
  taskName
  version
  status
  progress
  step
  message
  metadata
  attempt
  eta {
    ...EtaFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  finishedAt
}
    fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
}
fragment EtaFields on Eta {
  remainingSeconds
  lowSeconds
  highSeconds
  waitSeconds
}`, {"fragmentName":"ToldFields"}) as unknown as TypedDocumentString<ToldFieldsFragment, unknown>;
export const JobFieldsFragmentDoc = new TypedDocumentString(`
    fragment JobFields on Job {
  ...ToldFields
  title
  steps {
    name
    from
    to
  }
  maxAttempts
  queuePosition
  createdAt
  startedAt
}
    fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
}
fragment EtaFields on Eta {
  remainingSeconds
  lowSeconds
  highSeconds
  waitSeconds
}
fragment ToldFields on Job {
  id
  projectId
  workflow
  taskName
  version
  status
  progress
  step
  message
  metadata
  attempt
  eta {
    ...EtaFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  finishedAt
}`, {"fragmentName":"JobFields"}) as unknown as TypedDocumentString<JobFieldsFragment, unknown>;
export const EventFieldsFragmentDoc = new TypedDocumentString(`
    fragment EventFields on JobEvent {
  __typename
  ... on Event {
    id
    jobId
    taskName
    attempt
    timestamp
    job {
      ...ToldFields
    }
  }
  ... on ProgressEvent {
    progress
    status
    step
    message
    metadata
    eta {
      ...EtaFields
    }
  }
  ... on ErrorEvent {
    error
    code
    details
    willRetry
    retryAfterSeconds
  }
  ... on CompletionEvent {
    result {
      ...ResultFields
    }
  }
}
    fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
}
fragment EtaFields on Eta {
  remainingSeconds
  lowSeconds
  highSeconds
  waitSeconds
}
fragment ToldFields on Job {
  id
  projectId
  workflow
  taskName
  version
  status
  progress
  step
  message
  metadata
  attempt
  eta {
    ...EtaFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  finishedAt
}`, {"fragmentName":"EventFields"}) as unknown as TypedDocumentString<EventFieldsFragment, unknown>;
export const WaitFieldsFragmentDoc = new TypedDocumentString(`
    fragment WaitFields on Job {
  id
  attempt
  status
  queuePosition
  eta {
    ...EtaFields
  }
}
    fragment EtaFields on Eta {
  remainingSeconds
  lowSeconds
  highSeconds
  waitSeconds
}`, {"fragmentName":"WaitFields"}) as unknown as TypedDocumentString<WaitFieldsFragment, unknown>;
export const WebhookFieldsFragmentDoc = new TypedDocumentString(`
    fragment WebhookFields on Webhook {
  id
  projectId
  url
  events
  createdAt
  disabledReason
}
    `, {"fragmentName":"WebhookFields"}) as unknown as TypedDocumentString<WebhookFieldsFragment, unknown>;
export const DeliveryFieldsFragmentDoc = new TypedDocumentString(`
    fragment DeliveryFields on WebhookDelivery {
  id
  event
  jobId
  status
  attempts
  lastStatusCode
  lastError
  nextAttemptAt
  deliveredAt
}
    `, {"fragmentName":"DeliveryFields"}) as unknown as TypedDocumentString<DeliveryFieldsFragment, unknown>;
export const WorkflowsDocument = new TypedDocumentString(`
    query Workflows {
  workflows {
    workflow
    label
    description
    command
    mutation
    inputType
    batchMutation
    batchInputType
    inputSchema
    resultType
    resultSchema
  }
}
    `) as unknown as TypedDocumentString<WorkflowsQuery, WorkflowsQueryVariables>;
export const JobDocument = new TypedDocumentString(`
    query Job($projectId: ID!, $id: ID!) {
  job(projectId: $projectId, id: $id) {
    ...JobFields
    items {
      ...JobFields
    }
  }
}
    fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
}
fragment EtaFields on Eta {
  remainingSeconds
  lowSeconds
  highSeconds
  waitSeconds
}
fragment JobFields on Job {
  ...ToldFields
  title
  steps {
    name
    from
    to
  }
  maxAttempts
  queuePosition
  createdAt
  startedAt
}
fragment ToldFields on Job {
  id
  projectId
  workflow
  taskName
  version
  status
  progress
  step
  message
  metadata
  attempt
  eta {
    ...EtaFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  finishedAt
}`) as unknown as TypedDocumentString<JobQuery, JobQueryVariables>;
export const JobIdsDocument = new TypedDocumentString(`
    query JobIds($projectId: ID!, $search: String!) {
  jobs(projectId: $projectId, search: $search, items: true, first: 100) {
    edges {
      node {
        id
      }
    }
  }
}
    `) as unknown as TypedDocumentString<JobIdsQuery, JobIdsQueryVariables>;
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  viewer {
    scope
    projects
  }
}
    `) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;
export const JobsDocument = new TypedDocumentString(`
    query Jobs($projectId: ID!, $status: [JobStatus!], $workflow: [Workflow!], $search: String, $first: Int, $after: String) {
  jobs(
    projectId: $projectId
    status: $status
    workflow: $workflow
    search: $search
    first: $first
    after: $after
  ) {
    edges {
      node {
        ...JobFields
        inputExcerpt
      }
    }
    unreadable {
      id
      reason
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
}
fragment EtaFields on Eta {
  remainingSeconds
  lowSeconds
  highSeconds
  waitSeconds
}
fragment JobFields on Job {
  ...ToldFields
  title
  steps {
    name
    from
    to
  }
  maxAttempts
  queuePosition
  createdAt
  startedAt
}
fragment ToldFields on Job {
  id
  projectId
  workflow
  taskName
  version
  status
  progress
  step
  message
  metadata
  attempt
  eta {
    ...EtaFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  finishedAt
}`) as unknown as TypedDocumentString<JobsQuery, JobsQueryVariables>;
export const WaitDocument = new TypedDocumentString(`
    query Wait($projectId: ID!, $id: ID!) {
  job(projectId: $projectId, id: $id) {
    ...WaitFields
  }
}
    fragment EtaFields on Eta {
  remainingSeconds
  lowSeconds
  highSeconds
  waitSeconds
}
fragment WaitFields on Job {
  id
  attempt
  status
  queuePosition
  eta {
    ...EtaFields
  }
}`) as unknown as TypedDocumentString<WaitQuery, WaitQueryVariables>;
export const WaitsDocument = new TypedDocumentString(`
    query Waits($projectId: ID!) {
  jobs(projectId: $projectId, status: [QUEUED, RUNNING, RETRYING], first: 100) {
    edges {
      node {
        ...WaitFields
      }
    }
  }
}
    fragment EtaFields on Eta {
  remainingSeconds
  lowSeconds
  highSeconds
  waitSeconds
}
fragment WaitFields on Job {
  id
  attempt
  status
  queuePosition
  eta {
    ...EtaFields
  }
}`) as unknown as TypedDocumentString<WaitsQuery, WaitsQueryVariables>;
export const JobEventsDocument = new TypedDocumentString(`
    subscription JobEvents($projectId: ID!, $jobId: ID, $after: ID) {
  jobEvents(projectId: $projectId, jobId: $jobId, after: $after) {
    ...EventFields
  }
}
    fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
}
fragment EtaFields on Eta {
  remainingSeconds
  lowSeconds
  highSeconds
  waitSeconds
}
fragment ToldFields on Job {
  id
  projectId
  workflow
  taskName
  version
  status
  progress
  step
  message
  metadata
  attempt
  eta {
    ...EtaFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  finishedAt
}
fragment EventFields on JobEvent {
  __typename
  ... on Event {
    id
    jobId
    taskName
    attempt
    timestamp
    job {
      ...ToldFields
    }
  }
  ... on ProgressEvent {
    progress
    status
    step
    message
    metadata
    eta {
      ...EtaFields
    }
  }
  ... on ErrorEvent {
    error
    code
    details
    willRetry
    retryAfterSeconds
  }
  ... on CompletionEvent {
    result {
      ...ResultFields
    }
  }
}`) as unknown as TypedDocumentString<JobEventsSubscription, JobEventsSubscriptionVariables>;
export const CancelJobDocument = new TypedDocumentString(`
    mutation CancelJob($projectId: ID!, $id: ID!) {
  cancelJob(projectId: $projectId, id: $id) {
    ...JobFields
  }
}
    fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
}
fragment EtaFields on Eta {
  remainingSeconds
  lowSeconds
  highSeconds
  waitSeconds
}
fragment JobFields on Job {
  ...ToldFields
  title
  steps {
    name
    from
    to
  }
  maxAttempts
  queuePosition
  createdAt
  startedAt
}
fragment ToldFields on Job {
  id
  projectId
  workflow
  taskName
  version
  status
  progress
  step
  message
  metadata
  attempt
  eta {
    ...EtaFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  finishedAt
}`) as unknown as TypedDocumentString<CancelJobMutation, CancelJobMutationVariables>;
export const RetryJobDocument = new TypedDocumentString(`
    mutation RetryJob($projectId: ID!, $id: ID!) {
  retryJob(projectId: $projectId, id: $id) {
    ...JobFields
  }
}
    fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
}
fragment EtaFields on Eta {
  remainingSeconds
  lowSeconds
  highSeconds
  waitSeconds
}
fragment JobFields on Job {
  ...ToldFields
  title
  steps {
    name
    from
    to
  }
  maxAttempts
  queuePosition
  createdAt
  startedAt
}
fragment ToldFields on Job {
  id
  projectId
  workflow
  taskName
  version
  status
  progress
  step
  message
  metadata
  attempt
  eta {
    ...EtaFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  finishedAt
}`) as unknown as TypedDocumentString<RetryJobMutation, RetryJobMutationVariables>;
export const WebhooksDocument = new TypedDocumentString(`
    query Webhooks($projectId: ID!) {
  webhooks(projectId: $projectId) {
    ...WebhookFields
  }
}
    fragment WebhookFields on Webhook {
  id
  projectId
  url
  events
  createdAt
  disabledReason
}`) as unknown as TypedDocumentString<WebhooksQuery, WebhooksQueryVariables>;
export const DeliveriesDocument = new TypedDocumentString(`
    query Deliveries($projectId: ID!, $first: Int!) {
  webhooks(projectId: $projectId) {
    id
    deliveries(first: $first) {
      ...DeliveryFields
    }
  }
}
    fragment DeliveryFields on WebhookDelivery {
  id
  event
  jobId
  status
  attempts
  lastStatusCode
  lastError
  nextAttemptAt
  deliveredAt
}`) as unknown as TypedDocumentString<DeliveriesQuery, DeliveriesQueryVariables>;
export const CreateWebhookDocument = new TypedDocumentString(`
    mutation CreateWebhook($input: WebhookInput!) {
  createWebhook(input: $input) {
    secret
    webhook {
      ...WebhookFields
    }
  }
}
    fragment WebhookFields on Webhook {
  id
  projectId
  url
  events
  createdAt
  disabledReason
}`) as unknown as TypedDocumentString<CreateWebhookMutation, CreateWebhookMutationVariables>;
export const RotateWebhookSecretDocument = new TypedDocumentString(`
    mutation RotateWebhookSecret($projectId: ID!, $id: ID!) {
  rotateWebhookSecret(projectId: $projectId, id: $id) {
    secret
    webhook {
      ...WebhookFields
    }
  }
}
    fragment WebhookFields on Webhook {
  id
  projectId
  url
  events
  createdAt
  disabledReason
}`) as unknown as TypedDocumentString<RotateWebhookSecretMutation, RotateWebhookSecretMutationVariables>;
export const EnableWebhookDocument = new TypedDocumentString(`
    mutation EnableWebhook($projectId: ID!, $id: ID!) {
  enableWebhook(projectId: $projectId, id: $id) {
    ...WebhookFields
  }
}
    fragment WebhookFields on Webhook {
  id
  projectId
  url
  events
  createdAt
  disabledReason
}`) as unknown as TypedDocumentString<EnableWebhookMutation, EnableWebhookMutationVariables>;
export const DeleteWebhookDocument = new TypedDocumentString(`
    mutation DeleteWebhook($projectId: ID!, $id: ID!) {
  deleteWebhook(projectId: $projectId, id: $id)
}
    `) as unknown as TypedDocumentString<DeleteWebhookMutation, DeleteWebhookMutationVariables>;
export const RedeliverWebhookDocument = new TypedDocumentString(`
    mutation RedeliverWebhook($projectId: ID!, $deliveryId: ID!) {
  redeliverWebhook(projectId: $projectId, deliveryId: $deliveryId) {
    ...DeliveryFields
  }
}
    fragment DeliveryFields on WebhookDelivery {
  id
  event
  jobId
  status
  attempts
  lastStatusCode
  lastError
  nextAttemptAt
  deliveredAt
}`) as unknown as TypedDocumentString<RedeliverWebhookMutation, RedeliverWebhookMutationVariables>;