/** The parts of one line of a settings table. */
import { z } from 'zod';
import { Secret } from '../core/secret.ts';

/** One line of the settings table; `npm run print-tables` prints it into docs/operations.md, which a test checks. */
export interface Setting {
  readonly schema: z.ZodType<unknown, string | undefined>;
  /** What a value looks like, in words, with its unit and range; it completes “expected …”. */
  readonly expected: string;
  /** The value equivalent to leaving the variable unset; `—` if there is none, and `meaning` then says what happens. */
  readonly default: string;
  /** What it does, in whole sentences. */
  readonly meaning: string;
  /** An invalid value is not shown, and the value may be in PLAYHEAD_SECRETS_FILE. */
  readonly secret?: true;
}

/** Settings by name. */
export type SettingsTable = Readonly<Record<string, Setting>>;

/** A whole number within bounds. @param byDefault undefined: may be unset */
export function wholeNumber<Default extends number | undefined>(
  min: number,
  max: number,
  byDefault: Default,
) {
  const schema = z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= min && value <= max)
    .optional();
  return schema.transform((value): number | Default => value ?? byDefault);
}

/** `on` or `off`; undefined when unset. */
export const onOrOff = z
  .enum(['on', 'off'])
  .transform((value) => value === 'on')
  .optional();

/** A secret of at least `minLength` printable characters. */
export function secretText(minLength: number) {
  return z
    .string()
    .regex(/^[\x21-\x7e]+$/)
    .min(minLength)
    .transform((text) => new Secret(text))
    .optional();
}

/** Values of settings by name, as written in a configuration; true and false mean on and off. */
export type GivenSettings = Readonly<Record<string, string | number | boolean>>;
