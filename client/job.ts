/** A job as the client represents it, and the fields that it requests. */

export type JobStatus = 'QUEUED' | 'RUNNING' | 'RETRYING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';

/** The fields of `Job` in schema.graphql, where each is described. Times are ISO 8601. */
export interface Job {
  readonly id: string;
  readonly projectId: string;
  readonly workflow: string;
  readonly taskName: string;
  readonly title: string | null;
  readonly status: JobStatus;
  /** Grows with every event of the job. */
  readonly version: number;
  /** 0..1. */
  readonly progress: number;
  /** 0..100. */
  readonly progressPercent: number;
  readonly step: string | null;
  readonly message: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  /** The newest small picture or sound of what is being made, while it is being made. */
  readonly preview: Artifact | null;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly eta: Eta | null;
  readonly error: JobError | null;
  readonly result: JobResult | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly lastEventId: string | null;
}

export interface Eta {
  readonly remainingSeconds: number;
  readonly lowSeconds: number;
  readonly highSeconds: number;
  readonly finishesAt: string;
}

export interface JobError {
  readonly message: string;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>> | null;
  readonly retryAfterSeconds: number | null;
}

/** The result of a job of any workflow. */
export interface JobResult {
  readonly __typename: string;
  /** Its fields that are not files. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly artifacts: readonly Artifact[];
}

export interface Artifact {
  readonly name: string;
  /** Signed and short-lived where access is restricted: request it again instead of keeping it. */
  readonly url: string;
  readonly path: string;
  readonly contentType: string;
  readonly sizeBytes: number;
}

/** The fields of an event's job that cost the server no read. */
const TOLD = `id projectId workflow taskName status version progress progressPercent step message metadata attempt
  preview { name url path contentType sizeBytes } eta { remainingSeconds lowSeconds highSeconds finishesAt } error { message code details retryAfterSeconds }
  result { __typename ... on Result { data artifacts { name url path contentType sizeBytes } } } finishedAt lastEventId`;
const JOB = `${TOLD} title maxAttempts createdAt startedAt`;

const PROJECT = '$projectId: ID!';

export const DOCUMENTS = {
  job: `query (${PROJECT}, $id: ID!) { job(projectId: $projectId, id: $id) { ${JOB} } }`,
  jobs: `query (${PROJECT}, $status: [JobStatus!], $workflow: [Workflow!], $items: Boolean, $first: Int, $after: String) {
    jobs(projectId: $projectId, status: $status, workflow: $workflow, items: $items, first: $first, after: $after) {
      edges { node { ${JOB} } } pageInfo { hasNextPage endCursor }
    }
  }`,
  cancel: `mutation (${PROJECT}, $id: ID!) { job: cancelJob(projectId: $projectId, id: $id) { ${JOB} } }`,
  retry: `mutation (${PROJECT}, $id: ID!) { job: retryJob(projectId: $projectId, id: $id) { ${JOB} } }`,
  workflows: '{ workflows { workflow mutation inputType batchMutation batchInputType } }',
  /** @param mutation a name from `workflows` */
  start: (mutation: string, inputType: string) =>
    `mutation ($input: ${inputType}!) { job: ${mutation}(input: $input) { ${JOB} } }`,
  events: `subscription (${PROJECT}, $jobId: ID) {
    jobEvents(projectId: $projectId, jobId: $jobId) { ... on Event { id timestamp job { ${TOLD} } } }
  }`,
} as const;

/** The job as an event contains it. */
export type ToldJob = Omit<Job, 'title' | 'maxAttempts' | 'createdAt' | 'startedAt'>;

export function hasEnded({ status }: Pick<Job, 'status'>): boolean {
  return status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';
}
