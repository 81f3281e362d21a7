import type { Logger } from '../../src/core/logger.ts';

/** A logger that keeps its lines. */
export interface KeptLog extends Logger {
  readonly lines: readonly object[];
}

/** @returns a logger whose lines are `{ level, text }` plus the fields */
export function keepLog(): KeptLog {
  const lines: object[] = [];
  const keep =
    (level: string) =>
    (fields: object, text: string): void =>
      void lines.push({ level, text, ...fields });
  return { lines, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
}
