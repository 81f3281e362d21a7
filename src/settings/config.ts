/**
 * The settings, from environment variables and a project's configuration: the only reader of process.env. Every value is
 * checked at startup.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import { Secret } from '../core/secret.ts';
import { findRawCharacter, REDIS_URL_FORMS, readRedisUrl } from '../redis/url.ts';
import type { StoreSettings } from '../store/open-store.ts';
import { readSecretsFile } from './secrets-file.ts';
import { isLoopback, readSecurity, SECURITY_SETTINGS, type SecurityConfig } from './security-settings.ts';
import { type GivenSettings, onOrOff, type Setting, type SettingsTable, wholeNumber } from './setting.ts';
import { readStore, STORE_SETTINGS } from './store-settings.ts';
import { isExposed, readTelemetry, TELEMETRY_SETTINGS, type TelemetryConfig } from './telemetry-settings.ts';

/** The server's own paths: a proxy's path that began with one could not be distinguished from it. */
const OWN_PATHS = /^\/(?:p|graphql|files|assets|healthz|readyz|metrics|webhooks)(?:\/|$)/;

const publicUrl = z
  .url({ protocol: /^https?$/ })
  .superRefine((text, context) => {
    const { username, password, search, hash, pathname } = new URL(text);
    const reason =
      username + password + search + hash !== ''
        ? 'without credentials, query or #'
        : !/^(?:\/[A-Za-z0-9._~-]+)*\/*$/.test(pathname)
          ? 'its path may have letters, digits and . _ ~ -'
          : OWN_PATHS.test(pathname)
            ? 'its path is one of the server’s own; choose another'
            : null;
    if (reason !== null) context.addIssue({ code: 'custom', message: reason });
  })
  .optional();

const redisUrl = z
  .string()
  .superRefine((url, context) => {
    try {
      readRedisUrl(url);
    } catch {
      context.addIssue({ code: 'custom', message: findRawCharacter(url) ?? 'Invalid input' });
    }
  })
  .optional();

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const PROGRESS_RANGES = ['tables', 'calibrated'] as const;

const SETTINGS = {
  PORT: {
    schema: wholeNumber(0, 65_535, 4000),
    expected: 'a port from 0 (any free one) to 65535',
    default: '4000',
    meaning: 'Port that the API listens on.',
  },
  HOST: {
    schema: z.string().min(1).default('127.0.0.1'),
    expected: 'a host name or address',
    default: '127.0.0.1',
    meaning:
      'Address that the API listens on. Only loopback addresses are allowed unless PLAYHEAD_AUTH_SECRET is set.',
  },
  REDIS_URL: {
    schema: redisUrl,
    expected: REDIS_URL_FORMS,
    secret: true,
    default: '—',
    meaning:
      'The Redis to use (6.2 or later, with noeviction). Unset: `npm start` runs a private one in the data folder.',
  },
  PLAYHEAD_DATA_DIR: {
    schema: z
      .string()
      .min(1)
      .default('.data')
      .transform((path) => resolve(path)),
    expected: 'a folder',
    default: '.data',
    meaning: 'Folder for artifacts, unfinished files and the private Redis.',
  },
  PLAYHEAD_CONCURRENCY: {
    schema: wholeNumber(1, 64, 1),
    expected: 'a whole number from 1 to 64',
    default: '1',
    meaning: 'Jobs that one worker runs at the same time. A video keeps about two cores busy.',
  },
  PLAYHEAD_LOG_LEVEL: {
    schema: z.enum(LOG_LEVELS).default('info'),
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    default: 'info',
    meaning: 'Lowest level that is logged.',
  },
  PLAYHEAD_SHOW_ERRORS: {
    schema: onOrOff.transform((value) => value ?? false),
    expected: 'on or off',
    default: 'off',
    meaning:
      'Whether a job that fails by an unexpected error tells what the code threw, and where, to everybody who may read it. Off: it says INTERNAL, and the worker’s log has the rest. `playhead dev` turns it on.',
  },
  PLAYHEAD_PUBLIC_URL: {
    schema: publicUrl,
    expected: 'an http:// or https:// URL, with a path if a proxy serves it below one',
    default: '—',
    meaning:
      'Address at which clients reach the server, such as https://host or https://host/playhead. Links to artifacts begin with it, and the dashboard and API are served below its path. Unset: http://HOST:PORT.',
  },
  PLAYHEAD_KEEP_ALIVE_SECONDS: {
    schema: wholeNumber(1, 3_600, 130),
    expected: 'a whole number of seconds from 1 to 3600',
    default: '130',
    meaning:
      'How long an idle HTTP connection is kept open for its next request. This must be longer than any proxy in front keeps its connections to the server open, or clients occasionally see 502: nginx 60, Amazon’s load balancer 60, Traefik 90, Caddy 120; Google’s needs 620.',
  },
  PLAYHEAD_JOB_RETENTION_HOURS: {
    schema: wholeNumber(1, 87_600, 720),
    expected: 'a whole number of hours from 1 to 87600',
    default: '720',
    meaning: 'How long a job and its files are kept after it has ended.',
  },
  PLAYHEAD_JOB_TIMEOUT_MINUTES: {
    schema: wholeNumber(1, 1_440, 120),
    expected: 'a whole number of minutes from 1 to 1440',
    default: '120',
    meaning: 'Time limit for one attempt of a job. An attempt that exceeds it fails with TIMED_OUT.',
  },
  PLAYHEAD_STEP_TIMEOUT_MINUTES: {
    schema: wholeNumber(1, 1_440, 60),
    expected: 'a whole number of minutes from 1 to 1440',
    default: '60',
    meaning:
      'Time limit for one step of an attempt. A step that exceeds it fails with TIMED_OUT, which names the step.',
  },
  PLAYHEAD_LOG_LENGTH: {
    schema: wholeNumber(100, 1_000_000, 10_000),
    expected: 'a whole number from 100 to 1000000',
    default: '10000',
    meaning: 'Events kept per project for clients that resume.',
  },
  PLAYHEAD_FEED_MEMORY_MB: {
    schema: wholeNumber(1, 100_000, 16),
    expected: 'a whole number of MiB from 1 to 100000',
    default: '16',
    meaning:
      'Approximate memory, in MiB, that an API process uses to remember recent events of all the projects it follows. A client that resumes from further back is served from the log, which costs a read.',
  },
  PLAYHEAD_PROGRESS: {
    schema: z.enum(PROGRESS_RANGES).default('tables'),
    expected: `one of ${PROGRESS_RANGES.join(', ')}`,
    default: 'tables',
    meaning:
      'How a step’s progress becomes the job’s progress, for jobs that this server accepts: by the step tables, or by the ranges that `calibrate --save` has measured.',
  },
  PLAYHEAD_DRAIN_SECONDS: {
    schema: wholeNumber(0, 3_600, 10),
    expected: 'a whole number of seconds from 0 to 3600',
    default: '10',
    meaning: 'How long a worker waits for running jobs after SIGTERM before it hands them back to the queue.',
  },
  PLAYHEAD_LOCK_SECONDS: {
    schema: wholeNumber(1, 300, 30),
    expected: 'a whole number of seconds from 1 to 300',
    default: '30',
    meaning:
      'How long a silent worker keeps its jobs before they continue elsewhere. Must be the same for all workers. A shorter time means a faster recovery after a crash, but a busy worker may lose jobs that it is still running.',
  },
  PLAYHEAD_WEBHOOK_TOKEN: {
    schema: z
      .string()
      .regex(/^[A-Za-z0-9_-]{16,200}$/)
      .transform((token) => new Secret(token))
      .optional(),
    expected: '16 to 200 letters, digits, _ or -, hard to guess',
    default: '—',
    meaning:
      'Makes the video API call PLAYHEAD_PUBLIC_URL/webhooks/video/TOKEN when a clip is ready. Must be the same for the API and the workers. Unset: the video API is only polled.',
    secret: true,
  },
  PLAYHEAD_PREFIX: {
    schema: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,32}$/)
      .default('playhead'),
    expected: '1 to 32 letters, digits, _ or -',
    default: 'playhead',
    meaning: 'Prefix of every Redis key, so that several installations can share one Redis.',
  },
  ...STORE_SETTINGS,
  ...TELEMETRY_SETTINGS,
  ...SECURITY_SETTINGS,
} as const satisfies Record<string, Setting>;

export interface Config {
  readonly port: number;
  readonly host: string;
  readonly redisUrl: string | undefined;
  readonly dataDir: string;
  readonly concurrency: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Whether jobs disclose what unexpected errors are. */
  readonly showsErrors: boolean;
  readonly publicUrl: string | undefined;
  /** How long an idle connection is kept. */
  readonly keepAliveMs: number;
  readonly jobRetentionMs: number;
  readonly jobTimeoutMs: number;
  readonly stepTimeoutMs: number;
  readonly logLength: number;
  /** The combined limit of all feeds of an API process. */
  readonly feedMemoryBytes: number;
  readonly progress: (typeof PROGRESS_RANGES)[number];
  readonly drainMs: number;
  /** BullMQ's lock: a worker that is silent for this long has lost its jobs. */
  readonly lockMs: number;
  /** PATH, on which programs are searched for. */
  readonly searchPath: string | undefined;
  readonly prefix: string;
  /** The values of the settings that the workflows declare, by name. */
  readonly workflowSettings: Readonly<Record<string, unknown>>;
  /** The secret part of the webhook's path; set only together with publicUrl. */
  readonly webhookToken: Secret | undefined;
  /** Set by `npm start`: readiness also requires a live worker. */
  readonly requireWorker: boolean;
  readonly security: SecurityConfig;
  /** Where files are kept. */
  readonly store: StoreSettings;
  readonly telemetry: TelemetryConfig;
}

/** All settings of the server, for the docs. */
export const SETTINGS_TABLE: SettingsTable = SETTINGS;

/** Thrown by readConfig; the message has a line for each invalid setting. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads and checks all settings.
 * @param more those that the workflows declare
 * @param given values for settings that neither the environment nor the secrets file has
 * @throws ConfigError naming every invalid setting, with what was expected and received
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
  more: SettingsTable = {},
  given: GivenSettings = {},
): Config {
  const problems = findUnknown(given, { ...more, ...SETTINGS });
  const isSecret = (name: string): boolean => isSecretName({ ...more, ...SETTINGS }, name);
  const secrets = readSecretsFile(
    env['PLAYHEAD_SECRETS_FILE'] ?? textOf(given['PLAYHEAD_SECRETS_FILE']),
    isSecret,
    problems,
  );
  const readOne = (name: string, setting: Setting): unknown => {
    // An empty variable counts as unset, as in docker-compose's `VAR: ${VAR:-}`.
    const value = (env[name] === '' ? undefined : env[name]) ?? secrets[name] ?? textOf(given[name]);
    const parsed = setting.schema.safeParse(value);
    if (!parsed.success) problems.push(describeProblem(name, setting, value, parsed.error));
    return parsed.data;
  };
  const read = <Name extends keyof typeof SETTINGS>(name: Name) =>
    readOne(name, SETTINGS[name]) as z.infer<(typeof SETTINGS)[Name]['schema']>;
  const config: Config = {
    port: read('PORT'),
    host: read('HOST'),
    redisUrl: read('REDIS_URL'),
    dataDir: read('PLAYHEAD_DATA_DIR'),
    concurrency: read('PLAYHEAD_CONCURRENCY'),
    logLevel: read('PLAYHEAD_LOG_LEVEL'),
    showsErrors: read('PLAYHEAD_SHOW_ERRORS'),
    publicUrl: read('PLAYHEAD_PUBLIC_URL')?.replace(/\/+$/, ''),
    keepAliveMs: read('PLAYHEAD_KEEP_ALIVE_SECONDS') * 1_000,
    jobRetentionMs: read('PLAYHEAD_JOB_RETENTION_HOURS') * 3_600_000,
    jobTimeoutMs: read('PLAYHEAD_JOB_TIMEOUT_MINUTES') * 60_000,
    stepTimeoutMs: read('PLAYHEAD_STEP_TIMEOUT_MINUTES') * 60_000,
    logLength: read('PLAYHEAD_LOG_LENGTH'),
    feedMemoryBytes: read('PLAYHEAD_FEED_MEMORY_MB') * 1_048_576,
    progress: read('PLAYHEAD_PROGRESS'),
    drainMs: read('PLAYHEAD_DRAIN_SECONDS') * 1_000,
    lockMs: read('PLAYHEAD_LOCK_SECONDS') * 1_000,
    searchPath: env['PATH'],
    prefix: read('PLAYHEAD_PREFIX'),
    workflowSettings: Object.fromEntries(
      Object.entries(more).map(([name, setting]) => [name, readOne(name, setting)]),
    ),
    webhookToken: read('PLAYHEAD_WEBHOOK_TOKEN'),
    requireWorker: env.PLAYHEAD_REQUIRE_WORKER === '1',
    security: readSecurity(read, problems),
    store: readStore(read, problems),
    telemetry: readTelemetry(read),
  };
  checkTogether(config, problems);
  if (problems.length > 0) throw new ConfigError(`Wrong settings:\n  ${problems.join('\n  ')}`);
  return config;
}

/** The value in the form of an environment variable. */
function textOf(value: GivenSettings[string] | undefined): string | undefined {
  return typeof value === 'boolean'
    ? value
      ? 'on'
      : 'off'
    : value === undefined
      ? undefined
      : String(value);
}

function findUnknown(given: GivenSettings, table: SettingsTable): string[] {
  return Object.keys(given)
    .filter((name) => !Object.hasOwn(table, name))
    .map(
      (name) =>
        `settings.${name}: expected a setting of Playhead’s or of a workflow’s, there is none of this name`,
    );
}

/** A custom message of a setting's schema about an invalid value; for a secret, such messages do not repeat the value. */
function reasonIn({ issues }: z.ZodError): string | null {
  return (
    issues.find(({ code, message }) => code === 'custom' && message !== 'Invalid input')?.message ?? null
  );
}

function describeProblem(
  name: string,
  { expected, secret }: Setting,
  value: string | undefined,
  error: z.ZodError,
): string {
  const received = secret ? `${value?.length ?? 0} characters` : JSON.stringify(value);
  const reason = reasonIn(error);
  return `${name}: expected ${expected}, received ${received}${reason === null ? '' : ` (${reason})`}`;
}

/** Checks that settings fit together. A value that is invalid by itself is undefined here. */
function checkTogether(config: Config, problems: string[]): void {
  if (config.webhookToken !== undefined && config.publicUrl === undefined) {
    problems.push(
      'PLAYHEAD_WEBHOOK_TOKEN: expected PLAYHEAD_PUBLIC_URL to be set too, where the video API reaches it',
    );
  }
  if (config.host !== undefined && config.security.auth === null && !isLoopback(config.host)) {
    problems.push(
      `HOST: expected a loopback address (127.0.0.1, ::1, localhost), received "${config.host}"; ` +
        'other addresses need authentication: set PLAYHEAD_AUTH_SECRET (see docs/operations.md)',
    );
  }
  if (config.host !== undefined && isExposed(config.telemetry) && !isLoopback(config.host)) {
    problems.push(
      'PLAYHEAD_WORKER_METRICS_PORT: expected PLAYHEAD_METRICS_TOKEN to be set too, as HOST is no loopback address',
    );
  }
}

/** The environment for a child process: this one's, with `defaults` below it and `fixed` on top. */
export function childEnvironment(
  defaults: Readonly<Record<string, string>>,
  fixed: Readonly<Record<string, string | undefined>> = {},
): NodeJS.ProcessEnv {
  return { ...defaults, ...process.env, ...fixed };
}

/** Returns the Redis URL, which every process but `npm start` needs. @throws ConfigError */
export function requireRedisUrl(config: Config): string {
  if (config.redisUrl !== undefined) return config.redisUrl;
  throw new ConfigError(
    'REDIS_URL is not set. Set it (redis://host:6379), or use "npm start", which runs a private Redis.',
  );
}

/** Whether a setting's value may be in the secrets file. */
function isSecretName(table: SettingsTable, name: string): boolean {
  return Object.hasOwn(table, name) && table[name]?.secret === true;
}
