/** Texts in the chosen language, for components. */
import { useMemo } from 'react';
import type { BatchCounts } from '../state/batch-counts.ts';
import { type Language, language } from '../state/settings.ts';
import { useValue } from '../state/value.ts';
import { isMessageKey, type MessageKey, translate } from './messages.ts';

export interface Text {
  (key: MessageKey, values?: Readonly<Record<string, string | number>>): string;
  readonly language: Language;
  /** A name that the server gives, such as a step's. */
  named(prefix: 'step' | 'error', name: string): string | null;
  /** What a job is called. */
  job(job: { readonly workflow: Workflow; readonly taskName: string }): string;
  /** `10 of 12 done, 2 failed`. */
  counts(counts: BatchCounts): string;
}
type Workflow = 'DIRECTOR' | 'AUDIO' | 'WRITER' | 'LIPSYNC';

export function useText(): Text {
  const current = useValue(language);
  return useMemo(() => createText(current), [current]);
}

export function createText(current: Language): Text {
  const text = (key: MessageKey, values?: Readonly<Record<string, string | number>>): string =>
    translate(current, key, values);
  return Object.assign(text, {
    language: current,
    named: (prefix: 'step' | 'error', name: string) => {
      const key = `${prefix}.${name}`;
      return isMessageKey(key) ? text(key) : null;
    },
    job: ({ workflow, taskName }: { readonly workflow: Workflow; readonly taskName: string }) => {
      const name = text(`workflow.${workflow}`);
      return taskName.startsWith('batch_') ? text('workflow.batch', { workflow: name }) : name;
    },
    counts: ({ done, failed, cancelled, total }: BatchCounts) =>
      [
        text('batch.done', { done, total }),
        ...(failed > 0 ? [text('batch.failed', { failed })] : []),
        ...(cancelled > 0 ? [text('batch.cancelled', { cancelled })] : []),
      ].join(', '),
  });
}
