/** The server and the clients age a prediction alike: what a page counts down is what an answer would tell. */
import { expect, test } from 'vitest';
import { agedRange } from '../../client/aged-eta.ts';
import { ageEta } from '../../src/eta/aged-eta.ts';

const TOLD_AT = 100_000;
const RANGES = [
  { remainingSeconds: 10, lowSeconds: 5, highSeconds: 20 },
  { remainingSeconds: 10, lowSeconds: 10, highSeconds: 10 },
  { remainingSeconds: 0, lowSeconds: 0, highSeconds: 4 },
  { remainingSeconds: 0, lowSeconds: 0, highSeconds: 0 },
];

test.each(RANGES)('%o', (range) => {
  const eta = { ...range, finishesAt: TOLD_AT + range.remainingSeconds * 1_000 };
  for (const passed of [0, 1, 5, 10, 12, 20, 60, 3_600]) {
    expect(ageEta(eta, TOLD_AT + passed * 1_000)).toMatchObject(agedRange(range, passed));
  }
});
