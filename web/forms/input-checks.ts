/** Checks before sending, as the server does them. Pure; the script's grammar is the server's own. */
import { countLines, parseScript, type Script } from '../../media/script.ts';
import type { InputIssue } from '../api/request.ts';
import type { MessageKey } from '../text/messages.ts';

export const TEXT_LIMIT_CHARS = 100_000;
const SCRIPT_LIMIT_LINES = 500;
const TITLE_LIMIT_CHARS = 200;
export const MOST_ATTEMPTS = 10;

/** What is wrong with a field: one of our texts, or the server's words. */
export type Fault =
  | { readonly key: MessageKey; readonly values?: Readonly<Record<string, string | number>> }
  | { readonly expected: string };

/** Faults by path below `input`, for example `items.0.script`. */
export type Faults = Readonly<Record<string, Fault>>;

export function checkScript(script: string): Fault | null {
  if (script.trim() === '') return { key: 'form.required' };
  if (script.length > TEXT_LIMIT_CHARS) return tooLong(TEXT_LIMIT_CHARS);
  const lines = countLines(parseScript(script));
  if (lines === 0) return { key: 'form.noLine' };
  if (lines > SCRIPT_LIMIT_LINES) return { key: 'form.tooManyLines', values: { most: SCRIPT_LIMIT_LINES } };
  return null;
}

export function checkTitle(title: string): Fault | null {
  return title.length > TITLE_LIMIT_CHARS ? tooLong(TITLE_LIMIT_CHARS) : null;
}

export function checkText(text: string): Fault | null {
  if (text.trim() === '') return { key: 'form.required' };
  return text.length > TEXT_LIMIT_CHARS ? tooLong(TEXT_LIMIT_CHARS) : null;
}

/** An empty number is left out. */
export function checkNumber(text: string, low: number, high: number, whole = true): Fault | null {
  if (text.trim() === '') return null;
  const value = Number(text);
  const fits = value >= low && value <= high && (!whole || Number.isInteger(value));
  return fits ? null : { key: 'form.range', values: { low, high } };
}

/** Keeps what is a fault. */
export function collectFaults(checks: Readonly<Record<string, Fault | null>>): Faults {
  return Object.fromEntries(
    Object.entries(checks).filter((entry): entry is [string, Fault] => entry[1] !== null),
  );
}

/** What the server found, at the fields' own paths (`input.script` is the field `script`). */
export function faultsOfIssues(issues: readonly InputIssue[]): Faults {
  return Object.fromEntries(
    issues.map(({ field, expected }) => [field.replace(/^input\./, ''), { expected }]),
  );
}

export interface Outline {
  readonly scenes: number;
  readonly lines: number;
  /** In order of appearance. */
  readonly speakers: readonly string[];
}

export function outlineScript(source: string): Outline {
  const script: Script = parseScript(source);
  const names = script.scenes.flatMap(({ lines }) => lines.map(({ speaker }) => speaker));
  return {
    scenes: script.scenes.length,
    lines: countLines(script),
    speakers: [...new Set(names.filter((name) => name !== null))],
  };
}

function tooLong(most: number): Fault {
  return { key: 'form.tooLong', values: { most } };
}
