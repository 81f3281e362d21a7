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

/** Where one step of a job stands. */
export type StepStatus =
  /** Is finished; a later attempt does not do it again. */
  | 'COMPLETED'
  /** Failed, or was under way when the job ended. */
  | 'FAILED'
  /** Has not begun. */
  | 'PENDING'
  /** Is being carried out. */
  | 'RUNNING';

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

export type JobFieldsFragment = { title: string | null, maxAttempts: number, createdAt: string, startedAt: string | null, id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number, status: StepStatus, startedAt: string | null, finishedAt: string | null }>, parent: { id: string } | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
    | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
    | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
   | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null };

export type ToldFieldsFragment = { id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
    | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
    | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
   | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null };

type ResultFields_BatchResult_Fragment = { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> };

type ResultFields_DataResult_Fragment = { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> };

export type ResultFieldsFragment =
  | ResultFields_BatchResult_Fragment
  | ResultFields_DataResult_Fragment
;

export type ArtifactFieldsFragment = { name: string, url: string, path: string, contentType: string, sizeBytes: number };

type EventFields_CompletionEvent_Fragment = { __typename: 'CompletionEvent', id: string, timestamp: string, job: { id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null } };

type EventFields_ErrorEvent_Fragment = { __typename: 'ErrorEvent', id: string, timestamp: string, job: { id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null } };

type EventFields_ProgressEvent_Fragment = { __typename: 'ProgressEvent', id: string, timestamp: string, job: { id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null } };

export type EventFieldsFragment =
  | EventFields_CompletionEvent_Fragment
  | EventFields_ErrorEvent_Fragment
  | EventFields_ProgressEvent_Fragment
;

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { scope: Scope, projects: Array<string> | null, jobId: string | null, expiresAt: string | null } };

export type WorkflowsQueryVariables = Exact<{ [key: string]: never; }>;


export type WorkflowsQuery = { workflows: Array<{ workflow: string, label: string, description: string, taskName: string, mutation: string, inputType: string, batchMutation: string | null, batchInputType: string | null, inputSchema: unknown, resultSchema: unknown }> };

