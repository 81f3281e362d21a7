/** The events of one job, read out of its project's log page by page. */
import type { Redis } from 'ioredis';
import { isJobEvent, type JobEvent, type LoggedEvent } from '../progress/events.ts';
import { ORIGIN, type Position } from '../progress/position.ts';
import type { Keys } from '../redis/keys.ts';
import type { EventLog } from './log.ts';
import { eventsBehind } from './log-page.ts';
import { JOB_EVENTS } from './scripts.ts';

interface HistoryRequest {
  readonly projectId: string;
  readonly jobId: string;
  /** After this event, whichever job's it is; null: from the oldest that is kept. */
  readonly after: Position | null;
  /** The most events of the page. */
  readonly limit: number;
}

export interface JobHistoryPage {
  /** Oldest first. */
  readonly events: readonly LoggedEvent[];
  readonly hasMore: boolean;
}

/** Entries of the log that a script scans at a time: about 1 ms of Redis' time. */
const STRETCH_LENGTH = 1_000;

export class JobHistory {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #log: Pick<EventLog, 'head' | 'readFrom'>;

  constructor(redis: Redis, keys: Keys, log: Pick<EventLog, 'head' | 'readFrom'>) {
    this.#redis = redis;
    this.#keys = keys;
    this.#log = log;
  }

  /**
   * A page of the job's events, as far as the log holds them; empty for a job that is not known. The cost grows with the
   * project's events since the job's first, or since `after`.
   * @throws PlayheadError EVENTS_EXPIRED when the history that follows `after` is not known (G2)
   */
  async read({ after, jobId, limit, projectId }: HistoryRequest): Promise<JobHistoryPage> {
    const { epoch } = await this.#log.head(projectId);
    if (after !== null) eventsBehind(after, await this.#log.readFrom(projectId, after.seq, 1));
    const { firstSeq, last } = await this.#span(projectId, jobId);
    // A job's last event may be one of a history that is lost.
    if (last === null || last.epoch !== epoch) return { events: [], hasMore: false };
    const events: LoggedEvent[] = [];
    let from = Math.max((after ?? ORIGIN).seq + 1, firstSeq);
    while (from <= last.seq && events.length <= limit) {
      const wanted = limit + 1 - events.length;
      const part = await this.#readStretch(projectId, jobId, from, last, wanted);
      events.push(...part.events);
      from = part.seq + 1;
    }
    return { events: events.slice(0, limit), hasMore: events.length > limit };
  }

  async #span(
    projectId: string,
    jobId: string,
  ): Promise<{ readonly firstSeq: number; readonly last: Position | null }> {
    const key = this.#keys.project(projectId).job(jobId);
    const [first, epoch, seq, hash] = await this.#redis.hmget(
      key,
      'firstSeq',
      'lastEpoch',
      'lastSeq',
      'lastTag',
    );
    // Earlier versions did not record the first.
    const firstSeq = Number(first ?? 1);
    return { firstSeq, last: epoch && seq && hash ? { epoch, seq: Number(seq), hash } : null };
  }

  async #readStretch(
    projectId: string,
    jobId: string,
    from: number,
    last: Position,
    limit: number,
  ): Promise<{ readonly events: readonly LoggedEvent[]; readonly seq: number }> {
    const { log: logKey } = this.#keys.project(projectId);
    const args = { jobId, from, upTo: last.seq, length: STRETCH_LENGTH, limit };
    const [seq, ...values] = await JOB_EVENTS.run<string[]>(this.#redis, { logKey }, args);
    const events: LoggedEvent[] = [];
    for (let at = 0; at < values.length; at += 3) {
      const [ownSeq, hash = '', json = 'null'] = values.slice(at, at + 3);
      // Only append.lua writes it.
      const event = JSON.parse(json) as JobEvent;
      const isOwn = isJobEvent(event) && event.jobId === jobId;
      if (isOwn) events.push({ epoch: last.epoch, seq: Number(ownSeq), hash, event });
    }
    return { events, seq: Number(seq) };
  }
}
