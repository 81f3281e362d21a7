/** The packages as somebody else has them: packed here, installed from the tarballs into a folder of their own. */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { inject, onTestFinished } from 'vitest';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** A playhead.config.ts with one small workflow. */
export const GREETING_CONFIG = `import { defineConfig, defineWorkflow } from 'playhead';
import { z } from 'zod';

const greet = defineWorkflow({
  name: 'GREET',
  description: 'Says hello.',
  steps: { think: 0.5, speak: 0.5 },
  input: z.object({ name: z.string().describe('Whom to greet.') }),
  result: z.object({ greeting: z.string() }),
  run: async () => ({
    run: async (job) => {
      const name = await job.step('think', 'Thinking', async () => job.input.name);
      return { greeting: await job.step('speak', 'Speaking', async () => \`Hello, \${name}!\`) };
    },
  }),
});

export default defineConfig({ workflows: [greet] });
`;

/** A program without anything of this repository in its environment. */
export function outsideEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const { HOME = '', PATH = '' } = process.env;
  const outside = PATH.split(':').filter((folder) => !folder.startsWith(ROOT));
  // The Node that runs the tests, and no program of this repository's.
  const path = [dirname(process.execPath), ...outside].join(':');
  return { HOME, PATH: path, XDG_CACHE_HOME: join(inject('installedFolder'), 'cache'), ...more };
}

/** Packs what is published. @returns paths of the tarballs by their packages' folders */
async function pack(): Promise<{ readonly playhead: string; readonly media: string }> {
  await run(process.execPath, ['scripts/package.ts'], { cwd: ROOT });
  const find = async (name: RegExp): Promise<string> => {
    const found = (await readdir(join(ROOT, 'build'))).filter((file) => name.test(file));
    if (found.length !== 1)
      throw new Error(`expected one tarball ${String(name)}, found ${found.join(', ')}`);
    return join(ROOT, 'build', found[0] ?? '');
  };
  return { playhead: await find(/^playhead-\d.*\.tgz$/), media: await find(/^playhead-media-.*\.tgz$/) };
}

/** The package that has Node 22 for this platform in it. */
const NODE_22 = `node-${process.platform}-${process.arch}`;

/** What the files of this folder share. */
export interface Installed {
  /** Outside of this repository; each file has a project of its own in it. */
  readonly folder: string;
  /** Paths of the tarballs. */
  readonly tarballs: { readonly playhead: string; readonly media: string };
  /** What `playhead` and its dependencies alone take on a disk with blocks of 4 KiB. */
  readonly sizeBytes: number;
  /** The places of their package.json. */
  readonly packages: readonly string[];
  /** How long the packing and the install of `playhead` took. */
  readonly packMs: number;
  readonly installMs: number;
}

/** Packs and installs once in a run of the tests, since that takes the longest; the other files wait for it. */
export async function installOnce(): Promise<Installed> {
  const folder = inject('installedFolder');
  const record = join(folder, 'installed.json');
  const isFirst = await mkdir(folder).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    const made = await make(folder).catch((error: unknown) => ({ failed: String(error) }));
    await writeFile(`${record}.new`, JSON.stringify(made));
    await rename(`${record}.new`, record);
  }
  const text = await until(() => readFile(record, 'utf8').catch(() => undefined), { timeoutMs: 600_000 });
  const found = JSON.parse(text) as Installed | { readonly failed: string };
  if ('failed' in found) throw new Error(found.failed);
  return found;
}

async function make(folder: string): Promise<Installed> {
  const began = performance.now();
  const tarballs = await pack();
  const packed = performance.now();
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await add(folder, tarballs.playhead);
  const installed = performance.now();
  const modules = join(folder, 'node_modules');
  const [sizeBytes, packages] = await Promise.all([sizeOnDisk(modules), installedPackages(modules)]);
  await add(folder, 'typescript', '@types/node@24', `${NODE_22}@22`);
  return { folder, tarballs, sizeBytes, packages, packMs: packed - began, installMs: installed - packed };
}

