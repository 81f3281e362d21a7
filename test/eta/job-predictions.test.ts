import { expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { ageEta } from '../../src/eta/aged-eta.ts';
import { Durations } from '../../src/eta/durations.ts';
import { createModel } from '../../src/eta/eta.ts';
import { JobPredictions } from '../../src/eta/job-predictions.ts';
import type { QueuedWork, QueueView, RunningWork } from '../../src/eta/queue-source.ts';
import { LOCAL_SETUP } from '../../src/eta/run-predictor.ts';
import { type Slots, schedule, type Work } from '../../src/eta/schedule.ts';
import type { Estimate } from '../../src/progress/estimate.ts';
import type { Eta } from '../../src/progress/events.ts';
import type { RunRecord } from '../../src/progress/run-so-far.ts';
import { itemId, type JobState, newJob } from '../../src/progress/state.ts';
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
  const left = eta?.remainingSeconds ?? 0;
  // When that event was told.
  desk.time.time = (eta?.finishesAt ?? 0) - 1_000 * left;
  expect(left).toBeGreaterThan(1);
  expect((await etaOf(desk, waiting)).waitSeconds).toBeCloseTo(left, 0);
  // What its last event told, seen a minute and a day later.
  const own = await etaOf(desk, running);
  expect(own.remainingSeconds).toBeCloseTo(left, 0);
  desk.time.time += 24 * 3_600_000;
  const late = await etaOf(desk, running);
  // As long again as it is late, and up to three times as long.
  const lateSeconds = 24 * 3_600 - own.remainingSeconds;
  expect(late.remainingSeconds).toBeCloseTo(lateSeconds, 0);
  expect(late.highSeconds).toBeCloseTo(3 * lateSeconds, 0);
  expect(late).toMatchObject({ lowSeconds: 0, finishesAt: desk.time.now() + 1_000 * late.remainingSeconds });
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

/** When the batches below are looked at. */
const NOW = Date.UTC(2026, 0, 1);

/** A server's predictions on two slots, where runs of 20 s keep each other's pace, for a queue that is told. */
async function batchOf(view: Partial<QueueView>, left: number): Promise<Eta> {
  const steps = { start: 0, load_media: 0, analyze_audio: 10, apply_lipsync: 10, save_file: 0 };
  const paces = [...Array.from({ length: 10 }, () => 1), 3, 3, 3, 3, ...Array.from({ length: 10 }, () => 1)];
  const runs = paces.map((pace, index) => ({
    steps: Object.fromEntries(
      Object.entries(steps).map(([name, seconds]) => [name, seconds * pace * (1 + (index % 3) / 20)]),
    ),
    size: {},
  }));
  const model = createModel(runs, Object.keys(steps));
  const clock = new SetClock(NOW);
  const predictions = new JobPredictions({
    ...{ clock, workflows: WORKFLOWS, durations: { freshModel: async () => model } },
    batches: { itemCounts: async () => ({ succeeded: 8 - left, failed: 0, cancelled: 0 }) },
    queue: {
      read: async () => ({
        ...{ waiting: [], running: [], offers: [{ slots: 2, setups: { LIPSYNC: LOCAL_SETUP } }] },
        ...view,
      }),
    },
  });
  const common = { id: 'batch', projectId: 'p', workflow: 'LIPSYNC', taskName: 'batch_lipsync', table: [] };
  const batch = newJob({ ...common, maxAttempts: 1, createdAt: 1, itemCount: 8 });
  const eta = await predictions.etaOf({ ...batch, status: 'RUNNING' });
  if (eta === null) throw new Error('expected a prediction');
  return eta;
}

const item = (index: number): QueuedWork => ({
  ...{ projectId: 'p', jobId: itemId('batch', index), taskName: 'lipsync', size: {} },
});

/** An item that has done half of its work in so many seconds. */
function halfDone(index: number, seconds: number): RunningWork {
  const finished = { start: 0, load_media: 0, analyze_audio: seconds };
  const current = { step: 'apply_lipsync', elapsedSeconds: 0, share: 0 };
  const so = { elapsedSeconds: seconds, skipped: [], size: {}, progress: 0.5 };
  const eta = { remainingSeconds: seconds, lowSeconds: seconds / 2, highSeconds: seconds * 2 };
  const told = { ...eta, finishesAt: NOW + seconds * 1_000 };
  return { ...item(index), eta: told, run: { ...so, finished, current } };
}

test('items that wait are predicted by the pace of those that run', async () => {
  const waiting = range(2, 5).map(item);
  const usual = await batchOf({ waiting, running: [halfDone(0, 10), halfDone(1, 10)] }, 6);
  const slow = await batchOf({ waiting, running: [halfDone(0, 30), halfDone(1, 30)] }, 6);
  // Two rounds of 20 s behind the ten that are left; three times as much, drawn a little to what is usual.
  expect(usual.remainingSeconds).toBeGreaterThan(45);
  expect(usual.remainingSeconds).toBeLessThan(58);
  expect(slow.remainingSeconds).toBeGreaterThan(2 * usual.remainingSeconds);
  expect(slow.lowSeconds).toBeLessThan(150);
  expect(slow.highSeconds).toBeGreaterThan(150);
});

test('items that wait for their retry come behind the others, and take no longer than they', async () => {
  const alone = await batchOf({ running: [halfDone(0, 10)] }, 1);
  const more = await batchOf({ running: [halfDone(0, 10)] }, 5);
  // Four more of 20 s on two slots.
  expect(more.remainingSeconds - alone.remainingSeconds).toBeGreaterThan(35);
  expect(more.remainingSeconds - alone.remainingSeconds).toBeLessThan(48);
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

const ALL = new Set(['AUDIO', 'LIPSYNC']);
const slots = (count: number, workflows = ALL): Slots => ({ count, workflows });
const work = (duration: Estimate | null, workflow = 'LIPSYNC', alike = 0): Work => ({
  ...{ workflow, duration, alike },
});

test('the queue is played through on the slots: the next job goes where a slot is free first', () => {
  const turns = schedule(
    [slots(2)],
    [work(of(10))],
    [of(5), of(7), of(1)].map((one) => work(one)),
  );
  expect(turns.map((turn) => turn?.startSeconds)).toEqual([0, 5, 10]);
  expect(turns.map((turn) => turn?.end.remainingSeconds)).toEqual([5, 12, 11]);
  // Errors of one after the other are independent: they add up by their squares.
  expect(turns[1]?.end.highSeconds).toBeCloseTo(12 + Math.hypot(5, 7), 6);
  expect(turns[1]?.end.lowSeconds).toBeCloseTo(12 - Math.hypot(2.5, 3.5), 6);
});

test('errors of jobs that keep each other’s pace add up as they are', () => {
  const ends = [0, 0.5, 1].map((alike) => {
    const jobs = [of(5), of(7)].map((one) => work(one, 'LIPSYNC', alike));
    return schedule([slots(1)], [], jobs)[1]?.end;
  });
  expect(ends.map((end) => end?.highSeconds)).toEqual([
    expect.closeTo(12 + Math.hypot(5, 7), 6),
    expect.closeTo(12 + Math.sqrt((25 + 49) / 2 + 144 / 2), 6),
    expect.closeTo(12 + 12, 6),
  ]);
  expect(ends.map((end) => end?.lowSeconds)).toEqual([
    expect.closeTo(12 - Math.hypot(2.5, 3.5), 6),
    expect.closeTo(12 - Math.sqrt((6.25 + 12.25) / 2 + 36 / 2), 6),
    expect.closeTo(12 - 6, 6),
  ]);
});

test('what stands behind an unknown duration is unknown; dead workers’ jobs take no slot twice', () => {
  const one = work(of(1));
  expect(schedule([slots(1)], [work(null)], [one])).toEqual([null]);
  const turns = schedule([slots(1), slots(1)], [work(null)], [one, work(null), one]);
  expect(turns.map((turn) => turn?.startSeconds)).toEqual([0, undefined, undefined]);
  expect(schedule([slots(1)], [work(of(9)), work(of(2))], [one])[0]?.startSeconds).toBe(2);
  expect(schedule([], [], [one])).toEqual([null]);
});

test('a job waits for a worker that has its workflow, and only for those before it that this one carries out', () => {
  const offers = [slots(1, new Set(['AUDIO'])), slots(1, new Set(['LIPSYNC']))];
  const waiting = [work(of(100)), work(of(5), 'AUDIO'), work(of(7), 'AUDIO'), work(of(1), 'WRITER')];
  const turns = schedule(offers, [work(of(3), 'AUDIO')], waiting);
  expect(turns.map((turn) => turn?.startSeconds)).toEqual([0, 3, 8, undefined]);
});

test('an old prediction has less left, and a late one as much again as it is late', () => {
  const told = { remainingSeconds: 10, lowSeconds: 5, highSeconds: 20, waitSeconds: 3, finishesAt: 110_000 };
  expect(ageEta(told, 100_000)).toEqual(told);
  expect(ageEta(told, 107_000)).toEqual({
    ...told,
    remainingSeconds: 3,
    lowSeconds: 0,
    highSeconds: 13,
    waitSeconds: 0,
  });
  // 2 s past its likely end it is still within what was told; 10 s past it, it may take three times as long again.
  expect(ageEta(told, 112_000)).toMatchObject({ remainingSeconds: 2, lowSeconds: 0, highSeconds: 8 });
  expect(ageEta(told, 120_000)).toMatchObject({
    ...{ remainingSeconds: 10, lowSeconds: 0, highSeconds: 30 },
    finishesAt: 130_000,
  });
  // Nothing left was told with the last event before the end.
  const over = { remainingSeconds: 0, lowSeconds: 0, highSeconds: 0, finishesAt: 100_000 };
  expect(ageEta(over, 500_000)).toMatchObject({ remainingSeconds: 0, highSeconds: 0 });
  // A clock that is behind.
  expect(ageEta(told, 90_000)).toEqual(told);
});
