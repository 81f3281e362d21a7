/**
 * `npm run check`: every check that needs no service, as many at once as there are cores; failed ones are shown last, with
 * their output. `check.ts NAME…` runs only those parts.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';

interface Part {
  readonly name: string;
  readonly what: string;
  /** A program of node_modules/.bin, or a script for Node, and its arguments. */
  readonly command: readonly [string, ...string[]];
  /** How to fix a failure. */
  readonly fix: string;
  /** A file without which there is nothing to check. */
  readonly needs?: string;
}

const PARTS: readonly Part[] = [
  {
    name: 'types',
    what: 'TypeScript',
    command: ['tsc', '--noEmit'],
    fix: 'correct the types',
  },
  {
    name: 'web types',
    what: 'TypeScript of the dashboard and the examples',
    command: ['tsc', '--noEmit', '-p', 'web'],
    fix: 'correct the types',
  },
  {
    name: 'biome',
    what: 'format, lint, import cycles',
    command: ['biome', 'check', '--error-on-warnings', '--colors=off', '--max-diagnostics=100'],
    fix: 'npm run fix',
  },
  {
    name: 'imports',
    what: 'who may import whom (scripts/import-order.ts)',
    command: ['scripts/import-order.ts'],
    fix: 'turn the import around: what both rooms need belongs into the lower one',
  },
  {
    name: 'promises',
    what: 'unhandled promises (oxlint, with types)',
    command: ['oxlint', '--type-aware', '--deny-warnings', '--quiet'],
    fix: 'await the promise, or write void and say why it cannot fail',
  },
  {
    name: 'schema',
    what: 'schema.graphql is what src/schema prints',
    command: ['src/operator/print-schema.ts', '--check'],
    fix: 'npm run print-schema',
    needs: 'src/schema/index.ts',
  },
  {
    name: 'codegen',
    what: 'client types are what schema.graphql and the documents give',
    command: ['graphql-codegen', '--config', 'codegen.ts', '--check'],
    fix: 'npm run codegen',
    needs: 'src/schema/index.ts',
  },
  {
    name: 'knip',
    what: 'unused files, exports, dependencies',
    command: ['knip', '--no-progress'],
    fix: 'remove what is unused, or explain it in knip.json',
  },
];

interface Outcome {
  readonly part: Part;
  readonly ok: boolean;
  readonly seconds: number;
  readonly output: string;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !PARTS.some((part) => part.name === name));
if (unknown.length > 0) {
  console.error(
    `expected any of ${PARTS.map((part) => part.name).join(', ')}, received ${unknown.join(', ')}`,
  );
  process.exit(1);
}
const parts = PARTS.filter((part) => wanted.length === 0 || wanted.includes(part.name));
const started = performance.now();
const left = [...parts];
const outcomes: Outcome[] = [];
await Promise.all(Array.from({ length: availableParallelism() }, runNext));
const failed = outcomes.filter((outcome) => !outcome.ok);
for (const { part, output } of failed) {
  console.log(`\n──── ${part.name}: ${part.what}\n${output.trim()}\n→ ${part.fix}`);
}
const seconds = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  failed.length === 0
    ? `check: all ${outcomes.length} parts are fine (${seconds} s)`
    : `\ncheck: ${failed.map(({ part }) => part.name).join(', ')} failed (${seconds} s)`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

async function runNext(): Promise<void> {
  for (let part = left.shift(); part !== undefined; part = left.shift()) outcomes.push(await run(part));
}

async function run(part: Part): Promise<Outcome> {
  const begin = performance.now();
  const missing = part.needs !== undefined && !existsSync(part.needs);
  const { ok, output } = missing ? { ok: true, output: '' } : await execute(part.command);
  const seconds = (performance.now() - begin) / 1000;
  const note = missing ? `skipped, there is no ${part.needs}` : `${seconds.toFixed(1)} s`;
  console.log(`${ok ? '✓' : '✗'} ${part.name.padEnd(9)} ${part.what} (${note})`);
  return { part, ok, seconds, output };
}

function execute([name, ...args]: readonly [string, ...string[]]): Promise<{ ok: boolean; output: string }> {
  const isScript = name.endsWith('.ts');
  const command = isScript ? process.execPath : `node_modules/.bin/${name}`;
  return new Promise((resolve) => {
    const child = spawn(command, isScript ? [name, ...args] : args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && !isScript,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.on('error', (error) => resolve({ ok: false, output: String(error) }));
    child.on('close', (code) => resolve({ ok: code === 0, output }));
  });
}
