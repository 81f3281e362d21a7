/**
 * Installs what a command or an npm script needs and npm cannot provide: `provision.ts start` installs redis-server (unless
 * REDIS_URL is set), and ffmpeg where it can (unless PLAYHEAD_FFMPEG is set); `provision.ts demo` both, and PocketSphinx where
 * it can; `provision.ts test` all three and Chromium, and Python with Celery and nginx where it can (under CI it must).
 * Anything on PATH is used; the rest is installed with the system's package manager.
 */
import { spawnSync } from 'node:child_process';
import { PlayheadError } from '../core/errors.ts';
import { isMain } from '../core/is-main.ts';
import { childEnvironment } from '../settings/config.ts';
import { FFMPEG } from '../settings/ffmpeg.ts';
import {
  CHROMIUM,
  find,
  findRedisServer,
  missing,
  NGINX,
  type PackageManager,
  POCKETSPHINX,
  type Program,
  PYTHON_WITH_CELERY,
  REDIS_SERVER,
} from '../settings/programs.ts';

const MANAGERS = ['brew', 'apt-get', 'dnf', 'apk'] as const satisfies readonly PackageManager[];
const INSTALL: Readonly<Record<PackageManager, readonly string[]>> = {
  'apt-get': ['install', '-y', '--no-install-recommends'],
  brew: ['install'],
  dnf: ['install', '-y'],
  apk: ['add', '--no-cache'],
};

let listsUpdated = false;

/**
 * Finds redis-server (or valkey-server), and installs it if there is none.
 * @returns its absolute path
 * @throws PlayheadError TOOL_MISSING
 */
export function provideRedisServer(): string {
  if (find(REDIS_SERVER) === undefined) install(REDIS_SERVER);
  return findRedisServer();
}

function provision(target: string | undefined): void {
  switch (target) {
    case 'start':
      if (isUnset('REDIS_URL')) need(REDIS_SERVER);
      if (isUnset('PLAYHEAD_FFMPEG')) want(FFMPEG);
      break;
    case 'demo':
      if (isUnset('REDIS_URL')) need(REDIS_SERVER);
      if (isUnset('PLAYHEAD_FFMPEG')) need(FFMPEG);
      want(POCKETSPHINX);
      break;
    case 'test':
      need(REDIS_SERVER);
      need(FFMPEG);
      need(CHROMIUM);
      need(POCKETSPHINX);
      // Without them, everything is tested except examples/celery and what runs behind nginx.
      for (const program of [PYTHON_WITH_CELERY, NGINX]) {
        if (isUnset('CI')) want(program);
        else need(program);
      }
      break;
    default:
      throw new PlayheadError('BAD_USER_INPUT', `expected start, demo or test, received ${String(target)}`);
  }
}

function isUnset(name: string): boolean {
  return (childEnvironment({})[name] ?? '') === '';
}

function need(program: Program): void {
  if (find(program) === undefined) install(program);
  if (program === REDIS_SERVER) findRedisServer();
}

/** For programs that are optional: whatever needs one reports that it is missing. */
function want(program: Program): void {
  try {
    need(program);
  } catch (error) {
    if (!(error instanceof PlayheadError)) throw error;
    process.stderr.write(`playhead: going on without ${program.title}. ${error.message}\n`);
  }
}

function install(program: Program): void {
  const manager = MANAGERS.find((name) => find(command(name)) !== undefined);
  if (manager === undefined) {
    throw missing(program, ` No package manager (${MANAGERS.join(', ')}) was found to install it with.`);
  }
  const prefix = privilege(manager, program);
  if (manager === 'apt-get' && !listsUpdated) {
    run([...prefix, manager, 'update']);
    listsUpdated = true;
  }
  for (const name of program.packages[manager]) {
    run([...prefix, manager, ...INSTALL[manager], ...name.split(' ')]);
    // The program's presence is the proof, not the exit code: Debian's package also starts a service on port 6379, which fails
    // in containers and where the port is taken. That service is not used; ours runs on a port of its own.
    if (find(program) !== undefined) return;
  }
  throw missing(program, ` Installing it with ${manager} failed (see above).`);
}

/** The prefix of the package manager's command: sudo where it is needed and available. */
function privilege(manager: PackageManager, program: Program): readonly string[] {
  if (manager === 'brew' || process.getuid?.() === 0) return [];
  if (find(command('sudo')) !== undefined) return ['sudo'];
  throw missing(program, ` Installing it with ${manager} takes root, and sudo was not found.`);
}

function run(words: readonly string[]): void {
  const [program = '', ...args] = words;
  process.stderr.write(`playhead: ${words.join(' ')}\n`);
  // Its output goes to stderr, so that stdout stays the script's own.
  spawnSync(program, args, {
    stdio: ['inherit', 2, 2],
    env: childEnvironment({}, { DEBIAN_FRONTEND: 'noninteractive' }),
  });
}

function command(name: string): Pick<Program, 'names' | 'places'> {
  return { names: [name], places: [] };
}

if (isMain(import.meta)) {
  try {
    provision(process.argv[2]);
  } catch (error) {
    if (!(error instanceof PlayheadError)) throw error;
    process.stderr.write(`playhead: ${error.message}\n`);
    process.exitCode = 1;
  }
}
