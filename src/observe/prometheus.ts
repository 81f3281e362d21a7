/**
 * The meters in Prometheus' text format 0.0.4, with names according to OpenTelemetry's rules.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import type { Distribution, Meter } from '../core/meter.ts';

/** Content type of the output of `printMeters`. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Unit suffixes of names; a count of things has none. */
const UNITS: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' };

/** Prints all meters that have values, as a family of lines each. */
export async function printMeters(meters: readonly Meter[]): Promise<string> {
  const families = await Promise.all(meters.map(printMeter));
  return families.filter((family) => family !== '').join('');
}

async function printMeter(meter: Meter): Promise<string> {
  const name = nameOf(meter);
  const lines = meter.kind === 'histogram' ? histogramLines(meter, name) : await numberLines(meter, name);
  if (lines.length === 0) return '';
  const { description } = meter.info;
  return [`# HELP ${name} ${escaped(description)}`, `# TYPE ${name} ${meter.kind}`, ...lines, ''].join('\n');
}

function nameOf({ info, kind }: Meter): string {
  const words = info.name.replaceAll(/[^a-zA-Z0-9]+/g, '_');
  return `${words}${UNITS[info.unit] ?? ''}${kind === 'counter' ? '_total' : ''}`;
}

async function numberLines(meter: Exclude<Meter, { kind: 'histogram' }>, name: string): Promise<string[]> {
  const cells = await meter.read();
  return cells.map(({ labels, value }) => line(name, pairs(meter, labels), value.value));
}

function histogramLines(meter: Extract<Meter, { kind: 'histogram' }>, name: string): string[] {
  return meter.read().flatMap(({ labels, value }) => {
    const own = pairs(meter, labels);
    return [
      line(`${name}_count`, own, value.count),
      line(`${name}_sum`, own, value.sum),
      ...bucketLines(`${name}_bucket`, own, value, meter.bounds),
    ];
  });
}

/** Buckets are cumulative: each includes those below it. */
function bucketLines(
  name: string,
  own: readonly string[],
  { buckets }: Distribution,
  bounds: readonly number[],
): string[] {
  let sum = 0;
  return buckets.map((count, index) => {
    sum += count;
    return line(name, [...own, `le="${bounds[index] ?? '+Inf'}"`], sum);
  });
}

function pairs({ info }: Meter, values: readonly string[]): readonly string[] {
  return info.labels.map((label, index) => {
    const value = escaped(values[index] ?? '').replaceAll('"', '\\"');
    return `${label.replaceAll(/[^a-zA-Z0-9]+/g, '_')}="${value}"`;
  });
}

function line(name: string, labels: readonly string[], value: number): string {
  const text = value === Number.POSITIVE_INFINITY ? '+Inf' : String(value).replace('Infinity', 'Inf');
  return `${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`} ${text}`;
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
