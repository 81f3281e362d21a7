/** Parses the inputs of jobs by their workflow's schema, and names the field of each error. */
import { z } from 'zod';
import { badInput, PlayheadError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';

/**
 * Parses one input.
 * @param field the path that it came in, for example `input.items.3`
 * @throws PlayheadError BAD_USER_INPUT: the first issue, with all of them in details.issues
 */
export function parseInput(schema: z.ZodType, input: unknown, field: string): unknown {
  const parsed = schema.safeParse(withoutNulls(input, schema));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({
    field: [field, ...issue.path].join('.'),
    expected: expectedIn(issue.message),
    received: issue.path.reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      input,
    ),
  }));
  const [first] = issues;
  const main = badInput(first?.field ?? field, first?.expected ?? 'valid input', first?.received);
  const others = issues.map(({ field: path, expected }) => ({ field: path, expected }));
  throw new PlayheadError('BAD_USER_INPUT', main.message, { details: { ...main.details, issues: others } });
}

/** GraphQL may give null for a field that is left out, so a null field is left out here too, unless its schema takes null. */
function withoutNulls(value: unknown, schema: unknown): unknown {
  const plain = unwrap(schema);
  if (plain instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item: unknown) => withoutNulls(item, plain.element));
  }
  if (!(plain instanceof z.ZodObject) || !isJsonObject(value)) return value;
  const shape: Readonly<Record<string, z.ZodType>> = plain.shape;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => {
      const own = shape[name];
      if (inner === null && own !== undefined && !own.safeParse(null).success) return [];
      return [[name, withoutNulls(inner, own)]];
    }),
  );
}

/** The schema below defaults, options and transformations. */
function unwrap(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) return unwrap(schema.in);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable) {
    return unwrap(schema.unwrap());
  }
  return schema;
}

/** What an issue's message expects: `expected …` in ours, `Invalid input: expected …, received …` in zod's own. */
function expectedIn(message: string): string {
  const [, expected] = /\bexpected (.+?)(?:, received .*)?$/is.exec(message) ?? [];
  return expected ?? message;
}
