/** The lines of a job's steps: a bounded stream beside its record, which goes when the job goes. */
import type { Redis } from 'ioredis';
import { badInput } from '../core/errors.ts';
import { isJobLine, type JobLine, type KeptLine, MAX_LINES } from '../progress/job-line.ts';
import type { Keys } from '../redis/keys.ts';
import { KEEP_LINES } from './scripts.ts';

interface LinesRequest {
  readonly projectId: string;
  readonly jobId: string;
  /** Only lines behind the one with this id; null: from the oldest. */
  readonly after: string | null;
  /** The most lines that are given. */
  readonly limit: number;
}

/** An id of a stream's entry, as Redis makes them. */
const LINE_ID = /^\d{1,16}-\d{1,16}$/;

export class JobLines {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Adds lines in their order; of a job that is gone they are dropped. The newest 500 of a job are kept. */
  async add(projectId: string, jobId: string, lines: readonly JobLine[]): Promise<void> {
    const { job, lines: linesKeyOf } = this.#keys.project(projectId);
    const keys = { jobKey: job(jobId), linesKey: linesKeyOf(jobId) };
    await KEEP_LINES.run(
      this.#redis,
      keys,
      { most: MAX_LINES },
      lines.map((line) => JSON.stringify(line)),
    );
  }

  /** Lines of a job, oldest first; none of a job that is not known. @throws PlayheadError BAD_USER_INPUT for an `after` that is no line's id */
  async read({ after, jobId, limit, projectId }: LinesRequest): Promise<readonly KeptLine[]> {
    if (after !== null && !LINE_ID.test(after)) throw badInput('after', 'the id of a line', after);
    const key = this.#keys.project(projectId).lines(jobId);
    const entries = await this.#redis.xrange(key, after === null ? '-' : `(${after}`, '+', 'COUNT', limit);
    return entries.flatMap(([id, [, json = 'null']]) => {
      const line: unknown = JSON.parse(json);
      return isJobLine(line) ? [{ ...line, id }] : [];
    });
  }
}
