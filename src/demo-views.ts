/** How the demo shows a job: a bar per step or item on a terminal, lines in a pipe. */
import { MultiBar, type SingleBar } from 'cli-progress';
import type { StepRange } from './progress/steps.ts';

/** What an event says of its job. */
export interface Progress {
  /** 0..1 of the job. */
  readonly progress: number;
  readonly step: string | null;
  readonly message: string;
}

interface JobView {
  show(progress: Progress): void;
  close(): void;
}

interface BatchView {
  /** @param item 0-based */
  show(item: number, progress: Progress): void;
  close(): void;
}

/** A view of one job. @param steps of its workflow */
export function createJobView(steps: readonly StepRange[]): JobView {
  return process.stdout.isTTY ? new StepBars(steps) : new Lines('');
}

/** A view of a batch. @param items how many it has */
export function createBatchView(items: number): BatchView {
  return process.stdout.isTTY ? new ItemBars(items) : new ItemLines(items);
}

function createBars(): MultiBar {
  return new MultiBar({
    format: '  {step} {bar} {percentage}%  {message}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    autopadding: true,
    linewrap: false,
  });
}

class StepBars implements JobView {
  readonly #steps: readonly StepRange[];
  readonly #bars = createBars();
  readonly #byStep = new Map<string, SingleBar>();

  constructor(steps: readonly StepRange[]) {
    this.#steps = steps;
    for (const { name } of steps) {
      this.#byStep.set(name, this.#bars.create(100, 0, { step: name.padEnd(16), message: '' }));
    }
  }

  show({ progress, step, message }: Progress): void {
    const current = this.#steps.findIndex(({ name }) => name === step);
    for (const [index, { name, from, to }] of this.#steps.entries()) {
      if (index > current) break;
      const within = index < current || to === from ? 1 : (progress - from) / (to - from);
      const bar = this.#byStep.get(name);
      if (index === current) bar?.update(Math.floor(within * 100), { message });
      else bar?.update(100);
    }
  }

  close(): void {
    this.#bars.stop();
  }
}

class ItemBars implements BatchView {
  readonly #bars = createBars();
  readonly #items: readonly SingleBar[];

  constructor(items: number) {
    this.#items = Array.from({ length: items }, (_, index) =>
      this.#bars.create(100, 0, { step: `item ${index + 1}`.padEnd(16), message: '' }),
    );
  }

  show(item: number, { progress, message }: Progress): void {
    this.#items[item]?.update(Math.floor(progress * 100), { message });
  }

  close(): void {
    this.#bars.stop();
  }
}

/** A line for each change worth one. */
class Lines implements JobView {
  readonly #prefix: string;
  #step: string | null = null;
  #percent = -10;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  show({ progress, step, message }: Progress): void {
    const percent = Math.floor(progress * 100);
    if (step === this.#step && percent < this.#percent + 10) return;
    this.#step = step;
    this.#percent = percent;
    const name = (step ?? 'queued').padEnd(16);
    process.stdout.write(`${this.#prefix}${String(percent).padStart(3)} %  ${name}  ${message}\n`);
  }

  close(): void {}
}

class ItemLines implements BatchView {
  readonly #items: readonly Lines[];

  constructor(items: number) {
    this.#items = Array.from({ length: items }, (_, index) => new Lines(`item ${index + 1}  `));
  }

  show(item: number, progress: Progress): void {
    this.#items[item]?.show(progress);
  }

  close(): void {}
}