export type JobsQueryVariables = Exact<{
  projectId: string | number;
  status?: Array<JobStatus> | JobStatus | null | undefined;
  workflow?: Array<string> | string | null | undefined;
  search?: string | null | undefined;
  createdFrom?: string | null | undefined;
  createdBefore?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type JobsQuery = { jobs: { edges: Array<{ cursor: string, node: { inputExcerpt: string | null, title: string | null, maxAttempts: number, createdAt: string, startedAt: string | null, id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, items: Array<{ id: string, version: number, status: JobStatus, progress: number, attempt: number }>, steps: Array<{ name: string, from: number, to: number, status: StepStatus, startedAt: string | null, finishedAt: string | null }>, parent: { id: string } | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
          | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
          | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
         | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null } }>, unreadable: Array<{ id: string, reason: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type JobCountsQueryVariables = Exact<{
  projectId: string | number;
  workflow?: Array<string> | string | null | undefined;
}>;


export type JobCountsQuery = { jobCounts: Array<{ status: JobStatus, count: number }> };

export type JobQueryVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type JobQuery = { job: { input: unknown, inputExcerpt: string | null, title: string | null, maxAttempts: number, createdAt: string, startedAt: string | null, id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, items: Array<{ title: string | null, maxAttempts: number, createdAt: string, startedAt: string | null, id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number, status: StepStatus, startedAt: string | null, finishedAt: string | null }>, parent: { id: string } | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
        | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
        | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
       | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null }>, steps: Array<{ name: string, from: number, to: number, status: StepStatus, startedAt: string | null, finishedAt: string | null }>, parent: { id: string } | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null } | null };

type StoryFields_CompletionEvent_Fragment = { __typename: 'CompletionEvent', id: string, attempt: number, timestamp: string, job: { version: number } };

type StoryFields_ErrorEvent_Fragment = { __typename: 'ErrorEvent', id: string, attempt: number, timestamp: string, error: string, code: string, willRetry: boolean, job: { version: number } };

type StoryFields_ProgressEvent_Fragment = { __typename: 'ProgressEvent', id: string, attempt: number, timestamp: string, progress: number, status: string, step: string | null, message: string, worker: string | null, job: { version: number } };

export type StoryFieldsFragment =
  | StoryFields_CompletionEvent_Fragment
  | StoryFields_ErrorEvent_Fragment
  | StoryFields_ProgressEvent_Fragment
;

export type StoryQueryVariables = Exact<{
  projectId: string | number;
  id: string | number;
  after?: string | number | null | undefined;
  afterLine?: string | number | null | undefined;
}>;


export type StoryQuery = { job: { history: { edges: Array<{ node:
          | { __typename: 'CompletionEvent', id: string, attempt: number, timestamp: string, job: { version: number } }
          | { __typename: 'ErrorEvent', id: string, attempt: number, timestamp: string, error: string, code: string, willRetry: boolean, job: { version: number } }
          | { __typename: 'ProgressEvent', id: string, attempt: number, timestamp: string, progress: number, status: string, step: string | null, message: string, worker: string | null, job: { version: number } }
         }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } }, lines: Array<{ id: string, timestamp: string, attempt: number, step: string, level: string, source: string | null, text: string, durationMs: number | null }> } | null };

export type JobEventsSubscriptionVariables = Exact<{
  projectId: string | number;
  jobId?: string | number | null | undefined;
  after?: string | number | null | undefined;
}>;


export type JobEventsSubscription = { jobEvents:
    | { __typename: 'CompletionEvent', id: string, timestamp: string, job: { id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
          | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
          | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
         | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null } }
    | { __typename: 'ErrorEvent', id: string, timestamp: string, job: { id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
          | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
          | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
         | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null } }
    | { __typename: 'ProgressEvent', id: string, timestamp: string, job: { id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
          | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
          | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
         | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null } }
   };

export type WaitFieldsFragment = { id: string, attempt: number, status: JobStatus, queuePosition: number | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null };

export type WaitsQueryVariables = Exact<{
  projectId: string | number;
}>;


export type WaitsQuery = { jobs: { edges: Array<{ node: { id: string, attempt: number, status: JobStatus, queuePosition: number | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null } }> } };

export type WaitQueryVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type WaitQuery = { job: { id: string, attempt: number, status: JobStatus, queuePosition: number | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null } | null };

export type FinishedJobsQueryVariables = Exact<{
  projectId: string | number;
  workflow?: Array<string> | string | null | undefined;
}>;


export type FinishedJobsQuery = { jobs: { edges: Array<{ node: { id: string, workflow: string, taskName: string, createdAt: string, result:
          | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
          | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
         | null } }> } };

export type RunsQueryVariables = Exact<{
  projectId: string | number;
  workflow: string;
  first: number;
}>;


export type RunsQuery = { jobs: { edges: Array<{ node: { id: string, taskName: string, attempt: number, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, startedAt: string | null, finishedAt: string | null }> } }>, pageInfo: { hasNextPage: boolean } } };

export type ShareJobMutationVariables = Exact<{
  projectId: string | number;
  jobId: string | number;
  lifetimeSeconds: number;
}>;


export type ShareJobMutation = { createViewerToken: { token: string, expiresAt: string } };

export type CancelJobMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type CancelJobMutation = { cancelJob: { title: string | null, maxAttempts: number, createdAt: string, startedAt: string | null, id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number, status: StepStatus, startedAt: string | null, finishedAt: string | null }>, parent: { id: string } | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null } };

export type DeleteJobMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type DeleteJobMutation = { deleteJob: string };

export type RetryJobMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type RetryJobMutation = { retryJob: { title: string | null, maxAttempts: number, createdAt: string, startedAt: string | null, id: string, workflow: string, taskName: string, version: number, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number, status: StepStatus, startedAt: string | null, finishedAt: string | null }>, parent: { id: string } | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, preview: { name: string, url: string, path: string, contentType: string, sizeBytes: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> } | null } };

