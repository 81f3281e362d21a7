import { expect, test } from 'vitest';
import { isSamePosition, ORIGIN, type Position } from '../../src/progress/position.ts';

const position: Position = { epoch: 'epoch', seq: 7, hash: '0123456789abcdef01234567' };

test.each<[string, Partial<Position>, boolean]>([
  ['with the same history, number and hash is the same', {}, true],
  ['with another number is another', { seq: 8 }, false],
  ['that was written again after a rollback is another', { hash: '89abcdef0123456789abcdef' }, false],
  ['of another history is another', { epoch: 'other' }, false],
])('a position %s', (_, changes, isSame) => {
  expect(isSamePosition(position, { ...position, ...changes })).toBe(isSame);
});

test('before the first event there is only one position', () => {
  expect(isSamePosition(ORIGIN, { epoch: '', seq: 0, hash: '' })).toBe(true);
  expect(isSamePosition(ORIGIN, position)).toBe(false);
});
