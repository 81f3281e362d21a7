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
  /** A name that the server gives, such as an error's code; null: there is no text for it. */
  named(prefix: 'error' | 'form.about', name: string): string | null;
  /** What a workflow is called: here, otherwise by the server, otherwise its name. */
  workflow(name: string): string;
  /** What a step is called: here where its workflow has a name here, otherwise its own name. */
  step(workflow: string, name: string): string;
  /** What kind of job it is. */
  job(job: { readonly workflow: string; readonly taskName: string }): string;
  /** What a job is called: its title, otherwise its kind. */
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
