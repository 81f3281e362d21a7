/** The meters (core/meters.ts) in the data types of OpenTelemetry's metrics SDK. */
import type { HrTime } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import { hrTime } from '@opentelemetry/core';
import { emptyResource, type Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import type { Distribution, Meter } from '../core/meter.ts';

interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

/** The start of counting, as far as a reader knows. */
const STARTED: HrTime = hrTime(0);

/** Reads all meters that have values. */
export async function readMeters(meters: readonly Meter[]): Promise<MetricData[]> {
  const times = { startTime: STARTED, endTime: hrTime() };
  const read = await Promise.all(meters.map((meter) => readMeter(meter, times)));
  return read.filter(({ dataPoints }) => dataPoints.length > 0);
}

async function readMeter(meter: Meter, times: Times): Promise<MetricData> {
  const { name, unit, description, labels: names } = meter.info;
  const base = {
    descriptor: { name, unit, description, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const point = <Value>(values: readonly string[], value: Value) => ({
    ...times,
    attributes: Object.fromEntries(names.map((label, index) => [label, values[index] ?? ''])),
    value,
  });
  switch (meter.kind) {
    case 'counter': {
      const dataPoints = meter.read().map(({ labels, value }) => point(labels, value.value));
      return { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
    }
    case 'gauge': {
      const dataPoints = (await meter.read()).map(({ labels, value }) => point(labels, value.value));
      return { ...base, dataPointType: DataPointType.GAUGE, dataPoints };
    }
    case 'histogram': {
      const dataPoints = meter
        .read()
        .map(({ labels, value }) => point(labels, toHistogram(value, meter.bounds)));
      return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints };
    }
  }
}

function toHistogram({ buckets, count, max, min, sum }: Distribution, bounds: readonly number[]) {
  return { buckets: { boundaries: [...bounds], counts: [...buckets] }, count, sum, min, max };
}

/** For a reader of the SDK, which calls it at each export. */
export class MeterProducer implements MetricProducer {
  readonly #meters: readonly Meter[];
  readonly #resource: Resource;

  constructor(meters: readonly Meter[], resource: Resource = emptyResource()) {
    this.#meters = meters;
    this.#resource = resource;
  }

  async collect(): Promise<CollectionResult> {
    const metrics = await readMeters(this.#meters);
    const scopeMetrics = [{ scope: { name: 'playhead' }, metrics }];
    return { resourceMetrics: { resource: this.#resource, scopeMetrics }, errors: [] };
  }
}
