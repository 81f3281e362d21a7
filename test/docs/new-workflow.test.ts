/**
 * docs/new-workflow.md as its reader has it: its code in a copy of this repository, type-checked with everything, started, and
 * asked for a poster by the API, the command line and the dashboard.
 */
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { run } from '../cli/playhead.ts';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { launchBrowser, openPage } from '../web/browser.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const children: ChildProcess[] = [];
let copy = '';

interface Block {
  readonly kind: 'ts' | 'diff';
  readonly path: string;
  readonly text: string;
}

/** The page's code blocks that name a file. */
function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(ts|diff) (\S+)\n([\s\S]*?)^```$/gm)].map(
    ([, kind, path = '', text = '']) => ({
      kind: kind as Block['kind'],
      path,
      text,
    }),
  );
}

/** Replaces the lines that a diff shows as they were, which must be there once, with those that it shows as they become. */
function applyDiff(before: string, { path, text }: Block): string {
  const lines = text.split('\n').slice(0, -1);
  const side = (mark: string): string =>
    lines
      .filter((line) => line.startsWith(mark) || line.startsWith(' '))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const parts = before.split(side('-'));
  expect(parts, `docs/new-workflow.md: these lines once in ${path}:\n${side('-')}`).toHaveLength(2);
  return parts.join(side('+'));
}

const COPIED = [
  ...['src', 'media', 'client', 'cli', 'web', 'examples', 'scripts', 'playhead.config.ts', 'schema.graphql'],
  ...['codegen.ts', 'package.json', 'tsconfig.json'],
];

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'playhead-new-workflow-'));
  for (const name of COPIED) await cp(join(ROOT, name), join(copy, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  for (const block of blocksOf(await readFile(join(ROOT, 'docs/new-workflow.md'), 'utf8'))) {
    const path = join(copy, block.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, block.kind === 'ts' ? block.text : applyDiff(await readFile(path, 'utf8'), block));
  }
});

afterAll(async () => {
  await Promise.all(
    children.map((child) => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      return within(exited, PATIENCE_MS, 'the end of a process');
    }),
  );
  await rm(copy, { recursive: true, force: true });
});

/** Starts one of the copy's processes. @returns what it says when it is ready */
async function start(name: 'server' | 'worker', env: NodeJS.ProcessEnv): Promise<{ readonly url?: string }> {
  const child = fork(join(copy, 'src', `${name}.ts`), {
    ...{ cwd: copy, env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  const ready = new Promise<{ url?: string }>((resolve) =>
    child.once('message', (message) => resolve(message as { url?: string })),
  );
  return within(ready, PATIENCE_MS, `the ${name}`);
}

/** Runs a program in the copy to its end. @returns what it says when it fails, else nothing */
async function failureOf(program: string, ...args: readonly string[]): Promise<string> {
  return promisify(execFile)(program, args, { cwd: copy }).then(
    () => '',
    (error: { readonly stdout: string; readonly stderr: string }) => `${error.stdout}${error.stderr}`,
  );
}

const programOf = (name: string): string => join(ROOT, 'node_modules/.bin', name);

let serving: Promise<string> | undefined;

/** The copy's server and worker, started once. @returns the server's address */
function startBoth(): Promise<string> {
  const env = {
    PATH: process.env['PATH'],
    REDIS_URL: inject('redisUrl'),
    PORT: '0',
    PLAYHEAD_DATA_DIR: join(copy, 'data'),
    PLAYHEAD_PREFIX: unique('docs'),
    PLAYHEAD_LOG_LEVEL: 'warn',
    PLAYHEAD_DRAIN_SECONDS: '0',
  };
  serving ??= Promise.all([start('server', env), start('worker', env)]).then(([{ url = '' }]) => url);
  return serving;
}

test('the page’s code is one folder and one entry; with it the schema is printed, and everything type-checks', async () => {
  const paths = blocksOf(await readFile(join(ROOT, 'docs/new-workflow.md'), 'utf8')).map(({ path }) => path);
  expect(paths).toEqual(['workflows/poster/index.ts', 'workflows/poster/run.ts', 'playhead.config.ts']);

  expect(await failureOf(process.execPath, 'src/operator/print-schema.ts')).toBe('');
  const printed = await readFile(join(copy, 'schema.graphql'), 'utf8');
  expect(printed).toContain('makePosterBatch(');
  expect(printed).toContain('The colours that it has: one of `dusk`, `sea`, `forest`, default `dusk`.');
  expect(await failureOf(programOf('graphql-codegen'), '--config', 'codegen.ts')).toBe('');
  // The clients ask for what every server has.
  for (const client of ['cli', 'web']) {
    const generated = join(client, 'generated/graphql.ts');
    expect(await readFile(join(copy, generated), 'utf8')).toBe(await readFile(join(ROOT, generated), 'utf8'));
  }

  const config = { extends: './tsconfig.json', include: ['src', 'media', 'cli', 'workflows', '*.ts'] };
  await writeFile(join(copy, 'tsconfig.copy.json'), JSON.stringify(config));
  expect(await failureOf(programOf('tsc'), '-p', 'tsconfig.copy.json')).toBe('');
});

test('the page’s workflow runs as a job: enqueued by its mutation, walked step by step, its picture served', async () => {
  const url = await startBoth();
  const ask = async (query: string): Promise<never> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as never;
  };
  const refused = await ask('mutation { makePoster(input: { projectId: "demo", title: " " }) { id } }');
  expect(refused).toMatchObject({
    errors: [{ extensions: { code: 'BAD_USER_INPUT', field: 'input.title' } }],
  });

  const { data: made } = (await ask(
    'mutation { makePoster(input: { projectId: "demo", title: "The Blue Hour" }) { id workflow taskName } }',
  )) as { data: { makePoster: { id: string } } };
  expect(made.makePoster).toMatchObject({ workflow: 'POSTER', taskName: 'poster' });
  const job = await until(
    async () => {
      const { data } = (await ask(
        `{ job(projectId: "demo", id: "${made.makePoster.id}") { status steps { name status } error { message }
          result { __typename ... on PosterResult { colours picture { url contentType } } } } }`,
      )) as { data: { job: { status: string; result: { picture: { url: string } } } } };
      return data.job.status === 'COMPLETED' && data.job;
    },
    { what: 'the poster' },
  );
  expect(job).toMatchObject({
    steps: ['choose_colours', 'draw', 'save_file'].map((name) => ({ name, status: 'COMPLETED' })),
    result: { __typename: 'PosterResult', picture: { contentType: 'image/jpeg' } },
  });
  const picture = await fetch(job.result.picture.url);
  const bytes = new Uint8Array(await picture.arrayBuffer());
  expect([...bytes.slice(0, 3)]).toEqual([0xff, 0xd8, 0xff]);
  expect(bytes.length).toBeGreaterThan(5_000);
});

test('the dashboard has the page’s workflow: its form, its steps, its picture', async () => {
  const [url, browser] = await Promise.all([startBoth(), launchBrowser()]);
  onTestFinished(() => browser.close());
  const page = await openPage(browser);
  await page.goto(`${url}/p/browser`);
  await page.getByRole('button', { name: 'New job' }).first().click();
  await page.locator('.kind', { hasText: 'Poster' }).click();
  await page.getByLabel('Title', { exact: true }).fill('The Blue Hour');
  await page.getByLabel('Palette').selectOption('sea');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.locator('.job-head .badge[data-status=COMPLETED]').waitFor();
  await page.getByText('#0d2b45, #ffd166').waitFor();
  expect(await page.locator('.step[data-status=COMPLETED]').count()).toBe(3);
  await until(() => page.evaluate('document.querySelector("img.picture")?.naturalWidth === 1280'));
});

test('the command line has the page’s workflow: helped, made, listed and fetched', async () => {
  const page = await readFile(join(ROOT, 'docs/new-workflow.md'), 'utf8');
  const [, written = ''] = /^npm run playhead -- (poster .*)$/m.exec(page) ?? [];
  const words = [...written.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
  const at = { url: await startBoth(), project: 'cli' };
  expect((await run(['--help'], at)).out).toMatch(/^ {2}poster .*Makes a poster of a title\./m);
  expect((await run(['poster', '--help'], at)).out).toMatch(/One of dusk, sea, forest\.\s+Default: dusk\./);
  const made = await run(words, at);
  expect([made.code, made.err]).toEqual([0, '']);
  expect(made.out).toMatch(/^ {2}Colours {3}#0d2b45, #ffd166$/m);
  const [, id = ''] = /^Job (\S+)$/m.exec(made.out) ?? [];
  expect((await run(['jobs', '--workflow', 'POSTER'], at)).out).toContain(id);
  const fetched = await run(['download', id, '--to', join(copy, 'fetched')], at);
  expect([fetched.code, fetched.err]).toEqual([0, '']);
  expect((await readFile(join(copy, 'fetched', 'poster.jpg'))).length).toBeGreaterThan(5_000);
});
