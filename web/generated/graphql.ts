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

/** What a credential may do in its projects; each includes those before it. */
export type Scope =
  /** The same, and it alone may be given for all projects. */
  | 'ADMIN'
  /** Query jobs and follow their events. */
  | 'READ'
  /** Start, cancel and retry jobs too. */
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

export type JobFieldsFragment = { id: string, workflow: string, taskName: string, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, maxAttempts: number, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number, status: StepStatus, startedAt: string | null, finishedAt: string | null }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, result:
    | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
    | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
   | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null, parent: { id: string } | null };

type ResultFields_BatchResult_Fragment = { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> };

type ResultFields_DataResult_Fragment = { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> };

export type ResultFieldsFragment =
  | ResultFields_BatchResult_Fragment
  | ResultFields_DataResult_Fragment
;

export type ArtifactFieldsFragment = { name: string, url: string, path: string, contentType: string, sizeBytes: number };

type EventFields_CompletionEvent_Fragment = { __typename: 'CompletionEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, result:
    | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
    | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
   };

type EventFields_ErrorEvent_Fragment = { __typename: 'ErrorEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, error: string, code: string, details: unknown, willRetry: boolean, retryAfterSeconds: number | null };

type EventFields_ProgressEvent_Fragment = { __typename: 'ProgressEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, progress: number, status: string, step: string | null, message: string, metadata: unknown, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null };

export type EventFieldsFragment =
  | EventFields_CompletionEvent_Fragment
  | EventFields_ErrorEvent_Fragment
  | EventFields_ProgressEvent_Fragment
;

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { scope: Scope, projects: Array<string> | null, expiresAt: string | null } };

export type WorkflowsQueryVariables = Exact<{ [key: string]: never; }>;


export type WorkflowsQuery = { workflows: Array<{ workflow: string, label: string, description: string, taskName: string, mutation: string, inputType: string, batchMutation: string | null, batchInputType: string | null, inputSchema: unknown, resultSchema: unknown }> };

export type JobsQueryVariables = Exact<{
  projectId: string | number;
  status?: Array<JobStatus> | JobStatus | null | undefined;
  workflow?: Array<string> | string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type JobsQuery = { jobs: { edges: Array<{ cursor: string, node: { id: string, workflow: string, taskName: string, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, maxAttempts: number, createdAt: string, startedAt: string | null, finishedAt: string | null, items: Array<{ id: string, status: JobStatus, progress: number, attempt: number }>, steps: Array<{ name: string, from: number, to: number, status: StepStatus, startedAt: string | null, finishedAt: string | null }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, result:
          | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
          | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
         | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null, parent: { id: string } | null } }>, unreadable: Array<{ id: string, reason: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type JobQueryVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type JobQuery = { job: { id: string, workflow: string, taskName: string, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, maxAttempts: number, createdAt: string, startedAt: string | null, finishedAt: string | null, items: Array<{ id: string, workflow: string, taskName: string, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, maxAttempts: number, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number, status: StepStatus, startedAt: string | null, finishedAt: string | null }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, result:
        | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
        | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
       | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null, parent: { id: string } | null }>, steps: Array<{ name: string, from: number, to: number, status: StepStatus, startedAt: string | null, finishedAt: string | null }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null, parent: { id: string } | null } | null };

export type JobEventsSubscriptionVariables = Exact<{
  projectId: string | number;
  after?: string | number | null | undefined;
}>;


export type JobEventsSubscription = { jobEvents:
    | { __typename: 'CompletionEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, result:
        | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
        | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
       }
    | { __typename: 'ErrorEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, error: string, code: string, details: unknown, willRetry: boolean, retryAfterSeconds: number | null }
    | { __typename: 'ProgressEvent', id: string, jobId: string, taskName: string, attempt: number, timestamp: string, progress: number, status: string, step: string | null, message: string, metadata: unknown, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null }
   };

export type WaitsQueryVariables = Exact<{
  projectId: string | number;
}>;


export type WaitsQuery = { jobs: { edges: Array<{ node: { id: string, attempt: number, status: JobStatus, queuePosition: number | null, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number, waitSeconds: number } | null } }> } };

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

export type CancelJobMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type CancelJobMutation = { cancelJob: { id: string, workflow: string, taskName: string, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, maxAttempts: number, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number, status: StepStatus, startedAt: string | null, finishedAt: string | null }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null, parent: { id: string } | null } };

export type RetryJobMutationVariables = Exact<{
  projectId: string | number;
  id: string | number;
}>;


export type RetryJobMutation = { retryJob: { id: string, workflow: string, taskName: string, status: JobStatus, progress: number, step: string | null, message: string | null, metadata: unknown, attempt: number, maxAttempts: number, createdAt: string, startedAt: string | null, finishedAt: string | null, steps: Array<{ name: string, from: number, to: number, status: StepStatus, startedAt: string | null, finishedAt: string | null }>, eta: { remainingSeconds: number, lowSeconds: number, highSeconds: number } | null, result:
      | { __typename: 'BatchResult', data: unknown, total: number, succeeded: number, failed: number, cancelled: number, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
      | { __typename: 'DataResult', data: unknown, artifacts: Array<{ name: string, url: string, path: string, contentType: string, sizeBytes: number }> }
     | null, error: { message: string, code: string, details: unknown, retryAfterSeconds: number | null } | null, parent: { id: string } | null } };

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
export const JobFieldsFragmentDoc = new TypedDocumentString(`
    fragment JobFields on Job {
  id
  workflow
  taskName
  status
  progress
  step
  steps {
    name
    from
    to
    status
    startedAt
    finishedAt
  }
  message
  metadata
  attempt
  maxAttempts
  eta {
    remainingSeconds
    lowSeconds
    highSeconds
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
  parent {
    id
  }
  createdAt
  startedAt
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
      remainingSeconds
      lowSeconds
      highSeconds
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
export const ViewerDocument = new TypedDocumentString(`
    query Viewer {
  viewer {
    scope
    projects
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
    query Jobs($projectId: ID!, $status: [JobStatus!], $workflow: [Workflow!], $first: Int, $after: String) {
  jobs(
    projectId: $projectId
    status: $status
    workflow: $workflow
    first: $first
    after: $after
  ) {
    edges {
      cursor
      node {
        ...JobFields
        items {
          id
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
  id
  workflow
  taskName
  status
  progress
  step
  steps {
    name
    from
    to
    status
    startedAt
    finishedAt
  }
  message
  metadata
  attempt
  maxAttempts
  eta {
    remainingSeconds
    lowSeconds
    highSeconds
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
  parent {
    id
  }
  createdAt
  startedAt
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
export const JobDocument = new TypedDocumentString(`
    query Job($projectId: ID!, $id: ID!) {
  job(projectId: $projectId, id: $id) {
    ...JobFields
    items {
      ...JobFields
    }
  }
}
    fragment JobFields on Job {
  id
  workflow
  taskName
  status
  progress
  step
  steps {
    name
    from
    to
    status
    startedAt
    finishedAt
  }
  message
  metadata
  attempt
  maxAttempts
  eta {
    remainingSeconds
    lowSeconds
    highSeconds
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
  parent {
    id
  }
  createdAt
  startedAt
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
export const JobEventsDocument = new TypedDocumentString(`
    subscription JobEvents($projectId: ID!, $after: ID) {
  jobEvents(projectId: $projectId, after: $after) {
    ...EventFields
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
      remainingSeconds
      lowSeconds
      highSeconds
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
export const WaitsDocument = new TypedDocumentString(`
    query Waits($projectId: ID!) {
  jobs(projectId: $projectId, status: [QUEUED, RUNNING, RETRYING], first: 100) {
    edges {
      node {
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
    }
  }
}
    `) as unknown as TypedDocumentString<WaitsQuery, WaitsQueryVariables>;
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
export const CancelJobDocument = new TypedDocumentString(`
    mutation CancelJob($projectId: ID!, $id: ID!) {
  cancelJob(projectId: $projectId, id: $id) {
    ...JobFields
  }
}
    fragment JobFields on Job {
  id
  workflow
  taskName
  status
  progress
  step
  steps {
    name
    from
    to
    status
    startedAt
    finishedAt
  }
  message
  metadata
  attempt
  maxAttempts
  eta {
    remainingSeconds
    lowSeconds
    highSeconds
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
  parent {
    id
  }
  createdAt
  startedAt
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
export const RetryJobDocument = new TypedDocumentString(`
    mutation RetryJob($projectId: ID!, $id: ID!) {
  retryJob(projectId: $projectId, id: $id) {
    ...JobFields
  }
}
    fragment JobFields on Job {
  id
  workflow
  taskName
  status
  progress
  step
  steps {
    name
    from
    to
    status
    startedAt
    finishedAt
  }
  message
  metadata
  attempt
  maxAttempts
  eta {
    remainingSeconds
    lowSeconds
    highSeconds
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
  parent {
    id
  }
  createdAt
  startedAt
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