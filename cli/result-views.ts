/**
 * Summaries of the results that this program knows, by type; for any other it lists the fields. A view returns null when a
 * result lacks what the view expects, as one made by a newer server may.
 */
import type { Artifact, JobResult } from './operations.ts';
import { batchCountsOf, type Data, dataOf } from './result.ts';
import { formatSeconds, formatSize, plain } from './text.ts';

export interface ResultView {
  /** A few words, for example `a video of 8.4 s`. */
  readonly summary: string;
  /** A text worth reading in full. */
  readonly text?: string;
}

type View = (data: Data, files: readonly Artifact[]) => ResultView | null;

const VIEWS: Readonly<Record<string, View>> = {
  VideoResult: ({ clips, totalDuration }, [video]) =>
    isNumber(clips) && isNumber(totalDuration) && video !== undefined
      ? {
          summary: `a video of ${formatSeconds(totalDuration)}, ${counted(clips, 'clip')}, ${formatSize(video.sizeBytes)}`,
        }
      : null,
  AudioResult: ({ similarity, totalDuration, tries }) =>
    isNumber(similarity) && isNumber(totalDuration) && isNumber(tries)
      ? {
          summary: `speech of ${formatSeconds(totalDuration)}, ${Math.round(similarity * 1000) / 10} % similar after ${tries === 1 ? '1 try' : `${tries} tries`}`,
        }
      : null,
  ScriptResult: ({ estimatedDuration, scenes, text, title }) =>
    isNumber(estimatedDuration) && isNumber(scenes) && typeof text === 'string'
      ? {
          summary: `the script “${plain(String(title))}”, ${counted(scenes, 'scene')}, a film of about ${formatSeconds(estimatedDuration)}`,
          text,
        }
      : null,
  LipsyncResult: ({ totalDuration }, [video]) =>
    isNumber(totalDuration) && video !== undefined
      ? { summary: `a talking head of ${formatSeconds(totalDuration)}, ${formatSize(video.sizeBytes)}` }
      : null,
};

/** The view of a result; null when there is none. */
export function viewOf(result: JobResult): ResultView | null {
  const { __typename, artifacts } = result;
  if (batchCountsOf(result) !== null || !Object.hasOwn(VIEWS, __typename)) return null;
  const data = dataOf(result);
  const view = VIEWS[__typename]?.(data, artifacts) ?? null;
  if (view === null) return null;
  const { totalCostUsd } = data;
  const cost = isNumber(totalCostUsd) && totalCostUsd > 0 ? `, $${totalCostUsd.toFixed(4)}` : '';
  return { ...view, summary: `${view.summary}${cost}` };
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
