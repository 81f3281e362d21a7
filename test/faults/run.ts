/**
 * `npm run faults -- --seed N --rounds M --fault NAME`: the faults, long. Prints a line per fault; a fault with anomalies
 * prints its seed and the first of them, and the process ends with code 1.
 */
import { parseArgs } from 'node:util';
import { FAULTS } from './faults.ts';
import { describe } from './kit/report.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    rounds: { type: 'string' },
    clients: { type: 'string' },
    fault: { type: 'string', multiple: true },
  },
});
const seed = Number(values.seed);
const wanted = values.fault ?? Object.keys(FAULTS);

for (const name of wanted) {
  const fault = FAULTS[name];
  if (fault === undefined)
    throw new Error(`--fault: expected one of ${Object.keys(FAULTS).join(', ')}, received ${name}`);
  const rounds = Number(values.rounds ?? fault.long.rounds);
  const clients = Number(values.clients ?? fault.long.clients);
  const figures = await fault.run({ seed, rounds, clients });
  console.log(describe(figures));
  if (figures.anomalies.length > 0) {
    console.log(`  first divergence: ${figures.anomalies[0]}`);
    console.log(
      `  again: npm run faults -- --fault ${name} --seed ${seed} --rounds ${rounds} --clients ${clients}`,
    );
    process.exitCode = 1;
  }
}
