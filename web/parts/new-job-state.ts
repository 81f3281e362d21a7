/** Whether the form for a new job is open, and what it begins with. */
import { createValue, type Value } from '../state/value.ts';

export interface NewJobStart {
  /** Left out: the first that there is. */
  readonly workflow?: string;
  /** By the names of its input's fields. */
  readonly values?: Readonly<Record<string, string>>;
}

/** Null: closed. */
export const newJob: Value<NewJobStart | null> = createValue<NewJobStart | null>(null);

export function openNewJob(start: NewJobStart = {}): void {
  newJob.set(start);
}