export type WebhookFieldsFragment = { id: string, url: string, events: Array<WebhookEvent>, createdAt: string, disabledReason: string | null, deliveries: Array<{ id: string, event: WebhookEvent, jobId: string, status: string, attempts: number, lastStatusCode: number | null, lastError: string | null, nextAttemptAt: string | null, deliveredAt: string | null }> };

export type WebhooksQueryVariables = Exact<{
  projectId: string | number;
}>;


export type WebhooksQuery = { webhooks: Array<{ id: string, url: string, events: Array<WebhookEvent>, createdAt: string, disabledReason: string | null, deliveries: Array<{ id: string, event: WebhookEvent, jobId: string, status: string, attempts: number, lastStatusCode: number | null, lastError: string | null, nextAttemptAt: string | null, deliveredAt: string | null }> }> };

export type CreateWebhookMutationVariables = Exact<{
  input: WebhookInput;
}>;


export type CreateWebhookMutation = { createWebhook: { secret: string, webhook: { url: string } } };

export type RotateWebhookSecretMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type RotateWebhookSecretMutation = { rotateWebhookSecret: { secret: string, webhook: { url: string } } };

export type EnableWebhookMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type EnableWebhookMutation = { enableWebhook: { id: string } };

export type DeleteWebhookMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type DeleteWebhookMutation = { deleteWebhook: boolean };

export type RedeliverWebhookMutationVariables = Exact<{
  projectId: string | number;
  deliveryId: string | number;
}>;


export type RedeliverWebhookMutation = { redeliverWebhook: { id: string } };

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
  ... on BatchResult {
    total
    succeeded
    failed
    cancelled
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
    remainingSeconds
    lowSeconds
    highSeconds
  }
  preview {
    ...ArtifactFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
    artifacts {
      ...ArtifactFields
    }
  }
  finishedAt
}
    fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
  ... on BatchResult {
    total
    succeeded
    failed
    cancelled
  }
}
fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}`, {"fragmentName":"ToldFields"}) as unknown as TypedDocumentString<ToldFieldsFragment, unknown>;
export const JobFieldsFragmentDoc = new TypedDocumentString(`
    fragment JobFields on Job {
  ...ToldFields
  title
  steps {
    name
    from
    to
    status
    startedAt
    finishedAt
  }
  maxAttempts
  parent {
    id
  }
  createdAt
  startedAt
}
    fragment ToldFields on Job {
  id
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
    remainingSeconds
    lowSeconds
    highSeconds
  }
  preview {
    ...ArtifactFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
    artifacts {
      ...ArtifactFields
    }
  }
  finishedAt
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
  ... on BatchResult {
    total
    succeeded
    failed
    cancelled
  }
}
fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}`, {"fragmentName":"JobFields"}) as unknown as TypedDocumentString<JobFieldsFragment, unknown>;
export const EventFieldsFragmentDoc = new TypedDocumentString(`
    fragment EventFields on JobEvent {
  __typename
  ... on Event {
    id
    timestamp
    job {
      ...ToldFields
    }
  }
}
    fragment ToldFields on Job {
  id
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
    remainingSeconds
    lowSeconds
    highSeconds
  }
  preview {
    ...ArtifactFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
    artifacts {
      ...ArtifactFields
    }
  }
  finishedAt
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
  ... on BatchResult {
    total
    succeeded
    failed
    cancelled
  }
}
fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}`, {"fragmentName":"EventFields"}) as unknown as TypedDocumentString<EventFieldsFragment, unknown>;
export const StoryFieldsFragmentDoc = new TypedDocumentString(`
    fragment StoryFields on JobEvent {
  __typename
  ... on Event {
    id
    attempt
    timestamp
    job {
      version
    }
  }
  ... on ProgressEvent {
    progress
    status
    step
    message
    worker
  }
  ... on ErrorEvent {
    error
    code
    willRetry
  }
}
    `, {"fragmentName":"StoryFields"}) as unknown as TypedDocumentString<StoryFieldsFragment, unknown>;
export const WaitFieldsFragmentDoc = new TypedDocumentString(`
    fragment WaitFields on Job {
  id
  attempt
  status
  queuePosition
  eta {
    remainingSeconds
    lowSeconds
    highSeconds
    waitSeconds
  }
}
    `, {"fragmentName":"WaitFields"}) as unknown as TypedDocumentString<WaitFieldsFragment, unknown>;
export const WebhookFieldsFragmentDoc = new TypedDocumentString(`
    fragment WebhookFields on Webhook {
  id
  url
  events
  createdAt
  disabledReason
  deliveries(first: 20) {
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
}
    `, {"fragmentName":"WebhookFields"}) as unknown as TypedDocumentString<WebhookFieldsFragment, unknown>;
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  viewer {
    scope
    projects
    jobId
    expiresAt
  }
}
    `) as unknown as TypedDocumentString<ViewerQuery, ViewerQueryVariables>;
