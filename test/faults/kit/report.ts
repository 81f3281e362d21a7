/** What a fault's rounds came to. */
export interface Figures {
  readonly fault: string;
  readonly rounds: number;
  /** Each a divergence, in words; none is what is wanted. */
  readonly anomalies: readonly string[];
  /** ms, one per round where something had to recover. */
  readonly recoveryMs: readonly number[];
  /** Other counts worth a look. */
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
