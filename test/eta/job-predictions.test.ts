import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { ageEta } from '../../src/eta/aged-eta.ts';
import { Durations } from '../../src/eta/durations.ts';
import { JobPredictions } from '../../src/eta/job-predictions.ts';
import { LOCAL_SETUP } from '../../src/eta/run-predictor.ts';
import { schedule } from '../../src/eta/schedule.ts';
import type { Estimate } from '../../src/progress/estimate.ts';
import type { RunRecord } from '../../src/progress/run-so-far.ts';
import type { JobState } from '../../src/progress/state.ts';
import { QueueReader } from '../../src/queue/queue-reader.ts';
import type { WorkerOffer } from '../../src/redis/heartbeat.ts';
import { until } from '../setup/deadline.ts';
import { range, SetClock, unique } from '../setup/harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { WORKFLOWS } from '../setup/workflows.ts';

/** 2 s per character. */
const runOf = (characters: number): RunRecord => ({
  steps: { start: 0, load_media: 0, analyze_audio: 0, apply_lipsync: 2 * characters, save_file: 0 },
  size: { characters },
});

interface Desk extends JobPath {
  readonly predictions: JobPredictions;
  readonly durations: Durations;
  readonly time: SetClock;
  /** Times the queue was read. */
  readonly reads: () => number;
}

/** A server's predictions on workers with so many slots, of whom twenty runs are known. */
async function createDesk(slots: number, runs = 20): Promise<Desk> {
  const path = await createJobPath();
  const time = new SetClock();
  const durations = new Durations({
    ...path,
    clock: systemClock,
    logger: silentLogger,
    workflows: WORKFLOWS,
  });
  for (const count of range(1, runs)) durations.record('LIPSYNC', LOCAL_SETUP, runOf(5 * count));
  await durations.freshModel('LIPSYNC', LOCAL_SETUP);
  const offers: WorkerOffer[] = slots === 0 ? [] : [{ slots, setups: { LIPSYNC: LOCAL_SETUP } }];
  const reader = new QueueReader(path.queue, path.jobs, async () => offers);
  let reads = 0;
  const counting = {
    read: () => {
      reads += 1;
      return reader.read();
    },
  };
  const predictions = new JobPredictions({
    queue: counting,
    batches: path.jobs,
    durations,
    clock: time,
    workflows: WORKFLOWS,
  });
  return { ...path, predictions, durations, time, reads: () => reads };
}

const script = (characters: number): { input: { script: string } } => ({
  input: { script: 'x'.repeat(characters) },
});

async function etaOf(desk: Desk, job: JobState) {
  const eta = await desk.predictions.etaOf(await desk.load(job.id));
  if (eta === null) throw new Error('expected a prediction');
  return eta;
}

test('a waiting job’s remaining time is its wait, by the sizes of those before it, and its own run', async () => {
  const desk = await createDesk(2);
  const [first, second, third] = [
    await desk.enqueue(script(10)),
    await desk.enqueue(script(50)),
    await desk.enqueue(script(30)),
  ];
  const etas = [await etaOf(desk, first), await etaOf(desk, second), await etaOf(desk, third)];
  expect(etas.map(({ waitSeconds }) => waitSeconds)).toEqual([0, 0, expect.closeTo(20, 0)]);
  expect(etas.map(({ remainingSeconds }) => remainingSeconds)).toEqual([
    expect.closeTo(20, 0),
    expect.closeTo(100, 0),
    expect.closeTo(80, 0),
  ]);
  for (const eta of etas)
    expect(eta.finishesAt).toBeCloseTo(desk.time.now() + eta.remainingSeconds * 1_000, -1);
  expect(desk.reads()).toBe(1);
  // Later, without a new look: less is left.
  desk.time.time += 900;
  expect((await etaOf(desk, third)).remainingSeconds).toBeCloseTo(79.1, 0);
  expect(desk.reads()).toBe(1);
  desk.time.time += 200;
  await etaOf(desk, third);
  expect(desk.reads()).toBe(2);
});

test('a job that came after the queue was read is found; a list of a hundred is one look', async () => {
  const desk = await createDesk(1);
  await etaOf(desk, await desk.enqueue(script(10)));
  desk.time.time += 500;
  const jobs = await Promise.all(range(1, 100).map(() => desk.enqueue(script(10))));
  const etas = await Promise.all(jobs.map((job) => desk.predictions.etaOf(job)));
  expect(desk.reads()).toBe(2);
  expect(Math.max(...etas.map((eta) => eta?.remainingSeconds ?? 0))).toBeCloseTo(101 * 20, -2);
});

test('a job waits for what is left of the one that runs', async () => {
  const desk = await createDesk(1);
  const held = desk.stage.hold('apply_lipsync');
  await desk.startWorker({ durations: desk.durations, concurrency: 1 });
  const running = await desk.enqueue(script(40));
  const { step } = await held.entered();
  step.update(0.5, 'half');
  const { eta } = await until(async () => {
    const state = await desk.load(running.id);
    return state.message === 'half' ? state : undefined;
  });
  const waiting = await desk.enqueue(script(10));
  desk.time.time = Date.now();
  const left = eta?.remainingSeconds ?? 0;
  expect(left).toBeGreaterThan(1);
  expect((await etaOf(desk, waiting)).waitSeconds).toBeCloseTo(left, 0);
  // What its last event told, seen a minute and a day later.
  const own = await etaOf(desk, running);
  expect(own.remainingSeconds).toBeCloseTo(left, 0);
  desk.time.time += 24 * 3_600_000;
  expect(await etaOf(desk, running)).toMatchObject({
    ...{ remainingSeconds: 0, lowSeconds: 0, highSeconds: 0 },
    finishesAt: desk.time.now(),
  });
  held.release();
  await desk.ended(running.id);
  expect(await desk.predictions.etaOf(await desk.load(running.id))).toBeNull();
});

