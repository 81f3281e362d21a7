/**
 * Who may import whom, types included: a room of src imports itself and the rooms before it in the list. `npm run check`
 * checks every file (`import-order.ts` prints what breaks the order, and exits with 1).
 */
import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { dirname, join, normalize, resolve, sep } from 'node:path';

/** The rooms of src, each listed after everything that it may import. */
export const ROOMS = [
  'core',
  'patches',
  'redis',
  'store',
  'auth',
  'settings',
  'observe',
  'progress',
  'eta',
  'log',
  'queue',
  'jobs',
  'tracker',
  'workflow',
  'testing',
  'webhooks',
  'schema',
  'realtime',
  'http',
  'operator',
] as const;

/**
 * The folders beside src: the only folders, or rooms of them, that each may import in addition to its own. Tests, benches and
 * scripts may import everything.
 */
const BESIDE_SRC: Readonly<Record<string, readonly string[]>> = {
  // It imports the package by name, as any user's repository would.
  media: [],
  // The one part of media that may be imported reads scripts, and has no imports of its own.
  web: ['client', 'media/script-formats'],
  cli: ['client'],
  examples: ['client'],
  client: [],
};

/** Packages that in src only the adapter of a port, and the patches for them, may import. */
const ADAPTERS: Readonly<Record<string, RegExp>> = {
  bullmq: /^src\/(queue|patches)\/bullmq-/,
  'bullmq-otel': /^src\/queue\/bullmq-/,
};

export interface WrongImport {
  /** Path relative to the repository's root. */
  readonly file: string;
  readonly imports: string;
}

/** Finds the imports in a checkout that break the order. */
export async function findWrongImports(root: string): Promise<readonly WrongImport[]> {
  const wrong: WrongImport[] = [];
  const folders = ['src', ...Object.keys(BESIDE_SRC)].join(',');
  for await (const found of glob(`{${folders}}/**/*.{ts,tsx}`, { cwd: root })) {
    const file = found.split(sep).join('/');
    if (file.includes('/dist/')) continue;
    const text = readFileSync(join(root, file), 'utf8');
    for (const imports of importsOf(file, text)) {
      if (!mayImport(file, imports)) wrong.push({ file, imports });
    }
    if (!file.startsWith('src/')) continue;
    for (const imports of packagesOf(text)) {
      if (ADAPTERS[imports]?.test(file) === false) wrong.push({ file, imports });
    }
  }
  return wrong.sort((one, other) => one.file.localeCompare(other.file));
}

/** What a file imports by a relative path, including lazy and type imports. */
function importsOf(file: string, text: string): readonly string[] {
  const specifiers = text.matchAll(/\b(?:from|import|module)\s*\(?\s*'(\.[^']*)'/g);
  return [...specifiers].map(([, path = '']) =>
    normalize(join(dirname(file), path))
      .split(sep)
      .join('/'),
  );
}

function packagesOf(text: string): readonly string[] {
  const specifiers = text.matchAll(/\b(?:from|import|module)\s*\(?\s*'([a-z@][^']*)'/g);
  return [...specifiers].map(([, name = '']) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
}

function mayImport(from: string, to: string): boolean {
  const [folder = '', room = ''] = from.split('/');
  const [toFolder = '', toRoom = ''] = to.split('/');
  if (folder !== 'src') {
    const allowed = BESIDE_SRC[folder] ?? [];
    return toFolder === folder || allowed.includes(toFolder) || allowed.includes(`${toFolder}/${toRoom}`);
  }
  if (toFolder !== 'src') return false;
  // A file directly in src is a process, which is made up of all rooms; nothing imports one.
  if (isFile(room)) return true;
  return !isFile(toRoom) && rankOf(toRoom) <= rankOf(room);
}

const isFile = (name: string): boolean => name.includes('.');

function rankOf(room: string): number {
  const rank = (ROOMS as readonly string[]).indexOf(room);
  if (rank === -1) throw new TypeError(`expected a room of src/, received ${room}: put it into ROOMS`);
  return rank;
}

if (import.meta.main) {
  const wrong = await findWrongImports(resolve(import.meta.dirname, '..'));
  for (const { file, imports } of wrong) console.error(`${file} may not import ${imports}`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
