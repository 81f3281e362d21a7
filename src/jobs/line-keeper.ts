/**
 * Keeps the lines of one attempt's steps. A step never waits for this, and a job never fails because of it (G6): lines are
 * gathered for half a second and written together; those that can't be written are dropped.
 */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { redact } from '../core/redaction.ts';
import type { StepLine } from '../core/step-lines.ts';
import { shorten } from '../core/text.ts';
import type { JobLines } from '../log/job-lines.ts';
import { type JobLine, MAX_LINE_CHARS, MAX_LINES } from '../progress/job-line.ts';

const GATHER_MS = 500;

interface KeptJob {
  readonly projectId: string;
  readonly jobId: string;
  readonly attempt: number;
}

interface LineKeeperParts {
  readonly lines: Pick<JobLines, 'add'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class LineKeeper {
  readonly #parts: LineKeeperParts;
  readonly #job: KeptJob;
  #waiting: JobLine[] = [];
  #timer: NodeJS.Timeout | null = null;
  /** Writes under way. While Redis is away, lines wait here rather than in its client, where nothing bounds them (G7). */
  #writes = 0;

  constructor(parts: LineKeeperParts, job: KeptJob) {
    this.#parts = parts;
    this.#job = job;
  }

  /** Keeps a line of a step; secrets are removed from it, and a line that is too long is cut. */
  keep(step: string, { durationMs, level, source, text }: StepLine): void {
    this.#waiting.push({
      ...{ at: this.#parts.clock.now(), attempt: this.#job.attempt, step, level, source },
      text: shorten(redact(text.trim()), MAX_LINE_CHARS),
      durationMs: durationMs === null ? null : Math.round(durationMs),
    });
    // No more than this many lines of a job are kept in any case.
    if (this.#waiting.length > MAX_LINES) this.#waiting.shift();
    this.#schedule();
  }

  /** Writes the lines gathered so far at once, after those that are being written. */
  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const said = this.#waiting;
    this.#waiting = [];
    if (said.length === 0) return;
    const { lines, logger } = this.#parts;
    this.#writes += 1;
    void lines
      .add(this.#job.projectId, this.#job.jobId, said)
      .catch((err: unknown) => logger.warn({ ...this.#job, err }, 'keeping what a step has said failed'))
      .finally(() => {
        this.#writes -= 1;
        if (this.#waiting.length > 0) this.#schedule();
      });
  }

  #schedule(): void {
    if (this.#writes === 0) this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }
}
