/** The step ranges that `calibrate --save` has put into Redis, for the servers that give them to new jobs. */
import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Clock } from '../core/clock.ts';
import type { StepRange, Workflow } from '../progress/steps.ts';
import type { Keys } from '../redis/keys.ts';

const share = z.number().min(0).max(1);
const rangesSchema = z.array(z.object({ name: z.string(), from: share, to: share }));

/** How long a server goes on using what it has read. */
const FRESH_MS = 10_000;

export class RangeStore {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #clock: Clock;
  readonly #read = new Map<Workflow, { readonly at: number; readonly ranges: readonly StepRange[] | null }>();

  constructor(redis: Redis, keys: Keys, clock: Clock) {
    this.#redis = redis;
    this.#keys = keys;
    this.#clock = clock;
  }

  async save(workflow: Workflow, ranges: readonly StepRange[]): Promise<void> {
    await this.#redis.hset(this.#keys.ranges, workflow, JSON.stringify(ranges));
  }

  /** Goes back to the tables. */
  async clear(): Promise<void> {
    await this.#redis.del(this.#keys.ranges);
  }

  /** The saved ranges, at most 10 s old. @returns null if none were saved, or what was saved is not ranges */
  async load(workflow: Workflow): Promise<readonly StepRange[] | null> {
    const known = this.#read.get(workflow);
    const now = this.#clock.now();
    // Under a clock that was set back, what was read would be kept for that much longer.
    if (known !== undefined && now >= known.at && now - known.at < FRESH_MS) return known.ranges;
    const ranges = parse(await this.#redis.hget(this.#keys.ranges, workflow));
    this.#read.set(workflow, { at: now, ranges });
    return ranges;
  }
}

function parse(text: string | null): readonly StepRange[] | null {
  if (text === null) return null;
  try {
    return rangesSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
