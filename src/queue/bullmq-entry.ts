/** What a job's entry holds in BullMQ. */
import type { JobsOptions, Queue } from 'bullmq';
import { z } from 'zod';
import type { Json } from '../core/json.ts';
import type { QueuedWork } from '../eta/queue-source.ts';
import type { AttemptBasis } from '../log/job-store.ts';
import type { WorkSize } from '../progress/run-so-far.ts';
import { type JobState, newJob } from '../progress/state.ts';
import type { Workflow } from '../progress/steps.ts';

export const QUEUE_NAME = 'jobs';

export type BullQueue = Queue<EntryData, void, string>;

/** An entry points to the snapshot, which holds everything else. */
export interface EntryData {
  readonly projectId: string;
  readonly jobId: string;
  /** Which workers may carry it out; entries of earlier versions do not say. */
  readonly workflow?: Workflow;
  /** Added to BullMQ's attemptsStarted, which counts those of this entry, to give the number of the job's attempt. */
  readonly attemptBase: number;
  /** How much work it is, as far as that was known: for predictions, without reading the snapshot. */
  readonly size?: WorkSize;
  /** What the first attempt begins with, if it is small: the snapshot need not be read then. */
  readonly first?: FirstAttempt;
}

/** A job as it was made; nothing of it changes before its first attempt begins. */
interface FirstAttempt extends Pick<JobState, 'workflow' | 'maxAttempts' | 'createdAt' | 'message'> {
  readonly stepsFingerprint?: string;
  readonly ranges?: NonNullable<JobState['ranges']>;
  /** As JSON. */
  readonly input: string;
}

export interface BullEntry {
  readonly name: string;
  readonly data: EntryData;
  readonly opts: JobsOptions;
}

/** Every reader of the queue reads an entry as a whole. */
const SMALL_INPUT_CHARS = 1_000;

/** @param priority from bullmq-fairness.ts; a batch's own entry has none: it only writes the last event */
export function toEntry(state: JobState, priority: number | undefined, input?: string): BullEntry {
  const { projectId, id, queueId, maxAttempts, size, taskName, workflow } = state;
  // An entry that was lost is made anew, and counts from the attempt that has begun.
  const attemptBase = state.status === 'QUEUED' ? state.attemptBase : state.attempt;
  const attempts = Math.max(1, maxAttempts - attemptBase);
  const opts = { jobId: queueId, attempts, ...(priority !== undefined && { priority }) };
  const first = input !== undefined && input.length <= SMALL_INPUT_CHARS && firstAttempt(state, input);
  const data = { projectId, jobId: id, workflow, attemptBase, size, ...(first && { first }) };
  return { name: taskName, data, opts };
}

function firstAttempt(
  { workflow, maxAttempts, createdAt, message, ranges, stepsFingerprint }: JobState,
  input: string,
): FirstAttempt {
  const maybe = {
    ...(ranges !== null && { ranges }),
    ...(stepsFingerprint !== null && { stepsFingerprint }),
  };
  return { workflow, maxAttempts, createdAt, message, ...maybe, input };
}

/** @returns null for any but the job's first attempt, and when the entry does not hold what that begins with */
export function basisOf(name: string, entry: EntryData, attempt: number): AttemptBasis | null {
  const { projectId, jobId, size = {}, first } = entry;
  if (first === undefined || attempt !== 1) return null;
  const { input, ...fields } = first;
  // The table is the runner's to add: it knows the workflows.
  const state = newJob({ id: jobId, projectId, taskName: name, table: [], size, ...fields });
  return { state, input: JSON.parse(input) as Json, outputs: {} };
}

const entrySchema = z.object({
  projectId: z.string(),
  jobId: z.string(),
  size: z.record(z.string(), z.number().nonnegative()).default({}),
});

/** @param data as it is stored @throws if `toEntry` has not written it */
export function readWork(name: string, data: string): QueuedWork {
  const { projectId, jobId, size } = entrySchema.parse(JSON.parse(data));
  return { projectId, jobId, size, taskName: name };
}
