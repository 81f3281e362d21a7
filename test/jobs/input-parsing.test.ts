/** What an input may be, and what is said of one that may not. */
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

  test('counts as left out in what may itself be null, and in a field that the schema does not know', () => {
    const nullable = z.object({ crop: z.object({ top: z.int().default(0) }).nullable() });
    expect(parseInput(nullable, { crop: { top: null }, other: null }, 'input')).toEqual({ crop: { top: 0 } });
    expect(parseInput(nullable, { crop: null }, 'input')).toEqual({ crop: null });
  });

  test('does not stand for what is required', () => {
    expect(() => parseInput(z.object({ text: z.string() }), { text: null }, 'input')).toThrow(
      'input.text: expected string',
    );
  });
});

const filled = z.object({ b: z.int() }).prefault({} as { b: number });

test.each([
  [z.object({ a: z.int().min(3) }), { a: 1 }, 'input.a', 'number to be >=3', '1'],
  [z.object({ a: z.string().max(2) }), { a: 'abc' }, 'input.a', 'string to have <=2 characters', '"abc"'],
  [z.object({ a: z.enum(['x', 'y']) }), { a: 'z' }, 'input.a', 'one of "x"|"y"', '"z"'],
  [z.object({ a: z.string('expected a name') }), {}, 'input.a', 'a name', undefined],
  [z.object({ a: z.string('Expected a name\nand more') }), {}, 'input.a', 'a name\nand more', undefined],
  [z.object({ a: z.string('unexpected end') }), {}, 'input.a', 'unexpected end', undefined],
  [
    z.object({ a: z.array(z.object({ b: z.number() })) }),
    { a: [{ b: 'x' }] },
    'input.a.0.b',
    'number',
    '"x"',
  ],
  [z.object({ a: z.array(z.string()) }), { a: 'xy' }, 'input.a', 'array', '"xy"'],
  [z.object({ a: z.object({ b: z.string() }) }), { a: 'xy' }, 'input.a', 'object', '"xy"'],
  // The schema fills in what it then finds to be incomplete.
  [z.object({ a: filled }), {}, 'input.a.b', 'number', undefined],
  [z.object({ a: filled }), { a: null }, 'input.a.b', 'number', undefined],
  [z.object({ a: z.string() }), 7, 'input', 'object', '7'],
])('%# says the field, what it takes and what it was given', (one, input, field, expected, received) => {
  expect(() => parseInput(one, input, 'input')).toThrow(
    expect.objectContaining({
      code: 'BAD_USER_INPUT',
      message: `${field}: expected ${expected}${received === undefined ? '' : `, received ${received}`}`,
      details: {
        field,
        expected,
        ...(received !== undefined && { received }),
        issues: [{ field, expected }],
      },
    }) as Error,
  );
});

test('of several faults the first is told, and all are listed', () => {
  expect(() => parseInput(schema, { title: '', note: 3, height: 100 }, 'input')).toThrow(
    expect.objectContaining({
      message: 'input.title: expected string to have >=1 characters, received ""',
      details: expect.objectContaining({
        field: 'input.title',
        issues: [
          { field: 'input.title', expected: 'string to have >=1 characters' },
          { field: 'input.height', expected: 'number to be >=144' },
          { field: 'input.note', expected: 'string' },
        ],
      }) as object,
    }) as Error,
  );
});
