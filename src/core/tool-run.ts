/** Measures and traces what a step has others do: programs, media threads, providers. */
import { ERRORS } from './errors.ts';
import { METERS } from './meters.ts';
import { type Attributes, type Span, type SpanKind, trace } from './tracing.ts';

/** @param tool a name from our code, never from a client */
export function measureTool<T>(
  tool: string,
  kind: SpanKind,
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  return trace(tool, kind, attributes, async (span) => {
    const started = performance.now();
    let outcome = 'ok';
    try {
      return await work(span);
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      METERS.toolDuration.record((performance.now() - started) / 1_000, tool, outcome);
    }
  });
}

/** Codes of ours only: a label must not grow with what programs and networks say. */
function outcomeOf(error: unknown): string {
  const code: unknown = Reflect.get(Object(error), 'code');
  return typeof code === 'string' && Object.hasOwn(ERRORS, code) ? code : 'INTERNAL';
}
