/** The process's logger: one JSON line per entry, or readable lines on a terminal; without secrets. */
import { type DestinationStream, type LoggerOptions, type Logger as PinoLogger, pino } from 'pino';
import pretty from 'pino-pretty';
import { redact } from '../core/redaction.ts';
import { currentTracing } from '../core/tracing.ts';
import type { Config } from '../settings/config.ts';

/**
 * @param role included in every line: api, worker, start
 * @param destination default: standard output
 */
export function createLogger(
  config: Pick<Config, 'logLevel'>,
  role: string,
  destination?: DestinationStream,
): PinoLogger {
  const options: LoggerOptions = {
    level: config.logLevel,
    base: { role },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    // Known secrets are removed by their names; those hidden in the text of an error, by their form.
    redact: { paths: SECRET_PATHS, censor: '[secret]' },
    hooks: { streamWrite: writeLine },
    // The ids of the current trace, if there is one.
    mixin: () => currentTracing()?.ids() ?? {},
  };
  if (destination !== undefined) return pino(options, destination);
  if (!process.stdout.isTTY) return pino(options);
  return pino(options, pretty({ colorize: true, ignore: 'pid,hostname', sync: true }));
}

/** The last step for a line: it is sent without secrets to the log and to the collector. */
function writeLine(line: string): string {
  const clean = redact(line);
  currentTracing()?.line(clean);
  return clean;
}

/** ioredis attaches a failed command and its arguments to the error; those of AUTH include the password. */
const SECRET_PATHS = [
  'req.headers',
  'headers',
  'connectionParams',
  '*.connectionParams',
  'err.command.args',
  'err.cause.command.args',
  'err.previousErrors',
];
