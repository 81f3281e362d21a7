/**
 * The process's own figures as plain numbers: adding to one costs an addition, whether anybody reads them or not. They
 * are read by `/metrics` and by the OTLP exporter (src/observe/meter-data.ts), in the shapes of OpenTelemetry.
 */

/** Values of a meter's labels, in the order of its names. */
type LabelValues = readonly string[];

interface MeterInfo {
  /** By OpenTelemetry's rules: dots between words, no unit. */
  readonly name: string;
  /** UCUM: `s`, `{job}`. */
  readonly unit: string;
  readonly description: string;
  readonly labels: readonly string[];
}

/** A number that others may add to directly, where a call would cost too much. */
export interface Cell {
  value: number;
}

/** The most combinations of labels of a meter; further ones count under `other`, so that no meter grows without end. */
const MAX_CELLS = 200;
const OTHER = 'other';

/** The cells of one meter by their labels. */
class Cells<Value> {
  readonly #make: () => Value;
  readonly #cells = new Map<string, { readonly labels: LabelValues; readonly value: Value }>();

  constructor(make: () => Value) {
    this.#make = make;
  }

  of(labels: LabelValues): Value {
    const key = labels.length === 1 ? (labels[0] ?? '') : labels.join('\n');
    const known = this.#cells.get(key);
    if (known !== undefined) return known.value;
    if (this.#cells.size >= MAX_CELLS && labels.some((label) => label !== OTHER)) {
      return this.of(labels.map(() => OTHER));
    }
    const value = this.#make();
    this.#cells.set(key, { labels, value });
    return value;
  }

  read(): { readonly labels: LabelValues; readonly value: Value }[] {
    return [...this.#cells.values()];
  }
}

/** Only grows. */
export class Counter {
  readonly kind = 'counter';
  readonly info: MeterInfo;
  readonly #cells = new Cells<Cell>(() => ({ value: 0 }));

  constructor(name: string, unit: string, description: string, labels: readonly string[] = []) {
    this.info = { name, unit, description, labels };
    // Without labels, it exists from the start, as 0, so that its growth can be seen.
    if (labels.length === 0) this.#cells.of([]);
  }

  add(count: number, ...labels: LabelValues): void {
    this.#cells.of(labels).value += count;
  }

  /** For hot paths: add to its `value`. */
  cell(...labels: LabelValues): Cell {
    return this.#cells.of(labels);
  }

  read(): { readonly labels: LabelValues; readonly value: Cell }[] {
    return this.#cells.read();
  }
}

export interface Distribution {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** One more than there are bounds. */
  readonly buckets: number[];
}

/** How values are spread. */
export class Histogram {
  readonly kind = 'histogram';
  readonly info: MeterInfo;
  /** Upper ends of the buckets, each included, ascending. */
  readonly bounds: readonly number[];
  readonly #cells: Cells<Distribution>;

  constructor(
    name: string,
    unit: string,
    description: string,
    labels: readonly string[],
    bounds: readonly number[],
  ) {
    this.info = { name, unit, description, labels };
    this.bounds = bounds;
    this.#cells = new Cells<Distribution>(() => ({
      count: 0,
      sum: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
      buckets: new Array<number>(bounds.length + 1).fill(0),
    }));
  }

  /** @param value below 0 counts as 0, since clocks of several machines differ */
  record(value: number, ...labels: LabelValues): void {
    const seen = Math.max(0, value);
    const cell = this.#cells.of(labels);
    const at = this.bounds.findIndex((bound) => seen <= bound);
    const index = at < 0 ? this.bounds.length : at;
    cell.buckets[index] = (cell.buckets[index] ?? 0) + 1;
    cell.count += 1;
    cell.sum += seen;
    cell.min = Math.min(cell.min, seen);
    cell.max = Math.max(cell.max, seen);
  }

  read(): { readonly labels: LabelValues; readonly value: Distribution }[] {
    return this.#cells.read();
  }
}

interface Observation {
  readonly value: number;
  readonly labels: LabelValues;
}

type Observe = () => number | Promise<readonly Observation[]>;

/** A value that is determined when somebody reads it. */
export class Gauge {
  readonly kind = 'gauge';
  readonly info: MeterInfo;
  readonly #sources = new Set<Observe>();

  constructor(name: string, unit: string, description: string, labels: readonly string[] = []) {
    this.info = { name, unit, description, labels };
  }

  /** @returns a function that stops it */
  observe(source: Observe): () => void {
    this.#sources.add(source);
    return () => {
      this.#sources.delete(source);
    };
  }

  /** Sums up sources with the same labels; what cannot be read (Redis is away) is left out. */
  async read(): Promise<{ readonly labels: LabelValues; readonly value: Cell }[]> {
    const cells = new Cells<Cell>(() => ({ value: 0 }));
    for (const source of this.#sources) {
      try {
        const seen = source();
        const observations = typeof seen === 'number' ? [{ value: seen, labels: [] }] : await seen;
        for (const { value, labels } of observations) cells.of(labels).value += value;
      } catch {
        // Left out: an absent figure speaks for itself.
      }
    }
    return cells.read();
  }
}

export type Meter = Counter | Histogram | Gauge;