export const WorkflowsDocument = new TypedDocumentString(`
    query Workflows {
  workflows {
    workflow
    label
    description
    taskName
    mutation
    inputType
    batchMutation
    batchInputType
    inputSchema
    resultSchema
  }
}
    `) as unknown as TypedDocumentString<WorkflowsQuery, WorkflowsQueryVariables>;
export const JobsDocument = new TypedDocumentString(`
    query Jobs($projectId: ID!, $status: [JobStatus!], $workflow: [Workflow!], $search: String, $createdFrom: DateTime, $createdBefore: DateTime, $first: Int, $after: String) {
  jobs(
    projectId: $projectId
    status: $status
    workflow: $workflow
    search: $search
    createdFrom: $createdFrom
    createdBefore: $createdBefore
    first: $first
    after: $after
  ) {
    edges {
      cursor
      node {
        ...JobFields
        inputExcerpt
        items {
          id
          version
          status
          progress
          attempt
        }
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
    fragment JobFields on Job {
  ...ToldFields
  title
  steps {
    name
    from
    to
    status
    startedAt
    finishedAt
  }
  maxAttempts
  parent {
    id
  }
  createdAt
  startedAt
}
fragment ToldFields on Job {
  id
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
    remainingSeconds
    lowSeconds
    highSeconds
  }
  preview {
    ...ArtifactFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
    artifacts {
      ...ArtifactFields
    }
  }
  finishedAt
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
  ... on BatchResult {
    total
    succeeded
    failed
    cancelled
  }
}
fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}`) as unknown as TypedDocumentString<JobsQuery, JobsQueryVariables>;
export const JobCountsDocument = new TypedDocumentString(`
    query JobCounts($projectId: ID!, $workflow: [Workflow!]) {
  jobCounts(projectId: $projectId, workflow: $workflow) {
    status
    count
  }
}
    `) as unknown as TypedDocumentString<JobCountsQuery, JobCountsQueryVariables>;
