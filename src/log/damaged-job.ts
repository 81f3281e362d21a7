import { PlayheadError } from '../core/errors.ts';
import type { JobState } from '../progress/state.ts';
import type { Workflow } from '../progress/steps.ts';

/** Stands in for a job whose snapshot exists but can't be read; it is thrown when a single job is asked for. */
export class DamagedJob extends PlayheadError {
  readonly projectId: string;
  readonly jobId: string;
  readonly reason: string;
  /** The state as far as it can be read, which is enough to write its last event. Null: not even that can be read. */
  readonly salvaged: JobState | null;
  /** The job's workflow, if this process does not know it. Another process may, so nothing about the job is changed here. */
  readonly unknownWorkflow: Workflow | null;

  constructor(
    projectId: string,
    jobId: string,
    reason: string,
    salvaged: JobState | null,
    unknownWorkflow: Workflow | null = null,
  ) {
    super('RECORD_DAMAGED', `What is stored of job ${jobId} can’t be read: ${reason}`);
    this.projectId = projectId;
    this.jobId = jobId;
    this.reason = reason;
    this.salvaged = salvaged;
    this.unknownWorkflow = unknownWorkflow;
  }
}

/** What is found under a job's id; null: nothing. */
export type FoundJob = JobState | DamagedJob | null;

export function isReadable(found: FoundJob): found is JobState {
  return found !== null && !(found instanceof DamagedJob);
}

/** The job as far as it can be read; null if nothing is found, or nothing can be read. */
export function readableOf(found: FoundJob): JobState | null {
  return found instanceof DamagedJob ? found.salvaged : found;
}

/** Turns what `load` throws for a job that can't be read into what was found; for `catch`. */
export function orDamaged(error: unknown): DamagedJob {
  if (error instanceof DamagedJob) return error;
  throw error;
}
