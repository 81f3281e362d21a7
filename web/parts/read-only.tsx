/** Actions that a read-only token does not permit are shown, but disabled, with the reason. */
import { mayWrite, useGrant } from '../state/session.ts';
import { useText } from '../text/use-text.ts';

/** Why jobs cannot be started, cancelled or retried; null: they can. */
export function useReadOnly(): string | null {
  const text = useText();
  return mayWrite(useGrant()) ? null : text('session.readOnlyHint');
}

/** Attributes of a button that changes something. */
export function useWriteButton(): { readonly disabled: boolean; readonly title: string | undefined } {
  const reason = useReadOnly();
  return { disabled: reason !== null, title: reason ?? undefined };
}
