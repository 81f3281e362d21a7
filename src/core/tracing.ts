/**
 * The port to tracing. Nothing is traced, and no package is loaded, until a root calls `installTracing` (src/observe/observation.ts);
 * until then each of these functions costs one comparison.
 */

export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** `client`: waits for another program's answer. */
export type SpanKind = 'internal' | 'server' | 'client';

export interface Span {
  set(attributes: Attributes): void;
  /** Marks it as failed. @param message for people; secrets are removed */
  fail(code: string, message?: string): void;
}

export interface LogRecord {
  readonly name: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly body: string;
  readonly attributes: Attributes;
}

export interface Tracing {
  /** Runs work within a span of its own, which fails when the work throws. */
  trace<T>(
    name: string,
    kind: SpanKind,
    attributes: Attributes,
    work: (span: Span) => Promise<T>,
  ): Promise<T>;
  /** The present place in the present trace, in W3C's form (traceparent); null outside of any. */
  place(): string | null;
  /**
   * Runs work as a part of the trace that the place belongs to; a place that cannot be read counts as none.
   * @param state what came with it (tracestate)
   */
  within<T>(place: string, work: () => T, state?: string | null): T;
  ids(): { readonly trace_id: string; readonly span_id: string } | undefined;
  /** Exports an event of ours, as a part of the present span. */
  emit(record: LogRecord): void;
  /** Exports a line of the process's log: JSON without secrets. */
  line(json: string): void;
}

let tracing: Tracing | null = null;

const NO_SPAN: Span = { set() {}, fail() {} };

/** @param port null: nothing is traced any more */
export function installTracing(port: Tracing | null): void {
  tracing = port;
}

/** Undefined while nothing is traced. */
export function currentTracing(): Tracing | undefined {
  return tracing ?? undefined;
}

export function trace<T>(
  name: string,
  kind: SpanKind,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return tracing === null ? work(NO_SPAN) : tracing.trace(name, kind, attributes, work);
}

export function tracePlace(): string | null {
  return tracing === null ? null : tracing.place();
}

export function withinTrace<T>(place: string | null, work: () => T, state?: string | null): T {
  return tracing === null || place === null ? work() : tracing.within(place, work, state);
}
