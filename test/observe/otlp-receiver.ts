/** A collector: takes OTLP over HTTP and decodes its protobuf by the generated code of OpenTelemetry's own package. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** Of protobufjs; long numbers come as texts. */
interface Message {
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): unknown;
}

// An older release: the present one writes protobuf, but no longer reads requests.
const root = createRequire(import.meta.url)('otlp-decoder/build/src/generated/root.js') as {
  opentelemetry: {
    proto: {
      collector: {
        trace: { v1: { ExportTraceServiceRequest: Message } };
        logs: { v1: { ExportLogsServiceRequest: Message } };
        metrics: { v1: { ExportMetricsServiceRequest: Message } };
      };
    };
  };
};
const { logs, metrics, trace } = root.opentelemetry.proto.collector;

type Value = string | number | boolean | undefined;

export interface SeenSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly kind: number;
  readonly failed: boolean;
  readonly attributes: Readonly<Record<string, Value>>;
  readonly service: Value;
}

export interface SeenRecord {
  readonly body: Value;
  readonly eventName: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, Value>>;
}

export interface SeenMetric {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'sum' | 'gauge' | 'histogram';
  readonly points: readonly {
    readonly attributes: Readonly<Record<string, Value>>;
    readonly value: number;
  }[];
}

interface RawAttribute {
  readonly key: string;
  readonly value?: {
    stringValue?: string;
    boolValue?: boolean;
    intValue?: string;
    doubleValue?: number;
  };
}

interface RawResource {
  readonly resource?: { attributes?: RawAttribute[] };
  readonly scopeSpans?: { spans?: RawSpan[] }[];
  readonly scopeLogs?: { logRecords?: RawRecord[] }[];
  readonly scopeMetrics?: { metrics?: RawMetric[] }[];
}

interface RawSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  kind: number;
  status?: { code?: number };
  attributes?: RawAttribute[];
}

interface RawRecord {
  body?: RawAttribute['value'];
  eventName?: string;
  traceId?: string;
  spanId?: string;
  attributes?: RawAttribute[];
}

interface RawPoint {
  attributes?: RawAttribute[];
  asDouble?: number;
  asInt?: string;
  count?: string;
}

interface RawMetric {
  name: string;
  unit?: string;
  sum?: { dataPoints?: RawPoint[] };
  gauge?: { dataPoints?: RawPoint[] };
  histogram?: { dataPoints?: RawPoint[] };
}

export class OtlpReceiver {
  readonly url: string;
  readonly spans: SeenSpan[] = [];
  readonly records: SeenRecord[] = [];
  /** The newest of each name and service. */
  readonly metrics = new Map<string, SeenMetric>();
  readonly headers: IncomingMessage['headers'][] = [];
  /** Everything that came, for looking for what must not be there. */
  readonly bodies: Buffer[] = [];

  isDeaf: boolean;
  readonly #unanswered: (() => void)[] = [];

  private constructor(url: string, deaf: boolean) {
    this.url = url;
    this.isDeaf = deaf;
  }

  /** @param deaf takes connections, and answers when it is told to hear @param status what it answers; other than 200: refused */
  static async start({ deaf = false, status = 200 } = {}): Promise<OtlpReceiver> {
    let receiver: OtlpReceiver | null = null;
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        if (status === 200) receiver?.take(request.url ?? '', Buffer.concat(pieces));
        response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
      });
    };
    const server = createServer((request, response) => {
      receiver?.headers.push(request.headers);
      if (receiver?.isDeaf === true) receiver.#unanswered.push(() => answer(request, response));
      else answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    receiver = new OtlpReceiver(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, deaf);
    return receiver;
  }

  /** From now on, and what has been left unanswered. */
  hear(): void {
    this.isDeaf = false;
    for (const answer of this.#unanswered.splice(0)) answer();
  }

  take(path: string, body: Buffer): void {
    this.bodies.push(body);
    if (path === '/v1/traces')
      this.#takeSpans(read(trace.v1.ExportTraceServiceRequest, body, 'resourceSpans'));
    else if (path === '/v1/logs')
      this.#takeLogs(read(logs.v1.ExportLogsServiceRequest, body, 'resourceLogs'));
    else if (path === '/v1/metrics')
      this.#takeMetrics(read(metrics.v1.ExportMetricsServiceRequest, body, 'resourceMetrics'));
    else throw new Error(`path: expected /v1/traces, /v1/logs or /v1/metrics, received ${path}`);
  }

  /** From the root down to the span. */
  ancestry(span: SeenSpan): string[] {
    const parent = this.spans.find(({ spanId }) => spanId === span.parentSpanId);
    return [...(parent === undefined ? [] : this.ancestry(parent)), span.name];
  }

  span(name: string): SeenSpan {
    const found = this.spans.find((span) => span.name === name);
    if (found === undefined)
      throw new Error(`expected a span ${name}, received ${this.spans.map((span) => span.name).join(', ')}`);
    return found;
  }

  #takeSpans(resources: readonly RawResource[]): void {
    for (const { resource, scopeSpans = [] } of resources) {
      const service = toRecord(resource?.attributes)['service.name'];
      for (const span of scopeSpans.flatMap(({ spans = [] }) => spans)) {
        this.spans.push({
          name: span.name,
          traceId: span.traceId,
          spanId: span.spanId,
          parentSpanId: span.parentSpanId ?? '',
          kind: span.kind,
          failed: span.status?.code === 2,
          attributes: toRecord(span.attributes),
          service,
        });
      }
    }
  }

  #takeLogs(resources: readonly RawResource[]): void {
    for (const record of resources.flatMap(({ scopeLogs = [] }) => scopeLogs).flatMap(recordsOf)) {
      this.records.push({
        body: toValue(record.body),
        eventName: record.eventName ?? '',
        traceId: record.traceId ?? '',
        spanId: record.spanId ?? '',
        attributes: toRecord(record.attributes),
      });
    }
  }

  #takeMetrics(resources: readonly RawResource[]): void {
    for (const { resource, scopeMetrics = [] } of resources) {
      const service = toRecord(resource?.attributes)['service.name'];
      for (const metric of scopeMetrics.flatMap(({ metrics: all = [] }) => all)) {
        const kind = metric.sum ? 'sum' : metric.gauge ? 'gauge' : 'histogram';
        const points = (metric[kind]?.dataPoints ?? []).map((point) => ({
          attributes: toRecord(point.attributes),
          value: Number(point.asDouble ?? point.asInt ?? point.count ?? Number.NaN),
        }));
        this.metrics.set(`${service} ${metric.name}`, {
          name: metric.name,
          unit: metric.unit ?? '',
          kind,
          points,
        });
      }
    }
  }
}

function recordsOf({ logRecords = [] }: { logRecords?: RawRecord[] }): RawRecord[] {
  return logRecords;
}

function read(message: Message, body: Buffer, field: string): readonly RawResource[] {
  // Ids are bytes: as base64 they are texts, which is enough to compare them.
  const decoded = message.toObject(message.decode(body), { longs: String, bytes: String });
  return Reflect.get(Object(decoded), field) as RawResource[];
}

function toRecord(attributes: readonly RawAttribute[] = []): Record<string, Value> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toValue(value)]));
}

function toValue(value: RawAttribute['value']): Value {
  return (
    value?.stringValue ??
    value?.boolValue ??
    value?.doubleValue ??
    (value?.intValue === undefined ? undefined : Number(value.intValue))
  );
}

/** As logs have ids: lower-case hexadecimal. */
export function toHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex');
}
