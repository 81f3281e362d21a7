/** The event log of each project: a Redis stream with numbered entries, written by append.lua alone. */
import type { Redis } from 'ioredis';
import { DamagedRecords } from '../core/damaged-records.ts';
import { PlayheadError } from '../core/errors.ts';
import { silentLogger } from '../core/logger.ts';
import {
  type BatchFinish,
  type BatchRef,
  type BatchReport,
  type BatchWriter,
  type EventWriter,
  isWritten,
} from '../progress/event-writer.ts';
import type { JobEvent, LoggedEvent } from '../progress/events.ts';
import type { Position } from '../progress/position.ts';
import { clusterOf, sendEach, WrongType } from '../redis/cluster.ts';
import type { Keys } from '../redis/keys.ts';
import {
  type AppendCall,
  type AppendCommand,
  type AppendOutcome,
  type CreateOutcome,
  type LogArgs,
  type Registration,
  type TrackedAppend,
  toAppendCall,
  toFinishCall,
  toReportCall,
} from './append.ts';
import { noteAppended } from './appended.ts';
import { eventsBehind, type LogPage } from './log-page.ts';
import { APPEND, APPEND_TRACKED, CREATE, RENEW_LEASE } from './scripts.ts';

export interface LogSettings {
  /** Entries a project's log keeps, at least; Redis trims in blocks of about 100. */
  readonly maxLength: number;
  /** The log is forgotten after this time without an event. */
  readonly lifetimeSeconds: number;
  /** How long an idempotency key leads to its job. */
  readonly idempotencySeconds: number;
}

export const DEFAULT_LOG_SETTINGS: LogSettings = {
  maxLength: 10_000,
  lifetimeSeconds: 7 * 24 * 3600,
  idempotencySeconds: 7 * 24 * 3600,
};

type AppendReply = [
  code: AppendOutcome['code'],
  seq: number,
  epoch: string,
  jobId: string,
  batchAttempt?: number,
  hash?: string,
  version?: number,
  /** What CREATE answers in addition: the first start with OK, bytes of files with FULL. */
  more?: number,
];

export class EventLog implements EventWriter, BatchWriter {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #args: LogArgs;

  readonly #damaged: DamagedRecords;

