/** Whether the form for a new job is open, and what it begins with. */
import type { Workflow } from '../generated/graphql.ts';
import { createValue, type Value } from '../state/value.ts';

export interface NewJobStart {
  readonly workflow: Workflow;
  readonly script?: string;
  readonly title?: string;
  readonly audioJobId?: string;
}

/** Null: closed. */
export const newJob: Value<NewJobStart | null> = createValue<NewJobStart | null>(null);

export function openNewJob(start: NewJobStart = { workflow: 'DIRECTOR' }): void {
  newJob.set(start);
}
