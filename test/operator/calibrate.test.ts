import { expect, inject, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { Durations } from '../../src/eta/durations.ts';
import { RangeStore } from '../../src/eta/range-store.ts';
import { runCalibrate } from '../../src/operator/calibrate.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { run } from '../cli/playhead.ts';
import { until } from '../setup/deadline.ts';
import { connect, range, unique } from '../setup/harness.ts';
import { WORKFLOWS } from '../setup/workflows.ts';

async function setUp(setup: string) {
  const redis = connect();
  const prefix = unique('calibrate');
  const keys = createKeys(prefix);
  const durations = new Durations({
    redis,
    keys,
    clock: systemClock,
    logger: silentLogger,
    workflows: WORKFLOWS,
  });
  for (const seconds of range(1, 10)) {
    const steps = { start: 0, load_media: 0.1, analyze_audio: 0.1, apply_lipsync: 0.7, save_file: 0.1 };
    const taken = Object.entries(steps).map(([name, share]) => [name, share * seconds] as const);
    durations.record('LIPSYNC', setup, { steps: Object.fromEntries(taken), size: {} });
  }
  await until(async () => (await durations.history('LIPSYNC', setup)).length === 10);
  return { redis, keys, prefix, store: () => new RangeStore(redis, keys, systemClock) };
}

test('shows what was measured beside the tables, and keeps it only when asked to', async () => {
  const { redis, keys, store } = await setUp('local');
  const shown = await runCalibrate(redis, keys, [], WORKFLOWS);
  expect(shown).toContain('LIPSYNC, 10 runs');
  expect(shown).toContain('apply_lipsync  0.200 to 0.900   tables 0.450 to 0.900');
  expect(shown).toContain('AUDIO, 0 runs: at least 10 are needed');
  expect(await store().load('LIPSYNC')).toBeNull();
  expect(await runCalibrate(redis, keys, ['--save'], WORKFLOWS)).toContain('saved for 1 of 4 workflows');
  expect((await store().load('LIPSYNC'))?.[3]).toEqual({ name: 'apply_lipsync', from: 0.2, to: 0.9 });
  await runCalibrate(redis, keys, ['--clear'], WORKFLOWS);
  expect(await store().load('LIPSYNC')).toBeNull();
});

test('takes the runs of other providers where it is told so, from the command line', async () => {
  const { prefix, store } = await setUp('speech');
  const env = { REDIS_URL: inject('redisUrl'), PLAYHEAD_PREFIX: prefix };
  const done = await run(['calibrate', '--setup', 'speech', '--save'], { env });
  expect(done).toMatchObject({ code: 0, err: '' });
  expect(done.out).toContain('saved for 1 of 4 workflows');
  expect(await store().load('LIPSYNC')).not.toBeNull();
  expect((await run(['calibrate', '--everything'], { env })).code).toBe(2);
});

test.each([[['--save', '--clear']], [['now']]])('%j is refused', async (argv) => {
  const redis = connect();
  const keys = createKeys(unique('calibrate'));
  await expect(runCalibrate(redis, keys, argv, WORKFLOWS)).rejects.toMatchObject({ name: 'UsageError' });
});
