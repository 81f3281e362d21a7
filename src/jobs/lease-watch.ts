/**
 * The leases of tracked jobs. Every report of such a job's task shows that it is alive; the job's record holds the time until
 * which it may be silent. The reconciler acts on jobs that were silent for longer:
 *
 *   the job is  | attempts are left  | what is done
 *   RUNNING     | yes (maxAttempts)  | ErrorEvent WORKER_LOST, willRetry: the job is RETRYING, and waits for its own queue
 *   RUNNING     | no                 | last event, code WORKER_LOST
 *   RETRYING    | either             | last event, code WORKER_LOST: its own queue did not retry it
 *
 * Silence counts only while reports could have been heard. While Redis is away, while no reconciler runs or, for tasks that
 * report to the API, while no API process runs, no task is lost, and every task has a whole lease after that. `leaseWatch`
 * records what is known of this: when a reconciler last looked, when an API process last reported that it serves, and when
 * either was last missed.
 *
 * `leases` says when to look at which job. It is only a list: a heartbeat does not touch it, so a job that is looked at may
 * have time left, and is put back; a missing job is added by the sweep over unended jobs. The script decides whether a job has
 * been silent for too long, in the step that writes the event (tracked.lua), by Redis' clock.
 */
import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { repeat } from '../core/repeat.ts';
import { singleFlight } from '../core/single-flight.ts';
import { DamagedJob, type FoundJob } from '../log/damaged-job.ts';
import type { JobStore } from '../log/job-store.ts';
import type { EventLog } from '../log/log.ts';
import type { ErrorEvent } from '../progress/events.ts';
import { hasEnded, type JobState, type JobStatus, type TrackedAttempt } from '../progress/state.ts';
import { newWriteId } from '../progress/write-id.ts';
import type { Keys } from '../redis/keys.ts';
import { ServerClock } from '../redis/write-deadline.ts';
import { errorEvent } from './job-events.ts';
import { ending, RETURN_MS } from './lease.ts';
import { memberOf, splitMember } from './watch.ts';

/** Sets when to look at jobs, unless an earlier time is set already. @param ends ms, Redis' clock; at least one */
export async function watchLeases(
  redis: Redis,
  keys: Keys,
  ends: readonly { readonly state: Pick<JobState, 'projectId' | 'id'>; readonly end: number }[],
): Promise<void> {
  const scores = ends.flatMap(({ end, state }) => [end, memberOf(state)]);
  await redis.zadd(keys.leases, 'LT', ...scores);
}

/** When silence last did not count (ms, Redis' clock); 0: it always did. */
interface Hearing {
  /** For all tasks. */
  readonly away: number;
  /** For tasks that report to the API. */
  readonly deaf: number;
}

/** The end of the whole lease that a running task gets after a time in which it could not have been heard; or long ago. */
function heardUntil(status: JobStatus, tracked: TrackedAttempt, { away, deaf }: Hearing): number {
  if (status !== 'RUNNING') return 0;
  const missed = tracked.isRemote ? Math.max(away, deaf) : away;
  return missed + tracked.leaseSeconds * 1_000;
}

/** Keeps recording that reports are heard here. @returns what stops it */
export function startListening({ redis, keys, logger }: Pick<LeaseParts, 'redis' | 'keys' | 'logger'>) {
  const clock = new ServerClock(redis);
  return repeat(async () => {
    try {
      await redis.hset(keys.leaseWatch, 'heard', await clock.now());
    } catch (err) {
      logger.warn({ err }, 'saying that reports are heard failed; trying again');
    }
  }, LISTENING_MS);
}

/** How often an API process reports that it serves. */
const LISTENING_MS = 3_000;
/** Reconcilers or API processes that have been silent for this long count as missed. Reconcilers look every 3 s. */
const AWAY_MS = 15_000;

interface LeaseParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Default: RETURN_MS. */
  readonly returnMs?: number | undefined;
}

const PAGE = 500;

