/**
 * Processes for CPU-bound media work, so that the worker's own stays free for locks and progress. They start on demand, do one
 * task at a time in the order of requests, and end after a while without work.
 *
 * Processes rather than threads: voices, lip sync and drawing are WebAssembly and native code, and a crash in there ends the
 * process that it runs in.
 */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { measureTool, PlayheadError } from 'playhead';
import type { FromProcess, PoolTasks, TaskError, TaskKind, ToProcess } from './tasks.ts';
import { stopReason } from './tool.ts';
import { guardTool } from './tool-guard.ts';

const PROGRAM = fileURLToPath(new URL('./task-process.ts', import.meta.url));
/** A process's young generation would grow to tens of MB, which are freed late; this flag costs no measurable CPU time. */
const FLAGS = ['--max-semi-space-size=2'];
const IDLE_LIMIT_MS = 5_000;
/** How long a stopped task may take to end on its own before its process and its tool are killed. */
const STOP_GRACE_MS = 800;

export interface TaskOptions {
  readonly signal: AbortSignal;
  /** Work done so far, in the task's own unit. */
  readonly onProgress?: (done: number) => void;
}

export interface ProcessPool {
  /** The most tasks that run at once. */
  readonly size: number;
  /**
   * Runs a task. When the promise settles, nothing of it is left running, including tools. A task whose process dies is started
   * once more.
   * @throws PlayheadError the task's own, the signal's reason, or INTERNAL if its process died twice
   */
  run<K extends TaskKind>(
    kind: K,
    input: PoolTasks[K]['input'],
    options: TaskOptions,
  ): Promise<PoolTasks[K]['result']>;
  /** Ends idle processes to free their memory, before memory-intensive work elsewhere. */
  endIdle(): void;
  /** Ends every process; running tasks fail with CANCELLED. */
  close(): Promise<void>;
}

interface Job {
  readonly message: ToProcess;
  readonly options: TaskOptions;
  readonly resolve: (result: PoolTasks[TaskKind]['result']) => void;
  readonly reject: (error: unknown) => void;
}

/** The process of a task ended without having been ended here. */
class ProcessDied extends PlayheadError {}

/** @param size the maximum number of processes, 1 or more */
export function createProcessPool(size: number): ProcessPool {
  const waiting: Job[] = [];
  const processes = new Set<PoolProcess>();
  const closing = new AbortController();

  const dispatch = (): void => {
    while (waiting.length > 0) {
      const free = [...processes].find((one) => !one.busy) ?? grow();
      const job = free && waiting.shift();
      if (!free || !job) return;
      free.run(job);
    }
  };
  const grow = (): PoolProcess | undefined => {
    if (processes.size >= size) return undefined;
    const added = new PoolProcess(dispatch, () => processes.delete(added));
    processes.add(added);
    return added;
  };
  const runOnce = async (
    message: ToProcess,
    options: TaskOptions,
  ): Promise<PoolTasks[TaskKind]['result']> => {
    const { signal } = options;
    if (signal.aborted) throw stopReason(signal);
    const { promise, resolve, reject } = Promise.withResolvers<PoolTasks[TaskKind]['result']>();
    const job: Job = { message, options, resolve, reject };
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
      return await promise;
    } finally {
      signal.removeEventListener('abort', leaveQueue);
    }
  };
  return {
    size,
    async run<K extends TaskKind>(kind: K, input: PoolTasks[K]['input'], options: TaskOptions) {
      const signal = AbortSignal.any([options.signal, closing.signal]);
      const measured = () =>
        measureTool(`media ${kind}`, 'internal', {}, () =>
          runOnce({ type: 'run', kind, input }, { ...options, signal }),
        );
      const result = await measured().catch((error: unknown) => {
        if (error instanceof ProcessDied) return measured();
        throw error;
      });
      // The process answers a task of kind K with K's result.
      return result as PoolTasks[K]['result'];
    },
    endIdle() {
      for (const one of processes) if (!one.busy) void one.end();
    },
    async close() {
      closing.abort(new PlayheadError('CANCELLED', 'The media processes were closed.'));
      await Promise.all([...processes].map((one) => one.end()));
    },
  };
}

/** One process; busy from run() until its task has settled. */
class PoolProcess {
  readonly #child: ChildProcess;
  readonly #onFree: () => void;
  #job: Job | undefined;
  #tool: { readonly pid: number; readonly release: () => void } | null = null;
  #idleTimer: NodeJS.Timeout | undefined;
  #graceTimer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(onFree: () => void, onExit: () => void) {
    this.#onFree = onFree;
    this.#child = fork(PROGRAM, {
      execArgv: FLAGS,
      serialization: 'advanced',
      // A separate process group: Ctrl-C in a terminal must not end a task before the worker has handed its job back.
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      windowsHide: true,
    });
    const release = this.#child.pid === undefined ? () => {} : guardTool(this.#child.pid);
    const ended = (how: string, cause?: unknown): void => {
      this.#ended = true;
      release();
      this.#killTool();
      onExit();
      this.#fail(new ProcessDied('INTERNAL', `A media process ended before its task: ${how}.`, { cause }));
      onFree();
    };
    this.#child
      .on('message', (message: FromProcess) => this.#receive(message))
      .on('error', (cause) => ended(cause.message, cause))
      .once('exit', (code, signal) => ended(signal ?? `exit code ${code}`));
  }

  get busy(): boolean {
    return this.#job !== undefined || this.#ended;
  }

  run(job: Job): void {
    clearTimeout(this.#idleTimer);
    this.#job = job;
    this.#child.ref();
    this.#child.channel?.ref();
    job.options.signal.addEventListener('abort', this.#abort, { once: true });
    this.#tell(job.message);
  }

  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#idleTimer);
    const { exitCode, pid, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    // Otherwise nothing might keep the waiting process alive.
    this.#child.ref();
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  readonly #abort = (): void => {
    this.#tell({ type: 'abort' });
    this.#graceTimer = setTimeout(() => void this.end(), STOP_GRACE_MS);
  };

  #receive(message: FromProcess): void {
    switch (message.type) {
      case 'progress':
        this.#job?.options.onProgress?.(message.done);
        return;
      case 'tool':
        this.#tool?.release();
        this.#tool = message.pid === null ? null : { pid: message.pid, release: guardTool(message.pid) };
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
      this.#child.unref();
      this.#child.channel?.unref();
      this.#idleTimer = setTimeout(() => void this.end(), IDLE_LIMIT_MS);
      this.#idleTimer.unref();
    }
    how(job);
    this.#onFree();
  }

  /** Sending to a process that is gone fails silently: its exit is handled separately. */
  #tell(message: ToProcess): void {
    this.#child.send(message, () => {});
  }

  #killTool(): void {
    if (this.#tool === null) return;
    try {
      process.kill(this.#tool.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
    this.#tool.release();
    this.#tool = null;
  }
}

function reviveError(error: TaskError): PlayheadError {
  const { code, message, details, stack } = error;
  if (code !== null) return new PlayheadError(code, message, details === undefined ? {} : { details });
  return new PlayheadError('INTERNAL', `A media task failed: ${message}`, { cause: stack ?? message });
}
