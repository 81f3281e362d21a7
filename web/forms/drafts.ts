/**
 * What was entered in the form for a new job and not sent yet: kept while the page is open, across tabs, Esc and other pages.
 */
import { useCallback, useState } from 'react';
import type { Entered } from '../views/view.ts';

export interface Draft {
  /** One, or several for a batch. */
  readonly items: readonly Entered[];
  readonly attempts: string;
}

const drafts = new Map<string, Draft>();

interface OpenDraft {
  readonly draft: Draft;
  /** Whether it differs from the form's initial content. */
  readonly isChanged: boolean;
  readonly change: (update: (draft: Draft) => Draft) => void;
  /** Restores the initial content. */
  readonly reset: () => void;
}

/** @param key identifies the form @param initial its initial content */
export function useDraft(key: string, initial: Draft): OpenDraft {
  const [draft, set] = useState(() => drafts.get(key) ?? initial);
  const change = useCallback(
    (update: (draft: Draft) => Draft) =>
      set((now) => {
        const next = update(now);
        drafts.set(key, next);
        return next;
      }),
    [key],
  );
  const reset = (): void => {
    drafts.delete(key);
    set(initial);
  };
  return { draft, isChanged: JSON.stringify(draft) !== JSON.stringify(initial), change, reset };
}

/** Call when the job has been started. */
export function forgetDraft(key: string): void {
  drafts.delete(key);
}
