/** Runs faults for a few rounds each; PLAYHEAD_FAULT_SEED repeats a run. */
import { expect, test } from 'vitest';
import { FAULTS } from './faults.ts';
import { describe } from './kit/report.ts';

const seed = Number(process.env['PLAYHEAD_FAULT_SEED'] ?? 1);

/** @param how at once if they mostly wait, in turn if they keep the machine busy */
export function testFaults(names: readonly string[], how: 'at once' | 'in turn'): void {
  const options = { timeout: 600_000, concurrent: how === 'at once' };
  test.each(names)('nothing is lost, repeated or ended twice: %s', options, async (name) => {
    const fault = FAULTS[name];
    if (fault === undefined) throw new Error(`expected a fault, received ${name}`);
    const figures = await fault.run({ seed, ...fault.quick });
    console.log(describe(figures));
    expect(figures.anomalies, `npm run faults -- --fault ${name} --seed ${seed}`).toEqual([]);
  });
}
