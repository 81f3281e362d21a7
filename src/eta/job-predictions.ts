/**
 * Predictions for jobs that are looked at: for running ones from what their events reported, for waiting ones from the queue.
 *
 * The queue is read when somebody asks, at most about once a second for all callers, however many jobs they list.
 */

import type { Clock } from '../core/clock.ts';
import { pause } from '../core/pause.ts';
import { SharedReads } from '../core/shared-reads.ts';
import type { Estimate } from '../progress/estimate.ts';
import type { ItemCounts } from '../progress/event-writer.ts';
import type { Eta, LoggedEvent } from '../progress/events.ts';
import { runToCome } from '../progress/observed-run.ts';
import { batchIdOf, hasEnded, type JobState } from '../progress/state.ts';
import type { StepTables, Workflow } from '../progress/steps.ts';
import type { WorkerOffer } from '../redis/heartbeat.ts';
import { ageEta } from './aged-eta.ts';
import type { Durations } from './durations.ts';
import { estimate, expectationBeside, type Model } from './eta.ts';
import type { Expectation } from './pace.ts';
import type { QueuedWork, QueueSource, QueueView } from './queue-source.ts';
import { LOCAL_SETUP } from './run-predictor.ts';
import { type ScheduledJob, schedule, type Work } from './schedule.ts';

/** Counts the items of batches. */
interface ItemCounter {
  itemCounts(projectId: string, batchId: string): Promise<ItemCounts>;
}

interface JobPredictionsParts {
  readonly queue: QueueSource;
  readonly batches: ItemCounter;
  readonly durations: Pick<Durations, 'freshModel'>;
  readonly clock: Clock;
  readonly workflows: StepTables;
}

/** When the last reading is older than this, the queue is read again. */
const STALE_MS = 1_000;
/** Reading takes at most about this share of the time, even if every question is about a job that has just been made. */
const READING_SHARE = 0.1;
/** How long a question about such a job waits for a reading at most. */
const MAX_REST_MS = 250;
/** The natural logarithm of the factor by which paces are told apart. */
const PACE_STEP = 0.05;

/** What durations of a workflow are predicted from. */
interface Basis {
  readonly model: Model;
  readonly expected: Expectation;
}

interface SeenItem {
  readonly end: Estimate | null;
  /** How long the whole item takes. */
  readonly duration: Estimate | null;
}

/** The queue as it was read, played through. */
interface QueueForecast {
  /** ms since the epoch. */
  readonly at: number;
  readonly tookMs: number;
  readonly bases: ReadonlyMap<Workflow, Basis>;
  /** By job id: the jobs that wait. */
  readonly scheduled: ReadonlyMap<string, ScheduledJob | null>;
  /** By job id: from 1. */
  readonly places: ReadonlyMap<string, number>;
  /** By the batch's id: its items that wait or run. */
  readonly items: ReadonlyMap<string, readonly SeenItem[]>;
  /** How many jobs of a workflow run at the same time. */
  readonly slots: ReadonlyMap<Workflow, number>;
}

export class JobPredictions {
  readonly #parts: JobPredictionsParts;
  readonly #reads = new SharedReads();
  readonly #durations = new WeakMap<QueuedWork, { readonly basis: Basis; readonly found: Estimate | null }>();
  /** By the task names of their jobs. */
  readonly #workflows: ReadonlyMap<string, Workflow>;
  #latest: QueueForecast | null = null;

  constructor(parts: JobPredictionsParts) {
    this.#parts = parts;
    this.#workflows = new Map([...parts.workflows].map(([name, { taskName }]) => [taskName, name]));
  }

