import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');

/** design.md, Layout: what each folder of src may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  redis: ['core'],
  auth: ['core', 'redis'],
  media: ['core'],
  store: ['core'],
  observe: ['core'],
  progress: ['core', 'redis'],
  jobs: ['core', 'redis', 'store', 'progress', 'media'],
  schema: ['core', 'auth', 'progress'],
  realtime: ['core', 'auth', 'progress', 'schema'],
};
const folders = Object.keys(MAY_IMPORT);
const ROOTS = ['server', 'worker', 'start', 'demo', 'config'];
const pairs = folders.flatMap((from) => folders.filter((to) => to !== from).map((to) => ({ from, to })));
const allowed = ({ from, to }: { from: string; to: string }): boolean =>
  MAY_IMPORT[from]?.includes(to) === true;

/** File name to text; every rule is tried with files of its own, in one run of the linter. */
const PLANTED: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    pairs.map(({ from, to }) => [
      `src/${from}/uses-${to}.ts`,
      `import type { X } from '../${to}/x.ts';\nexport type Y = X;\n`,
    ]),
  ),
  ...Object.fromEntries(
    folders.flatMap((from) =>
      ROOTS.map((root) => [`src/${from}/uses-root-${root}.ts`, `export { x } from '../${root}.ts';\n`]),
    ),
  ),
  'src/jobs/workflows/deep.ts': "export { x } from '../../schema/x.ts';\n",
  'src/jobs/workflows/detour.ts': "export { x } from '../../../src/schema/x.ts';\n",
  'src/core/lazy.ts': "export const lazy = () => import('../redis/x.ts');\n",
  'src/core/uses-cli.ts': "export { x } from '../../cli/x.ts';\n",
  'cli/uses-src.ts': "export { x } from '../src/core/x.ts';\n",
  'cli/deeper/uses-web.ts': "export { x } from '../../web/x.ts';\n",
  'cli/uses-example.ts': "export { x } from '../examples/client/resuming-client.ts';\n",
  'src/core/test-code.ts': "export { x } from '../../test/setup/deadline.ts';\n",
  'src/schema/uses-contract.ts': "export type { X } from '../jobs/contract.ts';\n",
  'src/schema/uses-enqueue.ts': "export { x } from '../jobs/enqueue.ts';\n",
  'src/schema/uses-run.ts': "export { x } from '../jobs/run.ts';\n",
  'src/core/uses-client.ts': "export { Redis } from 'ioredis';\n",
  'src/progress/state.ts': "export { Redis } from 'ioredis';\n",
  'src/progress/eta-band.ts': "export { Redis } from 'ioredis';\n",
  'src/progress/log.ts': "export { Redis } from 'ioredis';\n",
  'src/core/cycle-a.ts': "import type { B } from './cycle-b.ts';\nexport type A = { b: B };\n",
  'src/core/cycle-b.ts': "import type { A } from './cycle-a.ts';\nexport type B = { a: A };\n",
  'src/jobs/environment.ts': 'export const url = process.env.REDIS_URL;\n',
  'src/jobs/environment-import.ts':
    "import { env } from 'node:process';\nexport const url = env.REDIS_URL;\n",
  'src/config.ts': 'export const url = process.env.REDIS_URL;\n',
  'src/jobs/script.ts': "export const script = new URL('../progress/append.lua', import.meta.url);\n",
  'src/progress/script.ts': "export const script = new URL('./append.lua', import.meta.url);\n",
  'src/server.ts': "export { x } from './schema/x.ts';\nexport { url } from './config.ts';\n",
};

let copy: string;
/** Rules that each planted file breaks. */
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
  broken = await lint(copy);
});
afterAll(async () => {
  await rm(copy, { recursive: true, force: true });
});

describe('a folder of src', () => {
  test.each(pairs.filter((pair) => !allowed(pair)))('$from may not import $to', ({ from, to }) => {
    expect(broken.get(`src/${from}/uses-${to}.ts`)).toEqual(['lint/style/noRestrictedImports']);
  });

  test.each(pairs.filter(allowed))('$from may import $to', ({ from, to }) => {
    expect(broken.get(`src/${from}/uses-${to}.ts`)).toBeUndefined();
  });

  test.each(folders)('%s may not import a root', (from) => {
    for (const root of ROOTS) {
      expect(broken.get(`src/${from}/uses-root-${root}.ts`)).toEqual(['lint/style/noRestrictedImports']);
    }
  });

  test('may not take a detour: deeper folders, paths through src, import(), test code', () => {
    for (const file of ['jobs/workflows/deep', 'jobs/workflows/detour', 'core/lazy', 'core/test-code']) {
      expect(broken.get(`src/${file}.ts`), file).toEqual(['lint/style/noRestrictedImports']);
    }
  });

  test('is in the table', async () => {
    const entries = await readdir(join(repository, 'src'), { withFileTypes: true });
    const found = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    expect(folders).toEqual(expect.arrayContaining(found));
  });
});

test('the command line and the server know nothing of each other; the copyable client is for all', () => {
  for (const file of ['src/core/uses-cli.ts', 'cli/uses-src.ts', 'cli/deeper/uses-web.ts']) {
    expect(broken.get(file), file).toEqual(['lint/style/noRestrictedImports']);
  }
  expect(broken.get('cli/uses-example.ts')).toBeUndefined();
});

test('schema may import the contract and the enqueue module of jobs, and nothing else there', () => {
  expect(broken.get('src/schema/uses-contract.ts')).toBeUndefined();
  expect(broken.get('src/schema/uses-enqueue.ts')).toBeUndefined();
  expect(broken.get('src/schema/uses-run.ts')).toEqual(['lint/style/noRestrictedImports']);
});

test('the pure core may not import a client library; the modules with effects may', () => {
  expect(broken.get('src/core/uses-client.ts')).toEqual(['lint/style/noRestrictedImports']);
  for (const file of ['state', 'eta-band'])
    expect(broken.get(`src/progress/${file}.ts`)).toEqual(['lint/style/noRestrictedImports']);
  expect(broken.get('src/progress/log.ts')).toBeUndefined();
});

test('a cycle of type imports alone is found, from both ends', () => {
  expect(broken.get('src/core/cycle-a.ts')).toEqual(['lint/suspicious/noImportCycles']);
  expect(broken.get('src/core/cycle-b.ts')).toEqual(['lint/suspicious/noImportCycles']);
});

test('only src/config.ts reads the environment', () => {
  expect(broken.get('src/jobs/environment.ts')).toEqual(['lint/style/noProcessEnv']);
  expect(broken.get('src/jobs/environment-import.ts')).toEqual(['lint/style/noProcessEnv']);
  expect(broken.get('src/config.ts')).toBeUndefined();
});

test('only src/progress touches append.lua', () => {
  expect(broken.get('src/jobs/script.ts')).toEqual(['plugin']);
  expect(broken.get('src/progress/script.ts')).toBeUndefined();
});

test('a root may import anything', () => {
  expect(broken.get('src/server.ts')).toBeUndefined();
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
