/** Whether the form for a new job is open, and its initial content. */
import { createValue, type Value } from '../state/value.ts';

export interface NewJobStart {
  /** Default: the one that was chosen last. */
  readonly workflow?: string;
  /** The initial content of its items, by the names of the input's fields. */
  readonly items?: readonly Readonly<Record<string, string>>[];
  /** The maximum number of attempts, as a user would enter it. */
  readonly attempts?: string;
  /** The job that these come from: changes to them are kept as a separate draft. */
  readonly from?: string;
}

/** Null: closed. */
export const newJob: Value<NewJobStart | null> = createValue<NewJobStart | null>(null);

export function openNewJob(start: NewJobStart = {}): void {
  newJob.set(start);
}
