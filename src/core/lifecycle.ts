/** How a process ends: on SIGTERM or SIGINT in order and within a limit, then with a code. */
import type { Logger } from './logger.ts';

interface ShutdownParts {
  readonly logger: Logger;
  /** Closes everything; called once. @param leftMs what is left of the limit, less a reserve for the process's own end */
  readonly close: (leftMs: () => number) => Promise<void>;
  /** The process ends after this time even when closing hangs. */
  readonly limitMs: number;
}

/** Of the limit, for the process's own end, on a machine that is busy. */
const RESERVE_MS = 2_000;

/**
 * Ends the process on SIGTERM and SIGINT: exit code 0 after an orderly close, 1 when closing failed or took too long.
 * A parent that started this process with an IPC channel and dies ends it the same way.
 */
export function closeOnSignal({ logger, close, limitMs }: ShutdownParts): void {
  let closing = false;
  const end = (why: string): void => {
    if (closing) return;
    closing = true;
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
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  process.on('disconnect', () => end('parent gone'));
}
