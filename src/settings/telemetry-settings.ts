/** The settings of observation: where traces, logs and figures go. */
import { z } from 'zod';
import { Secret } from '../core/secret.ts';
import { type Setting, secretText, wholeNumber } from './setting.ts';

export const TELEMETRY_SETTINGS = {
  PLAYHEAD_METRICS_TOKEN: {
    schema: secretText(16),
    expected: '16 or more printable ASCII characters without spaces',
    meaning:
      'Lets whoever bears it read /metrics. Unset: with authentication on, admins for all projects may.',
    secret: true,
  },
  PLAYHEAD_WORKER_METRICS_PORT: {
    schema: wholeNumber(0, 65_535, undefined),
    expected: 'a port from 0 (any free one) to 65535',
    meaning: 'Port at HOST where a worker answers /metrics. Unset: none.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    schema: z.url({ protocol: /^https?$/ }).optional(),
    expected: 'an http:// or https:// URL',
    meaning: 'Where traces, logs and metrics are sent to (OTLP over HTTP, protobuf). Unset: nowhere.',
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    schema: z
      .string()
      .regex(/^[\x20-\x7e]+$/)
      .refine((text) => text.split(',').every((pair) => pair.indexOf('=') > 0))
      .transform((text) => new Secret(text))
      .optional(),
    expected: 'name=value pairs with commas between, percent-encoded',
    meaning: 'Headers of what is sent there, such as Authorization=TOKEN.',
    secret: true,
  },
  OTEL_SERVICE_NAME: {
    schema: z.string().trim().min(1).max(200).optional(),
    expected: '1 to 200 characters',
    meaning: 'Name of the service there. Unset: playhead-api and playhead-worker.',
  },
} as const satisfies Record<string, Setting>;

/** Where the process's figures and traces go. */
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

/** Whether a worker would show its figures to anybody who reaches it. */
export function isExposed({ metricsToken, workerMetricsPort }: TelemetryConfig): boolean {
  return workerMetricsPort !== undefined && metricsToken === undefined;
}
