/** The tracing port, implemented with OpenTelemetry. Secrets are removed from all texts here, whoever wrote them. */
import {
  context,
  SpanKind as OtelSpanKind,
  propagation,
  ROOT_CONTEXT,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { type Logger, SeverityNumber } from '@opentelemetry/api-logs';
import { redact } from '../core/redaction.ts';
import { startOf } from '../core/text.ts';
import type { Attributes, LogRecord, Span, SpanKind, Tracing } from '../core/tracing.ts';

const KINDS: Readonly<Record<SpanKind, OtelSpanKind>> = {
  internal: OtelSpanKind.INTERNAL,
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
};

const SEVERITIES = { info: SeverityNumber.INFO, warn: SeverityNumber.WARN, error: SeverityNumber.ERROR };

/** pino's levels. */
const LEVELS: Readonly<Record<number, readonly [SeverityNumber, string]>> = {
  10: [SeverityNumber.TRACE, 'TRACE'],
  20: [SeverityNumber.DEBUG, 'DEBUG'],
  30: [SeverityNumber.INFO, 'INFO'],
  40: [SeverityNumber.WARN, 'WARN'],
  50: [SeverityNumber.ERROR, 'ERROR'],
  60: [SeverityNumber.FATAL, 'FATAL'],
};

/** The most characters of an exported text; a stack trace has about 2,000. */
const MAX_TEXT = 4_000;

export class OtelTracing implements Tracing {
  readonly #tracer: Tracer;
  readonly #logger: Logger;

  constructor(tracer: Tracer, logger: Logger) {
    this.#tracer = tracer;
    this.#logger = logger;
  }

  trace<T>(
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    work: (span: Span) => Promise<T>,
  ): Promise<T> {
    return this.#tracer.startActiveSpan(
      name,
      { kind: KINDS[kind], attributes: clean(attributes) },
      async (inner) => {
        const span: Span = {
          set: (more) => inner.setAttributes(clean(more)),
          fail: (code, message = code) => {
            inner.setAttribute('error.type', code);
            inner.setStatus({ code: SpanStatusCode.ERROR, message: cleanText(message) });
          },
        };
        try {
          return await work(span);
        } catch (error) {
          span.fail(codeOf(error), error instanceof Error ? error.message : undefined);
          throw error;
        } finally {
          inner.end();
        }
      },
    );
  }

  place(): string | null {
    const carrier: { traceparent?: string } = {};
    propagation.inject(context.active(), carrier);
    return carrier.traceparent ?? null;
  }

  within<T>(place: string, work: () => T, state?: string | null): T {
    const carrier = { traceparent: place, ...(state && { tracestate: state }) };
    return context.with(propagation.extract(ROOT_CONTEXT, carrier), work);
  }

  ids(): { readonly trace_id: string; readonly span_id: string } | undefined {
    const span = trace.getSpanContext(context.active());
    return span && { trace_id: span.traceId, span_id: span.spanId };
  }

  emit({ name, level, body, attributes }: LogRecord): void {
    this.#logger.emit({
      eventName: name,
      severityNumber: SEVERITIES[level],
      severityText: level.toUpperCase(),
      body: cleanText(body),
      attributes: clean({ ...attributes, 'event.name': name }),
      context: context.active(),
    });
  }

  line(json: string): void {
    const record = parseLine(json);
    if (record === null) return;
    const { level, msg, time, trace_id: _trace, span_id: _span, ...rest } = record;
    const [severityNumber, severityText] = LEVELS[Number(level)] ?? [SeverityNumber.UNSPECIFIED, ''];
    const timestamp = typeof time === 'string' ? Date.parse(time) : Number.NaN;
    this.#logger.emit({
      ...(Number.isNaN(timestamp) ? {} : { timestamp }),
      severityNumber,
      severityText,
      body: String(msg ?? ''),
      attributes: flatten(rest),
      context: context.active(),
    });
  }
}

function parseLine(json: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Attributes are texts, numbers and booleans; an error is split into its parts, and anything else is sent as JSON. */
function flatten(fields: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> {
  const { err, ...others } = fields;
  const flat: Record<string, string | number | boolean> = {};
  for (const part of ['type', 'message', 'stack'] as const) {
    const text: unknown = Reflect.get(Object(err), part);
    const name = part === 'stack' ? 'exception.stacktrace' : `exception.${part}`;
    if (typeof text === 'string') flat[name] = startOf(text, MAX_TEXT);
  }
  for (const [name, value] of Object.entries(others)) {
    if (value == null) continue;
    if (typeof value === 'number' || typeof value === 'boolean') flat[name] = value;
    else flat[name] = startOf(typeof value === 'string' ? value : JSON.stringify(value), MAX_TEXT);
  }
  return flat;
}

function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.name : 'INTERNAL';
}

function cleanText(text: string): string {
  return redact(startOf(text, MAX_TEXT));
}

function clean(attributes: Attributes): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) kept[name] = typeof value === 'string' ? cleanText(value) : value;
  }
  return kept;
}
