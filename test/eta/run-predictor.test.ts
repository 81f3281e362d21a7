import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { PlayheadError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { ageEta } from '../../src/eta/aged-eta.ts';
import { ClockGaps } from '../../src/eta/clock-gaps.ts';
import { Durations } from '../../src/eta/durations.ts';
import { LOCAL_SETUP, RunPredictor } from '../../src/eta/run-predictor.ts';
import type { RunRecord } from '../../src/progress/run-so-far.ts';
import { newJob } from '../../src/progress/state.ts';
import { until } from '../setup/deadline.ts';
import { connect, range, SetClock } from '../setup/harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { definitionOf, tableOf, WORKFLOWS } from '../setup/workflows.ts';

const STEPS = tableOf('LIPSYNC').map(({ name }) => name);
/** 30 s in all. */
const RUN: RunRecord = {
  steps: { start: 1, load_media: 1, analyze_audio: 6, apply_lipsync: 20, save_file: 2 },
  size: { characters: 5 },
};

function durationsOf({ keys, redis }: Pick<JobPath, 'keys' | 'redis'>, staleMs?: number): Durations {
  const common = { redis, keys, clock: systemClock, logger: silentLogger, workflows: WORKFLOWS };
  return new Durations({ ...common, ...(staleMs !== undefined && { staleMs }) });
}

async function recorded({ keys, redis }: JobPath): Promise<readonly RunRecord[]> {
  const found = await redis.lrange(keys.durations('LIPSYNC', LOCAL_SETUP), 0, -1);
  return found.map((json) => JSON.parse(json) as RunRecord);
}

/** A worker that knows ten runs of 30 s. */
async function startExperienced(path: JobPath): Promise<Durations> {
  const durations = durationsOf(path);
  for (const _ of range(1, 10)) durations.record('LIPSYNC', LOCAL_SETUP, RUN);
  expect((await durations.freshModel('LIPSYNC', LOCAL_SETUP)).runs).toBe(10);
  await path.startWorker({ durations });
  return durations;
}

async function etas(path: JobPath, jobId: string): Promise<(number | undefined)[]> {
  return (await path.events(jobId)).flatMap((event) =>
    event.type === 'ProgressEvent' && event.status !== 'queued' ? [event.eta?.remainingSeconds] : [],
  );
}

test('a run is remembered with its size, its steps and when each had done half', async () => {
  const path = await createJobPath();
  await path.startWorker({ durations: durationsOf(path) });
  const held = path.stage.hold('apply_lipsync');
  const { id } = await path.enqueue();
  const { step } = await held.entered();
  step.update(0.4, 'less than half');
  step.update(0.6, 'more than half');
  await until(async () => (await path.load(id)).message === 'more than half');
  const halfAt = (await path.load(id)).steps['apply_lipsync']?.halfAt ?? 0;
  held.release();
  const { steps } = await path.ended(id);
  await until(async () => (await recorded(path)).length === 1);
  const [run] = await recorded(path);
  expect(Object.keys(run?.steps ?? {})).toEqual(STEPS);
  expect(Object.keys(run?.halves ?? {})).toEqual(STEPS);
  const { startedAt = 0, finishedAt } = steps['apply_lipsync'] ?? {};
  expect(run?.steps['apply_lipsync']).toBeCloseTo(((finishedAt ?? 0) - startedAt) / 1_000, 6);
  expect(run?.halves?.['apply_lipsync']).toBeCloseTo((halfAt - startedAt) / 1_000, 6);
  expect(halfAt).toBeGreaterThan(0);
});

test('a run is predicted from its first event on, by earlier ones, and what is left falls', async () => {
  const path = await createJobPath();
  await startExperienced(path);
  const held = path.stage.hold('apply_lipsync');
  const { id } = await path.enqueue();
  const { step } = await held.entered();
  await until(async () => (await path.load(id)).step === 'apply_lipsync');
  step.update(0.5, 'half');
  await until(async () => (await path.load(id)).message === 'half');
  const { eta } = await path.load(id);
  held.release();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', eta: null });
  const [first = 0, ...others] = await etas(path, id);
  expect(first).toBeCloseTo(30, 0);
  // What has been reached takes its predicted time no more, although nothing took as long as before.
  expect(others.at(-1)).toBeLessThan(5);
  expect([first, ...others]).toEqual([first, ...others].toSorted((one, other) => (other ?? 0) - (one ?? 0)));
  expect(eta?.lowSeconds).toBeLessThanOrEqual(eta?.remainingSeconds ?? -1);
  expect(eta?.highSeconds).toBeGreaterThanOrEqual(eta?.remainingSeconds ?? Infinity);
  expect(eta?.finishesAt).toBeGreaterThan(Date.now() - 60_000);
});

test('without earlier runs there is a wide interval from the run’s own speed, and its run is the first to be known', async () => {
  const path = await createJobPath();
  const durations = durationsOf(path, 0);
  await path.startWorker({ durations });
  const held = path.stage.hold('analyze_audio');
  const { id } = await path.enqueue();
  const { run, step } = await held.entered();
  run.measure({ seconds: 4 });
  let share = 0;
  const eta = await until(async () => {
    share += 0.001;
    step.update(share, 'On');
    return (await path.load(id)).eta;
  });
  expect(eta.highSeconds).toBeGreaterThan(3 * eta.remainingSeconds);
  held.release();
  await path.ended(id);
  const [run1] = await until(async () => ((await recorded(path)).length === 1 ? recorded(path) : undefined));
  expect(Object.keys(run1?.steps ?? {})).toEqual(STEPS);
  expect(run1?.size).toEqual({ characters: 5, seconds: 4 });
  expect((await durations.freshModel('LIPSYNC', LOCAL_SETUP)).runs).toBe(1);
});

test('only whole first runs are recorded: none that was cancelled, retried, failed or taken up again', async () => {
  const path = await createJobPath();
  await path.startWorker({ durations: durationsOf(path) });
  const away = new PlayheadError('PROVIDER_FAILED', 'away', { retryAfterSeconds: 0.01 });
  path.stage.fail('apply_lipsync', away);
  const retried = await path.enqueue();
  expect(await path.ended(retried.id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  path.stage.fail('start', new PlayheadError('INVALID_INPUT', 'no'));
  const failed = await path.enqueue();
  await path.ended(failed.id);
  const held = path.stage.hold('start');
  const cancelled = await path.enqueue();
  await held.entered();
  await path.commands.cancel(path.projectId, cancelled.id);
  await path.ended(cancelled.id);
  await path.commands.retry(path.projectId, cancelled.id);
  expect(await path.ended(cancelled.id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  const whole = await path.enqueue();
  await path.ended(whole.id);
  await until(async () => (await recorded(path)).length > 0);
  expect(await recorded(path)).toHaveLength(1);
});

test('the list is bounded, the newest runs are kept, and another set of providers has its own', async () => {
  const path = await createJobPath();
  const durations = durationsOf(path);
  for (const count of range(1, 205))
    durations.record('LIPSYNC', LOCAL_SETUP, { ...RUN, size: { clips: count } });
  durations.record('LIPSYNC', 'speech', RUN);
  const found = await until(async () => {
    const runs = await recorded(path);
    return runs[0]?.size.clips === 205 ? runs : undefined;
  });
  expect(found).toHaveLength(200);
  expect(found.at(-1)?.size.clips).toBe(6);
  expect(await path.redis.ttl(path.keys.durations('LIPSYNC', LOCAL_SETUP))).toBeGreaterThan(80 * 24 * 3600);
  expect((await durations.freshModel('LIPSYNC', 'speech')).runs).toBe(1);
});

test('a job that waits for its retry is predicted with the delay, without the steps that it has done', async () => {
  const path = await createJobPath();
  await startExperienced(path);
  const away = new PlayheadError('PROVIDER_FAILED', 'away', { retryAfterSeconds: 100 });
  path.stage.fail('apply_lipsync', away);
  const { id } = await path.enqueue();
  await until(async () => (await path.load(id)).status === 'RETRYING');
  const { eta } = await path.load(id);
  const wait = eta?.waitSeconds ?? 0;
  expect(wait).toBeGreaterThanOrEqual(100);
  expect((eta?.remainingSeconds ?? 0) - wait).toBeCloseTo(22, 0);
});

test('while Redis is away nothing is waited for', async () => {
  const path = await createJobPath();
  const durations = durationsOf({ keys: path.keys, redis: connect('redis://127.0.0.1:1') });
  durations.record('LIPSYNC', LOCAL_SETUP, RUN);
  expect(durations.model('LIPSYNC', LOCAL_SETUP).runs).toBe(0);
  await path.startWorker({ durations });
  const { id } = await path.enqueue();
  expect((await path.ended(id)).status).toBe('COMPLETED');
});

test('a run during which the machine stood still is not recorded', async () => {
  const clock = new SetClock();
  const path = await createJobPath();
  const predictor = new RunPredictor(durationsOf(path), { LIPSYNC: LOCAL_SETUP }, clock);
  onTestFinished(() => predictor.close());
  const job = newJob({
    id: 'a',
    projectId: 'p',
    workflow: 'LIPSYNC',
    taskName: 'lipsync',
    table: tableOf('LIPSYNC'),
    maxAttempts: 1,
    createdAt: 1,
  });
  const begun = { ...job, startedAt: clock.now() };
  clock.time += 3_000;
  predictor.remember(begun);
  clock.time += 60_000;
  predictor.remember(begun);
  predictor.remember({ ...job, startedAt: clock.now() });
  await until(async () => (await recorded(path)).length === 2);
});

test.each([10, 0])(
  'a clock that is put forward by ten hours makes no prediction longer (%d earlier runs)',
  async (runs) => {
    const path = await createJobPath();
    const clock = new SetClock();
    const durations = durationsOf(path);
    for (const _ of range(1, runs)) durations.record('LIPSYNC', LOCAL_SETUP, RUN);
    await durations.freshModel('LIPSYNC', LOCAL_SETUP);
    await path.startWorker({ durations, clock });
    const steps = ['analyze_audio', 'apply_lipsync'].map((name) => path.stage.hold(name));
    const { id } = await path.enqueue();
    for (const [at, held] of steps.entries()) {
      const { step } = await held.entered();
      clock.time += 2_000;
      step.update(0.4, `before ${at}`);
      await until(async () => (await path.load(id)).message === `before ${at}`);
      clock.time += 10 * 3_600_000;
      step.update(0.5, `behind ${at}`);
      await until(async () => (await path.load(id)).message === `behind ${at}`);
      held.release();
    }
    await path.ended(id);
    for (const seconds of await etas(path, id)) expect(seconds ?? 0).toBeLessThan(120);
    expect((await recorded(path)).length).toBe(runs);
  },
);

test('a prediction that was told by a clock ahead of this one ends when its work does', () => {
  const now = 1_000_000;
  const told = { remainingSeconds: 20, lowSeconds: 10, highSeconds: 40, finishesAt: now + 10 * 3_600_000 };
  expect(ageEta(told, now)).toEqual({ ...told, finishesAt: now + 20_000 });
});

test('a gap, and a clock that was set back, are noticed without a beat in between', () => {
  const clock = new SetClock();
  const gaps = new ClockGaps(clock);
  onTestFinished(() => gaps.close());
  const begun = clock.now();
  clock.time += 5_000;
  expect(gaps.since(begun)).toBe(false);
  clock.time += 10_000;
  expect(gaps.since(begun)).toBe(true);
  expect(gaps.since(clock.now() + 1)).toBe(true);
  const again = clock.now();
  clock.time += 1_000;
  expect(gaps.since(again + 500)).toBe(false);
});

test('an input’s size is that of its text', () => {
  const measure = (workflow: string, input: object) => definitionOf(workflow).measure(input);
  expect(measure('DIRECTOR', { script: 'MIRA: Hi', title: null })).toEqual({ characters: 8 });
  expect(measure('AUDIO', { text: 'Hello', voice: 'slt' })).toEqual({ characters: 5 });
  expect(measure('WRITER', { brief: '', scenes: null })).toEqual({ characters: 0 });
  expect(measure('WRITER', { brief: 'Bees', scenes: 4 })).toEqual({ characters: 4, clips: 4 });
});
