/** The event log of each project: a Redis stream with numbered entries, written by append.lua alone. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { PlayheadError } from '../core/errors.ts';
import { toJson } from '../core/json.ts';
import { METERS } from '../core/meters.ts';
import { tracePlace } from '../core/tracing.ts';
import {
  type AttemptMode,
  type BatchFinish,
  type BatchRef,
  type BatchReport,
  type BatchWriter,
  type EventWrite,
  type EventWriter,
  type ItemProgress,
  isWritten,
  type WriteOutcome,
} from '../progress/event-writer.ts';
import type { JobEvent, LoggedEvent } from '../progress/events.ts';
import type { Position } from '../progress/position.ts';
import {
  JOB_STATUSES,
  type JobState,
  type JobStatus,
  toAttemptHash,
  toClosingHash,
  toHash,
  toNewHash,
} from '../progress/state.ts';
import { clusterOf, sendMany } from '../redis/cluster.ts';
import type { Keys } from '../redis/keys.ts';
import { noteAppended } from './appended.ts';

/** What an append is allowed to do; the rules stand in append.lua. */
export type AppendMode = AttemptMode | 'create' | 'close' | 'retry';

/** An event to append, of an attempt or from outside of one. */
export interface AppendCommand extends Omit<EventWrite, 'mode'> {
  readonly mode: AppendMode;
  /** The workflow's input as JSON; with `create` only. */
  readonly input?: string;
  /** With `create` only. */
  readonly idempotencyKey?: string | undefined;
  /** With an idempotency key: of the input. CONFLICT when the key has a job of another; default: any is taken for the same. */
  readonly fingerprint?: string | undefined;
  /** With `create` and `retry`: FULL when the project has more unfinished jobs than this already. */
  readonly unfinishedMost?: number | undefined;
  /** LATE when Redis' clock (ms) is past this (redis/write-deadline.ts). */
  readonly notAfter?: number | undefined;
  /** With `retry` of a batch: the items that run again, with the attempts that they begin. */
  readonly retries?: readonly ItemRetry[];
}

/** An item that the retry of its batch takes up again. */
export interface ItemRetry {
  readonly index: number;
  readonly attempt: number;
}

/** What is carried out in the same atomic step as an append; see EventLog.wrap. */
export interface Around {
  /** The command that `wrap` defined. */
  readonly command: string;
  /** Behind those of the append, KEYS 16.. */
  readonly keys: readonly string[];
  /** Behind those of the append; the wrapping script takes them off ARGV before it appends. */
  readonly args: readonly (string | number)[];
}

/** What became of an append. */
export interface AppendOutcome extends WriteOutcome {
  /** The job that the idempotency key belongs to, with EXISTS and CONFLICT; otherwise the job itself. */
  readonly jobId: string;
  /** The present attempt of the batch that the job is an item of, with OK and DUP; 0 for any other job. */
  readonly batchAttempt: number;
  /** What the script around the append answered as its seventh; 0 without one. */
  readonly around: number;
}

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

const script = readFileSync(new URL('./append.lua', import.meta.url), 'utf8');

const APPEND = 'playheadAppend';
const ALONE: Around = { command: APPEND, keys: [], args: [] };

type AppendReply = [
  code: AppendOutcome['code'],
  seq: number,
  epoch: string,
  jobId: string,
  batchAttempt?: number,
  hash?: string,
  around?: number,
];
/** defineCommand adds the methods at run time. */
type ScriptedRedis = Readonly<
  Record<string, (keyCount: number, ...args: (string | number)[]) => Promise<AppendReply>>
>;

/** The arguments of one call of the script, in the words of append.lua. */
interface ScriptCall {
  readonly target: BatchRef & Pick<JobState, 'parentId' | 'itemCount'>;
  readonly mode: AppendMode | 'report' | 'finish';
  readonly status: JobStatus;
  readonly index: number | '';
  /** What the mode takes beside the rest. */
  readonly particulars: string;
  readonly unfinishedMost?: number | undefined;
  readonly time: number | '';
  readonly fields: readonly string[];
}

/** The snapshot's fields that an append writes. */
function fieldsOf({ mode, state, base }: AppendCommand): string[] {
  if (mode === 'create') return toNewHash(state);
  if (mode === 'retry') return toHash(state);
  // The attempt before may have reported once more since the snapshot was read, so that nobody knows what it holds now.
  if (mode === 'begin' && state.attempt > 1) return toAttemptHash(state);
  return mode === 'close' ? toClosingHash(state) : toAttemptHash(state, base);
}

function particularsOf({ mode, state, fingerprint = '', retries = [] }: AppendCommand): string {
  if (mode === 'create') return fingerprint;
  if (mode === 'begin') return state.queueId;
  return toItems(retries.map(({ index }) => ({ index, progress: 0 })));
}

/** In millionths, so that the sum over many items is exact. */
function toItems(items: readonly ItemProgress[]): string {
  return items.map(({ index, progress }) => `${index}:${Math.round(progress * 1e6)}`).join(',');
}

