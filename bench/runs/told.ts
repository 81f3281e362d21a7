/** What clients would have been told about the remaining time of recorded runs and batches, at any moment. */

import type { Clock } from '../../src/core/clock.ts';
import { ageEta } from '../../src/eta/aged-eta.ts';
import { createModel, estimate, type Model, steady } from '../../src/eta/eta.ts';
import { JobPredictions } from '../../src/eta/job-predictions.ts';
import { LOCAL_SETUP } from '../../src/eta/run-predictor.ts';
import { median } from '../../src/eta/step-duration.ts';
import type { Estimate } from '../../src/progress/estimate.ts';
import type { Eta } from '../../src/progress/events.ts';
import { itemId, newJob } from '../../src/progress/state.ts';
import { WORKFLOWS } from '../../test/setup/workflows.ts';
import { BUSY_SLOTS, type RecordedRun } from './recorded.ts';
import { type Replay, replayOf, soFarAt } from './replay.ts';

/** A prediction and the actual outcome. */
export interface Told {
  readonly run: RecordedRun;
  /** 0..1 of the total time that it took. */
  readonly passed: number;
  /** Null: nothing was predicted. */
  readonly eta: Estimate | null;
  /** Seconds that actually remained. */
  readonly left: number;
  /** Total seconds that it took. */
  readonly total: number;
}

/** The moments that are examined, as shares of the time. */
const MOMENTS = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95];
/** Servers and workers reload what was learned when it is this old. */
const STALE_MS = 15_000;

/** The completed runs before a moment, as known to the predicting processes. */
class History {
  readonly #ended: readonly { readonly at: number; readonly replay: Replay }[];
  readonly #models = new Map<number, Model>();
  readonly #stepNames: readonly string[];

  /** @param runs of one workflow */
  constructor(runs: readonly RecordedRun[]) {
    this.#ended = runs
      .filter(({ status }) => status === 'COMPLETED')
      .map((run) => ({ at: begunAt(run) + durationOf(run), replay: replayOf(run) }))
      .sort((one, other) => one.at - other.at);
    this.#stepNames = (this.#ended[0]?.replay.table ?? []).map(({ name }) => name);
  }

