/**
 * How many bytes the stored files of jobs and projects take, counted in Redis by usage.lua from before a file is stored until
 * it is removed. Files stored while Redis is away are counted when it is back, if this process is still running then.
 */
import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Redis } from 'ioredis';
import type { Clock } from '../core/clock.ts';
import type { DamagedRecords } from '../core/damaged-records.ts';
import { PlayheadError } from '../core/errors.ts';
import type { JobStore } from '../log/job-store.ts';
import { withDeadline } from '../redis/client.ts';
import { wrongTypeOf } from '../redis/cluster.ts';
import type { Keys } from '../redis/keys.ts';
import { Script } from '../redis/script.ts';
import type { JobFiles } from './contract.ts';
import { withSave } from './with-save.ts';

/** Bytes; Infinity: no limit. */
export interface DiskLimits {
  readonly maxJobBytes: number;
  readonly maxProjectBytes: number;
}

export interface DiskUsageParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly limits: DiskLimits;
  /** Notes counts that can't be read; default: they are not noted. */
  readonly damaged?: DamagedRecords;
}

const USAGE = new Script({
  name: 'playheadUsage',
  keys: ['usageKey', 'filesKey', 'jobKey'],
  args: ['mode', 'jobId', 'name', 'bytes', 'maxJobBytes', 'maxProjectBytes'],
  lua: readFileSync(new URL('./usage.lua', import.meta.url), 'utf8'),
});
/** The field that holds the total of a project's files. */
const TOTAL = ':total';
const MIB = 1_048_576;
/** Jobs that are recounted in one round trip. */
const PAGE = 500;
const RECOUNT_EVERY_MS = 3_600_000;
/** Stands for no limit: a script can't be given a larger number. */
const ANY = Number.MAX_SAFE_INTEGER;

type Reply = [code: 'OK' | 'GONE' | 'JOB' | 'PROJECT', jobBytes: number, projectBytes: number];
type Mode = 'record' | 'drop' | 'recount' | 'total';

export class DiskUsage {
  readonly #parts: DiskUsageParts;

  constructor(parts: DiskUsageParts) {
    this.#parts = parts;
  }

  /**
   * The same files, each counted before it is stored. `save` then throws QUOTA_EXCEEDED when the job or its project would
   * exceed its limit, and stores nothing; CANCELLED when the job is gone. It does not wait for a Redis that is away (G6).
   */
  meter(files: JobFiles, projectId: string, jobId: string): JobFiles {
    return withSave(files, async (name, path) => {
      // The store reports a file that is missing.
      const sizeBytes = await stat(path).then(
        ({ size }) => size,
        () => 0,
      );
      await this.#record({ projectId, jobId, name, sizeBytes });
      return files.save(name, path);
    });
  }

  /** Subtracts what was counted for a job's files whose names begin with `names`; default: all of them. */
  async drop(projectId: string, jobId: string, names = ''): Promise<void> {
    await this.#run('drop', projectId, jobId, names);
  }

  /** Bytes of a project's files. */
  async of(projectId: string): Promise<number> {
    const { keys, redis } = this.#parts;
    const total = await redis.hget(keys.project(projectId).usage, TOTAL).catch((error: unknown) => {
      if (wrongTypeOf(error) === null) throw error;
      return null;
    });
    // As usage.lua reads it.
    return Number(total ?? 0) || 0;
  }

  /** Bytes of files at which a project may begin no more jobs; Infinity: no limit. */
  get maxBytes(): number {
    return this.#parts.limits.maxProjectBytes;
  }

  /** The error for a project that has this many bytes and may begin no more jobs. */
  refusal(used: number): PlayheadError {
    return projectFull(used, this.maxBytes);
  }

  /** @returns why a project may begin no more jobs; null while it may */
  async findFull(projectId: string): Promise<PlayheadError | null> {
    const used = await this.of(projectId);
    return used < this.maxBytes ? null : this.refusal(used);
  }

  /** Recounts projects whose last count is an hour old: at most ten that no other worker has taken. */
  async recountDue(jobs: Pick<JobStore, 'list'>): Promise<void> {
    const { clock, keys, redis } = this.#parts;
    const now = clock.now();
    const due = await redis.zrangebyscore(keys.measured, 0, now - RECOUNT_EVERY_MS, 'LIMIT', 0, 10);
    for (const projectId of due) {
      await redis.zadd(keys.measured, 'XX', now, projectId);
      await this.recount(projectId, jobs);
      const left = await redis.exists(keys.project(projectId).usage);
      if (left === 0) await redis.zrem(keys.measured, projectId);
    }
  }

