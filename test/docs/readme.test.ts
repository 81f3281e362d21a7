/** README.md's code: it type-checks as its reader would have it, and its subscriptions fit the schema. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildSchema, parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
const files = [...readme.matchAll(/^```tsx? (\S+)\n(.*?)^```$/gms)].map(([, path = '', text = '']) => ({
  path,
  text,
}));
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playhead-readme-'));
  for (const name of ['client', 'src', 'node_modules']) await symlink(join(ROOT, name), join(folder, name));
  for (const name of ['package.json', 'tsconfig.json']) await cp(join(ROOT, name), join(folder, name));
  for (const { path, text } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('its TypeScript type-checks', async () => {
  expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(['frontend.ts', 'App.tsx']));
  const config = {
    extends: './tsconfig.json',
    // The frontend's code is for a browser.
    compilerOptions: { jsx: 'react-jsx', lib: ['es2024', 'esnext.disposable', 'esnext.iterator', 'dom'] },
    include: files.map(({ path }) => path),
  };
  await writeFile(join(folder, 'tsconfig.readme.json'), JSON.stringify(config));
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const { stdout } = await promisify(execFile)(tsc, ['-p', 'tsconfig.readme.json'], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
});

test('the subscription of its frontend fits the schema', async () => {
  const [, document = ''] = /const query = `(.*?)`;/s.exec(readme) ?? [];
  const schema = buildSchema(await readFile(join(ROOT, 'schema.graphql'), 'utf8'));
  expect(validate(schema, parse(document))).toEqual([]);
});
