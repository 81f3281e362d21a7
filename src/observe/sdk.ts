/**
 * OpenTelemetry's SDK: traces, logs and metrics over OTLP/HTTP with protobuf. Loaded only when there is somewhere to send them.
 * What cannot be sent is dropped once the queues are full (8,192 spans, 8,192 records); nothing ever waits for it (G6). The SDK
 * counts what it drops (otel.sdk.processor.….processed with error.type=queue_full).
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { context, DiagLogLevel, diag, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Meter } from '../core/meter.ts';
import { pause } from '../core/pause.ts';
import { redact } from '../core/redaction.ts';
import { startOf } from '../core/text.ts';
import type { Tracing } from '../core/tracing.ts';
import { MeterProducer } from './meter-data.ts';
import { OtelTracing } from './otel-tracing.ts';

export interface ExportSettings {
  /** Base URL, to which `/v1/traces`, `/v1/logs` and `/v1/metrics` are appended. */
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly serviceName: string;
  /** api, worker */
  readonly role: string;
  readonly version: string;
  readonly meters: readonly Meter[];
  /** Called at most once a minute when sending fails. */
  readonly onProblem: (message: string) => void;
}

export interface Exporting {
  readonly tracing: Tracing;
  /** Sends what waits, for at most `limitMs`. */
  close(limitMs: number): Promise<void>;
}

const METRICS_EVERY_MS = 15_000;
const SEND_LIMIT_MS = 5_000;
/** A batch of 1,000 items creates a thousand or so of each at once; a waiting one takes about 1 KB. */
const QUEUE_LENGTH = 8_192;
const COMPLAIN_EVERY_MS = 60_000;

/** Starts exporting. Nothing is sent before the first batch is due. */
export function startExport(settings: ExportSettings): Exporting {
  const { endpoint, headers, meters, onProblem } = settings;
  const base = endpoint.replace(/\/+$/, '');
  const to = (signal: string) => ({
    url: `${base}/v1/${signal}`,
    headers: { ...headers },
    timeoutMillis: SEND_LIMIT_MS,
  });
  const resource = createResource(settings);
  const metrics = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: new OTLPMetricExporter(to('metrics')),
        exportIntervalMillis: METRICS_EVERY_MS,
        exportTimeoutMillis: SEND_LIMIT_MS,
        metricProducers: [new MeterProducer(meters)],
      }),
    ],
  });
  const queue = { maxQueueSize: QUEUE_LENGTH, selfObsMeterProvider: metrics };
  const tracer = new TracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter(to('traces')), ...queue })],
  });
  const logs = new LoggerProvider({
    resource,
    processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(to('logs')), ...queue })],
  });
  complain(onProblem);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracer);
  return {
    tracing: new OtelTracing(tracer.getTracer('playhead'), logs.getLogger('playhead')),
    close: async (limitMs) => {
      const limit = new AbortController();
      const sent = Promise.allSettled([tracer.shutdown(), logs.shutdown(), metrics.shutdown()]);
      // An unreachable collector must not delay the shutdown.
      await Promise.race([sent, pause(limitMs, limit.signal).catch(() => {})]);
      limit.abort();
      for (const api of [trace, context, propagation, diag]) api.disable();
    },
  };
}

function createResource({ role, serviceName, version }: ExportSettings) {
  const own = resourceFromAttributes({
    'service.name': serviceName,
    'service.version': version,
    'service.instance.id': randomUUID(),
    'host.name': hostname(),
    'process.pid': process.pid,
    'playhead.role': role,
  });
  // Adds OTEL_RESOURCE_ATTRIBUTES, which cannot override the name.
  return detectResources({ detectors: [envDetector] }).merge(own);
}

function complain(onProblem: (message: string) => void): void {
  let next = 0;
  const say = (message: string): void => {
    const now = performance.now();
    if (now < next) return;
    next = now + COMPLAIN_EVERY_MS;
    onProblem(startOf(redact(message), 500));
  };
  diag.setLogger(
    { error: say, warn: say, info() {}, debug() {}, verbose() {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
