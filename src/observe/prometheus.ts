/** The meters as Prometheus reads them. Loaded when somebody asks for the first time. */
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { emptyResource } from '@opentelemetry/resources';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import type { Meter } from '../core/meter.ts';
import { readMeters } from './meter-data.ts';

/** The serializer leaves units out of names, where Prometheus has them. */
const UNITS: Readonly<Record<string, string>> = { s: '.seconds', By: '.bytes' };

const serializer = new PrometheusSerializer(undefined, false, undefined, true, true);

/** The text format 0.0.4. */
export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export async function printMeters(meters: readonly Meter[]): Promise<string> {
  const metrics = (await readMeters(meters)).map(named);
  return serializer.serialize({
    resource: emptyResource(),
    scopeMetrics: [{ scope: { name: 'playhead' }, metrics }],
  });
}

function named<Data extends MetricData>(data: Data): Data {
  const { descriptor } = data;
  const name = `${descriptor.name}${UNITS[descriptor.unit] ?? ''}`;
  return { ...data, descriptor: { ...descriptor, name, unit: '' } };
}
