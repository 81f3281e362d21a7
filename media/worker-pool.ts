/**
 * Worker threads for CPU-bound media work, so that the main thread stays free for locks and progress. Threads start on
 * demand, do one task at a time in the order of asking, and end after a while without work.
 */

import { Worker } from 'node:worker_threads';
import { measureTool, PlayheadError } from 'playhead';
import { stopReason } from './tool.ts';
import type { FromWorker, TaskError, TaskKind, ToWorker, WorkerTasks } from './worker-tasks.ts';

const IDLE_LIMIT_MS = 5_000;
/** How long a stopped task may take to end by itself before its thread and child process are killed. */
const STOP_GRACE_MS = 800;

export interface TaskOptions {
  readonly signal: AbortSignal;
  /** Work done so far, in the task's own unit. */
  readonly onProgress?: (done: number) => void;
}

export interface WorkerPool {
  /** Most tasks that run at once. */
  readonly size: number;
  /**
   * Runs a task. When the promise settles, nothing of it is left running, child processes included.
   * @throws PlayheadError the task's own, or the signal's reason
   */
  run<K extends TaskKind>(
    kind: K,
    input: WorkerTasks[K]['input'],
    options: TaskOptions,
  ): Promise<WorkerTasks[K]['result']>;
  /** Ends every thread; running tasks fail with CANCELLED. */
  close(): Promise<void>;
}

interface Job {
  readonly message: ToWorker;
  readonly options: TaskOptions;
  readonly resolve: (result: WorkerTasks[TaskKind]['result']) => void;
  readonly reject: (error: unknown) => void;
}

/** @param size threads at most, 1 or more */
export function createWorkerPool(size: number): WorkerPool {
  const waiting: Job[] = [];
  const threads = new Set<PoolThread>();
  const closing = new AbortController();

  const dispatch = (): void => {
    while (waiting.length > 0) {
      const free = [...threads].find((thread) => !thread.busy) ?? grow();
      const job = free && waiting.shift();
      if (!free || !job) return;
      free.run(job);
    }
  };
  const grow = (): PoolThread | undefined => {
    if (threads.size >= size) return undefined;
    const thread = new PoolThread(dispatch, () => threads.delete(thread));
    threads.add(thread);
    return thread;
  };
  return {
    size,
    async run<K extends TaskKind>(kind: K, input: WorkerTasks[K]['input'], options: TaskOptions) {
      const signal = AbortSignal.any([options.signal, closing.signal]);
      if (signal.aborted) throw stopReason(signal);
      const { promise, resolve, reject } = Promise.withResolvers<WorkerTasks[TaskKind]['result']>();
      const job: Job = {
        message: { type: 'run', kind, input },
        options: { ...options, signal },
        resolve,
        reject,
      };
      const leaveQueue = (): void => {
        const index = waiting.indexOf(job);
        if (index < 0) return;
        waiting.splice(index, 1);
        reject(stopReason(signal));
      };
      signal.addEventListener('abort', leaveQueue, { once: true });
      waiting.push(job);
      dispatch();
      try {
        // The worker answers a task of kind K with K's result.
        const result = await measureTool(`thread ${kind}`, 'internal', {}, () => promise);
        return result as WorkerTasks[K]['result'];
      } finally {
        signal.removeEventListener('abort', leaveQueue);
      }
    },
    async close() {
      closing.abort(new PlayheadError('CANCELLED', 'The media workers were closed.'));
      await Promise.all([...threads].map((thread) => thread.end()));
    },
  };
}

/** One thread. Busy from run() until its task has settled. */
class PoolThread {
  readonly #worker: Worker;
  readonly #onFree: () => void;
  #job: Job | undefined;
  #childPid: number | null = null;
  #idleTimer: NodeJS.Timeout | undefined;
  #graceTimer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(onFree: () => void, onExit: () => void) {
    this.#onFree = onFree;
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: 'playhead-media',
      execArgv: [],
    });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
    this.#worker.on('error', (cause) =>
      this.#fail(new PlayheadError('INTERNAL', 'A media thread broke.', { cause })),
    );
    this.#worker.on('exit', () => {
      this.#ended = true;
      this.#killChild();
      onExit();
      this.#fail(new PlayheadError('INTERNAL', 'A media thread ended before its task.'));
      onFree();
    });
  }

  get busy(): boolean {
    return this.#job !== undefined || this.#ended;
  }

  run(job: Job): void {
    clearTimeout(this.#idleTimer);
    this.#job = job;
    this.#worker.ref();
    job.options.signal.addEventListener('abort', this.#abort, { once: true });
    this.#worker.postMessage(job.message);
  }

  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#idleTimer);
    await this.#worker.terminate();
  }

  readonly #abort = (): void => {
    this.#worker.postMessage({ type: 'abort' } satisfies ToWorker);
    this.#graceTimer = setTimeout(() => void this.end(), STOP_GRACE_MS);
  };

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'progress':
        this.#job?.options.onProgress?.(message.done);
        return;
      case 'process':
        this.#childPid = message.pid;
        return;
      case 'result':
        if (this.#job?.options.signal.aborted) this.#fail(stopReason(this.#job.options.signal));
        else this.#settle((job) => job.resolve(message.result));
        return;
      case 'error':
        this.#fail(reviveError(message.error));
        return;
    }
  }

  #fail(error: PlayheadError): void {
    this.#settle((job) => job.reject(job.options.signal.aborted ? stopReason(job.options.signal) : error));
  }

  #settle(how: (job: Job) => void): void {
    const job = this.#job;
    clearTimeout(this.#graceTimer);
    if (!job) return;
    job.options.signal.removeEventListener('abort', this.#abort);
    this.#job = undefined;
    if (!this.#ended) {
      this.#worker.unref();
      this.#idleTimer = setTimeout(() => void this.end(), IDLE_LIMIT_MS);
      this.#idleTimer.unref();
    }
    how(job);
    this.#onFree();
  }

  #killChild(): void {
    if (this.#childPid === null) return;
    try {
      process.kill(this.#childPid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
    this.#childPid = null;
  }
}

function reviveError(error: TaskError): PlayheadError {
  const { code, message, details, stack } = error;
  if (code !== null) return new PlayheadError(code, message, details === undefined ? {} : { details });
  return new PlayheadError('INTERNAL', `A media task failed: ${message}`, { cause: stack ?? message });
}
