import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/log/cursor.ts';
import { newWriteId } from '../../src/progress/write-id.ts';

const hash = fc.stringMatching(/^[A-Za-z0-9_-]{8,32}$/);
const position = fc.record({ epoch: hash, seq: fc.integer({ min: 1, max: 999_999_999_999_999 }), hash });

test('a cursor gives back the position that it was made from (G2)', () => {
  fc.assert(
    fc.property(position, (place) => {
      const cursor = encodeCursor(place);
      expect(decodeCursor(cursor)).toEqual(place);
      expect(cursor).toMatch(/^[A-Za-z0-9_-]{1,128}$/);
    }),
  );
});

test('hashes and epochs as long as the log makes them fit', () => {
  const place = { epoch: newWriteId(), seq: 1, hash: newWriteId() };
  expect(decodeCursor(encodeCursor(place))).toEqual(place);
});

const encode = (text: string): string => Buffer.from(text).toString('base64url');
const whole = encodeCursor({ epoch: 'epochepoch', seq: 12, hash: 'hashhash' });

test.each([
  ['nothing', ''],
  ['no base64', '%%%%'],
  ['another text', encode('hello')],
  ['a plain number', '12'],
  ['sequence 0', encode('epochepoch.0.hashhash')],
  ['a negative sequence', encode('epochepoch.-1.hashhash')],
  ['leading zeros', encode('epochepoch.012.hashhash')],
  ['a sequence beyond what numbers hold', encode('epochepoch.9999999999999999.hashhash')],
  ['no hash', encode('epochepoch.12')],
  ['a short hash', encode('epochepoch.12.hash')],
  ['a fourth part', encode('epochepoch.12.hashhash.more')],
  ['a byte too many', `${whole}A`],
  ['a byte too few', whole.slice(0, -2)],
  ['padding', `${whole}==`],
  ['a line end', `${whole}\n`],
  ['characters that a lenient decoder skips', `${whole.slice(0, 4)}!*${whole.slice(4)}`],
  ['megabytes', 'A'.repeat(2_000_000)],
])('%s is BAD_USER_INPUT, with the field and what it takes', (_what, cursor) => {
  expect(() => decodeCursor(cursor, 'after')).toThrow(
    expect.objectContaining({
      code: 'BAD_USER_INPUT',
      details: expect.objectContaining({
        field: 'after',
        expected: 'the id of an event (or a job’s lastEventId), unchanged',
      }),
    }),
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