/** Installs packages into a folder, without running a script of theirs. */
export async function add(folder: string, ...packages: readonly string[]): Promise<void> {
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  // With npm's own settings, such as those of a registry or a proxy.
  const env = { ...process.env, PATH: outsideEnvironment()['PATH'] };
  await run('npm', ['install', ...flags, ...packages], { cwd: folder, env });
}

async function installedPackages(modules: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(modules, { withFileTypes: true, recursive: true })) {
    const isOne = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@.][^/]*$/.test(entry.parentPath);
    if (isOne && entry.name === 'package.json') found.push(join(entry.parentPath, entry.name));
  }
  return found;
}

async function sizeOnDisk(folder: string): Promise<number> {
  const { stdout } = await run('du', ['-s', '--block-size=1', folder]);
  return Number(stdout.split('\t')[0]);
}

/** What a program has left. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
}

/** A project beside the installed packages, and the programs that they bring. */
export class OutsideProject {
  readonly folder: string;
  readonly node22: string;
  readonly #modules: string;

  constructor(installed: Installed, name: string) {
    this.folder = join(installed.folder, name);
    this.#modules = join(installed.folder, 'node_modules');
    this.node22 = join(this.#modules, NODE_22, 'bin/node');
  }

  /** Each file is there at once: who watches the folder sees none that is empty. */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    const unfinished = `${this.folder}.new`;
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.folder, path)), { recursive: true });
      await writeFile(unfinished, text);
      await rename(unfinished, join(this.folder, path));
    }
  }

  /** Runs a program in the project to its end. */
  run(
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    cwd = this.folder,
  ): Promise<Ended> {
    return run(program, [...args], { cwd, env: outsideEnvironment(env) }).then(
      ({ stdout, stderr }): Ended => ({ code: 0, out: `${stdout}${stderr}` }),
      (error: { readonly code?: number; readonly stdout: string; readonly stderr: string }): Ended => ({
        code: error.code ?? null,
        out: `${error.stdout}${error.stderr}`,
      }),
    );
  }

  /** Runs the installed `playhead`. */
  playhead(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return this.run(join(this.#modules, '.bin/playhead'), args, env);
  }

  /** The same on another Node. */
  playheadOn(node: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
    return this.run(node, [join(this.#modules, 'playhead/cli/main.js'), ...args], env);
  }

  /** Type-checks the project. */
  check(): Promise<Ended> {
    return this.run(process.execPath, [join(this.#modules, 'typescript/bin/tsc'), '-p', this.folder]);
  }

  /** Starts a program of the package, which ends with the test. @returns once it says that it is ready */
  async launch(command: string, node = process.execPath): Promise<Launched> {
    const child = fork(join(this.#modules, 'playhead/cli/main.js'), [command], {
      ...{ cwd: this.folder, execPath: node, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
      env: outsideEnvironment({ PORT: '0', PLAYHEAD_LOG_LEVEL: 'warn' }),
    });
    const exited = once(child, 'exit');
    onTestFinished(async () => {
      child.kill();
      await within(exited, PATIENCE_MS, 'the end of the server');
    });
    const said = { out: '', err: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said.out += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said.err += text;
    });
    const ready = Promise.race([once(child, 'message'), exited.then(() => [{ url: '' }])]);
    const [{ url }] = (await within(ready, PATIENCE_MS, command)) as [{ url: string }];
    if (url === '') throw new Error(`${command} ended: ${said.out}${said.err}`);
    return { url, said, exited, end: () => child.kill() };
  }
}

export interface Launched {
  readonly url: string;
  /** What it has said so far. */
  readonly said: { readonly out: string; readonly err: string };
  /** Resolves with its code and signal. */
  readonly exited: Promise<unknown[]>;
  end(): void;
}

/** Prints a figure that is measured on the way; no test is judged by it. */
export function tell(what: string, ms: number): void {
  process.stdout.write(`${what}: ${(ms / 1_000).toFixed(1)} s\n`);
}
