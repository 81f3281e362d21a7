/** Texts in the chosen language, for components. */
import { useMemo } from 'react';
import type { BatchCounts } from '../state/batch-counts.ts';
import { isBatch, isTracked } from '../state/job-view.ts';
import { type Language, language } from '../state/settings.ts';
import { useValue } from '../state/value.ts';
import { type WorkflowInfo, workflows } from '../state/workflows.ts';
import { isMessageKey, type MessageKey, translate } from './messages.ts';
import { inWords } from './words.ts';

export interface Text {
  (key: MessageKey, values?: Readonly<Record<string, string | number>>): string;
  readonly language: Language;
  /** The text for a name given by the server, such as an error code; null if there is none. */
  named(prefix: 'error' | 'form.about', name: string): string | null;
  /** A workflow's label: the page's own, otherwise the server's, otherwise its name. */
  workflow(name: string): string;
  /** A step's label: the page's own if its workflow has one here, otherwise the step's name. */
  step(workflow: string, name: string): string;
  /** The kind of a job. */
  job(job: { readonly workflow: string; readonly taskName: string }): string;
  /** A job's title, otherwise its kind. */
  title(job: { readonly title: string | null; readonly workflow: string; readonly taskName: string }): string;
  /** `10 of 12 done, 2 failed`. */
  counts(counts: BatchCounts): string;
}

export function useText(): Text {
  const current = useValue(language);
  const { all } = useValue(workflows);
  return useMemo(() => createText(current, all ?? []), [current, all]);
}

export function createText(current: Language, known: readonly WorkflowInfo[] = []): Text {
  const text = (key: MessageKey, values?: Readonly<Record<string, string | number>>): string =>
    translate(current, key, values);
  const find = (key: string): string | null => (isMessageKey(key) ? text(key) : null);
  const workflow = (name: string): string =>
    find(`workflow.${name}`) ?? known.find((info) => info.workflow === name)?.label ?? inWords(name);
  const kindOf = (job: { readonly workflow: string; readonly taskName: string }): string => {
    if (isTracked(job)) return inWords(job.taskName);
    const name = workflow(job.workflow);
    return isBatch(job) ? text('batch.of', { workflow: name }) : name;
  };
  return Object.assign(text, {
    language: current,
    named: (prefix: string, name: string) => find(`${prefix}.${name}`),
    workflow,
    step: (owner: string, name: string) =>
      (isMessageKey(`workflow.${owner}`) ? find(`step.${name}`) : null) ?? name,
    job: kindOf,
    title: (job: { readonly title: string | null; readonly workflow: string; readonly taskName: string }) =>
      job.title ?? kindOf(job),
    counts: ({ done, failed, cancelled, total }: BatchCounts) =>
      [
        text('batch.done', { done, total }),
        ...(failed > 0 ? [text('batch.failed', { failed })] : []),
        ...(cancelled > 0 ? [text('batch.cancelled', { cancelled })] : []),
      ].join(', '),
  });
}
