/** Follows a job, a batch or a project, whatever happens to the connection. */
import { setTimeout as pause } from 'node:timers/promises';
import type { LiveState } from '../examples/client/resuming-client.ts';
import type { Api } from './api.ts';
import { Board, hasEnded } from './board.ts';
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

/** What shows the jobs that are followed. */
export interface View {
  /** Called once, before anything else. */
  begin(board: Board): void;
  /** An event has changed `job`. */
  event(event: JobEvent, job: Job, board: Board): void;
  /** Snapshots were read again. */
  refresh(board: Board): void;
  /** Something about the connection, for a person. */
  connection(state: ConnectionNotice): void;
  /** Leaves the terminal to somebody else until `resume`. */
  pause(): void;
  resume(): void;
  /** Nothing follows. */
  close(): void;
}

export type ConnectionNotice =
  | { readonly state: 'reconnecting'; readonly inSeconds: number }
  | { readonly state: 'live' }
  /** The events in between are lost; what is shown was read again. */
  | { readonly state: 'started over' };

interface WatchRequest {
  readonly api: Api;
  readonly projectId: string;
  readonly view: View;
  readonly signal: AbortSignal;
}

/** The server does not answer now. */
const PASSING = new Set(['NETWORK', 'BROKEN_CONNECTION', 'UNAVAILABLE', 'INTERNAL']);

/** Reads a job with its items. @throws Failure NOT_FOUND */
export async function loadJob(api: Api, projectId: string, id: string): Promise<WholeJob> {
  const { job } = await api.request(JobDocument, { projectId, id });
  if (job !== null) return job;
  throw new Failure('NOT_FOUND', `There is no job ${id} in project ${projectId}`, {
    fix: 'Check the id and --project; `jobs` lists what there is.',
  });
}

interface JobRequest extends WatchRequest {
  readonly id: string;
  /** The job is known to be there, so that a server that does not answer is waited for from the beginning. */
  readonly isStarted?: boolean;
}

/**
 * Follows one job, a batch with all its items, to the end.
 * @returns its last snapshot; null when the signal aborted
 * @throws Failure
 */
export async function watchJob(request: JobRequest): Promise<WholeJob | null> {
  const { api, projectId, id, view, isStarted = false } = request;
  const first = isStarted ? await loadPatiently(request) : await loadJob(api, projectId, id);
  if (first === null) return null;
  const board = new Board(first);
  view.begin(board);
  const ask = async () =>
    [(await api.request(WaitDocument, { projectId, id })).job].filter((job) => job !== null);
  const unfollow = followWaits({ board, ask, onAnswer: () => view.refresh(board) });
  try {
    if (!hasEnded(first.status)) await new JobWatch(request, board).run();
  } finally {
    unfollow();
    view.close();
  }
  return loadPatiently(request);
}

/** Reads a job however long the server is away. @returns null when the signal aborted @throws Failure */
async function loadPatiently({ api, projectId, id, view, signal }: JobRequest): Promise<WholeJob | null> {
  for (let tries = 0; !signal.aborted; tries += 1) {
    try {
      return await loadJob(api, projectId, id);
    } catch (error) {
      if (!(error instanceof Failure && PASSING.has(error.code))) throw error;
      const waitMs = Math.random() * Math.min(3_000, 500 * 2 ** Math.min(tries, 10));
      view.connection({ state: 'reconnecting', inSeconds: Math.round(waitMs / 100) / 10 });
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
    (await api.request(WaitsDocument, { projectId })).jobs.edges.map(({ node }) => node);
  const unfollow = followWaits({ board, ask, onAnswer: () => view.refresh(board) });
  try {
    await api.follow({
      projectId,
      signal,
      onEvent: (event) => {
        const job = board.apply(event);
        if (job !== null) view.event(event, job, board);
      },
      onState: (state) => connection.note(state),
      onAnew: () => connection.noteAnew(),
    });
  } finally {
    unfollow();
    view.close();
  }
}

class JobWatch {
  readonly #request: WatchRequest;
  readonly #board: Board;
  readonly #connection: ConnectionNotices;
  /** Aborted when the job has ended, or by the caller. */
  readonly #stop = new AbortController();
  #reading: Promise<void> | null = null;
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
      // A batch's items are jobs of their own, whose events only the project's stream has.
      ...(isBatch || rootId === null ? {} : { jobId: rootId }),
      signal: AbortSignal.any([signal, this.#stop.signal]),
      onEvent: (event) => this.#onEvent(event),
      onState: (state) => this.#connection.note(state),
      onAnew: () => {
        this.#connection.noteAnew();
        this.#read();
      },
    });
    await this.#reading;
    if (this.#failure !== null) throw this.#failure;
  }

  #onEvent(event: JobEvent): void {
    const job = this.#board.apply(event);
    if (job !== null) this.#request.view.event(event, job, this.#board);
    if (job === null && this.#board.lacksItems) this.#read();
    this.#endWhenOver();
  }

  /** Reads the snapshots again: for items that are new, and for what ended before the stream began. */
  #read(): void {
    const { api, projectId, view } = this.#request;
    const id = this.#board.rootId;
    if (id === null || this.#reading !== null || this.#stop.signal.aborted) return;
    this.#reading = loadJob(api, projectId, id)
      .then((job) => {
        this.#board.read(job);
        view.refresh(this.#board);
        this.#endWhenOver();
      })
      .catch((error: unknown) => {
        // The server is away again: the next beginning of the stream reads anew.
        if (error instanceof Failure && error.code !== 'NOT_FOUND') return;
        this.#failure = error;
        this.#stop.abort();
      })
      .finally(() => {
        this.#reading = null;
      });
  }

  #endWhenOver(): void {
    const { root, isBatch } = this.#board;
    // A single job's stream completes by itself; a project's does not.
    if (root !== null && hasEnded(root.status) && isBatch) this.#stop.abort();
  }
}

/** Tells of the connection only what a person needs to know. */
class ConnectionNotices {
  readonly #view: View;
  #isBroken = false;
  #hasBegun = false;

  constructor(view: View) {
    this.#view = view;
  }

  note(state: LiveState): void {
    if (state.name === 'reconnecting') {
      this.#isBroken = true;
      const inSeconds = Math.max(0, Math.round((state.at - Date.now()) / 100) / 10);
      this.#view.connection({ state: 'reconnecting', inSeconds });
    } else if (state.name === 'catching up' && this.#isBroken) {
      this.#isBroken = false;
      this.#view.connection({ state: 'live' });
    }
  }

  /** The first beginning is no news. */
  noteAnew(): void {
    if (this.#hasBegun) this.#view.connection({ state: 'started over' });
    this.#hasBegun = true;
  }
}
