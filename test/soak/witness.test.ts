import { expect, test } from 'vitest';
import { encodeCursor } from '../../src/log/cursor.ts';
import { slopeOf } from './slope.ts';
import { type Heard, Witness } from './witness.ts';

function event(seq: number, hash = `hash-of-${seq}`): Heard {
  return { __typename: 'ProgressEvent', id: encodeCursor({ epoch: 'epoch123', seq, hash }), jobId: 'job' };
}

test.each([
  ['in order', [1, 2, 3], 0],
  ['with one lost', [1, 2, 4], 1],
  ['with one repeated', [1, 2, 2, 3], 1],
  ['out of order', [2, 1], 1],
])('a client’s events %s', (_name, numbers, anomalies) => {
  const witness = new Witness();
  let before: string | null = null;
  for (const number of numbers) {
    witness.take('client', 'project', event(number), before, false);
    before = event(number).id;
  }
  expect(witness.anomalies).toHaveLength(anomalies);
});

test('a client of one job has no gap where others’ events are; two clients have the same events', () => {
  const witness = new Witness();
  witness.take('one', 'project', event(5), event(1).id, true);
  witness.take('other', 'project', event(5), event(4).id, false);
  witness.take('other', 'elsewhere', event(5, 'other-hash'), null, false);
  expect(witness.anomalies).toEqual([]);
  witness.take('third', 'project', event(5, 'other-hash'), null, false);
  expect(witness.anomalies).toHaveLength(1);
});

test('the slope of a line through points is that of least squares', () => {
  const line = [0, 1, 2, 3].map((x): [number, number] => [x, 0.5 * x + 7]);
  expect(slopeOf(line)).toBeCloseTo(0.5);
  expect(slopeOf([...line, [4, 8], [5, 10.5]])).toBeCloseTo(0.557, 2);
  expect([slopeOf([]), slopeOf([[1, 1]])]).toEqual([0, 0]);
});
