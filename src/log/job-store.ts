/** Reads the snapshots that append.lua writes, and keeps what finished steps returned. */

import type { Redis } from 'ioredis';
import { DamagedRecords, type RecordKind } from '../core/damaged-records.ts';
import { type Json, toJson } from '../core/json.ts';
import { silentLogger } from '../core/logger.ts';
import type { ItemCounts } from '../progress/event-writer.ts';
import { isJobEvent, type LoggedEvent } from '../progress/events.ts';
import {
  type JobField,
  type JobRecord,
  LAST_EVENT_FIELDS,
  RecordFault,
  readEarlier,
  readRecord,
  STATE_FIELDS,
} from '../progress/job-record.ts';
import { hasEnded, JOB_STATUSES, type JobState, type JobStatus } from '../progress/state.ts';
import { type StepTables, type Workflow, workflowNames } from '../progress/steps.ts';
import { sendEach, WrongType } from '../redis/cluster.ts';
import type { Keys } from '../redis/keys.ts';
import type { ItemRetry } from './append.ts';
import { DamagedJob, type FoundJob, isReadable } from './damaged-job.ts';
import type { JobFilter, JobSearch } from './job-filter.ts';
import { type SearchPage, searchJobs } from './job-search.ts';
import { LATEST_PAGE, REMOVE_JOB } from './scripts.ts';

export interface AttemptBasis {
  readonly state: JobState;
  /** The input as the mutation stored it. */
  readonly input: Json;
  /** What the job's finished steps returned, by step name. */
  readonly outputs: Readonly<Record<string, Json>>;
}

/** Jobs with their latest events. */
export interface LatestPage {
  readonly events: readonly LoggedEvent[];
  /** Where the next page begins; undefined when this is the last. */
  readonly next: string | undefined;
}

const UNENDED_STATUSES = JOB_STATUSES.filter((status) => !hasEnded(status));

interface JobId {
  readonly projectId: string;
  readonly jobId: string;
}

export class JobStore {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #tables: StepTables;
  readonly #damaged: DamagedRecords;

  /**
   * @param tables the workflows whose jobs it reads
   * @param damaged notes records that can't be read; default: they are counted but not logged
   */
  constructor(redis: Redis, keys: Keys, tables: StepTables, damaged = new DamagedRecords(silentLogger)) {
    this.#redis = redis;
    this.#keys = keys;
    this.#tables = tables;
    this.#damaged = damaged;
  }

  /** The job's snapshot; null when it is unknown in this project. @throws DamagedJob */
  async load(projectId: string, jobId: string): Promise<JobState | null> {
    const [found = null] = await this.loadMany([{ projectId, jobId }]);
    if (found instanceof DamagedJob) throw found;
    return found;
  }

  /**
   * All that an attempt begins with, in one round trip; null when the job is unknown in this project.
   * @throws DamagedJob
   */
  async loadForAttempt(projectId: string, jobId: string): Promise<AttemptBasis | null> {
    const keys = this.#keys.project(projectId);
    const answers = await sendEach<unknown>(this.#redis, [
      ['hmget', keys.job(jobId), ...STATE_FIELDS, 'input'],
      ['hgetall', keys.outputs(jobId)],
    ]);
    const [job, outputs] = answers as [(string | null)[] | WrongType, StoredOutputs | WrongType];
    const id = { projectId, jobId };
    const state = this.#readJob(job instanceof WrongType ? job : job.slice(0, -1), id);
    if (state instanceof DamagedJob) throw state;
    if (state === null || job instanceof WrongType) return null;
    return { state, input: this.#readInput(job.at(-1) ?? null, id), outputs: this.#readOutputs(outputs, id) };
  }

  /** Several snapshots in one round trip, in the order asked; null for the unknown. */
  async loadMany(ids: readonly JobId[]): Promise<readonly FoundJob[]> {
    return this.#readMany(ids, STATE_FIELDS, (values, id) => this.#readJob(values, id));
  }

