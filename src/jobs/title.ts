/** What a person would call a job. */
import { shorten } from '../core/text.ts';
import { MAX_TITLE_CHARS } from '../progress/state.ts';
import type { WorkflowDefinition } from './definition.ts';

/**
 * The title of a job with these inputs. A batch has several inputs: its title lists its items' titles, each once.
 * @param inputs as the workflow's schema has parsed them
 * @returns one line of at most MAX_TITLE_CHARS; null when there is nothing to call it by
 */
export function titleOf(
  workflow: Pick<WorkflowDefinition, 'title'>,
  inputs: readonly unknown[],
): string | null {
  const titles = new Set<string>();
  let length = 0;
  for (const input of inputs) {
    const title = toLine(workflow.title(input));
    if (title === '' || titles.has(title)) continue;
    titles.add(title);
    length += title.length;
    if (length > MAX_TITLE_CHARS) break;
  }
  return shorten([...titles].join(', '), MAX_TITLE_CHARS) || null;
}

/** Well-formed and without control characters, whatever a definition gives. */
function toLine(title: string): string {
  return shorten(title.toWellFormed(), MAX_TITLE_CHARS + 1)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}
