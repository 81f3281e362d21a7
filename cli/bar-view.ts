/** Bars for a terminal: one per step of a job, per item of a batch, or per job of a project. */
import { MultiBar, type Options, type Params, type SingleBar } from 'cli-progress';
import { type BarRow, barRows } from './bar-rows.ts';
import type { Board } from './board.ts';
import { connectionText } from './line-view.ts';
import { percent } from './text.ts';
import type { ConnectionNotice, View } from './watch.ts';

const BAR_WIDTH = 24;
/** The remaining time counts down between events. */
const TICK_MS = 1_000;

export class BarView implements View {
  readonly #stream: NodeJS.WriteStream;
  #board: Board | null = null;
  #bars: MultiBar | null = null;
  #slots: SingleBar[] = [];
  #labelWidth = 0;
  /** Shown below the bars: a line inserted between them would leave unchanged bars where they were. */
  #notice: string | null = null;
  #isPaused = false;
  #ticking: NodeJS.Timeout | undefined;

  constructor(stream: NodeJS.WriteStream = process.stdout) {
    this.#stream = stream;
  }

  begin(board: Board): void {
    this.#board = board;
    this.#draw();
    this.#ticking = setInterval(() => this.#draw(), TICK_MS);
  }

  event(): void {
    this.#draw();
  }

  refresh(): void {
    this.#draw();
  }

  connection(notice: ConnectionNotice): void {
    this.#notice = notice.state === 'live' ? null : connectionText(notice);
    if (this.#board !== null) this.#draw();
    else if (this.#notice !== null) this.#stream.write(`${this.#notice}\n`);
  }

  pause(): void {
    this.#isPaused = true;
    this.#bars?.stop();
    this.#bars = null;
    this.#slots = [];
  }

  resume(): void {
    this.#isPaused = false;
    this.#draw();
  }

  close(): void {
    clearInterval(this.#ticking);
    this.#notice = null;
    this.#draw();
    this.pause();
    this.#board = null;
  }

  #draw(): void {
    // Something else has the terminal, or nothing is shown.
    if (this.#isPaused || this.#board === null) return;
    // Leaves one line for the cursor and one for notices: anything taller than the terminal cannot be redrawn.
    const rows = barRows(this.#board, Math.max(1, (this.#stream.rows || 24) - 2));
    this.#labelWidth = Math.max(this.#labelWidth, ...rows.map(({ label }) => label.length));
    const lines = rows.map((row) => barLine(row, this.#labelWidth));
    if (this.#notice !== null) lines.push(this.#notice);
    const bars = this.#bars ?? this.#open();
    for (const [index, line] of lines.entries()) {
      const slot = this.#slots[index];
      if (slot === undefined) this.#slots[index] = bars.create(1, 0, { line });
      else slot.update(0, { line });
    }
    for (const slot of this.#slots.slice(lines.length)) slot.update(0, { line: '' });
  }

  #open(): MultiBar {
    this.#bars = new MultiBar({
      stream: this.#stream,
      format: formatBar,
      hideCursor: true,
      linewrap: false,
      // The command handles Ctrl-C itself.
      gracefulExit: false,
      forceRedraw: false,
    });
    return this.#bars;
  }
}

function formatBar(_options: Options, _params: Params, payload: unknown): string {
  return (payload as { readonly line: string }).line;
}

function barLine({ label, share, text }: BarRow, labelWidth: number): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
  return `  ${label.padEnd(labelWidth)} ${bar} ${String(percent(share)).padStart(3)}%  ${text}`;
}
