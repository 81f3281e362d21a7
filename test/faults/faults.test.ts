/** Every fault for a few rounds; `npm run faults` does it for long. PLAYHEAD_FAULT_SEED repeats a run. */
import { expect, test } from 'vitest';
import { FAULTS } from './faults.ts';
import { describe } from './kit/report.ts';

const seed = Number(process.env['PLAYHEAD_FAULT_SEED'] ?? 1);

test.each(Object.entries(FAULTS))(
  'nothing is lost, repeated or ended twice: %s',
  { timeout: 120_000 },
  async (name, fault) => {
    const figures = await fault.run({ seed, ...fault.quick });
    console.log(describe(figures));
    expect(figures.anomalies, `seed ${seed}: npm run faults -- --fault ${name} --seed ${seed}`).toEqual([]);
  },
);