  /**
   * The remaining time of a job, including its wait.
   * @returns null when it has ended, or nothing can be predicted
   */
  async etaOf(job: JobState): Promise<Eta | null> {
    if (hasEnded(job.status)) return null;
    if (job.itemCount > 0) return this.#batchEta(job);
    if (job.status !== 'QUEUED') return job.eta && ageEta(job.eta, this.#parts.clock.now());
    const forecast = await this.#forecastWith(job.id);
    const turn = forecast.scheduled.get(job.id);
    const basis = forecast.bases.get(job.workflow);
    if (turn == null || basis === undefined) return null;
    // What an earlier run has finished is skipped, which the queue does not know.
    const own = estimate(basis.model, runToCome(job), basis.expected);
    return own && toEta(turn, ownEnd(turn, own), forecast.at, this.#parts.clock.now());
  }

  /**
   * The place of a waiting job, 1 for the one that is taken next; one reading serves all who ask within a second.
   * @returns null unless it waits among the first 2,000
   */
  async placeOf({ id, itemCount, status }: JobState): Promise<number | null> {
    if (status !== 'QUEUED' || itemCount > 0) return null;
    return (await this.#forecastWith(id)).places.get(id) ?? null;
  }

  /** The events as they are to be reported now: waiting jobs with their predictions, other jobs with theirs aged. */
  async predict(events: readonly LoggedEvent[]): Promise<readonly LoggedEvent[]> {
    const { clock } = this.#parts;
    const isQueued = ({ event }: LoggedEvent): boolean =>
      event.type === 'ProgressEvent' && event.status === 'queued';
    const forecast = events.some(isQueued) ? await this.#forecast() : null;
    const now = clock.now();
    return events.map((logged) => {
      const { event } = logged;
      if (event.type !== 'ProgressEvent') return logged;
      const turn = isQueued(logged) ? forecast?.scheduled.get(event.jobId) : null;
      const eta = turn != null && forecast !== null ? toEta(turn, turn.end, forecast.at, now) : event.eta;
      return eta === undefined ? logged : { ...logged, event: { ...event, eta: ageEta(eta, now) } };
    });
  }

  async #batchEta({ id, itemCount, projectId, workflow }: JobState): Promise<Eta | null> {
    const { batches, clock } = this.#parts;
    const [forecast, counts] = await Promise.all([this.#forecast(), batches.itemCounts(projectId, id)]);
    const left = itemCount - counts.succeeded - counts.failed - counts.cancelled;
    const items = forecast.items.get(id) ?? [];
    const seen = items.flatMap(({ end, duration }) =>
      end === null || duration === null ? [] : [{ end, duration }],
    );
    if (seen.length === 0 || seen.length < items.length) return null;
    // Items too far back in the queue, or waiting for their retry, come after those that are seen and take as long.
    const unseen = Math.max(0, left - seen.length) / (seen.length * (forecast.slots.get(workflow) ?? 1));
    const last = (pick: (one: Estimate) => number): number =>
      Math.max(...seen.map(({ end }) => pick(end))) +
      unseen * seen.reduce((sum, { duration }) => sum + pick(duration), 0);
    const end = {
      remainingSeconds: last((one) => one.remainingSeconds),
      lowSeconds: last((one) => one.lowSeconds),
      highSeconds: last((one) => one.highSeconds),
    };
    return ageEta({ ...end, finishesAt: forecast.at + end.remainingSeconds * 1_000 }, clock.now());
  }

  /** @param jobId the job without which the queue is read again */
  async #forecastWith(jobId: string): Promise<QueueForecast> {
    const known = await this.#forecast();
    if (known.scheduled.has(jobId)) return known;
    const rest = known.at + known.tookMs / READING_SHARE - this.#parts.clock.now();
    if (rest > 0) await pause(Math.min(rest, MAX_REST_MS));
    return this.#readAgain();
  }

  async #forecast(): Promise<QueueForecast> {
    const latest = this.#latest;
    const age = latest === null ? null : this.#parts.clock.now() - latest.at;
    return latest !== null && age !== null && age >= 0 && age < STALE_MS ? latest : this.#readAgain();
  }

  /** Shared by all who ask before it begins. */
  #readAgain(): Promise<QueueForecast> {
    return this.#reads.ask('queue', async () => {
      const at = this.#parts.clock.now();
      const view = await this.#parts.queue.read();
      const bases = await this.#basesFor(view);
      const played = this.#play(view, bases, at);
      this.#latest = { at, tookMs: this.#parts.clock.now() - at, bases, ...played };
      return this.#latest;
    });
  }

  async #basesFor({ offers, running }: QueueView): Promise<ReadonlyMap<Workflow, Basis>> {
    const bases = [...this.#parts.workflows].map(async ([workflow, { taskName }]) => {
      const model = await this.#parts.durations.freshModel(workflow, commonSetup(offers, workflow));
      const runs = running.flatMap((work) => (work.taskName === taskName && work.run ? [work.run] : []));
      return [workflow, { model, expected: rounded(expectationBeside(model, runs)) }] as const;
    });
    return new Map(await Promise.all(bases));
  }

  #play({ waiting, running, offers }: QueueView, bases: QueueForecast['bases'], now: number) {
    const left = running.map((work) =>
      work.eta === null ? this.#durationOf(work, bases) : ageEta(work.eta, now),
    );
    const toWork = (work: QueuedWork, duration: Estimate | null): Work => {
      const workflow = this.#workflows.get(work.taskName);
      const alike = bases.get(workflow ?? '')?.model.pace.alike ?? 0;
      return { workflow, alike, duration };
    };
    const scheduled = schedule(
      offers.map(({ setups, slots }) => ({ count: slots, workflows: new Set(Object.keys(setups)) })),
      running.map((work, at) => toWork(work, left[at] ?? null)),
      waiting.map((work) => toWork(work, this.#durationOf(work, bases))),
    );
    const items = new Map<string, SeenItem[]>();
    const add = (work: QueuedWork, end: Estimate | null): void => {
      const batchId = batchIdOf(work.jobId);
      if (batchId === null) return;
      const item = { end, duration: this.#durationOf(work, bases) };
      const seen = items.get(batchId);
      if (seen === undefined) items.set(batchId, [item]);
      else seen.push(item);
    };
    for (const [at, work] of running.entries()) add(work, left[at] ?? null);
    for (const [at, work] of waiting.entries()) add(work, scheduled[at]?.end ?? null);
    return {
      items,
      slots: slotsOf(offers),
      places: new Map(waiting.map(({ jobId }, at) => [jobId, at + 1])),
      scheduled: new Map(waiting.map(({ jobId }, at) => [jobId, scheduled[at] ?? null])),
    };
  }

  /** Kept with the entry until more is learned. */
  #durationOf(work: QueuedWork, bases: QueueForecast['bases']): Estimate | null {
    const workflow = this.#workflows.get(work.taskName);
    if (workflow === undefined) return NOTHING;
    const basis = bases.get(workflow);
    if (basis === undefined) return null;
    const kept = this.#durations.get(work);
    if (kept !== undefined && isSame(kept.basis, basis)) return kept.found;
    const found = estimate(basis.model, runToCome({ size: work.size, steps: {} }), basis.expected);
    this.#durations.set(work, { basis, found });
    return found;
  }
}

