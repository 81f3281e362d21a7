/**
 * Random sequences of writes, subscriptions, resumes, losses, trims, restarts, rollbacks and attempts, held step by step
 * against a model in memory (model/oracle.ts). PLAYHEAD_MODEL_STEPS and PLAYHEAD_MODEL_SEED make longer and other runs;
 * `npm run faults` does the long one.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OwnRedis, unique } from '../setup/harness.ts';
import { anyCommand, type Command, type Counter, cutting, PROCESSES } from './model/commands.ts';
import { Run } from './model/run.ts';
import { System } from './model/system.ts';

const STEPS = Number(process.env['PLAYHEAD_MODEL_STEPS'] ?? 5_000);
const SEED = Number(process.env['PLAYHEAD_MODEL_SEED'] ?? 1);
/** Commands of one run at most; a run has half as many on average. */
const MAX_COMMANDS = 120;
const RUNS = 20;
/** For finding a shorter counterexample. */
const SHRINK_LIMIT_MS = 30_000;

test(`the event path does what the model does, over ${STEPS} steps (G1, G2, G3, G4, G8)`, {
  timeout: 60_000 + STEPS * 20,
}, async () => {
  const own = await OwnRedis.launch();
  const counter: Counter = { steps: 0 };
  for (let seed = SEED; counter.steps < STEPS; seed += 1) {
    await fc.assert(property(own, counter), { seed, numRuns: RUNS });
  }
  expect(counter.steps).toBeGreaterThanOrEqual(STEPS);
});

function property(own: OwnRedis, counter: Counter) {
  let system: System | null = null;
  let failedAt: number | null = null;
  const cut = cutting(async () => {
    await system?.cutConnections();
  });
  const commands = fc.commands(
    [fc.oneof({ weight: 150, arbitrary: anyCommand }, { weight: 1, arbitrary: cut })],
    { maxCommands: MAX_COMMANDS, size: 'max' },
  );
  return fc.asyncProperty(commands, async (list: Iterable<Command>) => {
    // fast-check's own time limit leaves a run alone in the middle, which then goes on beside the next.
    fc.pre(failedAt === null || performance.now() - failedAt < SHRINK_LIMIT_MS);
    const started = await System.start(own, unique('model'), PROCESSES);
    system = started;
    try {
      const run = new Run(started);
      await fc.asyncModelRun(() => ({ model: run, real: counter }), list);
      await run.finish();
    } catch (error) {
      failedAt ??= performance.now();
      throw error;
    } finally {
      await started.close();
    }
  });
}
