/**
 * Finds the programs that no npm package provides: redis-server, chromium, pocketsphinx, Python with Celery, nginx; ffmpeg.ts
 * has its own rules.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PlayheadError } from '../core/errors.ts';
import { isSupportedRedis, MINIMUM_REDIS } from '../redis/version.ts';

/** A program that provisioning can install. */
export interface Program {
  readonly title: string;
  /** Names to look for on PATH; the first one found wins. */
  readonly names: readonly string[];
  /** Absolute paths to try when PATH has none. */
  readonly places: readonly string[];
  /** Whether the program found has what is needed; if omitted, any will do. */
  readonly isRight?: (path: string) => boolean;
  /** Packages per package manager; groups are tried in order until the program is found. */
  readonly packages: Readonly<Record<PackageManager, readonly string[]>>;
  /** What to do by hand when nothing worked. */
  readonly byHand: string;
}
export type PackageManager = 'apt-get' | 'brew' | 'dnf' | 'apk';

export const REDIS_SERVER: Program = {
  title: `Redis ${MINIMUM_REDIS} or later (or Valkey)`,
  names: ['redis-server', 'valkey-server'],
  places: ['/opt/homebrew/bin/redis-server', '/usr/local/bin/redis-server'],
  packages: {
    'apt-get': ['redis-server', 'valkey-server'],
    brew: ['redis'],
    dnf: ['valkey', 'redis'],
    apk: ['redis', 'valkey'],
  },
  byHand:
    'Install it (https://redis.io/docs/latest/operate/oss_and_stack/install/) so that `redis-server` or ' +
    '`valkey-server` is on PATH, or set REDIS_URL to a Redis that runs already.',
};

export const CHROMIUM: Program = {
  title: 'Chromium or Google Chrome (for the browser tests)',
  // The headless-only build comes first: it takes less than half the CPU, since it draws no window around the page.
  names: [
    'chromium-headless-shell',
    'chrome-headless-shell',
    'chromium',
    'chromium-browser',
    'google-chrome',
    'google-chrome-stable',
  ],
  places: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  packages: {
    'apt-get': ['chromium-headless-shell', 'chromium', 'chromium-browser'],
    brew: ['--cask google-chrome'],
    dnf: ['chromium'],
    apk: ['chromium'],
  },
  byHand: 'Install it so that `chromium` or `google-chrome` is on PATH.',
};

export const POCKETSPHINX: Program = {
  title: 'PocketSphinx with its English model (verifies speech)',
  names: ['pocketsphinx_continuous', 'pocketsphinx'],
  places: ['/opt/homebrew/bin/pocketsphinx', '/usr/local/bin/pocketsphinx'],
  packages: {
    'apt-get': ['pocketsphinx pocketsphinx-en-us'],
    brew: ['cmu-pocketsphinx'],
    dnf: [],
    apk: [],
  },
  byHand:
    'Install it (https://github.com/cmusphinx/pocketsphinx) so that `pocketsphinx` is on PATH, or set ' +
    'PLAYHEAD_RECOGNITION_URL to a recogniser of your own.',
};

export const PYTHON_WITH_CELERY: Program = {
  title: 'Python 3.9 or later with Celery and its Redis client (for the test of examples/celery)',
  names: ['python3'],
  places: ['/usr/bin/python3'],
  isRight: (path) =>
    outputOf(path, ['-c', 'import sys, celery, redis; sys.exit(sys.version_info < (3, 9))']) !== undefined,
  packages: {
    'apt-get': ['python3-celery python3-redis'],
    brew: [],
    dnf: ['python3-celery python3-redis'],
    apk: ['py3-celery py3-redis'],
  },
  byHand: 'Install it (pip install celery redis) for the `python3` that is first on PATH.',
};

export const NGINX: Program = {
  title: 'nginx (for the tests behind a proxy)',
  names: ['nginx'],
  places: ['/usr/sbin/nginx', '/opt/homebrew/bin/nginx', '/usr/local/bin/nginx'],
  packages: { 'apt-get': ['nginx'], brew: ['nginx'], dnf: ['nginx'], apk: ['nginx'] },
  byHand: 'Install it (https://nginx.org/en/docs/install.html) so that `nginx` is on PATH.',
};

/**
 * Looks up a program, and starts it only where that is needed to check what it has (`isRight`).
 * @returns its absolute path, or undefined
 */
export function find(
  program: Pick<Program, 'names' | 'places' | 'isRight'>,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const onPath = program.names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const { isRight } = program;
  return [...onPath, ...program.places].find((path) => isExecutable(path) && (isRight?.(path) ?? true));
}

/**
 * Finds redis-server (or valkey-server) and checks that it is 6.2 or later; takes about 5 ms.
 * @throws PlayheadError TOOL_MISSING when there is none, or only an older one
 */
export function findRedisServer(env: NodeJS.ProcessEnv = process.env): string {
  const path = find(REDIS_SERVER, env);
  if (path === undefined) throw missing(REDIS_SERVER);
  const version = redisVersion(path);
  if (!isSupportedRedis(version)) {
    throw new PlayheadError(
      'TOOL_MISSING',
      `expected ${REDIS_SERVER.title}, received ${path} ${version}. ${REDIS_SERVER.byHand}`,
    );
  }
  return path;
}

/**
 * Finds Chromium or Chrome for the browser tests.
 * @throws PlayheadError TOOL_MISSING
 */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string {
  const path = find(CHROMIUM, env);
  if (path === undefined) throw missing(CHROMIUM);
  return path;
}

/** The error for a missing program. */
export function missing(program: Program, why = ''): PlayheadError {
  return new PlayheadError(
    'TOOL_MISSING',
    `expected ${program.title} (${program.names.join(', ')}) on PATH, found none.${why} ${program.byHand}`,
  );
}

function redisVersion(path: string): string {
  try {
    const line = execFileSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 });
    return /v=(\S+)/.exec(line)?.[1] ?? line.trim();
  } catch (cause) {
    throw new PlayheadError('TOOL_MISSING', `${path} cannot be started. ${REDIS_SERVER.byHand}`, { cause });
  }
}

/** What a program prints; undefined when it cannot be started, or fails. @param path absolute */
export function outputOf(path: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(path, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 10_000,
    });
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
