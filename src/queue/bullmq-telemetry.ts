/**
 * BullMQ's telemetry by bullmq-otel, with two changes: only what a job goes through becomes a span (put into the queue, taken
 * out), not BullMQ's own work on the queue, which goes on for ever; and secrets are removed from texts.
 */
import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { Telemetry } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { redact } from '../core/redaction.ts';
import { startOf } from '../core/text.ts';

type Span = ReturnType<Telemetry<Context>['tracer']['startSpan']>;

/** OpenTelemetry's numbers of the kinds producer and consumer, which BullMQ uses too. */
const OF_JOBS: ReadonlySet<number> = new Set([3, 4]);
/** Ids and names; not the options or results of jobs. */
const KEPT: ReadonlySet<string> = new Set([
  'bullmq.queue.name',
  'bullmq.queue.operation',
  'bullmq.job.name',
  'bullmq.job.id',
  'bullmq.job.attempts.made',
  'bullmq.worker.name',
]);

const NOTHING: Span = {
  setSpanOnContext: (context) => context,
  setAttribute() {},
  setAttributes() {},
  addEvent() {},
  recordException() {},
  end() {},
};

export class BullMQTelemetry implements Telemetry<Context> {
  readonly tracer: Telemetry<Context>['tracer'];
  readonly contextManager: Telemetry<Context>['contextManager'];

  constructor() {
    const { tracer, contextManager } = new BullMQOtel({ tracerName: 'playhead.queue' });
    this.contextManager = Object.assign(contextManager, { root: () => ROOT_CONTEXT });
    this.tracer = {
      startSpan: (name, options, context) =>
        OF_JOBS.has(options?.kind ?? 0) ? new JobSpan(tracer.startSpan(name, options, context)) : NOTHING,
    };
  }
}

class JobSpan implements Span {
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
  }

  setSpanOnContext(context: Context): Context {
    return this.#span.setSpanOnContext(context);
  }

  setAttribute(...[key, value]: Parameters<Span['setAttribute']>): void {
    if (KEPT.has(key)) this.#span.setAttribute(key, value);
  }

  setAttributes(attributes: Parameters<Span['setAttributes']>[0]): void {
    for (const [key, value] of Object.entries(attributes))
      if (value !== undefined) this.setAttribute(key, value);
  }

  addEvent(name: string): void {
    this.#span.addEvent(name);
  }

  /** Its text may be a program's output. */
  recordException(exception: unknown): void {
    const message = exception instanceof Error ? exception.message : String(exception);
    this.#span.recordException({ name: 'Error', message: redact(startOf(message, 2_000)) });
  }

  end(): void {
    this.#span.end();
  }
}
