/** The mouth shapes of a lip-synced video over time, with one colour per shape. */
import { useEffect, useState } from 'react';
import { formatClock } from '../text/format.ts';
import { useText } from '../text/use-text.ts';

interface Cue {
  /** In seconds. */
  readonly start: number;
  readonly end: number;
  readonly shape: string;
}

export function CueStrip({ source }: { readonly source: string }) {
  const text = useText();
  const cues = useCues(source);
  const total = cues.at(-1)?.end ?? 0;
  if (total === 0) return null;
  const shapes = [...new Set(cues.map(({ shape }) => shape))].sort();
  return (
    <figure className="cue-strip">
      <figcaption className="small muted">
        {text('result.cues')} <span className="number">{cues.length}</span>
      </figcaption>
      <svg aria-hidden="true" preserveAspectRatio="none" viewBox={`0 0 ${total} 1`}>
        {cues.map(({ start, end, shape }) => (
          <rect
            data-shape={shapes.indexOf(shape) % 9}
            height={1}
            key={start}
            width={Math.max(0, end - start)}
            x={start}
          >
            <title>{`${shape} ${formatClock(start)}`}</title>
          </rect>
        ))}
      </svg>
    </figure>
  );
}

function useCues(source: string): readonly Cue[] {
  const [cues, setCues] = useState<readonly Cue[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    fetch(source, { signal: stop.signal })
      .then((response) => response.json())
      .then((json: unknown) => setCues(readCues(json)))
      .catch((error: unknown) => {
        if (!stop.signal.aborted) console.warn('No cues', error);
      });
    return () => stop.abort();
  }, [source]);
  return cues;
}

/** Reads `[{start, end, value}]`, or the same under `cues` or `mouthCues` (Rhubarb's format); anything else is ignored. */
export function readCues(json: unknown): readonly Cue[] {
  const { cues, mouthCues } = (json ?? {}) as { cues?: unknown; mouthCues?: unknown };
  const list = [json, cues, mouthCues].find((candidate) => Array.isArray(candidate)) ?? [];
  return (list as readonly Record<string, unknown>[]).flatMap((cue) => {
    const shape = cue['value'] ?? cue['shape'];
    const { start, end } = cue;
    return typeof start === 'number' && typeof end === 'number' && typeof shape === 'string'
      ? [{ start, end, shape }]
      : [];
  });
}
