import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findWrongImports, ROOMS } from '../../scripts/import-order.ts';

const repository = resolve(import.meta.dirname, '../..');

/** File name to text; every rule is tried with files of its own, in one run of each program. */
const PLANTED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ROOMS.flatMap((from) =>
      ROOMS.map((to) => [
        `src/${from}/uses-${to}.ts`,
        `import type { X } from '../${to}/x.ts';\nexport type Y = X;\n`,
      ]),
    ),
  ),
  'src/jobs/uses-process.ts': "export { x } from '../server.ts';\n",
  'src/jobs/deeper/deep.ts': "export { x } from '../../schema/x.ts';\n",
  'src/jobs/deeper/detour.ts': "export { x } from '../../../src/schema/x.ts';\n",
  'src/core/lazy.ts': "export const lazy = () => import('../redis/x.ts');\n",
  'src/core/several-lines.ts': "import type {\n  X,\n} from '../redis/x.ts';\nexport type Y = X;\n",
  'src/core/declares.ts': "declare module '../redis/x.ts' {\n  interface X {}\n}\n",
  'src/server.ts': "export { x } from './schema/x.ts';\nexport { y } from './jobs/x.ts';\n",
  ...Object.fromEntries(
    ['scripts', 'examples', 'media', 'test', 'bench', 'web', 'cli', 'client'].map((folder) => [
      `src/operator/uses-${folder}.ts`,
      `export { x } from '../../${folder}/x.ts';\n`,
    ]),
  ),
  'cli/uses-src.ts': "export { x } from '../src/core/x.ts';\n",
  'cli/deeper/uses-web.ts': "export { x } from '../../web/x.ts';\n",
  'web/uses-src.tsx': "export { x } from '../src/core/x.ts';\n",
  'web/uses-client.ts': "export { x } from '../client/x.ts';\n",
  'media/uses-cli.ts': "export { x } from '../cli/x.ts';\n",
  'src/queue/bullmq-queue.ts': "export { Queue } from 'bullmq';\nexport * from 'bullmq-otel';\n",
  'src/queue/job-queue.ts': "import type { Queue } from 'bullmq';\nexport type Q = Queue;\n",
  'src/jobs/deeper/engine.ts': "export const load = () => import('bullmq/dist/esm/index.js');\n",
  'src/worker.ts': "export { Worker } from 'bullmq';\n",
  'src/core/uses-redis-client.ts': "export { Redis } from 'ioredis';\n",
  'src/progress/state.ts': "export { Redis } from 'ioredis';\n",
  'src/eta/eta-band.ts': "export { Redis } from 'ioredis';\n",
  'src/log/log.ts': "export { Redis } from 'ioredis';\n",
  'src/core/cycle-a.ts': "import type { B } from './cycle-b.ts';\nexport type A = { b: B };\n",
  'src/core/cycle-b.ts': "import type { A } from './cycle-a.ts';\nexport type B = { a: A };\n",
  'src/jobs/environment.ts': 'export const url = process.env.REDIS_URL;\n',
  'src/jobs/environment-import.ts':
    "import { env } from 'node:process';\nexport const url = env.REDIS_URL;\n",
  'src/settings/config.ts': 'export const url = process.env.REDIS_URL;\n',
  'src/jobs/script.ts': "export const script = new URL('../log/append.lua', import.meta.url);\n",
  'src/log/script.ts': "export const script = new URL('./append.lua', import.meta.url);\n",
};

let copy: string;
/** Files that import against the order. */
let wrong: readonly string[];
/** Rules of the linter that each planted file breaks. */
let broken: ReadonlyMap<string, readonly string[]>;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'playhead-rules-'));
  await symlink(join(repository, 'node_modules'), join(copy, 'node_modules'));
  await mkdir(join(copy, 'scripts'));
  for (const file of ['biome.json', 'package.json', '.gitignore', 'scripts/append-lua.grit']) {
    await copyFile(join(repository, file), join(copy, file));
  }
  for (const [file, text] of Object.entries(PLANTED)) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await writeFile(join(copy, file), text);
  }
  wrong = (await findWrongImports(copy)).map(({ file }) => file);
  broken = await lint(copy);
});
afterAll(async () => {
  await rm(copy, { recursive: true, force: true });
});

