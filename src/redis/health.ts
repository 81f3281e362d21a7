/**
 * Checks whether Redis takes writes, and keeps what it was given, while the process runs, and reports it in the log: a Redis
 * that refuses (its memory or disk is full, its replicas are missing) answers reads as usual, and must not pass for healthy.
 */
import type { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { lastTroubleOf, withDeadline } from './client.ts';
import { clusterOf } from './cluster.ts';
import type { Keys } from './keys.ts';
import { onRefusal, type RedisTrouble, troubleOf } from './replies.ts';
import { checkRedisServer, primariesOf } from './server-check.ts';

/**
 * Needs what every write of ours needs: scripts, and a command that Redis refuses when it refuses writes. The list never
 * exists, so nothing is written.
 */
const PROBE = "return redis.call('RPOPLPUSH', KEYS[1], KEYS[1])";
/** On a Cluster each primary refuses by itself; this many slots reach every primary of all but the largest Clusters. */
const CLUSTER_PROBES = 32;
const ANSWER_LIMIT_MS = 1_500;
const LOOK_EVERY_MS = 5_000;
/** A lasting problem is reported again after this time. */
const SAY_AGAIN_MS = 60_000;

interface HealthParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly logger: Logger;
  readonly lookEveryMs?: number;
}

export class RedisHealth {
  readonly #parts: HealthParts;
  readonly #timer: NodeJS.Timeout;
  readonly #forgetRefusals: () => void;
  /** When each problem was last reported. */
  readonly #saidAt = new Map<string, number>();
  #probing: Promise<string | null> | null = null;
  /** Probes that Redis has not answered yet, so that none pile up while it is away. */
  #answers: Promise<unknown> | null = null;
  #hadFault = false;
  #policyFault: string | null = null;

  /** Looks every 5 s until `close`. */
  constructor(parts: HealthParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.#look(), parts.lookEveryMs ?? LOOK_EVERY_MS).unref();
    this.#forgetRefusals = onRefusal((trouble) => this.#say(describe(trouble)));
  }

  /** Why nothing can be written now, in words for operators; null when it can. Concurrent callers share one probe. */
  findFault(): Promise<string | null> {
    this.#probing ??= this.#probe().then((fault) => {
      this.#probing = null;
      this.#note(fault);
      return fault;
    });
    return this.#probing;
  }

  /** Whether the last check found that nothing could be written. */
  get hasFault(): boolean {
    return this.#hadFault;
  }

  /** What threatens the data although work goes on, as of the last check; null: nothing. */
  get warning(): string | null {
    return this.#policyFault;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#forgetRefusals();
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    if ((await this.findFault()) === null) await this.#lookAtPolicy();
  }

  #note(fault: string | null): void {
    if (fault !== null) this.#say(fault);
    else if (this.#hadFault) {
      this.#parts.logger.info({}, 'Redis accepts writes again');
      this.#saidAt.clear();
    }
    this.#hadFault = fault !== null;
  }

  async #probe(): Promise<string | null> {
    const { redis } = this.#parts;
    this.#answers ??= this.#ask().finally(() => {
      this.#answers = null;
    });
    try {
      await withDeadline(this.#answers, ANSWER_LIMIT_MS);
      return null;
    } catch (error) {
      // Some troubles keep the connection from serving at all: then there is no answer, and the connection knows why.
      const trouble = troubleOf(error) ?? lastTroubleOf(redis);
      if (trouble !== null) return describe(trouble);
      return error instanceof PlayheadError ? SILENT : `Redis: ${String(error)}`;
    }
  }

  #ask(): Promise<unknown> {
    const { redis, keys } = this.#parts;
    const probes = keys.probes(clusterOf(redis) === null ? 1 : CLUSTER_PROBES);
    return Promise.all(probes.map((key) => redis.eval(PROBE, 1, key)));
  }

  /** Somebody may change the policy while this runs, and jobs would vanish. */
  async #lookAtPolicy(): Promise<void> {
    try {
      const checks = (await primariesOf(this.#parts.redis)).map(checkRedisServer);
      const faults = (await Promise.all(checks)).map(({ fault }) => fault);
      this.#policyFault = faults.find((fault) => fault !== null) ?? null;
      if (this.#policyFault !== null) this.#say(this.#policyFault);
    } catch (err) {
      this.#parts.logger.warn({ err }, 'looking at the settings of Redis failed');
    }
  }

  #say(what: string): void {
    const now = performance.now();
    const before = this.#saidAt.get(what);
    if (before !== undefined && now - before < SAY_AGAIN_MS) return;
    this.#saidAt.set(what, now);
    this.#parts.logger.error({ reason: what }, 'Redis needs attention');
  }
}

const SILENT = 'Redis does not answer';

function describe({ kind, code, reason }: RedisTrouble): string {
  if (code === 'UNREACHABLE') return SILENT;
  return kind === 'away' ? `Redis does not serve: ${reason} (${code})` : `Redis refuses: ${reason} (${code})`;
}
