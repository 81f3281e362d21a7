/**
 * How long the steps of earlier runs took: a bounded list in Redis for each workflow and combination of providers, shared by
 * all projects, workers and API processes; and what was learned from it, kept in this process.
 *
 * No job waits for anything here (G6), and nothing is read per event: a model is read again when it is asked for and is some
 * seconds old.
 */

import type { Redis } from 'ioredis';
import { z } from 'zod';
import { Accumulator } from '../core/accumulator.ts';
import type { Clock } from '../core/clock.ts';
import { DamagedRecords } from '../core/damaged-records.ts';
import type { Logger } from '../core/logger.ts';
import type { RunRecord } from '../progress/run-so-far.ts';
import { type StepTables, stepsOf, type Workflow } from '../progress/steps.ts';
import type { Keys } from '../redis/keys.ts';
import { createModel, HISTORY_LIMIT, type Model } from './eta.ts';

interface DurationsParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The workflows whose runs are kept. */
  readonly workflows: StepTables;
  /** How old a model may be, default 15 s; one made from few runs, at most a fifteenth of that. */
  readonly staleMs?: number;
}

interface Known {
  model: Model;
  /** What the model was made from: how many kept runs, and the newest of them as JSON. */
  lines: number;
  newest: string | undefined;
  /** ms since the epoch; null before the first reading. */
  readAt: number | null;
  reading: Promise<void> | null;
}

/** A run that is not yet written. */
interface Recorded {
  readonly workflow: Workflow;
  readonly setup: string;
  /** RunRecord as JSON. */
  readonly line: string;
}

const RECORD_WAIT_MS = 100;
const STALE_MS = 15_000;
const STALE_PER_FEW = 15;
/** With fewer runs than this, each further one changes the model a lot. */
const FEW_RUNS = 10;
/** How long the runs of a combination of providers that is no longer used are kept. */
const LIFETIME_SECONDS = 90 * 24 * 3600;

export class Durations {
  readonly #parts: DurationsParts;
  readonly #damaged: DamagedRecords;
  readonly #known = new Map<string, Known>();
  readonly #recorded = new Accumulator<Recorded>(RECORD_WAIT_MS, (runs) => this.#write(runs));

  constructor(parts: DurationsParts) {
    this.#parts = parts;
    this.#damaged = new DamagedRecords(parts.logger);
  }

  /** Adds a run to the list, without waiting. While Redis is away it waits with the connection's other commands. */
  record(workflow: Workflow, setup: string, run: RunRecord): void {
    this.#recorded.add({ workflow, setup, line: JSON.stringify(run) });
  }

  /** Sends what was recorded last at once. */
  close(): Promise<void> {
    return this.#recorded.flush();
  }

  async #write(runs: readonly Recorded[]): Promise<void> {
    const { keys, logger, redis } = this.#parts;
    const lists = Map.groupBy(runs, ({ workflow, setup }) => keys.durations(workflow, setup));
    const written = [...lists].map(async ([key, [first, ...others]]) => {
      if (first === undefined) return;
      const { workflow, setup } = first;
      await redis
        .multi()
        .lpush(key, first.line, ...others.map(({ line }) => line))
        .ltrim(key, 0, HISTORY_LIMIT - 1)
        .expire(key, LIFETIME_SECONDS)
        .exec()
        .then(() => this.#learn(workflow, setup))
        .catch((err: unknown) => logger.warn({ err, workflow }, 'recording the durations of runs failed'));
    });
    await Promise.all(written);
  }

  /** When few runs are known, one more changes a lot, so the next run should begin with it. */
  async #learn(workflow: Workflow, setup: string): Promise<void> {
    const known = this.#knownOf(workflow, setup);
    if (known.model.runs < FEW_RUNS || this.#isOld(known)) await this.#read(known, workflow, setup);
  }

  /** What is known now; an old model is read again meanwhile. Cheap, never waits. */
  model(workflow: Workflow, setup: string): Model {
    const known = this.#knownOf(workflow, setup);
    if (this.#isOld(known)) void this.#read(known, workflow, setup);
    return known.model;
  }

  /** The model, read first if it is old. While Redis is away, this waits. Never rejects: if reading fails, it is the old one. */
  async freshModel(workflow: Workflow, setup: string): Promise<Model> {
    void this.#recorded.flush();
    const known = this.#knownOf(workflow, setup);
    if (this.#isOld(known)) await this.#read(known, workflow, setup);
    return known.model;
  }

  /** The runs that are kept, oldest first. @throws when Redis does not answer */
  async history(workflow: Workflow, setup: string): Promise<readonly RunRecord[]> {
    return this.#readRuns(workflow, setup, await this.#lines(workflow, setup));
  }

  /** Oldest first; a line that can't be read is left out. */
  #readRuns(workflow: Workflow, setup: string, lines: readonly string[]): readonly RunRecord[] {
    const runs = lines.map(readRun).filter((run) => run !== null);
    const key = this.#parts.keys.durations(workflow, setup);
    if (runs.length < lines.length) this.#damaged.note('duration', key, 'expected the seconds of steps');
    return runs.reverse();
  }

  /** The kept runs as JSON, newest first. */
  async #lines(workflow: Workflow, setup: string): Promise<readonly string[]> {
    const { keys, redis } = this.#parts;
    return redis.lrange(keys.durations(workflow, setup), 0, HISTORY_LIMIT - 1);
  }

  #knownOf(workflow: Workflow, setup: string): Known {
    const name = `${workflow} ${setup}`;
    let known = this.#known.get(name);
    if (known === undefined) {
      known = {
        model: createModel([], this.#stepNames(workflow)),
        lines: 0,
        newest: undefined,
        readAt: null,
        reading: null,
      };
      this.#known.set(name, known);
    }
    return known;
  }

  #isOld({ model, readAt }: Known): boolean {
    if (readAt === null) return true;
    const { clock, staleMs = STALE_MS } = this.#parts;
    const age = clock.now() - readAt;
    return age < 0 || age >= (model.runs < FEW_RUNS ? staleMs / STALE_PER_FEW : staleMs);
  }

  /** One reading at a time. Never rejects. */
  #read(known: Known, workflow: Workflow, setup: string): Promise<void> {
    known.reading ??= this.#fetch(known, workflow, setup).finally(() => {
      known.reading = null;
    });
    return known.reading;
  }

  async #fetch(known: Known, workflow: Workflow, setup: string): Promise<void> {
    const { clock, logger } = this.#parts;
    try {
      const lines = await this.#lines(workflow, setup);
      // A model of 200 runs takes some 100 ms of the event loop, so it is not made without need.
      if (lines[0] !== known.newest || lines.length !== known.lines) {
        known.model = createModel(this.#readRuns(workflow, setup, lines), this.#stepNames(workflow));
        known.newest = lines[0];
        known.lines = lines.length;
      }
    } catch (err) {
      logger.warn({ err, workflow }, 'reading the durations of earlier runs failed');
    }
    known.readAt = clock.now();
  }

  #stepNames(workflow: Workflow): readonly string[] {
    return stepsOf(this.#parts.workflows, workflow).map(({ name }) => name);
  }
}

const seconds = z.record(z.string(), z.number().nonnegative());
const recordSchema = z.object({ steps: seconds, halves: seconds.optional(), size: seconds });

/** A kept run from its JSON; null for any other text. */
export function readRun(json: string): RunRecord | null {
  try {
    const { halves, ...run } = recordSchema.parse(JSON.parse(json));
    return { ...run, ...(halves !== undefined && { halves }) };
  } catch {
    return null;
  }
}
