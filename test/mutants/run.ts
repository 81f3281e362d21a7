/**
 * Would the tests notice? `npm run mutants -- PATH…` changes the code of each file in many small ways (mutants), one at
 * a time, and runs the tests that reach the changed place. A mutant that no test notices has survived: it shows what
 * nothing holds, or a change that makes no difference. Stryker does it; this script chooses what and against what.
 *
 *     npm run mutants -- src/log/feed.ts                 one file, against test/log
 *     npm run mutants -- src/log/feed.ts:80-120          some lines of it
 *     npm run mutants -- src/redis --lines 40                 mutants of 40 lines drawn from the folder's files
 *     npm run mutants -- src/auth --tests test/security       against other tests
 *
 * It is not a part of `npm test`: a mutant takes some four seconds. Programs that a test starts run without the mutant.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { seeded } from '../faults/kit/random.ts';

const USAGE = 'npm run mutants -- PATH… [--tests PATH]… [--lines N] [--seed N] [--workers N]';
/** Takes minutes and reaches nearly everything, so it would run for each mutant; name it in --tests to have it. */
const SLOW_TESTS = ['test/progress/model.test.ts'];

/** As Stryker writes it: `file:line-line`. */
const RANGE = /\.tsx?:\d+-\d+$/;

const own = fileURLToPath(new URL('.', import.meta.url));
const { values: options, positionals: paths } = parseArgs({
  allowPositionals: true,
  options: {
    tests: { type: 'string', multiple: true },
    lines: { type: 'string' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
  },
});

const ranges = paths.filter((path) => RANGE.test(path));
const files = paths
  .filter((path) => !RANGE.test(path))
  .flatMap(filesUnder)
  .filter((file) => !file.includes('/generated/'));
if (files.length + ranges.length === 0)
  fail(`expected files or folders of src, web or cli, received ${paths.join(' ')}`);
const tests = (options.tests ?? paths.map(testsOf)).flatMap(testFilesUnder);
if (tests.length === 0) fail('expected tests: name them with --tests');

const config = {
  mutate: [
    ...ranges,
    ...(options.lines === undefined ? files : drawLines(files, count('lines'), count('seed'))),
  ],
  testFiles: tests,
  testRunner: 'vitest',
  plugins: [join(own, 'node_modules/@stryker-mutator/vitest-runner/dist/src/index.js')],
  vitest: { configFile: 'vitest.config.ts', pool: 'forks' },
  // Code that runs as a module is loaded (a constant, a zod schema) has run before Stryker turns its mutant on, so all of
  // these would survive, whatever the tests hold. Break them by hand.
  ignoreStatic: true,
  concurrency: count('workers'),
  timeoutMS: 20_000,
  dryRunTimeoutMinutes: 30,
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { logTests: false, reportTests: false },
  jsonReporter: { fileName: '.mutants/report.json' },
  tempDirName: '.mutants/work',
  // Stryker would rewrite it by TypeScript's API, which TypeScript 7 does not have; vitest needs no rewriting.
  tsconfigFile: 'none',
};
mkdirSync('.mutants', { recursive: true });
writeFileSync('.mutants/stryker.config.json', JSON.stringify(config, null, 2));
if (!existsSync(join(own, 'node_modules'))) {
  console.log('installing Stryker: npm ci in test/mutants');
  start('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], own);
}
start(join(own, 'node_modules/.bin/stryker'), ['run', '.mutants/stryker.config.json'], process.cwd());

/** Runs a program to its end; when it fails, so does this one. */
function start(program: string, args: readonly string[], folder: string): void {
  const { status } = spawnSync(program, args, {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(status ?? 1);
}

function filesUnder(path: string): readonly string[] {
  if (/\.tsx?$/.test(path)) return globSync(path);
  return globSync(`${path}/**/*.{ts,tsx}`).filter((file) => !file.endsWith('.d.ts'));
}

/** `src/log/feed.ts` and `src/log` are held by `test/log`; `web/state` by `test/web`. */
function testsOf(path: string): string {
  const [first, second] = path.split('/');
  return `test/${first === 'src' && second !== undefined ? second : first}`;
}

function testFilesUnder(path: string): readonly string[] {
  if (path.endsWith('.ts')) return [path];
  return globSync(`${path}/**/*.test.ts`).filter((file) => !SLOW_TESTS.includes(file));
}

/** Some lines of code of the files, as Stryker's ranges; the same for the same seed. */
function drawLines(from: readonly string[], wanted: number, seed: number): string[] {
  const lines = from.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((text, index) =>
        /^\s*(\/?\*|\/\/|import\b|[{}()\];,]*$)/.test(text) ? [] : [`${file}:${index + 1}-${index + 1}`],
      ),
  );
  const random = seeded(seed);
  const drawn: string[] = [];
  while (drawn.length < wanted && lines.length > 0)
    drawn.push(...lines.splice(random.below(lines.length), 1));
  return drawn;
}

function count(name: 'lines' | 'seed' | 'workers'): number {
  const value = Number(options[name]);
  if (!Number.isInteger(value) || value < 1)
    fail(`--${name}: expected a whole number from 1, received ${options[name]}`);
  return value;
}

function fail(message: string): never {
  console.error(`${message}\n${USAGE}`);
  process.exit(1);
}
