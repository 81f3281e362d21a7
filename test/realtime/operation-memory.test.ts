/** What the open operations of a credential keep, in estimated bytes: a bound that is kept whatever is shared and let go of. */
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { OperationMemory } from '../../src/realtime/operation-memory.ts';

const TOKEN_BYTES = 512;
/** With its beginning and its end. */
const TOKENS = 5;
const DOCUMENT_BYTES = TOKENS * TOKEN_BYTES;
const document = () => parse('{ a }');

/** Bytes that one operation takes. */
function sizeOf(held: Parameters<OperationMemory['hold']>[1]): number {
  const memory = new OperationMemory(1e9);
  memory.hold('one', held);
  return memory.bytesOf('one');
}

test.each<[string, unknown, number]>([
  ['nothing', null, 8],
  ['a number', 7, 8],
  ['a text', 'abc', 8 + 64 + 3 * 2],
  ['a list', [1, null], 8 + 64 + 2 * 8],
  ['an object', { ab: true }, 8 + 64 + 2 * 2 + 8],
  ['what lies deeper', { a: [{ b: 'c' }] }, 8 + 64 + 2 + (8 + 64) + (8 + 64 + 2) + (8 + 64 + 2)],
])('%s that came with an operation counts, with each place', (_what, params, bytes) => {
  expect(sizeOf({ params })).toBe(bytes);
  expect(sizeOf({ params, document: document() })).toBe(bytes + DOCUMENT_BYTES);
});

test('a comment counts less than a token, and a document without tokens nothing', () => {
  expect(sizeOf({ params: null, document: parse('# why\n{ a }') })).toBe(8 + DOCUMENT_BYTES + 96);
  expect(sizeOf({ params: null, document: parse('{ a }', { noLocation: true }) })).toBe(8);
});

test('a document counts once for all operations of a credential that share it, until the last is over', () => {
  const memory = new OperationMemory(1e9);
  const shared = document();
  const [first, second] = [1, 2].map((params) => memory.hold('one', { document: shared, params }));
  const third = memory.hold('one', { document: document(), params: 3 });
  memory.hold('other', { document: shared, params: null });
  expect([memory.bytesOf('one'), memory.bytesOf('other')]).toEqual([
    2 * DOCUMENT_BYTES + 3 * 8,
    DOCUMENT_BYTES + 8,
  ]);
  first?.();
  // A second call lets go of nothing more.
  first?.();
  expect(memory.bytesOf('one')).toBe(2 * DOCUMENT_BYTES + 2 * 8);
  const fourth = memory.hold('one', { document: shared, params: 4 });
  second?.();
  expect(memory.bytesOf('one')).toBe(2 * DOCUMENT_BYTES + 2 * 8);
  fourth();
  expect(memory.bytesOf('one')).toBe(DOCUMENT_BYTES + 8);
  third();
  expect([memory.bytesOf('one'), memory.bytesOf('nobody')]).toEqual([0, 0]);
});

test('an operation is refused when it is too much, alone or with the others, and counts nothing then', () => {
  const limit = DOCUMENT_BYTES + 16;
  const memory = new OperationMemory(limit);
  const message = 'documents and variables of open subscriptions: expected at most about';
  const alone = { document: document(), params: 'ab' };
  expect(() => memory.hold('one', alone)).toThrow(
    expect.objectContaining({
      code: 'TOO_COMPLEX',
      message: `${message} ${limit} bytes, received ${DOCUMENT_BYTES + 76}`,
      details: { name: 'documents', limit, counted: DOCUMENT_BYTES + 76 },
    }),
  );
  expect(memory.bytesOf('one')).toBe(0);
  const { document: shared } = alone;
  const over = memory.hold('one', { document: shared, params: 1 });
  memory.hold('one', { document: shared, params: 2 });
  expect(memory.bytesOf('one')).toBe(limit);
  expect(() => memory.hold('one', { document: shared, params: 3 })).toThrow(
    expect.objectContaining({
      code: 'RATE_LIMITED',
      message: `${message} ${limit} bytes, received ${limit + 8}`,
      details: { name: 'documents', limit, counted: limit + 8 },
    }),
  );
  memory.hold('other', { document: shared, params: 3 });
  over();
  memory.hold('one', { document: shared, params: 4 });
  expect(memory.bytesOf('one')).toBe(limit);
});

test('without a limit nothing is counted', () => {
  const memory = new OperationMemory(Infinity);
  memory.hold('one', { document: document(), params: null })();
  memory.hold('one', { params: 'a' });
  expect(memory.bytesOf('one')).toBe(0);
});
