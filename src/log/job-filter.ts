/** Which jobs of a project are listed. */
import type { JobStatus } from '../progress/state.ts';
import type { Workflow } from '../progress/steps.ts';

export interface JobFilter {
  readonly statuses?: readonly JobStatus[] | undefined;
  readonly workflows?: readonly Workflow[] | undefined;
  /**
   * Whether items of batches are listed too; default false: a batch stands for its items, and is found under FAILED when one
   * of them has failed.
   */
  readonly items?: boolean | undefined;
  /** Only jobs that were created at `createdFrom` (ms since the epoch) or later, and before `createdBefore`. */
  readonly createdFrom?: number | undefined;
  readonly createdBefore?: number | undefined;
}

export interface JobSearch extends JobFilter {
  /** The text to look for in title, id and error, and in the values of the input. Letters A to Z match in either case. */
  readonly search: string;
  /** Whether inputs are searched too; default false. */
  readonly inInput?: boolean;
}
