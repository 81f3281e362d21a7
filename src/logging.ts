/** The process's logger: one JSON line per entry, or readable lines on a terminal. */
import { type Logger as PinoLogger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.ts';

/** @param role shown with every line: api, worker, start */
export function createLogger(config: Pick<Config, 'logLevel'>, role: string): PinoLogger {
  const options = {
    level: config.logLevel,
    base: { role },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: ['req.headers.authorization', 'connectionParams'],
  };
  if (!process.stdout.isTTY) return pino(options);
  return pino(options, pretty({ colorize: true, ignore: 'pid,hostname', sync: true }));
}