export class EventLog implements EventWriter, BatchWriter {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #settings: LogSettings;
  /** On a Cluster a message need not go to nodes that have nothing to do with the project. */
  readonly #publish: 'PUBLISH' | 'SPUBLISH';

  constructor(redis: Redis, keys: Keys, settings: LogSettings = DEFAULT_LOG_SETTINGS) {
    this.#redis = redis;
    this.#keys = keys;
    this.#settings = settings;
    this.#publish = clusterOf(redis) === null ? 'PUBLISH' : 'SPUBLISH';
    redis.defineCommand(APPEND, { lua: script });
  }

  /**
   * Defines a command that appends and, in the same atomic step, does more. Not for a Cluster, where all keys of a script
   * must lie in one slot.
   * @param lua calls `append()` once and returns its answer, with a seventh number where it has one to give
   */
  wrap(command: string, lua: string): void {
    this.#redis.defineCommand(command, { lua: `local function append()\n${script}\nend\n${lua}` });
  }

  /**
   * Writes an event, the snapshot and the Pub/Sub message in one atomic step (G1, G3, G4).
   * Waits for Redis as long as it takes. Safe to repeat with the same id.
   */
  async append(command: AppendCommand, around?: Around): Promise<AppendOutcome> {
    const { mode, notAfter = '', state, retries = [], unfinishedMost } = command;
    const beginsRun = mode === 'create' || mode === 'retry';
    // The reconciler goes on with this trace when it adds the job to the queue again.
    const place = beginsRun ? tracePlace() : null;
    const call: ScriptCall = {
      target: state,
      mode,
      status: state.status,
      index: state.itemIndex ?? '',
      particulars: particularsOf(command),
      unfinishedMost,
      time: notAfter,
      fields: [
        ...fieldsOf(command),
        ...(command.input === undefined ? [] : ['input', command.input]),
        ...(command.fingerprint === undefined ? [] : ['fingerprint', command.fingerprint]),
        ...(command.retries === undefined ? [] : ['retries', JSON.stringify(retries)]),
        ...(place === null ? [] : ['trace', place]),
      ],
    };
    const outcome = await this.#run(command, call, around);
    if (isWritten(outcome)) noteAppended(command.event, mode, state);
    return outcome;
  }

