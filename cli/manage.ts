/** The commands on existing jobs. */
import { SingleBar } from 'cli-progress';
import { hasEnded } from '../client/job.ts';
import { leftText, stateText } from './bar-rows.ts';
import { download, type Fetch, planFetches } from './download.ts';
import { EXIT, type ExitCode, usageFailure } from './failure.ts';
import { followJob, followProject } from './follow.ts';
import { findJobId, shownId } from './job-id.ts';
import { jobLine, UNREADABLE, unreadableLine } from './json-view.ts';
import {
  CancelJobDocument,
  type Job,
  type JobStatus,
  JobsDocument,
  RetryJobDocument,
  type UnreadableJob,
} from './operations.ts';
import { type CommonOptions, Session } from './session.ts';
import { formatAge, formatSize, percent, plain } from './text.ts';
import { loadJob } from './watch.ts';
import { namedWorkflows } from './workflows.ts';

/** @param id undefined: all jobs of the project @throws Failure */
export async function watch(id: string | undefined, options: CommonOptions): Promise<ExitCode> {
  const session = new Session(options);
  if (id === undefined) return followProject(session);
  return followJob(session, await findJobId(session.api, session.projectId, id));
}

export interface ListOptions extends CommonOptions {
  readonly status?: readonly JobStatus[];
  readonly workflow?: readonly string[];
  /** A text in the title, id, error or input. */
  readonly search?: string;
  readonly first: number;
}

const PAGE = 100;

/** Lists the newest jobs. @throws Failure */
export async function list(options: ListOptions): Promise<ExitCode> {
  const session = new Session(options);
  const filter = {
    projectId: session.projectId,
    status: [...(options.status ?? [])],
    workflow: [...(await namedWorkflows(session.api, options.workflow ?? []))],
    search: options.search ?? null,
  };
  let left = options.first;
  let after: string | null = null;
  let count = 0;
  while (left > 0) {
    const { jobs }: { jobs: Page } = await session.api.request(JobsDocument, {
      ...filter,
      first: Math.min(left, PAGE),
      after,
    });
    if (count === 0 && jobs.edges.length > 0) {
      session.out(rowOf('JOB', ['TASK', 'STATUS', 'DONE', 'AGE', 'TITLE', 'MESSAGE']));
    }
    const ids = jobs.edges.map(({ node }) => node.id);
    for (const { node } of jobs.edges) {
      count += 1;
      session.line(jobLine(node));
      session.out(jobRow(node, ids));
    }
    for (const job of jobs.unreadable) {
      count += 1;
      session.line(unreadableLine(job));
      session.out(unreadableText(job));
    }
    left -= jobs.edges.length + jobs.unreadable.length;
    if (!jobs.pageInfo.hasNextPage) break;
    after = jobs.pageInfo.endCursor;
  }
  if (count === 0 && !session.json) session.note(`No matching jobs in project ${session.projectId}.`);
  return EXIT.done;
}

interface ListedJob extends Job {
  readonly inputExcerpt?: string | null;
}

