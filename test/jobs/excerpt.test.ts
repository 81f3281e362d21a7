/** The beginning of a job's input, for lists. */
import { expect, test } from 'vitest';
import { excerptOf, MAX_EXCERPT_CHARS } from '../../src/jobs/excerpt.ts';

test('is the longest text in one line; of a batch, of its first item', () => {
  const script = 'ADA: It said rain.\n\n  BEN: Look.';
  const line = 'ADA: It said rain. BEN: Look.';
  expect(excerptOf({ title: 'Radio', script, scenes: 3 })).toBe(line);
  expect(
    excerptOf({ items: [{ script }, { script: 'Another, which is much longer than the first one is' }] }),
  ).toBe(line);
});

test('takes texts alone, and the first of those that are the longest', () => {
  const tags = Array.from({ length: 20 }, () => 'tag');
  expect(excerptOf({ title: null, text: 'one', tags, note: 'two', voice: 'a' })).toBe('one');
});

test('looks behind white space that is not shown', () => {
  expect(excerptOf({ script: `a${' '.repeat(600)}b` })).toBe('a b');
});

test('is bounded, and null where there is no text', () => {
  expect(MAX_EXCERPT_CHARS).toBe(160);
  expect(excerptOf({ script: 'word '.repeat(10_000) })).toHaveLength(160);
  for (const input of [null, {}, { scenes: 3 }, { items: [] }, { truncated: true }, { text: ' \n' }]) {
    expect(excerptOf(input)).toBeNull();
  }
});
