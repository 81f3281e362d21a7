import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/log/cursor.ts';
import { newTag } from '../../src/log/log.ts';

const tag = fc.stringMatching(/^[A-Za-z0-9_-]{8,32}$/);
const position = fc.record({ epoch: tag, seq: fc.integer({ min: 1, max: 999_999_999_999_999 }), tag });

test('a cursor gives back the position that it was made from (G2)', () => {
  fc.assert(
    fc.property(position, (place) => {
      const cursor = encodeCursor(place);
      expect(decodeCursor(cursor)).toEqual(place);
      expect(cursor).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
    }),
  );
});

test('tags as the log makes them fit', () => {
  const place = { epoch: newTag(), seq: 1, tag: newTag() };
  expect(decodeCursor(encodeCursor(place))).toEqual(place);
});

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const whole = encodeCursor({ epoch: 'epochepoch', seq: 12, tag: 'tagtagtag' });

test.each([
  ['nothing', ''],
  ['no base64', '%%%%'],
  ['another text', encode('hello')],
  ['a plain number', '12'],
  ['sequence 0', encode('epochepoch.0.tagtagtag')],
  ['a negative sequence', encode('epochepoch.-1.tagtagtag')],
  ['leading zeros', encode('epochepoch.012.tagtagtag')],
  ['a sequence beyond what numbers hold', encode('epochepoch.9999999999999999.tagtagtag')],
  ['no tag', encode('epochepoch.12')],
  ['a short tag', encode('epochepoch.12.tag')],
  ['a fourth part', encode('epochepoch.12.tagtagtag.more')],
  ['a byte too many', `${whole}A`],
  ['a byte too few', whole.slice(0, -2)],
  ['padding', `${whole}==`],
  ['a line end', `${whole}\n`],
  ['characters that a lenient decoder skips', `${whole.slice(0, 4)}!*${whole.slice(4)}`],
  ['megabytes', 'A'.repeat(2_000_000)],
])('%s is BAD_USER_INPUT, with the field', (_what, cursor) => {
  expect(() => decodeCursor(cursor, 'after')).toThrow(
    expect.objectContaining({ code: 'BAD_USER_INPUT', details: expect.objectContaining({ field: 'after' }) }),
  );
});

test('whatever text comes in, the answer is a position that encodes to it, or BAD_USER_INPUT', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), position.map(encodeCursor));
  fc.assert(
    fc.property(text, (cursor) => {
      try {
        expect(encodeCursor(decodeCursor(cursor))).toBe(cursor);
      } catch (error) {
        expect(error).toMatchObject({ code: 'BAD_USER_INPUT' });
      }
    }),
  );
});