export class LeaseWatch {
  readonly #parts: LeaseParts;
  readonly #serverClock: ServerClock;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
    this.#serverClock = new ServerClock(parts.redis);
  }

  /** Puts tracked jobs that have not ended on the list, whatever a crash has left undone. */
  async note(states: readonly JobState[]): Promise<void> {
    if (states.length === 0) return;
    const { jobs, keys, redis } = this.#parts;
    const ends = await jobs.leaseEnds(states.map(({ id, projectId }) => ({ jobId: id, projectId })));
    await watchLeases(
      redis,
      keys,
      states.map((state, at) => ({ state, end: ends[at] ?? 0 })),
    );
  }

  /** Looks at the jobs that are due. Never overlaps itself. */
  readonly sweep = singleFlight(async () => {
    const { keys, redis } = this.#parts;
    const now = await this.#serverClock.now();
    const hearing = await this.#hearing(now);
    for (;;) {
      const due = await redis.zrangebyscore(keys.leases, '-inf', now, 'LIMIT', 0, PAGE);
      await this.#look(due, now, hearing);
      if (due.length < PAGE) break;
    }
    // Written at the end, so that another sweep that began meanwhile sees the same gap.
    await redis.hset(keys.leaseWatch, { swept: now, ...hearing });
  });

  async #hearing(now: number): Promise<Hearing> {
    const { keys, redis } = this.#parts;
    const [swept, heard, away, deaf] = await redis.hmget(keys.leaseWatch, 'swept', 'heard', 'away', 'deaf');
    const isLongAgo = (time: string | null | undefined): boolean =>
      time != null && now - Number(time) > AWAY_MS;
    return {
      away: isLongAgo(swept) ? now : Number(away ?? 0),
      deaf: isLongAgo(heard) ? now : Number(deaf ?? 0),
    };
  }

  /** Each job leaves the list, or gets a later time. */
  async #look(members: readonly string[], now: number, hearing: Hearing): Promise<void> {
    const { jobs, keys, logger, redis } = this.#parts;
    const ids = members.map(splitMember);
    const ends = await jobs.leaseEnds(ids);
    const found = await jobs.loadMany(ids);
    for (const [at, member] of members.entries()) {
      const next = await this.#settle(found[at] ?? null, ends[at] ?? 0, now, hearing).catch(
        (err: unknown) => {
          logger.error({ err, member }, 'ending a lease failed; trying again');
          return now + AGAIN_MS;
        },
      );
      if (next === null) await redis.zrem(keys.leases, member);
      else await redis.zadd(keys.leases, 'XX', next, member);
    }
  }

  /** @returns when to look again; null: never */
  async #settle(found: FoundJob, leaseUntil: number, now: number, hearing: Hearing): Promise<number | null> {
    if (found === null || found instanceof DamagedJob) return null;
    if (found.tracked === null || hasEnded(found.status)) return null;
    const end = Math.max(leaseUntil, heardUntil(found.status, found.tracked, hearing));
    if (end > now) return end;
    const { log, logger, returnMs = RETURN_MS } = this.#parts;
    const { mode, state, event } = this.#lose(found);
    const outcome = await log.appendTracked(
      { mode, state, event, base: found, writeId: newWriteId() },
      { externalKey: null, known: found, isLapsed: true, waitMs: returnMs },
    );
    // The task reported meanwhile, or somebody else has ended the job: the next sweep will see.
    if (outcome.code !== 'OK') return now + AGAIN_MS;
    logger.warn(
      { jobId: state.id, projectId: state.projectId, status: state.status },
      'a tracked job was silent',
    );
    return hasEnded(state.status) ? null : now + returnMs;
  }

  #lose(job: JobState) {
    const now = this.#parts.clock.now();
    const willRetry = job.status === 'RUNNING' && job.attempt < job.maxAttempts;
    const event: ErrorEvent = {
      ...errorEvent(job, now, {
        error:
          job.status === 'RETRYING'
            ? 'The next attempt of this job was announced, and never began'
            : 'The process that ran this job was silent for longer than its lease',
        code: 'WORKER_LOST',
        details: job.tracked && { leaseSeconds: job.tracked.leaseSeconds },
      }),
      willRetry,
    };
    const mode = willRetry ? 'release' : job.status === 'RETRYING' ? 'close' : 'end';
    const ended = ending(job, event, 'LOST', now);
    // The script writes what a closing leaves.
    return { mode, state: ended.state, event: mode === 'close' ? event : ended.event } as const;
  }
}

const AGAIN_MS = 1_000;