test('nothing is predicted without workers, nor before the first run of a workflow', async () => {
  const alone = await createDesk(0);
  expect(await alone.predictions.etaOf(await alone.enqueue())).toBeNull();
  const young = await createDesk(1, 0);
  expect(await young.predictions.etaOf(await young.enqueue())).toBeNull();
});

test('events of a snapshot tell the wait of jobs that have not begun', async () => {
  const desk = await createDesk(1);
  const jobs = [await desk.enqueue(script(10)), await desk.enqueue(script(10))];
  const found = await desk.jobs.lastEvents(
    desk.projectId,
    jobs.map(({ id }) => id),
  );
  const events = await desk.predictions.predict(found.filter((event) => event !== null));
  expect(events.map(({ event }) => ('eta' in event ? event.eta?.waitSeconds : null))).toEqual([
    0,
    expect.closeTo(20, 0),
  ]);
});

test('a batch is done when its last item is', async () => {
  const desk = await createDesk(2);
  const items = range(1, 6).map(() => ({ script: 'x'.repeat(10) }));
  const common = { workflow: 'LIPSYNC', field: 'input', projectId: unique('batch'), items } as const;
  const batch = await desk.commands.enqueueBatch(common);
  const eta = await desk.predictions.etaOf(batch);
  expect(eta?.remainingSeconds).toBeCloseTo(60, 0);
  await desk.commands.cancel(batch.projectId, `${batch.id}-0003`);
  desk.time.time += 2_000;
  const rest = await desk.jobs.load(batch.projectId, batch.id);
  expect(rest && (await desk.predictions.etaOf(rest))?.remainingSeconds).toBeCloseTo(60, 0);
});

test('a batch’s own entry takes no time of those behind it', async () => {
  const desk = await createDesk(1);
  const job = await desk.enqueue(script(50));
  const { projectId, id } = job;
  const waiting = [
    { projectId, jobId: 'batch', taskName: 'batch_lipsync', size: {} },
    { projectId, jobId: id, taskName: 'lipsync', size: { characters: 50 } },
  ] as const;
  const offers = [{ slots: 1, setups: { LIPSYNC: LOCAL_SETUP } }];
  const queue = { read: async () => ({ waiting, running: [], offers }) };
  const { jobs: batches, durations, time: clock } = desk;
  const predictions = new JobPredictions({ queue, batches, durations, clock, workflows: WORKFLOWS });
  const eta = await predictions.etaOf(job);
  expect(eta?.waitSeconds).toBe(0);
  expect(eta?.remainingSeconds).toBeCloseTo(100, -1);
  expect(await predictions.placeOf(job)).toBe(2);
  // Told half a second later, from the same look at the queue: all of it is as much less.
  clock.time += 500;
  const later = await predictions.etaOf(job);
  for (const end of ['remainingSeconds', 'lowSeconds', 'highSeconds'] as const) {
    expect(eta?.[end]).toBeGreaterThan(1);
    expect(later?.[end]).toBeCloseTo((eta?.[end] ?? 0) - 0.5, 3);
  }
});

const of = (seconds: number): Estimate => ({
  remainingSeconds: seconds,
  lowSeconds: seconds / 2,
  highSeconds: seconds * 2,
});

test('the queue is played through on the slots: the next job goes where a slot is free first', () => {
  const turns = schedule(2, [of(10)], [of(5), of(7), of(1)]);
  expect(turns.map((turn) => turn?.startSeconds)).toEqual([0, 5, 10]);
  expect(turns.map((turn) => turn?.end.remainingSeconds)).toEqual([5, 12, 11]);
  // Errors of one after the other are independent: they add up by their squares.
  expect(turns[1]?.end.highSeconds).toBeCloseTo(12 + Math.hypot(5, 7), 6);
  expect(turns[1]?.end.lowSeconds).toBeCloseTo(12 - Math.hypot(2.5, 3.5), 6);
});

test('what stands behind an unknown duration is unknown; dead workers’ jobs take no slot twice', () => {
  expect(schedule(1, [null], [of(1)])).toEqual([null]);
  expect(schedule(2, [null], [of(1), null, of(1)]).map((turn) => turn?.startSeconds)).toEqual([
    0,
    undefined,
    undefined,
  ]);
  expect(schedule(1, [of(9), of(2)], [of(1)])[0]?.startSeconds).toBe(2);
  expect(schedule(0, [], [of(1)])).toEqual([null]);
});

test('an old prediction has less left, and never less than nothing', () => {
  const told = { remainingSeconds: 10, lowSeconds: 5, highSeconds: 20, waitSeconds: 3, finishesAt: 110_000 };
  expect(ageEta(told, 100_000)).toEqual(told);
  expect(ageEta(told, 107_000)).toEqual({
    ...told,
    remainingSeconds: 3,
    lowSeconds: 0,
    highSeconds: 13,
    waitSeconds: 0,
  });
  expect(ageEta(told, 500_000)).toMatchObject({ remainingSeconds: 0, highSeconds: 0, finishesAt: 500_000 });
  // A clock that is behind.
  expect(ageEta(told, 90_000)).toEqual(told);
});
