/** Bars for a terminal: one per step of a job, per item of a batch, or per job of a project. */
import { MultiBar, type Options, type Params, type SingleBar } from 'cli-progress';
import { type BarRow, barRows } from './bar-rows.ts';
import type { Board } from './board.ts';
import { connectionText } from './line-view.ts';
import { percent } from './text.ts';
import type { ConnectionNotice, View } from './watch.ts';

const BAR_WIDTH = 24;
/** What is left counts down between events. */
const TICK_MS = 1_000;

export class BarView implements View {
  readonly #stream: NodeJS.WriteStream;
  #board: Board | null = null;
  #bars: MultiBar | null = null;
  #slots: SingleBar[] = [];
  #labelWidth = 0;
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
    this.#bars?.log(`${connectionText(notice)}\n`);
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
    this.#draw();
    this.pause();
    this.#board = null;
  }

  #draw(): void {
    // Somebody else has the terminal, or nothing is shown.
    if (this.#isPaused || this.#board === null) return;
    // The cursor's line and one for notices stay free: what is higher than the terminal can't be drawn over.
    const rows = barRows(this.#board, Math.max(1, (this.#stream.rows || 24) - 2));
    const bars = this.#bars ?? this.#open();
    this.#labelWidth = Math.max(this.#labelWidth, ...rows.map(({ label }) => label.length));
    const width = this.#labelWidth;
    for (const [index, row] of rows.entries()) {
      const payload = { row: { ...row, label: row.label.padEnd(width) } };
      const slot = this.#slots[index];
      if (slot === undefined) this.#slots[index] = bars.create(100, percent(row.share), payload);
      else slot.update(percent(row.share), payload);
    }
    for (const slot of this.#slots.slice(rows.length)) slot.update(0, { row: null });
  }

  #open(): MultiBar {
    this.#bars = new MultiBar({
      stream: this.#stream,
      format: formatBar,
      hideCursor: true,
      linewrap: false,
      // The command has its own way to end on Ctrl-C.
      gracefulExit: false,
      forceRedraw: false,
    });
    return this.#bars;
  }
}

function formatBar(_options: Options, _params: Params, payload: unknown): string {
  const { row } = payload as { readonly row: BarRow | null };
  if (row === null) return '';
  const full = Math.round(Math.min(1, Math.max(0, row.share)) * BAR_WIDTH);
  const bar = '█'.repeat(full) + '░'.repeat(BAR_WIDTH - full);
  return `  ${row.label} ${bar} ${String(percent(row.share)).padStart(3)}%  ${row.text}`;
}
