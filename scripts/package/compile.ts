/** Compiles the sources of all packages once, into a folder with this repository's layout. */
import { execFile } from 'node:child_process';
import { glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * A relative path to a module in a place where tsc leaves the ending `.ts`: in declarations, and in URLs of programs. The
 * new ending is as long as the old one, so source maps stay correct.
 */
const LEFT_ENDINGS =
  /(\bfrom '|\bimport\('|\bimport '|\bfrom "|\bimport\("|\bimport "|\bnew URL\('|\bnew URL\(")(\.[^'"]*)\.ts(?=['"])/g;

/**
 * Compiles all sources to JavaScript modules, with source maps, and emits declarations for everything that the entry points
 * reach.
 * @param output is emptied first
 * @param entries modules, without their ending
 * @throws Error with tsc's output
 */
export async function compile(output: string, entries: readonly string[]): Promise<void> {
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  await Promise.all([tsc(['-p', 'tsconfig.package.json', '--outDir', output]), declare(output, entries)]);
  for await (const file of glob('**/*.{js,d.ts}', { cwd: output })) {
    const path = join(output, file);
    const text = await readFile(path, 'utf8');
    const rewritten = text.replaceAll(LEFT_ENDINGS, '$1$2.js');
    if (rewritten !== text) await writeFile(path, rewritten);
  }
}

async function declare(output: string, entries: readonly string[]): Promise<void> {
  const root = process.cwd();
  const config = {
    extends: join(root, 'tsconfig.package.json'),
    compilerOptions: {
      ...{ declaration: true, emitDeclarationOnly: true, sourceMap: false },
      // Some of the entry points are for browsers, so the DOM's types are needed too.
      lib: ['es2024', 'dom', 'dom.iterable', 'esnext.disposable', 'esnext.iterator'],
    },
    files: entries.map((entry) => join(root, `${entry}.ts`)),
    include: ['src', 'media'].map((folder) => join(root, folder, '**/*.d.ts')),
  };
  const path = join(output, 'tsconfig.json');
  await writeFile(path, JSON.stringify(config));
  await tsc(['-p', path, '--outDir', output]);
}

async function tsc(args: readonly string[]): Promise<void> {
  await promisify(execFile)('node_modules/.bin/tsc', args).catch((error: { readonly stdout?: string }) => {
    throw new Error(`tsc failed:\n${error.stdout ?? String(error)}`, { cause: error });
  });
}
