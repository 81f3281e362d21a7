/** What became of a job, in words. */
import type { Api } from './api.ts';
import { resultCountsText } from './bar-rows.ts';
import { EXIT, type ExitCode } from './failure.ts';
import type { Artifact, Job, JobResult, WholeJob } from './operations.ts';
import { formatSeconds, formatSize, plain, plainLines } from './text.ts';

/** 0 when all of it was done: a batch only with all its items. */
export function exitCodeOf({ status, result }: Job): ExitCode {
  if (status !== 'COMPLETED') return EXIT.failed;
  const isWhole = result?.__typename !== 'BatchResult' || result.succeeded === result.total;
  return isWhole ? EXIT.done : EXIT.failed;
}

/** The files of a result with what each is. */
export function artifactsOf(result: JobResult | null): readonly (readonly [name: string, file: Artifact])[] {
  switch (result?.__typename) {
    case 'VideoResult':
      return [
        ['video', result.video],
        ['subtitles', result.subtitles],
        ['thumbnail', result.thumbnail],
      ];
    case 'AudioResult':
      return [['audio', result.audio]];
    case 'ScriptResult':
      return [['script', result.script]];
    case 'LipsyncResult':
      return [
        ['video', result.video],
        ['cues', result.cues],
      ];
    case 'BatchResult':
    case undefined:
      return [];
  }
}

/**
 * Where this client fetches an artifact. One that the server serves itself comes from where the server was reached, whatever
 * name it has for itself.
 */
export function artifactUrl({ url: base }: Pick<Api, 'url'>, { url, path }: Artifact): string {
  const { href, pathname, search } = new URL(url, `${base}/`);
  return pathname.endsWith(`/files/${path}`) ? `${base}/files/${path}${search}` : href;
}

/**
 * @param command how this program is called, for the lines that say what to do next
 * @param options what these lines need besides the id, with a space in front
 */
export function outcomeLines(
  api: Pick<Api, 'url'>,
  job: WholeJob,
  command: string,
  options = '',
): readonly string[] {
  const next = (label: string, verb: string): string =>
    `  ${label.padEnd(9)} ${command} ${verb} ${job.id}${options}`;
  const took = tookSeconds(job);
  const inTime = took === null ? '' : ` in ${formatSeconds(took)}`;
  switch (job.status) {
    case 'COMPLETED':
      return doneLines(api, job, inTime, next);
    case 'FAILED': {
      const { code = '', message = '' } = job.error ?? {};
      const tries = job.attempt > 1 ? ` after ${job.attempt} attempts` : '';
      return [`Failed${tries}: ${code}: ${plain(message)}`, next('Again', 'retry')];
    }
    case 'CANCELLED':
      return ['Cancelled.', next('Again', 'retry')];
    case 'QUEUED':
    case 'RUNNING':
    case 'RETRYING':
      return [`The job is ${job.status}.`, next('Watch', 'watch')];
  }
}

function doneLines(
  api: Pick<Api, 'url'>,
  { result, items }: WholeJob,
  inTime: string,
  next: (label: string, verb: string) => string,
): readonly string[] {
  if (result === null) return [`Done${inTime}.`];
  if (result.__typename === 'BatchResult') {
    const { succeeded, total } = result;
    const lines = items.map((item, index) => itemLine(api, item, index));
    const again = succeeded < total ? [`${next('Again', 'retry')}   (what did not succeed)`] : [];
    const counts = resultCountsText(result);
    return [succeeded < total ? `${counts}${inTime}.` : `Done${inTime}: ${counts}`, ...lines, ...again];
  }
  const files = artifactsOf(result).map(
    ([name, file]) => `  ${capital(name).padEnd(9)} ${artifactUrl(api, file)}`,
  );
  const text =
    result.__typename === 'ScriptResult' ? ['', ...plainLines(result.text).trimEnd().split('\n')] : [];
  return [`Done${inTime}: ${resultText(result)}`, ...files, next('Fetch', 'download'), ...text];
}

function itemLine(api: Pick<Api, 'url'>, item: Job, index: number): string {
  const [main] = artifactsOf(item.result);
  const what =
    main === undefined
      ? plain(`${item.status.toLowerCase()} ${item.error?.code ?? ''} ${item.error?.message ?? ''}`)
      : artifactUrl(api, main[1]);
  return `  ${`#${index + 1}`.padEnd(9)} ${what}`;
}

function resultText(result: JobResult): string {
  const cost =
    'totalCostUsd' in result && result.totalCostUsd > 0 ? `, $${result.totalCostUsd.toFixed(4)}` : '';
  switch (result.__typename) {
    case 'VideoResult': {
      const { totalDuration, clips, video } = result;
      const of = `${clips} clip${clips === 1 ? '' : 's'}`;
      return `a video of ${formatSeconds(totalDuration)}, ${of}, ${formatSize(video.sizeBytes)}${cost}`;
    }
    case 'AudioResult': {
      const { totalDuration, similarity, tries } = result;
      const after = tries === 1 ? '1 try' : `${tries} tries`;
      return `speech of ${formatSeconds(totalDuration)}, ${Math.round(similarity * 1000) / 10} % alike after ${after}${cost}`;
    }
    case 'ScriptResult': {
      const { title, scenes, estimatedDuration } = result;
      const of = `${scenes} scene${scenes === 1 ? '' : 's'}`;
      return `the script “${plain(title)}”, ${of}, a film of about ${formatSeconds(estimatedDuration)}${cost}`;
    }
    case 'LipsyncResult':
      return `a talking head of ${formatSeconds(result.totalDuration)}, ${formatSize(result.video.sizeBytes)}${cost}`;
    case 'BatchResult':
      return resultCountsText(result);
  }
}

function tookSeconds({ startedAt, finishedAt }: Job): number | null {
  if (startedAt === null || finishedAt === null) return null;
  return Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
}

function capital(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
