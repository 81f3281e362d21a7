/** The settings of observation: where traces, logs and metrics go. */
import { z } from 'zod';
import { Secret } from '../core/secret.ts';
import { type Setting, secretText, wholeNumber } from './setting.ts';

export const TELEMETRY_SETTINGS = {
  PLAYHEAD_METRICS_TOKEN: {
    schema: secretText(16),
    expected: '16 or more printable ASCII characters without spaces',
    default: '—',
    meaning:
      'Bearer token that gives access to /metrics. Unset: with authentication on, only admins for all projects have access.',
    secret: true,
  },
  PLAYHEAD_WORKER_METRICS_PORT: {
    schema: wholeNumber(0, 65_535, undefined),
    expected: 'a port from 0 (any free one) to 65535',
    default: '—',
    meaning: 'Port, at HOST, on which a worker serves /metrics. Unset: it serves none.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    expected: 'an http:// or https:// URL',
    default: '—',
    meaning: 'Where traces, logs and metrics are sent (OTLP over HTTP, protobuf). Unset: nowhere.',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    schema: z
      .string()
      .regex(/^[\x20-\x7e]+$/)
      .refine((text) => text.split(',').every((pair) => pair.indexOf('=') > 0))
      .transform((text) => new Secret(text))
      .optional(),
    expected: 'name=value pairs separated by commas, percent-encoded',
    default: '—',
    meaning: 'Headers that are sent to the OTLP endpoint, such as Authorization=TOKEN.',
    secret: true,
  },
  OTEL_SERVICE_NAME: {
    schema: z.string().trim().min(1).max(200).optional(),
    expected: '1 to 200 characters',
    default: '—',
    meaning: 'Name of the service in telemetry. Unset: playhead-api and playhead-worker.',
  },
} as const satisfies Record<string, Setting>;

/** Where the process's metrics and traces go. */
export interface TelemetryConfig {
  /** Undefined: nothing is exported, and no SDK is loaded. */
  readonly endpoint: string | undefined;
  readonly headers: Secret | undefined;
  readonly serviceName: string | undefined;
  readonly metricsToken: Secret | undefined;
  readonly workerMetricsPort: number | undefined;
}

type ReadSetting = <Name extends keyof typeof TELEMETRY_SETTINGS>(
  name: Name,
) => z.infer<(typeof TELEMETRY_SETTINGS)[Name]['schema']>;

export function readTelemetry(read: ReadSetting): TelemetryConfig {
  return {
    endpoint: read('OTEL_EXPORTER_OTLP_ENDPOINT'),
    headers: read('OTEL_EXPORTER_OTLP_HEADERS'),
    serviceName: read('OTEL_SERVICE_NAME'),
    metricsToken: read('PLAYHEAD_METRICS_TOKEN'),
    workerMetricsPort: read('PLAYHEAD_WORKER_METRICS_PORT'),
  };
}

/** Whether a worker would expose its metrics to anybody who can reach it. */
export function isExposed({ metricsToken, workerMetricsPort }: TelemetryConfig): boolean {
  return workerMetricsPort !== undefined && metricsToken === undefined;
}
