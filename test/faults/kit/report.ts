/** The outcome of a fault's rounds. */
export interface Figures {
  readonly fault: string;
  readonly rounds: number;
  /** Each describes a divergence; there should be none. */
  readonly anomalies: readonly string[];
  /** In ms, one per round in which something had to recover. */
  readonly recoveryMs: readonly number[];
  /** Other counts of interest. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** One line per fault. */
export function describe({ fault, rounds, anomalies, recoveryMs, counts = {} }: Figures): string {
  const sorted = recoveryMs.toSorted((one, other) => one - other);
  const at = (part: number): number => Math.round(sorted[Math.ceil(sorted.length * part) - 1] ?? 0);
  const recovery =
    sorted.length === 0 ? '' : `, recovery p50 ${at(0.5)} ms p99 ${at(0.99)} ms max ${at(1)} ms`;
  const others = Object.entries(counts).map(([name, count]) => `, ${name} ${count}`);
  return `${fault}: ${rounds} rounds, anomalies ${anomalies.length}${recovery}${others.join('')}`;
}
