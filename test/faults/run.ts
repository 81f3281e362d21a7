/**
 * `npm run faults -- --seed N --rounds M --fault NAME`: long runs of the faults. Prints a line per fault; for a fault with
 * anomalies it prints the seed and the first of them, and the process exits with code 1.
 */
import { spawnSync } from 'node:child_process';
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
const MODEL = 'model';
const MODEL_STEPS = 100_000;
const wanted = values.fault ?? [...Object.keys(FAULTS), MODEL];

for (const name of wanted) {
  if (name === MODEL) {
    runModel(Number(values.rounds ?? MODEL_STEPS));
    continue;
  }
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

/** A long run of the model test: test/progress/model.test.ts. */
function runModel(steps: number): void {
  const { status } = spawnSync('node_modules/.bin/vitest', ['run', 'test/progress/model.test.ts'], {
    env: { ...process.env, PLAYHEAD_MODEL_STEPS: String(steps), PLAYHEAD_MODEL_SEED: String(seed) },
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
