import { PlayheadError } from '../core/errors.ts';
import type { JobState } from '../progress/state.ts';

/** In the place of a job whose snapshot is there but can't be read; where a single job is asked for, it is thrown. */
export class DamagedJob extends PlayheadError {
  readonly projectId: string;
  readonly jobId: string;
  readonly reason: string;
  /** As far as it can be read: enough to write its last event. Null when not even that. */
  readonly salvaged: JobState | null;

  constructor(projectId: string, jobId: string, reason: string, salvaged: JobState | null) {
    super('RECORD_DAMAGED', `What is stored of job ${jobId} can’t be read: ${reason}`);
    this.projectId = projectId;
    this.jobId = jobId;
    this.reason = reason;
    this.salvaged = salvaged;
  }
}

/** What is found under a job's id; null: nothing. */
export type FoundJob = JobState | DamagedJob | null;

export function isReadable(found: FoundJob): found is JobState {
  return found !== null && !(found instanceof DamagedJob);
}

/** For `catch`: a job that can't be read as what is found. */
export function orDamaged(error: unknown): DamagedJob {
  if (error instanceof DamagedJob) return error;
  throw error;
}
