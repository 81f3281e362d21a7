/** Follows a job, a batch or a project, whatever happens to the connection. */
import { setTimeout as pause } from 'node:timers/promises';
import { hasEnded } from '../client/job.ts';
import type { LiveState } from '../client/resuming-client.ts';
import type { Api } from './api.ts';
import { Board } from './board.ts';
import { Failure } from './failure.ts';
import {
  type Job,
  JobDocument,
  type JobEvent,
  WaitDocument,
  WaitsDocument,
  type WholeJob,
} from './operations.ts';
import { followWaits } from './waits.ts';

/** Shows the jobs that are followed. */
export interface View {
  /** Called once, before anything else. */
  begin(board: Board): void;
  /** An event has changed `job`. */
  event(event: JobEvent, job: Job, board: Board): void;
  /** Snapshots were read again. */
  refresh(board: Board): void;
  /** Shows something about the connection, for a person. */
  connection(state: ConnectionNotice): void;
  /** Leaves the terminal to something else until `resume`. */
  pause(): void;
  resume(): void;
  /** Called last. */
  close(): void;
}

export type ConnectionNotice =
  | { readonly state: 'reconnecting'; readonly inSeconds: number }
  | { readonly state: 'unavailable' }
  | { readonly state: 'live' }
  /** The events in between are lost, and what is shown has been read again. */
  | { readonly state: 'started over' };

interface WatchRequest {
  readonly api: Api;
  readonly projectId: string;
  readonly view: View;
  readonly signal: AbortSignal;
}

/** Codes that mean that the server does not answer at the moment. */
const PASSING = new Set(['NETWORK', 'BROKEN_CONNECTION', 'UNAVAILABLE', 'INTERNAL', 'RATE_LIMITED']);

/** Reads a job with its items. @throws Failure NOT_FOUND; AbortError */
export async function loadJob(
  api: Api,
  projectId: string,
  id: string,
  signal?: AbortSignal,
): Promise<WholeJob> {
  const { job } = await api.request(JobDocument, { projectId, id }, signal && { signal });
  if (job !== null) return job;
  throw new Failure('NOT_FOUND', `There is no job ${id} in project ${projectId}`, {
    fix: 'Check the id and --project; `jobs` lists the existing jobs.',
  });
}

interface JobRequest extends WatchRequest {
  readonly id: string;
  /** The job is known to exist, so an unresponsive server is waited for from the beginning. */
  readonly isStarted?: boolean;
}

/**
 * Follows one job, a batch with all its items, to the end.
 * @returns its last snapshot; null when the signal aborted
 * @throws Failure
 */
export async function watchJob(request: JobRequest): Promise<WholeJob | null> {
  const { api, projectId, id, view, signal, isStarted = false } = request;
  const onWait = (inSeconds: number): void => view.connection({ state: 'reconnecting', inSeconds });
  const first = await loadPatiently(request, onWait, isStarted ? PASSING : new Set());
  if (first === null) return null;
  const board = new Board(first);
  view.begin(board);
  if (hasEnded(first)) {
    view.close();
    return first;
  }
  const ask = async () =>
    [(await api.request(WaitDocument, { projectId, id }, { signal })).job].filter((job) => job !== null);
  const unfollow = followWaits({ board, ask, onAnswer: () => view.refresh(board) });
  try {
    await new JobWatch(request, board).run();
    const asked = board.moment;
    const last = await loadPatiently(request, onWait);
    // Items that ended before the stream began are not in it, and the batch may end before they are read.
    if (last !== null && board.isBatch) {
      board.read(last, asked);
      view.refresh(board);
    }
    return last;
  } finally {
    unfollow();
    view.close();
  }
}

/**
 * Reads a job, however long the server is unreachable.
 * @param passing codes after which it is retried
 * @returns null when the signal aborted @throws Failure
 */
async function loadPatiently(
  { api, projectId, id, signal }: Pick<JobRequest, 'api' | 'projectId' | 'id' | 'signal'>,
  onWait: (inSeconds: number) => void = () => {},
  passing: ReadonlySet<string> = PASSING,
): Promise<WholeJob | null> {
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      return await loadJob(api, projectId, id, signal);
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof Failure && passing.has(error.code))) throw error;
      const waitMs = Math.random() * Math.min(3_000, 500 * 2 ** Math.min(tries, 10));
      onWait(Math.round(waitMs / 100) / 10);
      await pause(waitMs, undefined, { signal }).catch(() => {});
    }
  }
  return null;
}

