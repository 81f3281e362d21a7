/**
 * `npm run package`: compiles the published packages (scripts/package/packages.ts) and packs them as
 * `build/<name>-<version>.tgz`, ready for `npm publish`. Needs no network.
 */
import { execFile } from 'node:child_process';
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { compile } from './package/compile.ts';
import { reachableDeclarations } from './package/imports.ts';
import { createManifest, type PackedFile, type RootManifest } from './package/manifest.ts';
import { PACKAGES, type PackagePlan } from './package/packages.ts';

const OUTPUT = 'build';
const COMPILED = join(OUTPUT, 'compiled');
const COMMON = ['LICENSE', 'README.md'];
/** The private files of the dashboard's build. */
const LEFT_OUT = /(?:^|\/)\.[^/]+$/;

const root = JSON.parse(await readFile('package.json', 'utf8')) as RootManifest;
await compile(
  COMPILED,
  PACKAGES.flatMap(({ entries }) => Object.values(entries)),
);
for (const plan of PACKAGES) {
  const folder = join(OUTPUT, plan.folder);
  await rm(folder, { recursive: true, force: true });
  await fill(plan, folder);
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', '..'], {
    cwd: folder,
  });
  const [packed] = JSON.parse(stdout) as readonly PackResult[];
  if (packed === undefined) throw new Error(`npm pack said nothing of ${plan.name}`);
  const { entryCount, filename, size, unpackedSize } = packed;
  process.stdout.write(
    `${join(OUTPUT, filename)}  ${megabytes(size)} packed, ${megabytes(unpackedSize)} unpacked, ${entryCount} files\n`,
  );
}

/** What `npm pack --json` reports about a package. */
interface PackResult {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
}

/** Assembles the files of a package. */
async function fill(plan: PackagePlan, folder: string): Promise<void> {
  const declarations = reachableDeclarations(
    Object.values(plan.entries).map((module) => join(COMPILED, `${module}.d.ts`)),
  );
  const packed: PackedFile[] = [];
  const modules = plan.sources.map((source) => `${source}/**/*.{js,d.ts,map}`);
  for await (const file of glob(modules, { cwd: COMPILED })) {
    const from = join(COMPILED, file);
    if (file.endsWith('.d.ts') && !declarations.has(from)) continue;
    await copy(from, join(folder, file));
    if (!file.endsWith('.map')) packed.push({ path: file, text: await readFile(from, 'utf8') });
  }
  for await (const file of glob([...plan.files, ...COMMON], { cwd: '.', withFileTypes: true })) {
    const path = relative('.', join(file.parentPath, file.name));
    if (file.isFile() && !LEFT_OUT.test(path)) await copy(path, join(folder, path));
  }
  const manifest = createManifest(plan, root, packed);
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function copy(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
