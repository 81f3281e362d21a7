/** The lines that are kept of a job's steps, their programs and providers. Pure. */
import { LINE_LEVELS, type StepLine } from '../core/step-lines.ts';
import { isMaybe, isObject } from './field-codecs.ts';

/** The lines kept of one job: the newest. With MAX_LINE_CHARS this limits what a job can take in Redis to some 500 KB. */
export const MAX_LINES = 500;
/** Characters kept of one line: of a longer one, the beginning. */
export const MAX_LINE_CHARS = 1_000;

/** A line with its place in the job. */
export interface JobLine extends StepLine {
  /** ms since the epoch. */
  readonly at: number;
  /** From 1. */
  readonly attempt: number;
  /** The step that was under way. */
  readonly step: string;
}

/** A line as it is read. */
export interface KeptLine extends JobLine {
  /** Opaque; grows from line to line of one job. */
  readonly id: string;
}

/** Whether a stored value is a line. Our own code writes them, so only what readers rely on is checked. */
export function isJobLine(value: unknown): value is JobLine {
  if (!isObject(value)) return false;
  const { at, attempt, durationMs, level, source, step, text } = value;
  return (
    [at, attempt].every((number) => typeof number === 'number') &&
    [step, text].every((name) => typeof name === 'string') &&
    isMaybe((name) => typeof name === 'string')(source) &&
    isMaybe((number) => typeof number === 'number')(durationMs) &&
    LINE_LEVELS.some((word) => word === level)
  );
}
