/** The results that this page shows in a richer form than their data and files, by type name. */
import type { JobResult } from '../state/job-view.ts';
import { filmResult } from './film-result.tsx';
import type { ResultView } from './result-view.tsx';
import { scriptResult } from './script-result.tsx';
import { speechResult } from './speech-result.tsx';
import { talkingHeadResult } from './talking-head-result.tsx';

const VIEWS: Readonly<Record<string, ResultView>> = {
  AudioResult: speechResult,
  LipsyncResult: talkingHeadResult,
  ScriptResult: scriptResult,
  VideoResult: filmResult,
};

/** Undefined: there is nothing to show beyond its data and files. */
export function resultViewOf({ __typename }: JobResult): ResultView | undefined {
  return Object.hasOwn(VIEWS, __typename) ? VIEWS[__typename] : undefined;
}

const SUMMARY_CHARS = 60;

/** A result in a few words; null if there are none. */
export function summariseResult(result: JobResult): string | null {
  const own = resultViewOf(result)?.summarise(result) ?? null;
  if (own !== null) return own;
  const words = Object.values(Object(result.data)).find((value) => typeof value === 'string' && value !== '');
  return words === undefined ? (result.artifacts[0]?.name ?? null) : String(words).slice(0, SUMMARY_CHARS);
}
