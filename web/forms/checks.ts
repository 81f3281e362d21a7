/** Checks before sending, as far as a field's schema tells what the server accepts. Pure. */
import type { InputIssue } from '../api/request.ts';
import type { MessageKey } from '../text/messages.ts';
import type { End, FieldKind, FormField } from './schema-fields.ts';

/** What is wrong with a field: one of our messages, or the server's words. */
export type Fault =
  | { readonly key: MessageKey; readonly values?: Readonly<Record<string, string | number>> }
  | { readonly expected: string };

/** Faults by path below `input`, for example `items.0.script`. */
export type Faults = Readonly<Record<string, Fault>>;

/** The most attempts that a job can be given. */
const MAX_ATTEMPTS = 10;

/** The attempts, which every workflow accepts; the server has a default. */
export const ATTEMPTS: FormField = {
  ...{ name: 'maxAttempts', title: null, description: null, required: false, default: '3', examples: [] },
  kind: {
    ...{ name: 'number', whole: true },
    ...{ low: { at: 1, included: true }, high: { at: MAX_ATTEMPTS, included: true } },
  },
};

/** @param text what was entered; empty: the field is omitted */
export function checkField({ kind, required }: FormField, text: string): Fault | null {
  if (text.trim() === '') return required && kind.name !== 'switch' ? { key: 'form.required' } : null;
  switch (kind.name) {
    case 'text':
      return checkLength(kind.long ? text : text.trim(), kind);
    case 'number':
      return checkNumber(text, kind);
    case 'list':
      return checkList(text, kind);
    case 'json':
      return checkJson(text);
    case 'choice':
    case 'switch':
    case 'job':
      return null;
  }
}

type Of<Name extends FieldKind['name']> = Extract<FieldKind, { readonly name: Name }>;

function checkLength(text: string, { least, most }: Of<'text'>): Fault | null {
  if (text.length < least) return { key: 'form.tooShort', values: { least } };
  return most !== null && text.length > most ? { key: 'form.tooLong', values: { most } } : null;
}

function checkNumber(text: string, { whole, low, high }: Of<'number'>): Fault | null {
  const value = Number(text);
  const isNumber = Number.isFinite(value) && (!whole || Number.isInteger(value));
  const fault = isNumber
    ? (lowFault(value, low) ?? highFault(value, high))
    : NO_NUMBER[whole ? 'whole' : 'any'];
  const isRange = low?.included === true && high?.included === true;
  return fault !== null && isRange ? { key: 'form.range', values: { low: low.at, high: high.at } } : fault;
}

const NO_NUMBER = {
  whole: { key: 'form.wholeNumber' },
  any: { key: 'form.number' },
} as const satisfies Readonly<Record<string, Fault>>;

function lowFault(value: number, low: End | null): Fault | null {
  if (low === null || value > low.at || (low.included && value === low.at)) return null;
  return { key: low.included ? 'form.least' : 'form.above', values: { low: low.at } };
}

function highFault(value: number, high: End | null): Fault | null {
  if (high === null || value < high.at || (high.included && value === high.at)) return null;
  return { key: high.included ? 'form.most' : 'form.below', values: { high: high.at } };
}

function checkList(text: string, { of, least, most }: Of<'list'>): Fault | null {
  const lines = linesOf(text);
  if (lines.length < least) return { key: 'form.tooFew', values: { least } };
  if (most !== null && lines.length > most) return { key: 'form.tooMany', values: { most } };
  const isWrong = of === 'number' && lines.some((line) => !Number.isFinite(Number(line)));
  return isWrong ? { key: 'form.number' } : null;
}

function checkJson(text: string): Fault | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return {
      key: 'form.notJson',
      values: { reason: error instanceof Error ? error.message : String(error) },
    };
  }
}

/** Converts what was entered to the mutation's value; undefined: the field is omitted. The text has passed `checkField`. */
export function readValue(field: FormField, text: string): unknown {
  const { kind, required } = field;
  if (text.trim() === '') return kind.name === 'switch' && required ? false : undefined;
  switch (kind.name) {
    case 'text':
      return kind.long ? text : text.trim();
    case 'number':
      return Number(text);
    case 'choice':
      return kind.values.find((value) => String(value) === text);
    case 'switch':
      return text === 'true';
    case 'list':
      return linesOf(text).map((line) => (kind.of === 'number' ? Number(line) : line));
    case 'json':
      return JSON.parse(text);
    case 'job':
      return text;
  }
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The server's findings, at the fields' own paths (`input.script` is the field `script`). */
export function faultsOfIssues(issues: readonly InputIssue[]): Faults {
  return Object.fromEntries(
    issues.map(({ field, expected }) => [field.replace(/^input\./, ''), { expected }]),
  );
}

/** The fault of a field, or of something inside its value. */
export function faultAt(faults: Faults, path: string): Fault | undefined {
  const inside = Object.keys(faults).find((field) => field === path || field.startsWith(`${path}.`));
  return inside === undefined ? undefined : faults[inside];
}
