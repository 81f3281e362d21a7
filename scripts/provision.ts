/**
 * Installs what an npm script needs and npm cannot bring: `provision.ts start` redis-server (unless REDIS_URL is set),
 * `provision.ts demo` also PocketSphinx where it can, `provision.ts test` redis-server, Chromium and PocketSphinx. What is on PATH is used; otherwise the system's package manager is.
 */
import { spawnSync } from 'node:child_process';
import { PlayheadError } from '../src/core/errors.ts';
import {
  CHROMIUM,
  find,
  findRedisServer,
  missing,
  type PackageManager,
  POCKETSPHINX,
  type Program,
  REDIS_SERVER,
} from '../src/settings/programs.ts';

const MANAGERS = ['brew', 'apt-get', 'dnf', 'apk'] as const satisfies readonly PackageManager[];
const INSTALL: Readonly<Record<PackageManager, readonly string[]>> = {
  'apt-get': ['install', '-y', '--no-install-recommends'],
  brew: ['install'],
  dnf: ['install', '-y'],
  apk: ['add', '--no-cache'],
};

let listsUpdated = false;

try {
  provision(process.argv[2]);
} catch (error) {
  if (!(error instanceof PlayheadError)) throw error;
  process.stderr.write(`playhead: ${error.message}\n`);
  process.exitCode = 1;
}

function provision(target: string | undefined): void {
  switch (target) {
    case 'start':
      if ((process.env['REDIS_URL'] ?? '') === '') need(REDIS_SERVER);
      break;
    case 'demo':
      if ((process.env['REDIS_URL'] ?? '') === '') need(REDIS_SERVER);
      want(POCKETSPHINX);
      break;
    case 'test':
      need(REDIS_SERVER);
      need(CHROMIUM);
      need(POCKETSPHINX);
      break;
    default:
      throw new PlayheadError('BAD_USER_INPUT', `expected start, demo or test, received ${String(target)}`);
  }
}

function need(program: Program): void {
  if (find(program) === undefined) install(program);
  if (program === REDIS_SERVER) findRedisServer();
}

/** For what goes on without it, and says so when it is used. */
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
    // The program itself is the proof, not the exit code: Debian's package also starts a service on port 6379, which
    // fails in containers and where the port is taken. That service is not used; ours runs on a port of its own.
    if (find(program) !== undefined) return;
  }
  throw missing(program, ` Installing it with ${manager} failed (see above).`);
}

/** The words before the package manager: sudo where it is needed and there. */
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
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function command(name: string): Pick<Program, 'names' | 'places'> {
  return { names: [name], places: [] };
}