  /** Several snapshots with what is kept of earlier attempts, in one round trip, in the order asked; null for the unknown. */
  async loadRecords(ids: readonly JobId[]): Promise<readonly (JobRecord | DamagedJob | null)[]> {
    return this.#readMany(ids, [...STATE_FIELDS, 'earlier'], (values, id) => {
      const state = this.#readJob(values instanceof WrongType ? values : values.slice(0, -1), id);
      if (!isReadable(state)) return state;
      const earlier = values instanceof WrongType ? null : (values.at(-1) ?? null);
      return { state, earlier: readEarlier(earlier) };
    });
  }

  /** The statuses of several jobs in one round trip, in the order asked; null for the unknown. */
  async statuses(ids: readonly JobId[]): Promise<readonly (JobStatus | null)[]> {
    return this.#readMany(ids, ['status'], (values) => {
      // Only job-record.ts writes it.
      return values instanceof WrongType ? null : ((values[0] ?? null) as JobStatus | null);
    });
  }

  /** Until when (ms, Redis' clock) tracked jobs may be silent, in the order asked; null for any other job. */
  async leaseEnds(ids: readonly JobId[]): Promise<readonly (number | null)[]> {
    return this.#readMany(ids, ['leaseUntil'], (values) =>
      values instanceof WrongType || !values[0] ? null : Number(values[0]),
    );
  }

  /** The input as the mutation stored it. @throws DamagedJob */
  async loadInput(projectId: string, jobId: string): Promise<Json> {
    const [input] = await this.#readMany([{ projectId, jobId }], ['input'], (values, id) =>
      this.#readInput(values instanceof WrongType ? '' : (values[0] ?? null), id),
    );
    return input ?? null;
  }

  /** Several inputs in one round trip, in the order asked; null for the unknown, `{ truncated: true }` for longer ones. */
  async loadInputs(ids: readonly JobId[], maxChars: number): Promise<readonly (Json | DamagedJob)[]> {
    return this.#readMany(ids, ['input'], (values, id) => {
      const input = values instanceof WrongType ? '' : (values[0] ?? null);
      if (input !== null && input.length > maxChars) return { truncated: true };
      try {
        return this.#readInput(input, id);
      } catch (error) {
        if (error instanceof DamagedJob) return error;
        throw error;
      }
    });
  }

  /** The place in its trace of the mutation that made the job, or retried it; null: it was not traced. */
  async loadTrace(projectId: string, jobId: string): Promise<string | null> {
    const field: JobField = 'trace';
    return this.#redis.hget(this.#keys.project(projectId).job(jobId), field);
  }

  /**
   * A page of a project's job ids, newest first.
   * @param before only ids older than this one
   * @returns at most `limit` ids; cost does not grow with the number of jobs
   */
  async list(
    projectId: string,
    filter: JobFilter,
    before: string | null,
    limit: number,
  ): Promise<readonly string[]> {
    const keys = this.#keys.project(projectId);
    const { items = false, statuses, workflows = workflowNames(this.#tables) } = filter;
    const all = statuses === undefined && filter.workflows === undefined;
    const sources = all
      ? [keys.jobs, ...(items ? [keys.items] : [])]
      : workflows.flatMap((workflow) =>
          (statuses ?? JOB_STATUSES).flatMap((status) => [
            keys.index(workflow, status),
            ...(items ? [keys.itemIndex(workflow, status)] : []),
          ]),
        );
    const failing = items || !statuses?.includes('FAILED') ? [] : workflows;
    const { createdBefore, createdFrom } = filter;
    const bounds = [before, createdBefore === undefined ? null : firstIdAt(createdBefore)];
    const [lowest] = bounds.filter((bound) => bound !== null).sort();
    const start = lowest === undefined ? '+' : `(${lowest}`;
    const end = createdFrom === undefined ? '-' : `[${firstIdAt(createdFrom)}`;
    // One transaction: a job that moves from one status to another meanwhile is in one of the pages.
    const pipeline = this.#redis.multi();
    for (const source of new Set(sources)) {
      pipeline.zrange(source, start, end, 'BYLEX', 'REV', 'LIMIT', 0, limit);
    }
    for (const workflow of failing) {
      pipeline.eval(BATCHES_OF, 1, keys.itemIndex(workflow, 'FAILED'), start, limit, end);
    }
    const pages = await resultsOf<string[]>(pipeline.exec());
    return [...new Set(pages.flat())].sort().reverse().slice(0, limit);
  }

  /** `searchJobs` in a project of this store. */
  async search(
    projectId: string,
    search: JobSearch,
    before: string | null,
    limit: number,
  ): Promise<SearchPage> {
    const list = (from: string | null, length: number) => this.list(projectId, search, from, length);
    const keys = this.#keys.project(projectId);
    return searchJobs({ list, keys, redis: this.#redis }, search, before, limit);
  }

  /**
   * How many jobs there are by status, not counting the items of batches.
   * @param workflows only of these; undefined: of all that it reads
   */
  async counts(
    projectId: string,
    workflows: readonly Workflow[] = [...this.#tables.keys()],
  ): Promise<ReadonlyMap<JobStatus, number>> {
    const keys = this.#keys.project(projectId);
    const pipeline = this.#redis.multi();
    for (const status of JOB_STATUSES) {
      for (const workflow of workflows) pipeline.zcard(keys.index(workflow, status));
    }
    const sizes = await resultsOf<number>(pipeline.exec());
    const sumAt = (row: number): number =>
      sizes.slice(row * workflows.length, (row + 1) * workflows.length).reduce((sum, size) => sum + size, 0);
    return new Map(JOB_STATUSES.map((status, row) => [status, sumAt(row)]));
  }

  /** How many of a batch's items have ended, and how. */
  async itemCounts(projectId: string, batchId: string): Promise<ItemCounts> {
    const key = this.#keys.project(projectId).batch(batchId);
    const [succeeded, failed, cancelled] = await this.#redis.hmget(key, 'COMPLETED', 'FAILED', 'CANCELLED');
    return {
      succeeded: Number(succeeded ?? 0),
      failed: Number(failed ?? 0),
      cancelled: Number(cancelled ?? 0),
    };
  }

  /** The items that the last retry of a batch takes up again. */
  async itemRetries(projectId: string, batchId: string): Promise<readonly ItemRetry[]> {
    const key = this.#keys.project(projectId).job(batchId);
    const retries = await this.#redis.hget(key, 'retries');
    // Only EventLog writes it.
    return (this.#parse('job', `${key} retries`, retries ?? '[]') ?? []) as unknown as ItemRetry[];
  }

  /** The ids of the jobs that have not ended, in no order. */
  async activeIds(projectId: string): Promise<readonly string[]> {
    return this.#redis.smembers(this.#keys.project(projectId).active);
  }

  /**
   * A page of the jobs that have not ended, with the latest event of each, in the order of the log. A job that is written to
   * between two pages moves to the end.
   * @param from `next` of the page before; undefined: the first
   */
  async latestPage(projectId: string, length: number, from = '-inf'): Promise<LatestPage> {
    const keys = this.#keys.project(projectId);
    const [next, ...values] = await LATEST_PAGE.run<string[]>(
      this.#redis,
      { latestKey: keys.latest, activeKey: keys.active },
      { from, length, prefix: keys.job('') },
    );
    const events: LoggedEvent[] = [];
    for (let at = 0; at < values.length; at += 4) {
      const [epoch = '', seq, hash = '', json = ''] = values.slice(at, at + 4);
      const event = this.#parse('event', `${keys.latest} ${seq}`, json);
      if (isJobEvent(event)) events.push({ epoch, seq: Number(seq), hash, event });
    }
    return { events, next: next || undefined };
  }

  /** The latest events of the newest jobs that have not ended, at most `limit`, in the order of the log. */
  async latestOfNewest(projectId: string, limit: number): Promise<readonly LoggedEvent[]> {
    const ids = await this.list(projectId, { statuses: UNENDED_STATUSES, items: true }, null, limit);
    const events = await this.lastEvents(projectId, ids);
    return events.filter((event) => event !== null).sort((one, other) => one.seq - other.seq);
  }

  /** The latest event of each job, in the order asked; null for unknown jobs, and for events that can't be read. */
  async lastEvents(projectId: string, jobIds: readonly string[]): Promise<readonly (LoggedEvent | null)[]> {
    const ids = jobIds.map((jobId) => ({ projectId, jobId }));
    return this.#readMany(ids, LAST_EVENT_FIELDS, (values, { jobId }) => {
      const key = this.#keys.project(projectId).job(jobId);
      const [epoch, seq, hash, json] = values instanceof WrongType ? [] : values;
      if (values instanceof WrongType) this.#damaged.note('job', key, values.message);
      if (!(epoch && seq && hash && json)) return null;
      const event = this.#parse('event', `${key} lastEvent`, json);
      return isJobEvent(event) ? { epoch, seq: Number(seq), hash, event } : null;
    });
  }

  /** Keeps several fields of what a job's steps left, at once. */
  async keepOutputs(projectId: string, jobId: string, fields: Readonly<Record<string, Json>>): Promise<void> {
    const texts = Object.entries(fields).map(([field, value]) => [field, toJson(value)]);
    await this.#redis.hset(this.#keys.project(projectId).outputs(jobId), ...texts.flat());
  }

  /** Forgets some of these fields. */
  async forgetOutputs(projectId: string, jobId: string, fields: readonly string[]): Promise<void> {
    if (fields.length > 0) await this.#redis.hdel(this.#keys.project(projectId).outputs(jobId), ...fields);
  }

  /** Forgets what the steps returned; a completed job never runs again. */
  async dropOutputs(projectId: string, jobId: string): Promise<void> {
    await this.#redis.unlink(this.#keys.project(projectId).outputs(jobId));
  }

  /**
   * Removes everything that is kept of an ended job, in one step. An item is removed only when its batch is gone.
   * @returns false when the job is no longer as in `state` (it was retried, or is gone) or its batch still exists: nothing was
   *   removed
   */
  async remove(state: JobState): Promise<boolean> {
    const { attempt, finishedAt, id, parentId, projectId, status, workflow } = state;
    const keys = this.#keys.project(projectId);
    const isItem = parentId !== null;
    const removed = await REMOVE_JOB.run<number>(
      this.#redis,
      {
        jobKey: keys.job(id),
        outputsKey: keys.outputs(id),
        linesKey: keys.lines(id),
        batchKey: keys.batch(id),
        jobsKey: isItem ? keys.items : keys.jobs,
        indexKey: isItem ? keys.itemIndex(workflow, status) : keys.index(workflow, status),
        activeKey: keys.active,
        latestKey: keys.latest,
        parentKey: keys.job(parentId ?? id),
      },
      { jobId: id, status, attempt, finishedAt: finishedAt ?? '' },
    );
    return removed === 1;
  }

  async #readMany<T>(
    ids: readonly JobId[],
    fields: readonly JobField[],
    read: (values: readonly (string | null)[] | WrongType, id: JobId) => T,
  ): Promise<readonly T[]> {
    const found: T[] = [];
    for (let start = 0; start < ids.length; start += PIPELINE_SIZE) {
      const part = ids.slice(start, start + PIPELINE_SIZE);
      const replies = await sendEach<(string | null)[]>(
        this.#redis,
        part.map(({ projectId, jobId }) => ['hmget', this.#keys.project(projectId).job(jobId), ...fields]),
      );
      for (const [at, id] of part.entries()) found.push(read(replies[at] ?? [], id));
    }
    return found;
  }

  #readJob(values: readonly (string | null)[] | WrongType, id: JobId): FoundJob {
    if (values instanceof WrongType) return this.#damagedJob(id, 'expected a hash', null);
    try {
      return readRecord(values, this.#tables);
    } catch (error) {
      if (!(error instanceof RecordFault)) throw error;
      const { message, salvaged, unknownWorkflow } = error;
      // This is no damage: another process can read it.
      if (unknownWorkflow !== null)
        return new DamagedJob(id.projectId, id.jobId, message, salvaged, unknownWorkflow);
      return this.#damagedJob(id, message, salvaged);
    }
  }

  #damagedJob({ projectId, jobId }: JobId, reason: string, salvaged: JobState | null): DamagedJob {
    this.#damaged.note('job', this.#keys.project(projectId).job(jobId), reason);
    return new DamagedJob(projectId, jobId, reason, salvaged);
  }

  #readInput(stored: string | null, id: JobId): Json {
    if (stored === null) return null;
    const key = this.#keys.project(id.projectId).job(id.jobId);
    const input = this.#parse('job', `${key} input`, stored);
    if (input === undefined) throw this.#damagedJob(id, 'input: expected JSON', null);
    return input;
  }

  /** Leaves out outputs that can't be read: their steps are done again. */
  #readOutputs(stored: StoredOutputs | WrongType, { projectId, jobId }: JobId): AttemptBasis['outputs'] {
    const key = this.#keys.project(projectId).outputs(jobId);
    if (stored instanceof WrongType) {
      this.#damaged.note('step_output', key, stored.message);
      return {};
    }
    const outputs = Object.entries(stored).map(
      ([step, json]) => [step, this.#parse('step_output', `${key} ${step}`, json)] as const,
    );
    return Object.fromEntries(outputs.filter((entry): entry is [string, Json] => entry[1] !== undefined));
  }

  /** Undefined when it is not JSON. */
  #parse(kind: RecordKind, key: string, json: string): Json | undefined {
    try {
      return JSON.parse(json) as Json;
    } catch {
      this.#damaged.note(kind, key, 'expected JSON');
      return undefined;
    }
  }
}

/**
 * The batches that a set of items belongs to, newest first, each once; one step per batch, however many items it has.
 * KEYS 1 a sorted set of items  ARGV 1 where to begin, as ZRANGE takes it  2 how many at most  3 where to end
 */
const BATCHES_OF = `
local batches, from = {}, ARGV[1]
while #batches < tonumber(ARGV[2]) do
  local item = redis.call('ZRANGE', KEYS[1], from, ARGV[3], 'BYLEX', 'REV', 'LIMIT', 0, 1)[1]
  if not item then break end
  -- An item is called as its batch, a hyphen and four digits (itemId), so it comes behind it.
  local batch = string.sub(item, 1, -6)
  batches[#batches + 1] = batch
  from = '(' .. batch
end
return batches`;

/** The lowest id that a job created at this time, or later, can have: ids begin with their time (UUIDv7). */
function firstIdAt(ms: number): string {
  const digits = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0');
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}

const PIPELINE_SIZE = 500;

type StoredOutputs = Readonly<Record<string, string>>;

async function resultsOf<T>(answer: Promise<[Error | null, unknown][] | null>): Promise<T[]> {
  return ((await answer) ?? []).map(([error, value]) => {
    if (error) throw error;
    return value as T;
  });
}