  /** @param damaged notes logs that can't be read; default: they are counted but not logged */
  constructor(
    redis: Redis,
    keys: Keys,
    settings: LogSettings = DEFAULT_LOG_SETTINGS,
    damaged = new DamagedRecords(silentLogger),
  ) {
    this.#redis = redis;
    this.#keys = keys;
    this.#damaged = damaged;
    this.#args = {
      // On a Cluster a message need not go to nodes that have nothing to do with the project.
      publish: clusterOf(redis) === null ? 'PUBLISH' : 'SPUBLISH',
      logLength: settings.maxLength,
      logSeconds: settings.lifetimeSeconds,
      idempotencySeconds: settings.idempotencySeconds,
    };
  }

  /**
   * Writes an event, the snapshot and the Pub/Sub message in one atomic step (G1, G3, G4).
   * Waits for Redis as long as it takes. Safe to repeat with the same id.
   */
  async append(command: AppendCommand): Promise<AppendOutcome> {
    const { event, mode, state } = command;
    const keys = this.#keys.project(state.projectId);
    const outcome = await this.#run(toAppendCall(command, keys, this.#args));
    if (isWritten(outcome)) noteAppended(event, mode, state);
    return outcome;
  }

  /**
   * Writes a job's first event, and in the same step all that a job needs to come into being. Not for a Cluster, where all
   * keys of a script must lie in one slot.
   */
  async create(
    command: AppendCommand & { readonly mode: 'create' },
    to: Registration,
  ): Promise<CreateOutcome> {
    const { event, mode, state } = command;
    const project = this.#keys.project(state.projectId);
    const { keys, args, fields } = toAppendCall(command, project, this.#args);
    const { maxFileBytes = '', starts, watched } = to;
    const reply = await CREATE.run<AppendReply>(
      this.#redis,
      {
        ...keys,
        unendedKey: this.#keys.unended,
        usageKey: project.usage,
        startsKey: starts.stateKey,
        waitingKey: starts.waitingKey,
        parkedKey: starts.parkedKey,
      },
      {
        ...args,
        project: state.projectId,
        watchedAs: watched.member,
        watchedSince: watched.since,
        maxFileBytes,
        starts: starts.count,
        highestStart: starts.highest,
      },
      fields,
    );
    const outcome = toOutcome(reply);
    if (isWritten(outcome)) noteAppended(event, mode, state);
    const [code, , , , , , , more] = reply;
    return code === 'FULL' ? { ...outcome, usedBytes: more } : { ...outcome, firstStart: more };
  }

  /**
   * Writes an event of a tracked job if the job is still as its writer has read it, and renews its lease.
   * @returns STALE when it is not, EXISTS when the name of a job to create is taken; nothing was written then
   */
  async appendTracked(command: AppendCommand, tracked: TrackedAppend): Promise<AppendOutcome> {
    const { event, mode, state } = command;
    const { keys, args, fields } = toAppendCall(command, this.#keys.project(state.projectId), this.#args);
    const reply = await APPEND_TRACKED.run<AppendReply>(
      this.#redis,
      { ...keys, externalKey: tracked.externalKey ?? keys.jobKey },
      {
        ...args,
        knownVersion: tracked.known?.version ?? 0,
        knownHash: tracked.known?.last?.hash ?? '',
        waitMs: tracked.waitMs ?? '',
        lapsed: tracked.isLapsed === true ? 1 : '',
        externalSeconds: tracked.externalSeconds ?? '',
        callKey: tracked.callKey ?? '',
      },
      fields,
    );
    const outcome = toOutcome(reply);
    if (isWritten(outcome)) noteAppended(event, mode, state);
    return outcome;
  }

  /**
   * Renews the lease of a tracked job, without an event.
   * @returns the hash of the job's last event, which is empty if it has none; null when the lease is not held
   */
  async renewLease(projectId: string, jobId: string, lease: string, waitMs: number): Promise<string | null> {
    const jobKey = this.#keys.project(projectId).job(jobId);
    return RENEW_LEASE.run<string | null>(this.#redis, { jobKey }, { lease, waitMs });
  }

  /**
   * Writes a batch's progress event: the mean over its items and their counts at this very moment (G5).
   * @returns STALE when the batch is at another attempt, ENDED or GONE; nothing was written then
   */
  async report(batch: BatchRef, report: BatchReport): Promise<AppendOutcome> {
    const keys = this.#keys.project(batch.projectId);
    const outcome = await this.#run(toReportCall(batch, report, keys, this.#args));
    if (isWritten(outcome)) noteAppended(report.event, 'report');
    return outcome;
  }

  /**
   * Writes a batch's last event (G3).
   * @returns STALE while an item has not ended, when the counts differ, or when the batch is at another attempt; ENDED or GONE;
   *   nothing was written then
   */
  async finish(batch: BatchRef, finish: BatchFinish): Promise<AppendOutcome> {
    const keys = this.#keys.project(batch.projectId);
    const outcome = await this.#run(toFinishCall(batch, finish, keys, this.#args));
    if (isWritten(outcome)) {
      const { workflow, startedAt = null, attemptBase = 0 } = batch;
      const known = { workflow, startedAt, attemptBase, finishedAt: finish.now, itemCount: 1 };
      noteAppended(finish.event, 'finish', { ...known, status: 'COMPLETED' });
    }
    return outcome;
  }

  async #run({ keys, args, fields }: AppendCall): Promise<AppendOutcome> {
    return toOutcome(await APPEND.run<AppendReply>(this.#redis, keys, args, fields));
  }

  /**
   * The ends of several projects' logs, in one round trip; on a Cluster each from its own node. Null stands for a log whose
   * key has been overwritten with another type: it must not hold up the others, and is reported.
   */
  async heads(projectIds: readonly string[]): Promise<readonly (Position | null)[]> {
    const metas = projectIds.map((projectId) => this.#keys.project(projectId).meta);
    const replies = await sendEach<(string | null)[]>(
      this.#redis,
      metas.map((meta) => ['hmget', meta, ...HEAD_FIELDS]),
    );
    return replies.map((reply, at) => {
      if (!(reply instanceof WrongType)) return toHead(reply);
      this.#damaged.note('event_log', metas[at] ?? '', 'expected a hash');
      return null;
    });
  }

  async head(projectId: string): Promise<Position> {
    const meta = this.#keys.project(projectId).meta;
    return toHead(await this.#redis.hmget(meta, ...HEAD_FIELDS));
  }

  /**
   * The events after a position, oldest first, at most `limit`; empty when there are none.
   * @throws PlayheadError EVENTS_EXPIRED when the log no longer holds the position's own event with the position's own hash, so
   *   that nobody can know what came after it (G2)
   */
  async readAfter(projectId: string, position: Position, limit: number): Promise<readonly LoggedEvent[]> {
    return eventsBehind(position, await this.readFrom(projectId, position.seq, limit + 1)).slice(0, limit);
  }

  /** The entries from a seq on, oldest first, at most `limit`, with the log's end at that moment. */
  async readFrom(projectId: string, seq: number, limit: number): Promise<LogPage> {
    const keys = this.#keys.project(projectId);
    // One transaction: the head and the entries belong to the same moment.
    const replies = await this.#redis
      .multi()
      .hmget(keys.meta, ...HEAD_FIELDS)
      .xrange(keys.log, `${Math.max(seq, 1)}-0`, '+', 'COUNT', limit)
      .exec();
    if (replies === null) throw new PlayheadError('UNAVAILABLE', 'Redis discarded the read; try again');
    const [meta, entries] = replies.map(([error, value]) => {
      if (error) throw error;
      return value;
    });
    const head = toHead(meta as (string | null)[]);
    return { head, events: (entries as StreamEntry[]).map((entry) => parseEntry(head.epoch, entry)) };
  }
}

function toOutcome(reply: AppendReply): AppendOutcome {
  const [code, seq, epoch, jobId, batchAttempt = 0, hash = '', version = 0] = reply;
  return { code, jobId, position: { epoch, seq, hash }, version, batchAttempt };
}

/** Hashes are stored under `tag` and `lastTag`, their first names, so that every version can read what is stored. */
const HEAD_FIELDS = ['epoch', 'seq', 'tag'] as const;

type StreamEntry = [id: string, fields: string[]];

function parseEntry(epoch: string, [id, fields]: StreamEntry): LoggedEvent {
  const [, hash = '', , json = 'null'] = fields;
  // Only append.lua writes entries, from JobEvent values.
  return { epoch, seq: Number.parseInt(id, 10), hash, event: JSON.parse(json) as JobEvent };
}

function toHead([epoch, seq, hash]: readonly (string | null | undefined)[]): Position {
  return { epoch: epoch ?? '', seq: Number(seq ?? 0), hash: hash ?? '' };
}
