/** What a token that may only read can't do: shown, but disabled, with the reason. */
import { mayWrite, useGrant } from '../state/session.ts';
import { useText } from '../text/use-text.ts';

/** Why nothing can be started, cancelled or retried; null: it can. */
export function useReadOnly(): string | null {
  const text = useText();
  return mayWrite(useGrant()) ? null : text('session.readOnlyHint');
}

/** Attributes of a button that changes something. */
export function useWriteButton(): { readonly disabled: boolean; readonly title: string | undefined } {
  const reason = useReadOnly();
  return { disabled: reason !== null, title: reason ?? undefined };
}
