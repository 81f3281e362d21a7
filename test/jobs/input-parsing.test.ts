import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseInput } from '../../src/jobs/input-parsing.ts';

const schema = z.object({
  title: z.string().min(1).default('Untitled'),
  height: z.int().min(144).optional(),
  note: z.string().nullable(),
  crop: z.object({ top: z.int().default(0) }).optional(),
  cuts: z.array(z.object({ at: z.number(), label: z.string().optional() })).default([]),
});

describe('null', () => {
  test('counts as left out, also further down, where the schema takes none', () => {
    const input = {
      title: null,
      height: null,
      note: null,
      crop: { top: null },
      cuts: [{ at: 1, label: null }],
    };
    expect(parseInput(schema, input, 'input')).toEqual({
      title: 'Untitled',
      note: null,
      crop: { top: 0 },
      cuts: [{ at: 1 }],
    });
  });

  test('counts as left out where the whole is transformed', () => {
    const whole = schema.transform((value) => value.title);
    expect(parseInput(whole, { title: null, note: '' }, 'input')).toBe('Untitled');
  });

  test('does not stand for what is required', () => {
    expect(() => parseInput(z.object({ text: z.string() }), { text: null }, 'input')).toThrow(
      'input.text: expected string',
    );
  });
});

test.each([
  [z.object({ a: z.int().min(3) }), { a: 1 }, 'input.a', 'number to be >=3'],
  [z.object({ a: z.string().max(2) }), { a: 'abc' }, 'input.a', 'string to have <=2 characters'],
  [z.object({ a: z.enum(['x', 'y']) }), { a: 'z' }, 'input.a', 'one of "x"|"y"'],
  [z.object({ a: z.string('expected a name') }), {}, 'input.a', 'a name'],
  [z.object({ a: z.array(z.object({ b: z.number() })) }), { a: [{ b: 'x' }] }, 'input.a.0.b', 'number'],
])('%# says the field and what it takes', (one, input, field, expected) => {
  expect(() => parseInput(one, input, 'input')).toThrow(
    expect.objectContaining({
      code: 'BAD_USER_INPUT',
      details: expect.objectContaining({ field, expected, issues: [{ field, expected }] }) as object,
    }) as Error,
  );
});
