/** The life of a process: watched for its end from the first moment, started, and ended in order within a limit. */
import type { Logger } from './logger.ts';

/** SIGHUP comes when the terminal is closed; without a handler it would end this process and leave what it started. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const PARENT_LOOK_MS = 500;

/**
 * Watches for what ends this process: SIGTERM, SIGINT, SIGHUP, or the death of a parent that started it with an IPC channel or
 * as npm does.
 * Call it before anything is started that must not be left running.
 * @returns aborted by the first of them; the reason's message says which
 */
export function watchForEnd(): AbortSignal {
  const ending = new AbortController();
  const end = (why: string): void => ending.abort(new Error(why));
  for (const signal of SIGNALS) process.on(signal, end);
  process.on('disconnect', () => end('parent gone'));
  // The parent died while this process was loading its modules.
  if (process.send !== undefined && !process.connected) end('parent gone');
  if (process.send === undefined && process.env['npm_lifecycle_event'] !== undefined)
    watchParent(() => end('parent gone'));
  // Printing after the terminal, or the reader of a pipe, is gone must not crash a process that is closing.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  return ending.signal;
}

/** npm sends a signal that it gets to the shell between itself and this process; the shell dies of it and passes nothing on. */
function watchParent(onGone: () => void): void {
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || onGone(), PARENT_LOOK_MS).unref();
}

/** What has been started, and how it ends. */
export interface Running {
  readonly logger: Logger;
  /** Closes everything; called once. @param leftMs what is left of the limit, less a reserve for the process's own end */
  readonly close: (leftMs: () => number) => Promise<void>;
  /** The process ends after this time even when closing hangs. */
  readonly limitMs: number;
}

/** How much of the limit is kept back for the process to exit, on a busy machine. */
const RESERVE_MS = 2_000;
/** How long a start that is called off has to close what it has opened, including a job that was just taken. */
const START_LIMIT_MS = 60_000;

/**
 * Runs this process until something ends it (`watchForEnd`): exit code 0 after an orderly close, 1 when the start failed, or
 * when closing failed or took too long.
 * @param start starts everything. When the signal aborts, it ends what it has started and rejects, or resolves as usual
 * @param describe what to print of an error that is not the signal's
 */
export function runProcess(
  start: (ending: AbortSignal) => Promise<Running>,
  describe: (error: unknown) => string,
): void {
  const ending = watchForEnd();
  let hasStarted = false;
  onceAborted(ending, () => setTimeout(() => hasStarted || process.exit(1), START_LIMIT_MS).unref());
  start(ending).then(
    (running) => {
      hasStarted = true;
      onceAborted(ending, () => closeWithin(running, ending));
    },
    (error: unknown) => {
      if (ending.aborted) process.exit(0);
      process.stderr.write(`${describe(error)}\n`);
      process.exit(1);
    },
  );
}

/** Waits for work that has nothing to close, but not beyond the signal. @throws the signal's reason */
export async function unlessEnding<T>(ending: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  onceAborted(ending, () => reject(ending.reason));
  return Promise.race([work, promise]);
}

function onceAborted(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true });
}

function closeWithin({ logger, close, limitMs }: Running, ending: AbortSignal): void {
  const why = ending.reason instanceof Error ? ending.reason.message : String(ending.reason);
  logger.info({ why }, 'closing');
  setTimeout(() => {
    logger.error({ limitMs }, 'closing took too long');
    process.exit(1);
  }, limitMs).unref();
  const limit = performance.now() + limitMs - RESERVE_MS;
  close(() => Math.max(0, limit - performance.now())).then(
    () => process.exit(0),
    (error: unknown) => {
      logger.error({ err: error }, 'closing failed');
      process.exit(1);
    },
  );
}