interface Page {
  readonly edges: readonly { readonly node: ListedJob }[];
  readonly unreadable: readonly UnreadableJob[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** @param ids of the jobs listed with it */
function jobRow(job: ListedJob, ids: readonly string[]): string {
  const says = [leftText(job), stateText(job)].filter(Boolean).join(': ');
  const { isTTY, columns } = process.stdout;
  const id = shownId(ids, job.id);
  const title = shorten(plain(job.title ?? job.inputExcerpt ?? ''), TITLE_CHARS);
  const done = `${percent(job.progress)} %`;
  const text = rowOf(id, [
    plain(job.taskName),
    job.status.toLowerCase(),
    done,
    formatAge(job.createdAt),
    title,
    says,
  ]);
  return isTTY ? [...text].slice(0, columns).join('') : text;
}

/** The line for a job that the server lists but cannot show. */
function unreadableText({ id, reason }: UnreadableJob): string {
  return plain(`${id} cannot be shown: its stored record cannot be read (${UNREADABLE}: ${reason})`);
}

const TITLE_CHARS = 32;

function shorten(text: string, most: number): string {
  const letters = [...text];
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
}

function rowOf(
  id: string,
  [task = '', status = '', done = '', age = '', title = '', message = '']: readonly string[],
) {
  const width = process.stdout.isTTY ? 11 : 41;
  const cells = [id.padEnd(width), task.padEnd(22), status.padEnd(9), done.padStart(5), age.padStart(12)];
  return `${cells.join(' ')}  ${title.padEnd(TITLE_CHARS)}  ${message}`.trimEnd();
}

/** Cancels a job. @throws Failure */
export async function cancel(id: string, options: CommonOptions): Promise<ExitCode> {
  const session = new Session(options);
  const { api, projectId } = session;
  const job = { projectId, id: await findJobId(api, projectId, id) };
  const { cancelJob } = await api.request(CancelJobDocument, job);
  session.line(jobLine(cancelJob));
  session.out(`${plain(cancelJob.taskName)} ${cancelJob.id} is cancelled.`);
  return EXIT.done;
}

export interface RetryOptions extends CommonOptions {
  readonly detach?: true;
}

/** Queues a job again and follows it. @throws Failure */
export async function retry(part: string, options: RetryOptions): Promise<ExitCode> {
  const session = new Session(options);
  const id = await findJobId(session.api, session.projectId, part);
  const { retryJob } = await session.api.request(
    RetryJobDocument,
    { projectId: session.projectId, id },
    { once: true },
  );
  session.out(`${plain(retryJob.taskName)} ${retryJob.id}: attempt ${retryJob.attempt}`);
  if (!options.detach) return followJob(session, id, true);
  session.line(jobLine(retryJob));
  return EXIT.done;
}

export interface DownloadOptions extends CommonOptions {
  readonly to: string;
  readonly force?: true;
}

/** From this size on, a bar is worth showing. */
const LARGE_BYTES = 1_000_000;

/** Fetches a job's files. @throws Failure */
export async function fetchFiles(id: string, options: DownloadOptions): Promise<ExitCode> {
  const session = new Session(options);
  if (options.to === '') throw usageFailure('--to: expected a folder, received an empty string');
  const { api, projectId } = session;
  const job = await loadJob(api, projectId, await findJobId(api, projectId, id));
  if (!hasEnded(job))
    session.note(`The job is ${job.status.toLowerCase()}; downloading the files that exist.`);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  process.on('SIGINT', interrupt);
  const bars = new DownloadBar(!session.json && process.stdout.isTTY === true);
  try {
    await download({
      api: session.api,
      fetches: planFetches(job, options.to),
      force: options.force === true,
      signal: stop.signal,
      onProgress: (fetched, bytes) => bars.show(fetched, bytes),
      onFile: ({ file: { sizeBytes, contentType }, path }) => {
        bars.close();
        session.line({ type: 'file', path, sizeBytes, contentType });
        session.out(`${path}  ${formatSize(sizeBytes)}`);
      },
    });
    return EXIT.done;
  } catch (error) {
    bars.close();
    if (!stop.signal.aborted) throw error;
    session.note('Interrupted; no partial files are left behind.');
    return EXIT.interrupted;
  } finally {
    process.off('SIGINT', interrupt);
  }
}

/** The bar of the current file. */
class DownloadBar {
  readonly #isOn: boolean;
  #bar: SingleBar | null = null;

  constructor(isOn: boolean) {
    this.#isOn = isOn;
  }

  show({ file, path }: Fetch, bytes: number): void {
    if (!this.#isOn || file.sizeBytes < LARGE_BYTES) return;
    if (this.#bar === null) {
      this.#bar = new SingleBar({
        format: '  {name} {bar} {percentage}%  {sizes}',
        barCompleteChar: '█',
        barIncompleteChar: '░',
        barsize: 24,
        hideCursor: true,
        linewrap: false,
        clearOnComplete: true,
        gracefulExit: false,
        stream: process.stdout,
      });
      this.#bar.start(file.sizeBytes, 0, { name: plain(path), sizes: '' });
    }
    this.#bar.update(bytes, { sizes: `${formatSize(bytes)} of ${formatSize(file.sizeBytes)}` });
  }

  close(): void {
    this.#bar?.stop();
    this.#bar = null;
  }
}
