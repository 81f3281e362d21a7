/** Whether the form for a new job is open, and what it begins with. */
import { createValue, type Value } from '../state/value.ts';

export interface NewJobStart {
  /** Left out: the one that was chosen last. */
  readonly workflow?: string;
  /** What its items begin with, by the names of the input's fields. */
  readonly items?: readonly Readonly<Record<string, string>>[];
  /** Most attempts, as one would enter it. */
  readonly attempts?: string;
  /** The job that these come from: what is changed in them is kept by itself. */
  readonly from?: string;
}

/** Null: closed. */
export const newJob: Value<NewJobStart | null> = createValue<NewJobStart | null>(null);

export function openNewJob(start: NewJobStart = {}): void {
  newJob.set(start);
}
