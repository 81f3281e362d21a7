/** The end of every form: what went wrong, and the button that sends it. */
import { type ReactNode, useEffect, useRef } from 'react';
import { useReadOnly } from '../parts/read-only.tsx';
import { useText } from '../text/use-text.ts';
import { faultAt } from './checks.ts';
import type { Start } from './use-start.ts';

interface FormFrameProps {
  readonly start: Start;
  readonly children: ReactNode;
  /** The number of items; 1: not a batch. */
  readonly count: number;
  /** Empties the form; null: there is nothing to empty. */
  readonly reset: (() => void) | null;
  /** Paths of the displayed fields, each of which shows its own error. */
  readonly paths: readonly string[];
}

export function FormFrame({ start, children, count, paths, reset }: FormFrameProps) {
  const text = useText();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (start.refusals > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [start.refusals]);
  const label = count > 1 ? text('form.startBatch', { count }) : text('form.start');
  const readOnly = useReadOnly();
  const isPlaced = paths.some((path) => faultAt(start.faults, path) !== undefined);
  return (
    <form
      className="form"
      noValidate
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        void start.submit();
      }}
    >
      <div className="form-fields">{children}</div>
      <div className="form-foot">
        <div aria-live="polite">
          {start.failure !== null && !isPlaced && <p className="field-error">{start.failure}</p>}
          {readOnly !== null && <p className="hint">{readOnly}</p>}
        </div>
        {reset !== null && (
          <button className="link-button" onClick={reset} type="button">
            {text('form.reset')}
          </button>
        )}
        <button className="button primary" disabled={start.busy || readOnly !== null} type="submit">
          {start.busy ? text('form.starting') : label}
        </button>
      </div>
    </form>
  );
}
