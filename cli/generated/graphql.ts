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

export type ArtifactFieldsFragment = { name: string, url: string, path: string, contentType: string, sizeBytes: number };

type ResultFields_BatchResult_Fragment = { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> };

type ResultFields_DataResult_Fragment = { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> };

export type ResultFieldsFragment =
  | ResultFields_BatchResult_Fragment
  | ResultFields_DataResult_Fragment
;

export type EtaFieldsFragment = { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number };

export type JobFieldsFragment = { id: string, projectId: string, workflow: string, taskName: string, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, maxAttempts: number, queuePosition: number | null, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
    | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
    | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
   | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null };

type EventFields_CompletionEvent_Fragment = { __typename: 'CompletionEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, result:
    | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
    | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
   };

type EventFields_ErrorEvent_Fragment = { __typename: 'ErrorEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, error: string, code: string, details: unknown, willRetry: boolean, retryAfterSeconds: number | null };

type EventFields_ProgressEvent_Fragment = { __typename: 'ProgressEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, progress: number, status: string, step: string | null, message: string, metadata: unknown, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null };

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


export type JobQuery = { job: { id: string, projectId: string, workflow: string, taskName: string, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, maxAttempts: number, queuePosition: number | null, createdAt: string, startedAt: string | null, finishedAt: string | null, items: Array<{ id: string, projectId: string, workflow: string, taskName: string, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, maxAttempts: number, queuePosition: number | null, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
        | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
        | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
       | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null }>, steps: Array<{ name: string, from: number, to: number }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null } | null };

export type JobsQueryVariables = Exact<{
  projectId: string | number;
  status?: Array<JobStatus> | JobStatus | null | undefined;
  workflow?: Array<string> | string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type JobsQuery = { jobs: { edges: Array<{ node: { id: string, projectId: string, workflow: string, taskName: string, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, maxAttempts: number, queuePosition: number | null, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
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
    | { __typename: 'CompletionEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, result:
        | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
        | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
       }
    | { __typename: 'ErrorEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, error: string, code: string, details: unknown, willRetry: boolean, retryAfterSeconds: number | null }
    | { __typename: 'ProgressEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, progress: number, status: string, step: string | null, message: string, metadata: unknown, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null }
   };

export type CancelJobMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type CancelJobMutation = { cancelJob: { id: string, projectId: string, workflow: string, taskName: string, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, maxAttempts: number, queuePosition: number | null, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null } };

export type RetryJobMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type RetryJobMutation = { retryJob: { id: string, projectId: string, workflow: string, taskName: string, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, maxAttempts: number, queuePosition: number | null, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null } };

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
export const JobFieldsFragmentDoc = new TypedDocumentString(`
    fragment JobFields on Job {
  id
  projectId
  workflow
  taskName
  status
  progress
  step
  steps {
    name
    from
    to
  }
  message
  metadata
  attempt
  maxAttempts
  eta {
    ...EtaFields
  }
  queuePosition
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  createdAt
  startedAt
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
  id
  projectId
  workflow
  taskName
  status
  progress
  step
  steps {
    name
    from
    to
  }
  message
  metadata
  attempt
  maxAttempts
  eta {
    ...EtaFields
  }
  queuePosition
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  createdAt
  startedAt
  finishedAt
}`) as unknown as TypedDocumentString<JobQuery, JobQueryVariables>;
export const JobsDocument = new TypedDocumentString(`
    query Jobs($projectId: ID!, $status: [JobStatus!], $workflow: [Workflow!], $first: Int, $after: String) {
  jobs(
    projectId: $projectId
    status: $status
    workflow: $workflow
    first: $first
    after: $after
  ) {
    edges {
      node {
        ...JobFields
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
  id
  projectId
  workflow
  taskName
  status
  progress
  step
  steps {
    name
    from
    to
  }
  message
  metadata
  attempt
  maxAttempts
  eta {
    ...EtaFields
  }
  queuePosition
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  createdAt
  startedAt
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
fragment EventFields on JobEvent {
  __typename
  ... on Event {
    id
    jobId
    taskName
    attempt
    timestamp
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
  id
  projectId
  workflow
  taskName
  status
  progress
  step
  steps {
    name
    from
    to
  }
  message
  metadata
  attempt
  maxAttempts
  eta {
    ...EtaFields
  }
  queuePosition
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  createdAt
  startedAt
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
  id
  projectId
  workflow
  taskName
  status
  progress
  step
  steps {
    name
    from
    to
  }
  message
  metadata
  attempt
  maxAttempts
  eta {
    ...EtaFields
  }
  queuePosition
  result {
    ...ResultFields
  }
  error {
    message
    code
    details
    retryAfterSeconds
  }
  createdAt
  startedAt
  finishedAt
}`) as unknown as TypedDocumentString<RetryJobMutation, RetryJobMutationVariables>;