  /**
   * Writes a batch's progress event: the mean over its items and their counts at this very moment (G5).
   * @returns STALE when the batch is at another attempt, ENDED or GONE; nothing was written then
   */
  async report(batch: BatchRef, report: BatchReport): Promise<AppendOutcome> {
    const outcome = await this.#run(report, {
      target: { ...batch, parentId: null, itemCount: 1 },
      mode: 'report',
      status: 'RUNNING',
      index: '',
      particulars: toItems(report.items),
      time: report.now,
      fields: ['status', 'RUNNING', 'message', report.event.message],
    });
    if (isWritten(outcome)) noteAppended(report.event, 'report');
    return outcome;
  }

  /**
   * Writes a batch's last event (G3).
   * @returns STALE while an item has not ended, when the counts are others, or when the batch is at another attempt;
   *   ENDED or GONE; nothing was written then
   */
  async finish(batch: BatchRef, finish: BatchFinish): Promise<AppendOutcome> {
    const { event, counts, now } = finish;
    const ending = { message: 'Done', result: event.result, error: null, finishedAt: now };
    const outcome = await this.#run(finish, {
      target: { ...batch, parentId: null, itemCount: 1 },
      mode: 'finish',
      status: 'COMPLETED',
      index: '',
      particulars: `${counts.succeeded}:${counts.failed}:${counts.cancelled}`,
      time: now,
      fields: [...toClosingHash({ status: 'COMPLETED', ...ending }), 'progress', '1'],
    });
    if (isWritten(outcome)) {
      const { workflow, startedAt = null, attemptBase = 0 } = batch;
      const known = { workflow, startedAt, attemptBase, finishedAt: now, itemCount: 1 };
      noteAppended(event, 'finish', { ...known, status: 'COMPLETED' });
    }
    return outcome;
  }

  async #run(
    { event, writeId, idempotencyKey }: Pick<AppendCommand, 'event' | 'writeId' | 'idempotencyKey'>,
    { target, mode, status, index, particulars, unfinishedMost, time, fields }: ScriptCall,
    around: Around = ALONE,
  ): Promise<AppendOutcome> {
    const keys = this.#keys.project(target.projectId);
    const job = keys.job(target.id);
    const isItem = target.parentId !== null;
    const idempotency =
      idempotencyKey === undefined ? job : keys.idempotency(target.taskName, idempotencyKey);
    const indexes = JOB_STATUSES.map((name) =>
      isItem ? keys.itemIndex(target.workflow, name) : keys.index(target.workflow, name),
    );
    const batchId = target.parentId ?? (target.itemCount > 0 ? target.id : null);
    const names = [
      ...[keys.meta, keys.log, job, isItem ? keys.items : keys.jobs, keys.active, idempotency, ...indexes],
      batchId === null ? job : keys.batch(batchId),
      target.parentId === null ? job : keys.job(target.parentId),
      keys.latest,
      ...around.keys,
    ];
    const scripted = this.#redis as unknown as ScriptedRedis;
    const reply = await scripted[around.command]?.(
      names.length,
      ...names,
      mode,
      target.id,
      target.attempt,
      writeId,
      toJson(event),
      status,
      `${this.#publish} ${keys.live}`,
      this.#settings.maxLength,
      this.#settings.lifetimeSeconds,
      this.#settings.idempotencySeconds,
      time,
      index,
      particulars,
      unfinishedMost ?? '',
      ...fields,
      ...around.args,
    );
    if (reply === undefined)
      throw new TypeError(`around: expected a command that was defined, received ${around.command}`);
    const [code, seq, epoch, jobId, batchAttempt = 0, hash = '', answer = 0] = reply;
    return { code, jobId, position: { epoch, seq, hash }, batchAttempt, around: answer };
  }

  /** The ends of several projects' logs, in one round trip; on a Cluster each from its own node. */
  async heads(projectIds: readonly string[]): Promise<readonly Position[]> {
    const replies = await sendMany<(string | null)[]>(
      this.#redis,
      projectIds.map((projectId) => ['hmget', this.#keys.project(projectId).meta, ...HEAD_FIELDS]),
    );
    return replies.map(toHead);
  }

  async head(projectId: string): Promise<Position> {
    const meta = this.#keys.project(projectId).meta;
    return toHead(await this.#redis.hmget(meta, ...HEAD_FIELDS));
  }

  /**
   * The events behind a position, oldest first, at most `limit`; empty when there are none.
   * @throws PlayheadError EVENTS_EXPIRED when the log no longer holds the position's own event with the position's own
   *   hash, so that nobody can know what came behind it (G2)
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

/** A stretch of a log, and the log's end when it was read. */
export interface LogPage {
  readonly head: Position;
  readonly events: readonly LoggedEvent[];
}

/**
 * The events behind `position` in a page that was read from its seq on, or from an earlier one. Pure.
 * @throws PlayheadError EVENTS_EXPIRED unless the page proves that the position belongs to this history (G2)
 */
export function eventsBehind(position: Position, page: LogPage): readonly LoggedEvent[] {
  return (position.seq === 0 ? wholeLog(position, page) : behindOwnEntry(position, page)) ?? refuse();
}

function wholeLog(position: Position, { head, events }: LogPage): readonly LoggedEvent[] | null {
  const sameHistory = position.epoch === '' || position.epoch === head.epoch;
  const first = events[0];
  const complete = head.seq === 0 || first?.seq === 1 || first?.hash === firstHashOf(head.epoch);
  return sameHistory && complete ? events : null;
}

/** The hash of a history's first event, which is number 1 unless append.lua began it behind the log of a lost one. */
function firstHashOf(epoch: string): string {
  return createHash('sha1').update(epoch).digest('hex').slice(0, 24);
}

function behindOwnEntry(position: Position, { head, events }: LogPage): readonly LoggedEvent[] | null {
  if (position.epoch !== head.epoch || position.seq > head.seq) return null;
  const index = events.findIndex(({ seq }) => seq >= position.seq);
  const own = events[index];
  if (own?.seq === position.seq) return own.hash === position.hash ? events.slice(index + 1) : null;
  // The own entry is trimmed: continuity can still be proven when nothing came behind it.
  return own === undefined && position.seq === head.seq && position.hash === head.hash ? [] : null;
}

function refuse(): never {
  throw expired();
}

/** The error that ends a stream whose history can't be continued (G2). */
export function expired(): PlayheadError {
  METERS.eventsExpired.add(1);
  return new PlayheadError(
    'EVENTS_EXPIRED',
    'The events behind this cursor are no longer known (trimmed, lost or rolled back); subscribe again without after',
  );
}

/** Hashes are stored under `tag` and `lastTag`, as they were first called: what is stored is read by every version. */
const HEAD_FIELDS = ['epoch', 'seq', 'tag'] as const;

type StreamEntry = [id: string, fields: string[]];

function parseEntry(epoch: string, [id, fields]: StreamEntry): LoggedEvent {
  const [, hash = '', , json = 'null'] = fields;
  // Entries are written by append.lua alone, from JobEvent values.
  return { epoch, seq: Number.parseInt(id, 10), hash, event: JSON.parse(json) as JobEvent };
}

function toHead([epoch, seq, hash]: readonly (string | null | undefined)[]): Position {
  return { epoch: epoch ?? '', seq: Number(seq ?? 0), hash: hash ?? '' };
}

/** A Pub/Sub message: the event and the hash of the one before it. */
export interface LiveMessage extends LoggedEvent {
  readonly previousHash: string;
}

/** Parses what append.lua publishes: `epoch seq hash previousHash json`. @returns null for anything else */
export function parseLiveMessage(message: string): LiveMessage | null {
  const match = /^(\S+) (\d+) (\S+) (\S*) /.exec(message);
  if (match === null) return null;
  const [prefix, epoch = '', seq = '', hash = '', previousHash = ''] = match;
  try {
    const event = JSON.parse(message.slice(prefix.length)) as JobEvent;
    return { epoch, seq: Number(seq), hash, previousHash, event };
  } catch {
    return null;
  }
}
