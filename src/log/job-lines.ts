/** The lines of a job's steps: a bounded stream beside its record, which is removed with the job. */
import type { Redis } from 'ioredis';
import { badInput } from '../core/errors.ts';
import { isJobLine, type JobLine, type KeptLine, MAX_LINES } from '../progress/job-line.ts';
import type { Keys } from '../redis/keys.ts';
import { KEEP_LINES } from './scripts.ts';

interface LinesRequest {
  readonly projectId: string;
  readonly jobId: string;
  /** Only lines after the one with this id; null: from the oldest. */
  readonly after: string | null;
  /** The most lines that are returned. */
  readonly limit: number;
}

/** The id of a stream's entry, as Redis makes it. */
const LINE_ID = /^\d{1,16}-\d{1,16}$/;

export class JobLines {
  readonly #redis: Redis;
  readonly #keys: Keys;

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  /** Adds lines in their order; those of a job that is gone are dropped. The newest 500 of a job are kept. */
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

  /**
   * Lines of a job, oldest first; none for a job that is not known.
   * @throws PlayheadError BAD_USER_INPUT for an `after` that is not the id of a line
   */
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