  /** Sets a project's counts from its jobs' recorded files, and forgets jobs that are gone. */
  async recount(projectId: string, jobs: Pick<JobStore, 'list'>): Promise<void> {
    const { keys, redis } = this.#parts;
    // Whatever stands in place of the counts is removed before they are read.
    await this.#run('total', projectId, TOTAL);
    let before: string | null = null;
    for (;;) {
      const ids: readonly string[] = await jobs.list(projectId, { items: true }, before, PAGE);
      await Promise.all(ids.map((jobId) => this.#run('recount', projectId, jobId)));
      before = ids.at(-1) ?? null;
      if (ids.length < PAGE) break;
    }
    let cursor = '0';
    do {
      const [next, fields] = await redis.hscan(keys.project(projectId).usage, cursor, 'COUNT', PAGE);
      const counted = fields.filter((field, at) => at % 2 === 0 && field !== TOTAL);
      await Promise.all(counted.map((jobId) => this.#run('recount', projectId, jobId)));
      cursor = next;
    } while (cursor !== '0');
    await this.#run('total', projectId, TOTAL);
  }

  async #record(file: FileSize): Promise<void> {
    const { clock, keys, limits, redis } = this.#parts;
    const { projectId, jobId, name, sizeBytes } = file;
    const counted = Promise.all([
      redis.zadd(keys.measured, 'NX', clock.now(), projectId),
      this.#run('record', projectId, jobId, name, sizeBytes),
    ]);
    // If Redis is away, this is sent when it is back; the job goes on meanwhile (G6).
    counted.catch(() => {});
    if (redis.status !== 'ready') return;
    const answer = await withDeadline(counted).catch(() => null);
    if (answer === null) return;
    const [code, jobBytes, projectBytes] = answer[1];
    if (code === 'GONE') throw new PlayheadError('CANCELLED', `The job ${jobId} is gone`);
    if (code === 'JOB') throw jobFull(file, jobBytes, limits.maxJobBytes);
    if (code === 'PROJECT') throw projectFull(projectBytes, limits.maxProjectBytes);
  }

  async #run(mode: Mode, projectId: string, jobId: string, name = '', bytes = 0): Promise<Reply> {
    const { damaged, keys, limits, redis } = this.#parts;
    const { usage, files, job } = keys.project(projectId);
    const run = (): Promise<Reply> =>
      USAGE.run<Reply>(
        redis,
        { usageKey: usage, filesKey: files(jobId), jobKey: job(jobId) },
        {
          ...{ mode, jobId, name, bytes },
          maxJobBytes: Math.min(limits.maxJobBytes, ANY),
          maxProjectBytes: Math.min(limits.maxProjectBytes, ANY),
        },
      );
    return run().catch(async (error: unknown) => {
      const isRecount = mode === 'recount' || mode === 'total';
      if (wrongTypeOf(error) === null || !isRecount) throw error;
      // Anything that stands in place of the counts is removed, and they are made anew.
      for (const key of [usage, files(jobId)]) {
        if (['hash', 'none'].includes(await redis.type(key))) continue;
        damaged?.note('file_count', key, 'expected a hash');
        await redis.unlink(key);
      }
      return run();
    });
  }
}

interface FileSize {
  readonly projectId: string;
  readonly jobId: string;
  readonly name: string;
  readonly sizeBytes: number;
}

function jobFull({ name, sizeBytes }: FileSize, used: number, limit: number): PlayheadError {
  return new PlayheadError(
    'QUOTA_EXCEEDED',
    `expected at most ${toMib(limit)} MiB of files of one job (PLAYHEAD_MAX_JOB_MB), it has ${toMib(used)} MiB and ${name} would add ${toMib(sizeBytes)} MiB: make it shorter, or raise the setting`,
    { details: { scope: 'job', usedBytes: used, limitBytes: limit } },
  );
}

function projectFull(used: number, limit: number): PlayheadError {
  return new PlayheadError(
    'QUOTA_EXCEEDED',
    `expected at most ${toMib(limit)} MiB of files in a project (PLAYHEAD_MAX_PROJECT_MB), it has ${toMib(used)} MiB: wait until ended jobs go (PLAYHEAD_JOB_RETENTION_HOURS), or raise the setting`,
    { details: { scope: 'project', usedBytes: used, limitBytes: limit } },
  );
}

function toMib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}
