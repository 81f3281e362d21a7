/**
 * `playhead init`: creates a new project in an empty folder. It asks no questions: everything it writes can be changed later.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isMain } from '../core/is-main.ts';
import { ownVersion } from '../core/own-package.ts';

const USAGE = `Makes a project in an empty folder: a workflow with a test, and what runs it.

  init [FOLDER] [--no-install] [--yes]   FOLDER: default the working folder; --no-install: leave npm install to you;
                                         --yes: is taken for granted, since nothing is asked
`;

/** The template: examples/own-workflow. */
const TEMPLATE = fileURLToPath(new URL('../../examples/own-workflow/', import.meta.url));
const LEFT_OUT = /^(?:node_modules|\.data)\b|^package-lock\.json$/;
/** The .gitignore, which npm omits from packages. */
const IGNORED = 'node_modules/\n.data/\n*.log\n.env\n';

/**
 * Writes the files of a new project.
 * @returns their paths in the folder
 * @throws Error naming the files that are there already; nothing is written then
 */
export async function writeProject(folder: string): Promise<readonly string[]> {
  const files = new Map([['.gitignore', IGNORED]]);
  for (const entry of await readdir(TEMPLATE, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = relative(TEMPLATE, path);
    // In a checkout, the template may have been installed and run.
    if (entry.isFile() && !LEFT_OUT.test(name)) files.set(name, await readFile(path, 'utf8'));
  }
  const taken = [...files.keys()].filter((path) => existsSync(join(folder, path)));
  if (taken.length > 0) {
    const has = `${folder} has ${taken.sort().join(', ')} already`;
    throw new Error(`expected an empty folder, ${has}; name another, as in: playhead init my-workflows`);
  }
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), path === 'package.json' ? ownManifest(text, folder) : text);
  }
  return [...files.keys()].sort();
}

/** Names the project after its folder, and has it depend on this version of Playhead or a later compatible one. */
function ownManifest(template: string, folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const manifest = JSON.parse(template) as { readonly dependencies: Readonly<Record<string, string>> };
  const dependencies = { ...manifest.dependencies, playhead: `^${ownVersion()}` };
  return `${JSON.stringify({ ...manifest, name: name || 'workflows', dependencies }, null, 2)}\n`;
}

async function main(argv: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      install: { type: 'boolean', default: true },
      yes: { type: 'boolean' },
    },
    allowNegative: true,
  });
  if (values.help || positionals.length > 1) {
    process.stdout.write(USAGE);
    return values.help ? 0 : 2;
  }
  const folder = resolve(positionals[0] ?? '.');
  const files = await writeProject(folder);
  process.stdout.write(`${files.map((file) => `  ${file}`).join('\n')}\n\n`);
  if (values.install) {
    const { status } = spawnSync('npm', ['install', '--no-fund', '--no-audit'], {
      ...{ cwd: folder, stdio: 'inherit' },
    });
    if (status !== 0) {
      process.stderr.write('\nThe files are written; npm install has failed, for the reason above.\n');
      return status ?? 1;
    }
  }
  const enter = folder === process.cwd() ? '' : `cd ${relative(process.cwd(), folder)} && `;
  const install = values.install ? '' : 'npm install && ';
  process.stdout.write(`\nNext:  ${enter}${install}npm run dev\n`);
  return 0;
}

if (isMain(import.meta)) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`playhead init: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