/** Follows all jobs of a project until the signal aborts. @throws Failure */
export async function watchProject({ api, projectId, view, signal }: WatchRequest): Promise<void> {
  const board = new Board(null);
  const connection = new ConnectionNotices(view);
  view.begin(board);
  const ask = async () =>
    (await api.request(WaitsDocument, { projectId }, { signal })).jobs.edges.map(({ node }) => node);
  const unfollow = followWaits({ board, ask, onAnswer: () => view.refresh(board) });
  let rereading = Promise.resolve();
  try {
    await api.follow({
      projectId,
      signal,
      onEvent: (event) => {
        const job = board.apply(event);
        if (job !== null) view.event(event, job, board);
      },
      onState: (state) => connection.note(state),
      onLost: () => board.beginAnew(),
      onAnew: (isLost) => {
        connection.noteAnew(isLost);
        if (isLost) rereading = rereading.then(() => rereadProject({ api, projectId, view, signal }, board));
      },
    });
    await rereading;
  } finally {
    unfollow();
    view.close();
  }
}

/** Reads again the jobs that are shown as not ended: the new stream does not contain those that ended in a lost history. */
async function rereadProject(request: WatchRequest, board: Board): Promise<void> {
  const { view, signal } = request;
  for (const shown of board.jobs) {
    if (hasEnded(shown)) continue;
    const { id } = shown;
    const asked = board.moment;
    try {
      const job = await loadPatiently({ ...request, id });
      if (job !== null) board.read({ ...job, items: [] }, asked);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // Any other refusal also affects the stream, which reports it.
      if (error.code === 'NOT_FOUND') board.remove(id);
    }
    if (signal.aborted) return;
    view.refresh(board);
  }
}

class JobWatch {
  readonly #request: WatchRequest;
  readonly #board: Board;
  readonly #connection: ConnectionNotices;
  /** Aborted when the job has ended, or by the caller. */
  readonly #stop = new AbortController();
  #reading: Promise<void> | null = null;
  /** A stream has begun since the snapshots were requested. */
  #isOutdated = false;
  #failure: unknown = null;

  constructor(request: WatchRequest, board: Board) {
    this.#request = request;
    this.#board = board;
    this.#connection = new ConnectionNotices(request.view);
  }

  async run(): Promise<void> {
    const { api, projectId, signal } = this.#request;
    const { rootId, isBatch } = this.#board;
    await api.follow({
      projectId,
      // A batch's items are separate jobs, whose events are only in the project's stream.
      ...(isBatch || rootId === null ? {} : { jobId: rootId }),
      signal: AbortSignal.any([signal, this.#stop.signal]),
      onEvent: (event) => this.#onEvent(event),
      onState: (state) => this.#connection.note(state),
      onLost: () => this.#board.beginAnew(),
      onAnew: (isLost) => {
        this.#connection.noteAnew(isLost);
        this.#isOutdated = true;
        this.#read();
      },
    });
    this.#stop.abort();
    await this.#reading;
    if (this.#failure !== null) throw this.#failure;
  }

  #onEvent(event: JobEvent): void {
    const job = this.#board.apply(event);
    if (job !== null) this.#request.view.event(event, job, this.#board);
    if (job === null && this.#board.lacksItems) this.#read();
    this.#endWhenOver();
  }

  /** Reads the snapshots again, for new items and for jobs that ended before the stream began. */
  #read(): void {
    this.#reading ??= this.#readPatiently()
      .catch((error: unknown) => {
        this.#failure = error;
        this.#stop.abort();
      })
      .finally(() => {
        this.#reading = null;
        if (this.#isOutdated && !this.#stop.signal.aborted) this.#read();
      });
  }

  async #readPatiently(): Promise<void> {
    const { api, projectId, signal, view } = this.#request;
    const id = this.#board.rootId;
    this.#isOutdated = false;
    const asked = this.#board.moment;
    const stopped = AbortSignal.any([signal, this.#stop.signal]);
    const job = id === null ? null : await loadPatiently({ api, projectId, id, signal: stopped });
    if (job === null) return;
    this.#board.read(job, asked);
    view.refresh(this.#board);
    this.#endWhenOver();
  }

  #endWhenOver(): void {
    const { root, isBatch } = this.#board;
    // A single job's stream completes by itself; a project's does not.
    if (root !== null && hasEnded(root) && isBatch) this.#stop.abort();
  }
}

/** Reports only what a person needs to know about the connection. */
class ConnectionNotices {
  readonly #view: View;
  #isBroken = false;

  constructor(view: View) {
    this.#view = view;
  }

  note(state: LiveState): void {
    if (state.name === 'reconnecting') {
      this.#isBroken = true;
      const inSeconds = Math.max(0, Math.round((state.at - Date.now()) / 100) / 10);
      this.#view.connection({ state: 'reconnecting', inSeconds });
    } else if (state.name === 'unavailable') {
      this.#isBroken = true;
      this.#view.connection({ state: 'unavailable' });
    } else if (this.#isBroken && (state.name === 'catching up' || state.name === 'live')) {
      this.#isBroken = false;
      this.#view.connection({ state: 'live' });
    }
  }

  noteAnew(isLost: boolean): void {
    if (isLost) this.#view.connection({ state: 'started over' });
  }
}
