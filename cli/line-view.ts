/** Prints a plain line for each change worth one, for pipes and logs. */

import { hasEnded } from '../client/job.ts';
import { countsText, leftText, stateText } from './bar-rows.ts';
import type { Board } from './board.ts';
import type { Job, JobEvent } from './operations.ts';
import { formatSeconds, percent, plain } from './text.ts';
import type { ConnectionNotice, View } from './watch.ts';

interface Output {
  /** Prints a line of the command's output. */
  readonly out: (line: string) => void;
  /** Prints a line beside the output. */
  readonly note: (line: string) => void;
}

/** Within a step, one line for every further 10 percent. */
const LINE_PERCENT = 10;

interface Told {
  readonly key: string;
  readonly percent: number;
}

export class LineView implements View {
  readonly #output: Output;
  readonly #told = new Map<string, Told>();
  #board: Board | null = null;

  constructor(output: Output) {
    this.#output = output;
  }

  begin(board: Board): void {
    this.#board = board;
    this.refresh(board);
  }

  event(_event: JobEvent, job: Job, board: Board): void {
    this.#tell(job, board);
  }

  refresh(board: Board): void {
    for (const job of board.jobs) this.#tell(job, board);
  }

  connection(notice: ConnectionNotice): void {
    this.#output.note(connectionText(notice));
  }

  pause(): void {}

  resume(): void {}

  close(): void {
    if (this.#board !== null) this.refresh(this.#board);
    this.#board = null;
  }

  #tell(job: Job, board: Board): void {
    const isParent = board.isBatch && job.id === board.rootId;
    const now = percent(job.progress);
    // A batch's own events only contribute its counts; the rest comes from its items.
    const key = isParent
      ? `${job.status} ${countsText(job.metadata)}`
      : `${job.status} ${job.attempt} ${job.step}`;
    const told = this.#told.get(job.id);
    if (told?.key === key && (isParent || now < told.percent + LINE_PERCENT)) return;
    this.#told.set(job.id, { key, percent: now });
    const text =
      isParent && !hasEnded(job) ? countsText(job.metadata) : lineText(board.agedAt(job, performance.now()));
    this.#output.out(`${nameOf(job, board)}${String(now).padStart(3)} %  ${text}`.trimEnd());
  }
}

function nameOf(job: Job, board: Board): string {
  if (board.rootId === null) return `${job.id}  ${plain(job.taskName).padEnd(16)}  `;
  if (!board.isBatch) return '';
  return job.id === board.rootId ? 'batch  ' : `#${board.numberOf(job.id)}`.padEnd(7);
}

function lineText(job: Job): string {
  const left = leftText(job);
  if (job.status !== 'RUNNING') return [stateText(job), left].filter(Boolean).join(', ');
  return `${plain(job.step ?? '').padEnd(16)}  ${plain(job.message ?? '')}${left === '' ? '' : `, ${left}`}`;
}

export function connectionText(notice: ConnectionNotice): string {
  switch (notice.state) {
    case 'reconnecting':
      return `Connection lost; the job does not depend on it. Reconnecting in ${formatSeconds(notice.inSeconds)} …`;
    case 'unavailable':
      return 'The server cannot reach its Redis; nothing of the job is lost. Waiting …';
    case 'live':
      return 'Reconnected; continuing after the last event.';
    case 'started over':
      return 'The events in between are no longer available; continuing from the current state.';
  }
}
