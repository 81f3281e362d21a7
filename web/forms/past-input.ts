/** A job's input in the form of form entries. Pure. */
import type { Entered } from '../views/view.ts';
import type { Draft } from './drafts.ts';
import { asEntered, type FormField } from './schema-fields.ts';

type Input = Readonly<Record<string, unknown>>;

/**
 * The inputs that a job, or each item of a batch, was started with.
 * @param input `Job.input`
 * @returns null when it is not known: the credential may not see it, or it is too long to be sent
 */
export function inputsOf(input: unknown, isBatch: boolean): readonly Input[] | null {
  if (typeof input !== 'object' || input === null || isTruncated(input)) return null;
  if (!isBatch) return [input as Input];
  const { items } = input as { readonly items?: unknown };
  return Array.isArray(items) && items.length > 0 ? (items as Input[]) : null;
}

/** Whether the server has omitted the input because of its length. */
export function isTruncated(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'truncated' in input && input.truncated === true;
}

/** A form that would start the same job again. @param attempts the maximum, as entered by a user */
export function draftOf(fields: readonly FormField[], inputs: readonly Input[], attempts: string): Draft {
  return { items: inputs.map((input) => enteredOf(fields, input)), attempts };
}

function enteredOf(fields: readonly FormField[], input: Input): Entered {
  return Object.fromEntries(fields.map(({ kind, name }) => [name, asEntered(kind, input[name]) ?? '']));
}
