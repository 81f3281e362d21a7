/** Wires observation for one process: OTLP if an endpoint is set, and what `/metrics` prints. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bearsToken } from '../auth/bearer-token.ts';
import type { Logger } from '../core/logger.ts';
import { METERS } from '../core/meters.ts';
import { loadOptional, ownVersion, TELEMETRY } from '../core/own-package.ts';
import type { Secret } from '../core/secret.ts';
import { installTracing } from '../core/tracing.ts';
import type { Config } from '../settings/config.ts';

export interface Observation {
  /** Sends what waits; an unreachable collector delays it by at most 2 s, or `limitMs` if that is shorter. */
  close(limitMs?: number): Promise<void>;
}

/** Part of the time that a graceful shutdown may take. */
const FLUSH_MS = 2_000;

/**
 * Begins to export traces, logs and metrics if OTEL_EXPORTER_OTLP_ENDPOINT is set; otherwise loads nothing. Must be called
 * before queues and loggers are made.
 */
export async function startObservation(
  { telemetry }: Pick<Config, 'telemetry'>,
  role: 'api' | 'worker',
  onProblem: (message: string) => void,
): Promise<Observation> {
  const { endpoint, headers, serviceName } = telemetry;
  if (endpoint === undefined) return { close: async () => {} };
  const { startExport } = await loadOptional(TELEMETRY, () => import('./sdk.ts'));
  const exporting = startExport({
    endpoint,
    headers: headers === undefined ? {} : readHeaders(headers),
    serviceName: serviceName ?? `playhead-${role}`,
    role,
    version: ownVersion(),
    meters: Object.values(METERS),
    onProblem,
  });
  installTracing(exporting.tracing);
  return {
    close: async (limitMs = FLUSH_MS) => {
      await exporting.close(Math.min(FLUSH_MS, limitMs));
      installTracing(null);
    },
  };
}

/** `name=value,name=value`, percent-encoded, as OpenTelemetry specifies; config.ts has checked it. */
function readHeaders(secret: Secret): Record<string, string> {
  const pairs = secret
    .reveal()
    .split(',')
    .filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
    }),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
}

/** Answers with this process's metrics. The first request loads the printer. */
export async function serveMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end();
    return;
  }
  const { PROMETHEUS_TYPE, printMeters } = await import('./prometheus.ts');
  const text = await printMeters(Object.values(METERS));
  response.writeHead(200, { 'content-type': PROMETHEUS_TYPE, 'cache-control': 'no-store' }).end(text);
}

/**
 * A worker has no API, so its metrics and `/healthz` have a port of their own if PLAYHEAD_WORKER_METRICS_PORT is set.
 * @throws Error EADDRINUSE and the like
 */
export async function serveWorkerMetrics(
  { host, telemetry }: Pick<Config, 'host' | 'telemetry'>,
  logger: Logger,
): Promise<Server | null> {
  const { workerMetricsPort, metricsToken } = telemetry;
  if (workerMetricsPort === undefined) return null;
  const server = createServer((request, response) => {
    response.setHeader('x-content-type-options', 'nosniff');
    const path = request.url?.split('?')[0];
    if (path === '/healthz') {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}');
    } else if (metricsToken !== undefined && !bearsToken(request, metricsToken)) {
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
    } else if (path !== '/metrics') {
      response.writeHead(404).end();
    } else {
      serveMetrics(request, response).catch((err: unknown) => {
        logger.error({ err }, 'printing the metrics failed');
        response.destroy();
      });
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(workerMetricsPort, host, resolve);
  });
  return server;
}
