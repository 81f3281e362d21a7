/** What became of a job, in words. */
import type { Api } from './api.ts';
import { resultCountsText } from './bar-rows.ts';
import { isTracked } from './board.ts';
import { EXIT, type ExitCode } from './failure.ts';
import type { Artifact, Job, JobResult, WholeJob } from './operations.ts';
import { batchCountsOf, dataOf, labelOf } from './result.ts';
import { type ResultView, viewOf } from './result-views.ts';
import { formatSeconds, plain, plainLines, toWords } from './text.ts';

/** Longer texts, and those of several lines, are printed below the others. */
const LINE_CHARS = 100;

/** 0 when everything was done; for a batch, all its items. */
export function exitCodeOf({ status, result }: Job): ExitCode {
  if (status !== 'COMPLETED') return EXIT.failed;
  const counts = batchCountsOf(result);
  return counts === null || counts.succeeded === counts.total ? EXIT.done : EXIT.failed;
}

/**
 * The address from which this client fetches an artifact. One that the server serves itself is fetched from the address at
 * which the server was reached, whatever name the server has for itself.
 */
export function artifactUrl({ url: base }: Pick<Api, 'url'>, { url, path }: Artifact): string {
  const { href, pathname, search } = new URL(url, `${base}/`);
  // A link of a tracked job has no path.
  return path !== '' && pathname.endsWith(`/files/${path}`) ? `${base}/files/${path}${search}` : href;
}

interface OutcomeParts {
  readonly api: Pick<Api, 'url'>;
  /** How this program is called, for the lines about what to do next. */
  readonly command: string;
  /** Options that these lines need besides the id, with a leading space. @default '' */
  readonly options?: string;
  /** The titles of a result's fields, if no view is registered for it. @default their names in words */
  readonly titles?: ReadonlyMap<string, string> | undefined;
}

/** The lines about the outcome of a job. */
export function outcomeLines(job: WholeJob, parts: OutcomeParts): readonly string[] {
  const { command, options = '' } = parts;
  const next: Next = (label, verb) => `  ${label.padEnd(9)} ${command} ${verb} ${job.id}${options}`;
  switch (job.status) {
    case 'COMPLETED':
      return doneLines(job, parts, next);
    case 'FAILED': {
      const { code = '', message = '' } = job.error ?? {};
      const tries = job.attempt > 1 ? ` after ${job.attempt} attempts` : '';
      const again = isTracked(job) ? [] : [next('Retry', 'retry')];
      return [`Failed${tries}: ${code}: ${plain(message)}`, ...again];
    }
    case 'CANCELLED':
      return ['Cancelled.', ...(isTracked(job) ? [] : [next('Retry', 'retry')])];
    case 'QUEUED':
    case 'RUNNING':
    case 'RETRYING':
      return [`The job is ${job.status}.`, next('Watch', 'watch')];
  }
}

/** Makes a line about what can be done next. */
type Next = (label: string, verb: string) => string;

function doneLines(job: WholeJob, parts: OutcomeParts, next: Next): readonly string[] {
  const { result } = job;
  const took = tookSeconds(job);
  const done = `Done${took === null ? '' : ` in ${formatSeconds(took)}`}`;
  if (result === null) return [`${done}.`];
  const counts = batchCountsOf(result);
  if (counts !== null) {
    const { succeeded, total } = counts;
    const lines = job.items.map((item, index) => itemLine(parts.api, item, index));
    const again = succeeded < total ? [`${next('Retry', 'retry')}   (the items that did not succeed)`] : [];
    const text = resultCountsText(counts);
    const inTime = done.slice('Done'.length);
    return [succeeded < total ? `${text}${inTime}.` : `${done}: ${text}`, ...lines, ...again];
  }
  const files = result.artifacts.map(
    (file) => `  ${capital(labelOf(file)).padEnd(9)} ${artifactUrl(parts.api, file)}`,
  );
  const fetch = files.length === 0 ? [] : [next('Fetch', 'download')];
  const view = viewOf(result);
  return view === null
    ? [`${done}: ${plain(job.taskName)}`, ...dataLines(result, [...files, ...fetch], parts.titles)]
    : [`${done}: ${view.summary}`, ...files, ...fetch, ...textLines(view)];
}

function textLines({ text }: ResultView): readonly string[] {
  return text === undefined ? [] : ['', ...plainLines(text).trimEnd().split('\n')];
}

/**
 * The fields of a result without a registered view: short ones as a line each, then the files, then long texts.
 * @param files the lines of its files
 */
function dataLines(
  result: JobResult,
  files: readonly string[],
  titles: OutcomeParts['titles'],
): readonly string[] {
  const fields = Object.entries(dataOf(result))
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ({ title: plain(titles?.get(name) ?? toWords(name)), text: valueText(value) }));
  const isLong = ({ text }: { readonly text: string }): boolean =>
    text.length > LINE_CHARS || text.includes('\n');
  const width = Math.max(9, ...fields.filter((field) => !isLong(field)).map(({ title }) => title.length));
  const short = fields
    .filter((field) => !isLong(field))
    .map(({ text, title }) => `  ${title.padEnd(width)} ${plain(text)}`);
  const long = fields
    .filter(isLong)
    .flatMap(({ text, title }) => ['', `${title}:`, ...plainLines(text).trimEnd().split('\n')]);
  return [...short, ...files, ...long];
}

/** A value for people; nested values as JSON. */
function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  const isFlat = Array.isArray(value) && value.every((item) => typeof item !== 'object');
  return isFlat ? value.join(', ') : JSON.stringify(value);
}

function itemLine(api: Pick<Api, 'url'>, item: Job, index: number): string {
  const [main] = item.result?.artifacts ?? [];
  const what =
    main === undefined
      ? plain(`${item.status.toLowerCase()} ${item.error?.code ?? ''} ${item.error?.message ?? ''}`)
      : artifactUrl(api, main);
  return `  ${`#${index + 1}`.padEnd(9)} ${what}`;
}

function tookSeconds({ startedAt, finishedAt }: Job): number | null {
  if (startedAt === null || finishedAt === null) return null;
  return Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