/** Rounds in steps, so that what was predicted for waiting jobs can be kept. */
function rounded({ doubt, pace }: Expectation): Expectation {
  const round = (log: number): number => Math.round(log / PACE_STEP) * PACE_STEP;
  return { pace: Math.exp(round(Math.log(pace))), doubt: round(doubt) };
}

function isSame({ model, expected }: Basis, other: Basis): boolean {
  const { pace, doubt } = other.expected;
  return model === other.model && expected.pace === pace && expected.doubt === doubt;
}

const NOTHING: Estimate = { remainingSeconds: 0, lowSeconds: 0, highSeconds: 0 };

/** The combination of providers with which most slots run a workflow. */
function commonSetup(offers: readonly WorkerOffer[], workflow: Workflow): string {
  const slots = new Map<string, number>();
  for (const { setups, slots: count } of offers) {
    const setup = setups[workflow];
    if (setup !== undefined) slots.set(setup, (slots.get(setup) ?? 0) + count);
  }
  const [first] = [...slots].sort(([, one], [, other]) => other - one);
  return first?.[0] ?? LOCAL_SETUP;
}

/** The end of a job whose own duration is known better than the queue knows it. */
function ownEnd({ startSeconds, end }: ScheduledJob, own: Estimate): Estimate {
  const shift = startSeconds + own.remainingSeconds - end.remainingSeconds;
  return {
    remainingSeconds: end.remainingSeconds + shift,
    lowSeconds: Math.max(0, end.lowSeconds + shift),
    highSeconds: Math.max(0, end.highSeconds + shift),
  };
}

/** @param at when the queue was read @param now both in ms since the epoch */
function toEta({ startSeconds }: ScheduledJob, end: Estimate, at: number, now: number): Eta {
  return ageEta({ ...end, waitSeconds: startSeconds, finishesAt: at + end.remainingSeconds * 1_000 }, now);
}

function slotsOf(offers: readonly WorkerOffer[]): ReadonlyMap<Workflow, number> {
  const found = new Map<Workflow, number>();
  for (const { setups, slots } of offers) {
    for (const workflow of Object.keys(setups)) found.set(workflow, (found.get(workflow) ?? 0) + slots);
  }
  return found;
}
