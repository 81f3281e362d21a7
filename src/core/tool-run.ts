/** Measures and traces what a step has others do: programs, media processes, providers. */
import { ERRORS } from './errors.ts';
import { METERS } from './meters.ts';
import { keepLine } from './step-lines.ts';
import { type Attributes, type Span, type SpanKind, trace } from './tracing.ts';

/** One use of a tool. */
export interface ToolSpan extends Span {
  /** What the tool has printed that a person may want to read; kept with the job, shortened and without secrets. */
  output(text: string): void;
}

/**
 * Runs work as one use of a tool: measured, traced, and kept as a line of the step that is under way.
 * @param tool a name from our code, never from a client
 */
export function measureTool<T>(
  tool: string,
  kind: SpanKind,
  attributes: Attributes,
  work: (span: ToolSpan) => Promise<T>,
): Promise<T> {
  return trace(tool, kind, attributes, async (span) => {
    const started = performance.now();
    let outcome = 'ok';
    let said = '';
    const output = (text: string): void => {
      said = text;
    };
    try {
      return await work({ set: (more) => span.set(more), fail: (...why) => span.fail(...why), output });
    } catch (error) {
      outcome = codeOf(error);
      said = [messageOf(error), said].filter((part) => part !== '').join('\n');
      throw error;
    } finally {
      const durationMs = performance.now() - started;
      METERS.toolDuration.record(durationMs / 1_000, tool, outcome);
      keepLine({ level: outcome === 'ok' ? 'info' : 'error', source: tool, text: said, durationMs });
    }
  });
}

/** Only our own codes: a label must not grow with what programs and networks say. */
function codeOf(error: unknown): string {
  const code: unknown = Reflect.get(Object(error), 'code');
  return typeof code === 'string' && Object.hasOwn(ERRORS, code) ? code : 'INTERNAL';
}

/** What one of our errors says; any other error is shown by its code alone, as it is to every client. */
function messageOf(error: unknown): string {
  const code = codeOf(error);
  return code === 'INTERNAL' || !(error instanceof Error) ? code : `${code}: ${error.message}`;
}
