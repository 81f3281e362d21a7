/** Step tables from the shares that steps are given, by a definition or by a task that reports its progress. Pure. */
import { DefinitionError } from '../core/definition-error.ts';
import type { StepRange } from './steps.ts';

/** Shares of the time by step, in any unit; or ranges of the job's progress that join from 0 to 1. */
export type StepShares = Readonly<Record<string, number>> | readonly StepRange[];

/** The names of steps. */
export type StepNames<Steps extends StepShares> = Steps extends readonly { readonly name: infer Name }[]
  ? Extract<Name, string>
  : Extract<keyof Steps, string>;

/**
 * The step table: ranges that join from 0 to 1, rounded to 6 digits.
 * @param where path for errors
 * @throws DefinitionError
 * @example toStepRanges({ probe: 1, encode: 3 }, 'steps') // probe 0..0.25, encode 0.25..1
 */
export function toStepRanges(steps: StepShares, where: string): readonly StepRange[] {
  const ranges = isRanges(steps) ? checkRanges(steps, where) : fromShares(steps, where);
  for (const [index, { name }] of ranges.entries()) {
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) {
      throw new DefinitionError(
        `${where}: expected names of letters, digits and _, received ${JSON.stringify(name)}`,
      );
    }
    if (ranges.findIndex((other) => other.name === name) !== index) {
      throw new DefinitionError(`${where}: expected each name once, received ${name} twice`);
    }
  }
  return ranges;
}

function isRanges(steps: StepShares): steps is readonly StepRange[] {
  return Array.isArray(steps);
}

function fromShares(shares: Readonly<Record<string, number>>, where: string): readonly StepRange[] {
  const entries = Object.entries(shares);
  const total = entries.reduce((sum, [, share]) => sum + share, 0);
  if (entries.some(([, share]) => !(share >= 0)) || !(total > 0 && Number.isFinite(total))) {
    throw new DefinitionError(`${where}: expected shares of 0 or more, at least one above 0`);
  }
  let before = 0;
  return entries.map(([name, share]) => {
    const from = round(before / total);
    before += share;
    return { name, from, to: round(before / total) };
  });
}

function checkRanges(ranges: readonly StepRange[], where: string): readonly StepRange[] {
  for (const [index, { from, name, to }] of ranges.entries()) {
    const before = ranges[index - 1]?.to ?? 0;
    if (from === before && from <= to) continue;
    throw new DefinitionError(
      `${where}: expected ranges that join from 0 to 1; ${name} goes from ${from} to ${to}, and the one before it ends at ${before}`,
    );
  }
  const end = ranges.at(-1)?.to;
  if (end !== 1) {
    const received = end === undefined ? 'received none' : `the last ends at ${end}`;
    throw new DefinitionError(`${where}: expected ranges that join from 0 to 1; ${received}`);
  }
  return ranges;
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