  /** @param at in ms since the epoch */
  modelAt(at: number): Model {
    const count = this.#ended.filter((run) => run.at <= at - STALE_MS).length;
    const known = this.#models.get(count);
    if (known !== undefined) return known;
    const earlier = this.#ended.slice(0, count).map(({ replay }) => replay.record);
    const model = createModel(earlier, this.#stepNames);
    this.#models.clear();
    this.#models.set(count, model);
    return model;
  }
}

/** The number of runs of each workflow that only serve as history. */
const WARM_UP = 10;

/**
 * What clients would have been told about recorded runs, and about recorded batches.
 * @param runs of one workflow
 */
export async function toldOf(
  runs: readonly RecordedRun[],
): Promise<{ readonly alone: readonly Told[]; readonly batches: readonly Told[] }> {
  const history = new History(runs);
  const alone = runs.filter(({ batch, status }) => batch === undefined && status === 'COMPLETED');
  const batches: Told[] = [];
  const items = runs.filter(({ batch }) => batch !== undefined);
  for (const batch of Map.groupBy(items, ({ batch }) => batch).values()) {
    batches.push(...(await toldOfBatch(batch, history)));
  }
  return { alone: alone.slice(WARM_UP).flatMap((run) => toldOfRun(run, history)), batches };
}

/** The share of predictions whose range held the remaining time; and the median range width, as a share of the total time. */
export function figuresOf(told: readonly Told[]): {
  readonly count: number;
  readonly held: number;
  readonly width: number;
} {
  const found = told.flatMap(({ eta, left, total }) => (eta === null ? [] : [{ ...eta, left, total }]));
  const held = found.filter(({ left, lowSeconds, highSeconds }) => {
    return left >= lowSeconds - ROUNDING && left <= highSeconds + ROUNDING;
  });
  return {
    count: found.length,
    held: held.length / found.length,
    width: median(found.map(({ highSeconds, lowSeconds, total }) => (highSeconds - lowSeconds) / total)),
  };
}

/** Tolerance for rounding errors, in seconds. */
const ROUNDING = 1e-9;

/** What clients would have been told about a single run. */
function toldOfRun(run: RecordedRun, history: History): readonly Told[] {
  const replay = replayOf(run);
  const model = history.modelAt(begunAt(run));
  const total = replay.totalSeconds;
  return MOMENTS.map((passed) => {
    const seconds = passed * total;
    const eta = toldAt(replay, model, seconds);
    return { run, passed, eta: eta && ageEta(eta, seconds * 1_000), left: total - seconds, total };
  });
}

/** What clients would have been told about a batch. @param items of one batch, in order */
async function toldOfBatch(items: readonly RecordedRun[], history: History): Promise<readonly Told[]> {
  const [first] = items;
  if (first === undefined) return [];
  const replays = items.map(replayOf);
  const total = Math.max(...items.map((item) => (item.begunMs ?? 0) + durationOf(item))) / 1_000;
  const told: Told[] = [];
  for (const passed of MOMENTS) {
    const now = first.at + passed * total * 1_000;
    const eta = await batchEta(replays, history, now);
    told.push({ run: first, passed, eta, left: total * (1 - passed), total });
  }
  return told;
}

async function batchEta(replays: readonly Replay[], history: History, now: number): Promise<Eta | null> {
  const [first] = replays;
  if (first === undefined) return null;
  const { workflow } = first.run;
  const taskName = WORKFLOWS.get(workflow)?.taskName ?? '';
  const ids = { projectId: 'project', batch: 'batch' };
  const works = replays.map((replay, index) => ({
    replay,
    begun: begunAt(replay.run),
    work: {
      ...{ projectId: ids.projectId, jobId: itemId(ids.batch, index), taskName },
      size: soFarAt(replay, 0).size,
    },
  }));
  const ended = works.filter(({ replay, begun }) => begun + durationOf(replay.run) <= now);
  const running = works.filter((one) => one.begun <= now && !ended.includes(one));
  const waiting = works.filter(({ begun }) => begun > now);
  const clock: Clock = { now: () => now };
  const predictions = new JobPredictions({
    ...{ clock, workflows: WORKFLOWS },
    queue: {
      read: async () => ({
        waiting: waiting.map(({ work }) => work),
        running: running.map(({ work, replay, begun }) => {
          const eta = toldAt(replay, history.modelAt(begun), (now - begun) / 1_000);
          const told = replay.moments.findLast(({ seconds }) => seconds <= (now - begun) / 1_000);
          const run = soFarAt(replay, told?.seconds ?? 0);
          return { ...work, run, eta: eta && { ...eta, finishesAt: eta.finishesAt + begun } };
        }),
        offers: [{ slots: BUSY_SLOTS, setups: { [workflow]: LOCAL_SETUP } }],
      }),
    },
    batches: {
      itemCounts: async () => ({ succeeded: ended.length, failed: 0, cancelled: 0 }),
    },
    durations: { freshModel: async () => history.modelAt(now) },
  });
  const job = newJob({
    ...{ id: ids.batch, projectId: ids.projectId, workflow, taskName: `batch_${taskName}`, table: [] },
    ...{ maxAttempts: 1, createdAt: now, itemCount: replays.length },
  });
  return predictions.etaOf({ ...job, status: 'RUNNING' });
}

/** The prediction in the last event before `seconds` of the run had passed; its clock starts with the run. */
function toldAt(replay: Replay, model: Model, seconds: number): Eta | null {
  let shown: Eta | null = null;
  for (const moment of replay.moments) {
    if (moment.seconds > seconds) break;
    const found = estimate(model, soFarAt(replay, moment.seconds));
    shown = found && steady(shown, found, moment.seconds * 1_000);
  }
  return shown;
}

function begunAt({ at, begunMs = 0 }: RecordedRun): number {
  return at + begunMs;
}

/** In ms. */
function durationOf({ events }: RecordedRun): number {
  return events.at(-1)?.[0] ?? 0;
}
