import { expect, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { RangeStore } from '../../src/eta/range-store.ts';
import { itemIds, viewSteps } from '../../src/progress/state.ts';
import type { StepRange } from '../../src/progress/steps.ts';
import { createEventPath, SetClock } from '../setup/harness.ts';
import { createJobPath } from '../setup/job-harness.ts';
import { tableOf } from '../setup/workflows.ts';

/** Ranges of LIPSYNC that end at these points. */
function rangesEndingAt(...ends: number[]): StepRange[] {
  return tableOf('LIPSYNC').map(({ name }, index) => {
    return { name, from: index === 0 ? 0 : (ends[index - 1] ?? 0), to: ends[index] ?? 1 };
  });
}

const FIRST = rangesEndingAt(0.01, 0.02, 0.12, 0.8, 1);
const SECOND = rangesEndingAt(0.4, 0.5, 0.6, 0.7, 1);

test('a job keeps the ranges that it was given, over attempts and workers (G5)', async () => {
  let now = FIRST;
  const path = await createJobPath({ ranges: async () => now });
  const one = await path.startWorker();
  const held = path.stage.hold('apply_lipsync');
  const { id } = await path.enqueue();
  await held.entered();
  now = SECOND;
  const other = await path.startWorker();
  held.fail(new PlayheadError('PROVIDER_FAILED', 'The provider is away', { retryAfterSeconds: 0.01 }));
  const state = await path.ended(id);
  expect(state).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  expect(viewSteps(state).map(({ name, from, to }) => ({ name, from, to }))).toEqual(FIRST);
  const events = (await path.events(id)).filter((event) => event.type === 'ProgressEvent');
  const entered = events.filter(({ step, attempt }) => step === 'apply_lipsync' && attempt === 1);
  expect(entered[0]?.progress).toBe(0.12);
  const last = events.findLast(({ step }) => step === 'apply_lipsync');
  expect(last).toMatchObject({ attempt: 2 });
  expect(events.filter(({ attempt }) => attempt === 2).map(({ progress }) => progress)).toEqual(
    expect.arrayContaining([0.12, 0.8]),
  );
  await Promise.all([one.shutDown(), other.shutDown()]);
});

test('the items of a batch have the ranges of the batch', async () => {
  const path = await createJobPath({ ranges: async () => FIRST });
  const items = [{ script: 'One.' }, { script: 'Two.' }];
  const batch = await path.commands.enqueueBatch({
    ...{ workflow: 'LIPSYNC', field: 'input', projectId: path.projectId, items },
  });
  for (const item of itemIds(batch)) expect((await path.load(item)).ranges).toEqual(FIRST);
});

test('ranges with other steps than the table are not used', async () => {
  const path = await createJobPath({ ranges: async () => [{ name: 'another', from: 0, to: 1 }] });
  const { id } = await path.enqueue();
  const state = await path.load(id);
  expect(viewSteps(state)[1]).toMatchObject({ name: 'load_media', from: 0.05, to: 0.15 });
});

test('a server whose clock is set back reads what was saved all the same', async () => {
  const { keys, redis } = createEventPath();
  const clock = new SetClock();
  const server = new RangeStore(redis, keys, clock);
  expect(await server.load('LIPSYNC')).toBeNull();
  await server.save('LIPSYNC', FIRST);
  clock.time -= 3_600_000;
  expect(await server.load('LIPSYNC')).toEqual(FIRST);
});

test('a server reads what was saved, at most 10 s late, until it is cleared', async () => {
  const { keys, redis } = createEventPath();
  const clock = new SetClock();
  const server = new RangeStore(redis, keys, clock);
  const operator = new RangeStore(redis, keys, clock);
  expect(await server.load('LIPSYNC')).toBeNull();
  await operator.save('LIPSYNC', FIRST);
  expect(await server.load('LIPSYNC')).toBeNull();
  clock.time += 10_000;
  expect(await server.load('LIPSYNC')).toEqual(FIRST);
  expect(await server.load('AUDIO')).toBeNull();
  await operator.clear();
  clock.time += 10_000;
  expect(await server.load('LIPSYNC')).toBeNull();
  await redis.hset(keys.ranges, 'LIPSYNC', '{"not": "ranges"');
  clock.time += 10_000;
  expect(await server.load('LIPSYNC')).toBeNull();
});
