/**
 * What is predicted of jobs that are looked at: of running ones what their events told, of waiting ones by the queue.
 *
 * The queue is read when somebody asks, at most about once a second, for all who ask, however many jobs they list.
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
import { estimate, type Model } from './eta.ts';
import type { QueuedWork, QueueSource, QueueView } from './queue-source.ts';
import { LOCAL_SETUP } from './run-predictor.ts';
import { type ScheduledJob, schedule } from './schedule.ts';

/** Whoever counts the items of batches. */
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

/** Older than this, the queue is read again. */
const STALE_MS = 1_000;
/** Reading takes at most about this share of the time, also when every question is about a job that came just now. */
const READING_SHARE = 0.1;
/** So long a question about such a job waits for it at most. */
const MAX_REST_MS = 250;

/** The queue as it was read, played through. */
interface QueueForecast {
  /** ms since the epoch. */
  readonly at: number;
  readonly tookMs: number;
  readonly models: ReadonlyMap<Workflow, Model>;
  /** By job id: of those that wait. */
  readonly scheduled: ReadonlyMap<string, ScheduledJob | null>;
  /** By job id: from 1. */
  readonly places: ReadonlyMap<string, number>;
  /** By the batch's id: the ends of its items that wait or run. */
  readonly items: ReadonlyMap<string, readonly (Estimate | null)[]>;
}

export class JobPredictions {
  readonly #parts: JobPredictionsParts;
  readonly #reads = new SharedReads();
  readonly #durations = new WeakMap<QueuedWork, { readonly model: Model; readonly found: Estimate | null }>();
  /** By the task names of their jobs. */
  readonly #workflows: ReadonlyMap<string, Workflow>;
  #latest: QueueForecast | null = null;

  constructor(parts: JobPredictionsParts) {
    this.#parts = parts;
    this.#workflows = new Map([...parts.workflows].map(([name, { taskName }]) => [taskName, name]));
  }

  /**
   * The remaining time of a job, its wait included.
   * @returns null when it has ended, or nothing can be predicted
   */
  async etaOf(job: JobState): Promise<Eta | null> {
    if (hasEnded(job.status)) return null;
    if (job.itemCount > 0) return this.#batchEta(job);
    if (job.status !== 'QUEUED') return job.eta && ageEta(job.eta, this.#parts.clock.now());
    const forecast = await this.#forecastWith(job.id);
    const turn = forecast.scheduled.get(job.id);
    const model = forecast.models.get(job.workflow);
    if (turn == null || model === undefined) return null;
    // What an earlier run has finished is skipped, which the queue does not know.
    const own = estimate(model, runToCome(job));
    return own && toEta(turn, ownEnd(turn, own), forecast.at, this.#parts.clock.now());
  }

  /**
   * The place of a waiting job, 1 for the one that is taken next, of one reading for all who ask within a second.
   * @returns null unless it waits among the first 2,000
   */
  async placeOf({ id, itemCount, status }: JobState): Promise<number | null> {
    if (status !== 'QUEUED' || itemCount > 0) return null;
    return (await this.#forecastWith(id)).places.get(id) ?? null;
  }

  /** The events as they are to be told now: waiting jobs with their predictions, those of others aged. */
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

  async #batchEta({ id, itemCount, projectId }: JobState): Promise<Eta | null> {
    const { batches, clock } = this.#parts;
    const [forecast, counts] = await Promise.all([this.#forecast(), batches.itemCounts(projectId, id)]);
    const left = itemCount - counts.succeeded - counts.failed - counts.cancelled;
    const ends = forecast.items.get(id) ?? [];
    if (ends.length === 0 || ends.includes(null)) return null;
    // Items too far behind in the queue, or waiting for their retry, take as long as those that are seen.
    const unseen = Math.max(1, left / ends.length);
    const last = (pick: (end: Estimate) => number): number =>
      unseen * Math.max(...ends.map((end) => (end === null ? 0 : pick(end))));
    const end = {
      remainingSeconds: last((one) => one.remainingSeconds),
      lowSeconds: last((one) => one.lowSeconds),
      highSeconds: last((one) => one.highSeconds),
    };
    return ageEta({ ...end, finishesAt: forecast.at + end.remainingSeconds * 1_000 }, clock.now());
  }

  /** @param jobId read the queue again when it was not there */
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
      const models = await this.#modelsFor(view.offers);
      const { scheduled, places, items } = this.#play(view, models, at);
      this.#latest = { at, tookMs: this.#parts.clock.now() - at, models, scheduled, places, items };
      return this.#latest;
    });
  }

  async #modelsFor(offers: readonly WorkerOffer[]): Promise<ReadonlyMap<Workflow, Model>> {
    const models = [...this.#parts.workflows.keys()].map(async (workflow) => {
      const model = await this.#parts.durations.freshModel(workflow, commonSetup(offers, workflow));
      return [workflow, model] as const;
    });
    return new Map(await Promise.all(models));
  }

  #play({ waiting, running, offers }: QueueView, models: QueueForecast['models'], now: number) {
    const slots = offers.reduce((sum, offer) => sum + offer.slots, 0);
    const left = running.map((work) =>
      work.eta === null ? this.#durationOf(work, models) : ageEta(work.eta, now),
    );
    const scheduled = schedule(
      slots,
      left,
      waiting.map((work) => this.#durationOf(work, models)),
    );
    const items = new Map<string, (Estimate | null)[]>();
    for (const [at, { jobId }] of running.entries()) addItem(items, jobId, left[at] ?? null);
    for (const [at, { jobId }] of waiting.entries()) addItem(items, jobId, scheduled[at]?.end ?? null);
    return {
      items,
      places: new Map(waiting.map(({ jobId }, at) => [jobId, at + 1])),
      scheduled: new Map(waiting.map(({ jobId }, at) => [jobId, scheduled[at] ?? null])),
    };
  }

  /** Kept with the entry until more is learned. */
  #durationOf(work: QueuedWork, models: QueueForecast['models']): Estimate | null {
    const workflow = this.#workflows.get(work.taskName);
    if (workflow === undefined) return NOTHING;
    const model = models.get(workflow);
    if (model === undefined) return null;
    const kept = this.#durations.get(work);
    if (kept?.model === model) return kept.found;
    const found = estimate(model, runToCome({ size: work.size, steps: {} }));
    this.#durations.set(work, { model, found });
    return found;
  }
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

function addItem(items: Map<string, (Estimate | null)[]>, jobId: string, end: Estimate | null): void {
  const batchId = batchIdOf(jobId);
  if (batchId === null) return;
  const ends = items.get(batchId);
  if (ends === undefined) items.set(batchId, [end]);
  else ends.push(end);
}