export const JobDocument = new TypedDocumentString(`
    query Job($projectId: ID!, $id: ID!) {
  job(projectId: $projectId, id: $id) {
    ...JobFields
    input
    inputExcerpt
    items {
      ...JobFields
    }
  }
}
    fragment JobFields on Job {
  ...ToldFields
  title
  steps {
    name
    from
    to
    status
    startedAt
    finishedAt
  }
  maxAttempts
  parent {
    id
  }
  createdAt
  startedAt
}
fragment ToldFields on Job {
  id
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
    remainingSeconds
    lowSeconds
    highSeconds
  }
  preview {
    ...ArtifactFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
    artifacts {
      ...ArtifactFields
    }
  }
  finishedAt
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
  ... on BatchResult {
    total
    succeeded
    failed
    cancelled
  }
}
fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}`) as unknown as TypedDocumentString<JobQuery, JobQueryVariables>;
export const StoryDocument = new TypedDocumentString(`
    query Story($projectId: ID!, $id: ID!, $after: ID, $afterLine: ID) {
  job(projectId: $projectId, id: $id) {
    history(first: 100, after: $after) {
      edges {
        node {
          ...StoryFields
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
    lines(first: 100, after: $afterLine) {
      id
      timestamp
      attempt
      step
      level
      source
      text
      durationMs
    }
  }
}
    fragment StoryFields on JobEvent {
  __typename
  ... on Event {
    id
    attempt
    timestamp
    job {
      version
    }
  }
  ... on ProgressEvent {
    progress
    status
    step
    message
    worker
  }
  ... on ErrorEvent {
    error
    code
    willRetry
  }
}`) as unknown as TypedDocumentString<StoryQuery, StoryQueryVariables>;
export const JobEventsDocument = new TypedDocumentString(`
    subscription JobEvents($projectId: ID!, $jobId: ID, $after: ID) {
  jobEvents(projectId: $projectId, jobId: $jobId, after: $after) {
    ...EventFields
  }
}
    fragment ToldFields on Job {
  id
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
    remainingSeconds
    lowSeconds
    highSeconds
  }
  preview {
    ...ArtifactFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
    artifacts {
      ...ArtifactFields
    }
  }
  finishedAt
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
  ... on BatchResult {
    total
    succeeded
    failed
    cancelled
  }
}
fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}
fragment EventFields on JobEvent {
  __typename
  ... on Event {
    id
    timestamp
    job {
      ...ToldFields
    }
  }
}`) as unknown as TypedDocumentString<JobEventsSubscription, JobEventsSubscriptionVariables>;
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
    fragment WaitFields on Job {
  id
  attempt
  status
  queuePosition
  eta {
    remainingSeconds
    lowSeconds
    highSeconds
    waitSeconds
  }
}`) as unknown as TypedDocumentString<WaitsQuery, WaitsQueryVariables>;
export const WaitDocument = new TypedDocumentString(`
    query Wait($projectId: ID!, $id: ID!) {
  job(projectId: $projectId, id: $id) {
    ...WaitFields
  }
}
    fragment WaitFields on Job {
  id
  attempt
  status
  queuePosition
  eta {
    remainingSeconds
    lowSeconds
    highSeconds
    waitSeconds
  }
}`) as unknown as TypedDocumentString<WaitQuery, WaitQueryVariables>;
export const FinishedJobsDocument = new TypedDocumentString(`
    query FinishedJobs($projectId: ID!, $workflow: [Workflow!]) {
  jobs(
    projectId: $projectId
    status: [COMPLETED]
    workflow: $workflow
    items: true
    first: 50
  ) {
    edges {
      node {
        id
        workflow
        taskName
        createdAt
        result {
          ...ResultFields
        }
      }
    }
  }
}
    fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
  ... on BatchResult {
    total
    succeeded
    failed
    cancelled
  }
}
fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}`) as unknown as TypedDocumentString<FinishedJobsQuery, FinishedJobsQueryVariables>;
export const RunsDocument = new TypedDocumentString(`
    query Runs($projectId: ID!, $workflow: Workflow!, $first: Int!) {
  jobs(
    projectId: $projectId
    workflow: [$workflow]
    status: [COMPLETED]
    items: true
    first: $first
  ) {
    edges {
      node {
        id
        taskName
        attempt
        createdAt
        startedAt
        finishedAt
        steps {
          name
          startedAt
          finishedAt
        }
      }
    }
    pageInfo {
      hasNextPage
    }
  }
}
    `) as unknown as TypedDocumentString<RunsQuery, RunsQueryVariables>;
export const ShareJobDocument = new TypedDocumentString(`
    mutation ShareJob($projectId: ID!, $jobId: ID!, $lifetimeSeconds: Int!) {
  createViewerToken(
    projectId: $projectId
    jobId: $jobId
    lifetimeSeconds: $lifetimeSeconds
  ) {
    token
    expiresAt
  }
}
    `) as unknown as TypedDocumentString<ShareJobMutation, ShareJobMutationVariables>;
export const CancelJobDocument = new TypedDocumentString(`
    mutation CancelJob($projectId: ID!, $id: ID!) {
  cancelJob(projectId: $projectId, id: $id) {
    ...JobFields
  }
}
    fragment JobFields on Job {
  ...ToldFields
  title
  steps {
    name
    from
    to
    status
    startedAt
    finishedAt
  }
  maxAttempts
  parent {
    id
  }
  createdAt
  startedAt
}
fragment ToldFields on Job {
  id
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
    remainingSeconds
    lowSeconds
    highSeconds
  }
  preview {
    ...ArtifactFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
    artifacts {
      ...ArtifactFields
    }
  }
  finishedAt
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
  ... on BatchResult {
    total
    succeeded
    failed
    cancelled
  }
}
fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}`) as unknown as TypedDocumentString<CancelJobMutation, CancelJobMutationVariables>;
export const DeleteJobDocument = new TypedDocumentString(`
    mutation DeleteJob($projectId: ID!, $id: ID!) {
  deleteJob(projectId: $projectId, id: $id)
}
    `) as unknown as TypedDocumentString<DeleteJobMutation, DeleteJobMutationVariables>;
export const RetryJobDocument = new TypedDocumentString(`
    mutation RetryJob($projectId: ID!, $id: ID!) {
  retryJob(projectId: $projectId, id: $id) {
    ...JobFields
  }
}
    fragment JobFields on Job {
  ...ToldFields
  title
  steps {
    name
    from
    to
    status
    startedAt
    finishedAt
  }
  maxAttempts
  parent {
    id
  }
  createdAt
  startedAt
}
fragment ToldFields on Job {
  id
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
    remainingSeconds
    lowSeconds
    highSeconds
  }
  preview {
    ...ArtifactFields
  }
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
    artifacts {
      ...ArtifactFields
    }
  }
  finishedAt
}
fragment ResultFields on JobResult {
  __typename
  ... on Result {
    data
    artifacts {
      ...ArtifactFields
    }
  }
  ... on BatchResult {
    total
    succeeded
    failed
    cancelled
  }
}
fragment ArtifactFields on Artifact {
  name
  url
  path
  contentType
  sizeBytes
}`) as unknown as TypedDocumentString<RetryJobMutation, RetryJobMutationVariables>;
export const WebhooksDocument = new TypedDocumentString(`
    query Webhooks($projectId: ID!) {
  webhooks(projectId: $projectId) {
    ...WebhookFields
  }
}
    fragment WebhookFields on Webhook {
  id
  url
  events
  createdAt
  disabledReason
  deliveries(first: 20) {
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
}`) as unknown as TypedDocumentString<WebhooksQuery, WebhooksQueryVariables>;
export const CreateWebhookDocument = new TypedDocumentString(`
    mutation CreateWebhook($input: WebhookInput!) {
  createWebhook(input: $input) {
    secret
    webhook {
      url
    }
  }
}
    `) as unknown as TypedDocumentString<CreateWebhookMutation, CreateWebhookMutationVariables>;
export const RotateWebhookSecretDocument = new TypedDocumentString(`
    mutation RotateWebhookSecret($projectId: ID!, $id: ID!) {
  rotateWebhookSecret(projectId: $projectId, id: $id) {
    secret
    webhook {
      url
    }
  }
}
    `) as unknown as TypedDocumentString<RotateWebhookSecretMutation, RotateWebhookSecretMutationVariables>;
export const EnableWebhookDocument = new TypedDocumentString(`
    mutation EnableWebhook($projectId: ID!, $id: ID!) {
  enableWebhook(projectId: $projectId, id: $id) {
    id
  }
}
    `) as unknown as TypedDocumentString<EnableWebhookMutation, EnableWebhookMutationVariables>;
export const DeleteWebhookDocument = new TypedDocumentString(`
    mutation DeleteWebhook($projectId: ID!, $id: ID!) {
  deleteWebhook(projectId: $projectId, id: $id)
}
    `) as unknown as TypedDocumentString<DeleteWebhookMutation, DeleteWebhookMutationVariables>;
export const RedeliverWebhookDocument = new TypedDocumentString(`
    mutation RedeliverWebhook($projectId: ID!, $deliveryId: ID!) {
  redeliverWebhook(projectId: $projectId, deliveryId: $deliveryId) {
    id
  }
}
    `) as unknown as TypedDocumentString<RedeliverWebhookMutation, RedeliverWebhookMutationVariables>;