describe('a room of src', () => {
  test('imports itself and the rooms before it, types included', () => {
    for (const [rank, from] of ROOMS.entries()) {
      const refused = ROOMS.filter((to) => wrong.includes(`src/${from}/uses-${to}.ts`));
      expect(refused, from).toEqual(ROOMS.slice(rank + 1));
    }
  });

  test('may not take a detour: deeper folders, paths through src, import(), several lines, declared modules', () => {
    for (const file of [
      'jobs/deeper/deep',
      'jobs/deeper/detour',
      'core/lazy',
      'core/several-lines',
      'core/declares',
    ]) {
      expect(wrong).toContain(`src/${file}.ts`);
    }
  });

  test('imports no process, and nothing beside src', () => {
    expect(wrong).toContain('src/jobs/uses-process.ts');
    for (const folder of ['scripts', 'examples', 'media', 'test', 'bench', 'web', 'cli', 'client']) {
      expect(wrong).toContain(`src/operator/uses-${folder}.ts`);
    }
  });

  test('is in the list', async () => {
    const entries = await readdir(join(repository, 'src'), { withFileTypes: true });
    const found = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect(ROOMS).toEqual(expect.arrayContaining(found));
  });
});

test('a process may import every room', () => {
  expect(wrong).not.toContain('src/server.ts');
});

test('page and command line speak the public interface only', () => {
  expect(wrong).toEqual(
    expect.arrayContaining([
      'cli/uses-src.ts',
      'cli/deeper/uses-web.ts',
      'web/uses-src.tsx',
      'media/uses-cli.ts',
    ]),
  );
  expect(wrong).not.toContain('web/uses-client.ts');
});

test('the pure core may not import a client library; the modules with effects may', () => {
  for (const file of ['core/uses-redis-client', 'progress/state', 'eta/eta-band']) {
    expect(broken.get(`src/${file}.ts`), file).toEqual(['lint/style/noRestrictedImports']);
  }
  expect(broken.get('src/log/log.ts')).toBeUndefined();
});

test('only the queue’s adapter imports BullMQ', () => {
  for (const file of ['queue/job-queue', 'jobs/deeper/engine', 'worker']) {
    expect(wrong, file).toContain(`src/${file}.ts`);
  }
  expect(wrong).not.toContain('src/queue/bullmq-queue.ts');
});

test('a cycle of type imports alone is found, from both ends', () => {
  expect(broken.get('src/core/cycle-a.ts')).toEqual(['lint/suspicious/noImportCycles']);
  expect(broken.get('src/core/cycle-b.ts')).toEqual(['lint/suspicious/noImportCycles']);
});

test('only the settings read the environment', () => {
  expect(broken.get('src/jobs/environment.ts')).toEqual(['lint/style/noProcessEnv']);
  expect(broken.get('src/jobs/environment-import.ts')).toEqual(['lint/style/noProcessEnv']);
  expect(broken.get('src/settings/config.ts')).toBeUndefined();
});

test('only src/log touches append.lua', () => {
  expect(broken.get('src/jobs/script.ts')).toEqual(['plugin']);
  expect(broken.get('src/log/script.ts')).toBeUndefined();
});

async function lint(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const output = await new Promise<string>((done) => {
    // It ends with 1 when it finds something, which is what is wanted here.
    execFile(
      join(repository, 'node_modules/.bin/biome'),
      ['lint', '--reporter=json', '--max-diagnostics=none', 'src', 'cli'],
      { cwd: folder, maxBuffer: 32 * 1024 * 1024 },
      (_error, stdout) => done(stdout),
    );
  });
  const report = JSON.parse(output) as {
    diagnostics: { category: string; location: { path: string | { file: string } } }[];
  };
  const found = new Map<string, string[]>();
  for (const { category, location } of report.diagnostics) {
    const path = typeof location.path === 'string' ? location.path : location.path.file;
    found.set(path, [...(found.get(path) ?? []), category]);
  }
  return found;
}
