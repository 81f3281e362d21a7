/** The packages as somebody else has them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { launchBrowser, openPage } from '../web/browser.ts';
import {
  type Ended,
  GREETING_CONFIG,
  type Installed,
  installOnce,
  OutsideProject,
  ROOT,
  tell,
} from './installed.ts';

let installed: Installed;

beforeAll(async () => {
  installed = await installOnce();
}, 600_000);

const binary = (name: string): string => join(ROOT, 'node_modules/.bin', name);

test.each(['playhead', 'media'] as const)(
  'publint and attw find nothing in the tarball of %s',
  async (name) => {
    const tarball = installed.tarballs[name];
    const outside = new OutsideProject(installed, '.');
    const [linted, typed] = await Promise.all([
      outside.run(process.execPath, [binary('publint'), 'run', tarball, '--strict']),
      // The packages are modules only, which Node 22 and later take by require() too.
      outside.run(process.execPath, [binary('attw'), tarball, '--profile', 'esm-only', '--quiet']),
    ]);
    expect(linted.out).toContain('All good!');
    expect(typed).toEqual({ code: 0, out: '' });
  },
);

test('the package playhead takes at most 60 MB and 150 packages, without a Node of its own', async () => {
  const { packages, sizeBytes } = installed;
  const names = packages.map((path) => path.split('/node_modules/').at(-1) ?? '');
  expect(names).toContain('playhead/package.json');
  process.stdout.write(`playhead: ${(sizeBytes / 1_048_576).toFixed(1)} MB in ${names.length} packages\n`);
  expect(names.length).toBeLessThanOrEqual(150);
  expect(sizeBytes).toBeLessThanOrEqual(60 * 1_048_576);
  expect(
    names.filter((name) => /^node(?:-bin)?-(?:linux|darwin|win)-/.test(name) || name.startsWith('@aws-sdk')),
  ).toEqual([]);
  expect(names.filter((name) => name.startsWith('@opentelemetry'))).toEqual([]);
});

test.each(['playhead', 'media'] as const)('%s has no install script', async (name) => {
  const manifest: unknown = JSON.parse(await readFile(join(ROOT, 'build', name, 'package.json'), 'utf8'));
  expect(manifest).not.toHaveProperty('scripts');
});

test('what is public is imported without the server', async () => {
  const code = `import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { if (url.startsWith('file:')) loaded.push(url); return next(url, context); } });
    await import('playhead');
    console.log(loaded.map((url) => url.split('/node_modules/').at(-1).split('/')[0]).join(' '));`;
  const project = new OutsideProject(installed, '.');
  const { code: exit, out } = await project.run(process.execPath, ['--input-type=module', '-e', code]);
  expect(exit).toBe(0);
  expect(new Set(out.trim().split(' '))).toEqual(new Set(['playhead', 'zod']));
});

test('its program has the help, and says how it is called', async () => {
  const { code, out } = await new OutsideProject(installed, '.').playhead([
    '--help',
    '--url',
    'http://127.0.0.1:1',
  ]);
  expect(code).toBe(0);
  expect(out).toContain('init           makes a project');
  expect(out).not.toContain('npm run');
});

const S3 = {
  PLAYHEAD_STORE: 's3://films',
  PLAYHEAD_S3_REGION: 'here',
  PLAYHEAD_S3_ACCESS_KEY: 'a-key-of-some-length',
  PLAYHEAD_S3_SECRET_KEY: 'a-secret-of-some-length',
};

/** A workflow that uses what there is: steps, progress, files, batches; it fails, or waits, when it is told to. */
const DRILL = `import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { artifact, defineConfig, defineWorkflow, PlayheadError, type WorkflowRun } from 'playhead';
import { z } from 'zod';

const input = z.object({
  name: z.string().min(1).describe('What it is about.'),
  fails: z.boolean().default(false).describe('Whether the first attempt fails.'),
  waits: z.boolean().default(false).describe('Whether it waits to be cancelled.'),
});

const drill = defineWorkflow({
  name: 'DRILL',
  description: 'Writes a name into a file.',
  batch: true,
  steps: { prepare: 0.5, save: 0.5 },
  input,
  result: z.object({ note: artifact('text/plain') }),
  run: async () => ({ run }),
});

async function run(job: WorkflowRun<z.output<typeof input>, 'prepare' | 'save'>) {
  const { fails, name, waits } = job.input;
  const text = await job.step('prepare', 'Preparing', async (step) => {
    step.update(0.5, 'Half prepared');
    if (waits) await setTimeout(600_000, null, { signal: step.signal });
    return name.toUpperCase();
  });
  const note = await job.step('save', 'Saving', async () => {
    if (fails && job.attempt === 1) throw new PlayheadError('INVALID_INPUT', 'Told to fail');
    await writeFile(join(job.files.scratch, 'note.txt'), text);
    return await job.files.save('note.txt', join(job.files.scratch, 'note.txt'));
  });
  return { note };
}

export default defineConfig({ workflows: [drill], settings: { PLAYHEAD_CONCURRENCY: 2 } });
`;

/** The last job that the command line has printed as JSON. */
function jobIn(out: string): { readonly id: string; readonly status: string; readonly itemCount?: number } {
  const lines = out.split('\n').filter((line) => line.startsWith('{'));
  const jobs = lines.map((line) => JSON.parse(line) as { type: string; job: { id: string; status: string } });
  const last = jobs.filter(({ type }) => type === 'job').at(-1);
  if (last === undefined) throw new Error(`expected a job in ${out}`);
  return last.job;
}

test.each([
  ['Object storage', S3, 'npm install "@aws-sdk/client-s3@^3.'],
  ['Exporting telemetry', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }, '"bullmq-otel@^2.'],
] as const)(
  '%s says which packages it needs, with the command that brings them',
  async (what, env, command) => {
    const project = new OutsideProject(installed, 'greet');
    await project.write({ 'playhead.config.ts': GREETING_CONFIG });
    const { code, out } = await project.playhead(['worker'], {
      ...{ PLAYHEAD_PREFIX: unique('package'), REDIS_URL: inject('redisUrl') },
      ...env,
    });
    expect(code).toBe(1);
    expect(out).toContain(what);
    expect(out).toContain(command);
    expect(out).not.toContain('    at ');
  },
);

test('start runs a workflow of one’s own with a Redis of its own, and the command line follows it', async () => {
  const project = new OutsideProject(installed, 'greet');
  await project.write({ 'playhead.config.ts': GREETING_CONFIG });
  const { end, exited, url } = await project.launch('start');
  const done = await project.playhead(['greet', 'Mira', '--json'], { PLAYHEAD_URL: url });
  expect(done.code).toBe(0);
  expect(done.out).toContain('Hello, Mira!');
  const page = await fetch(url);
  expect(await page.text()).toContain('<div id="root">');
  const graphiql = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } });
  expect(await graphiql.text()).toContain('renderYogaGraphiQL');
  end();
  expect(await within(exited, PATIENCE_MS, 'the end of the server')).toEqual([0, null]);
});

/** The first job of a new project, as its maker would start it. @returns when it had finished */
async function finishInBrowser(url: string): Promise<number> {
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await openPage(browser);
  await page.goto(`${url}/p/demo`);
  await page.getByRole('button', { name: 'New job' }).first().click();
  await page.getByLabel('Script', { exact: true }).fill('To be or not to be');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.locator('.job-head .badge[data-status=COMPLETED]').waitFor();
  return performance.now();
}

test('init makes a project that is well; dev starts it anew when a file changes, and jobs go on', async () => {
  const outside = new OutsideProject(installed, '.');
  const began = performance.now();
  const made = await outside.playhead(['init', 'talks', '--no-install']);
  const initMs = performance.now() - began;
  expect(made.code).toBe(0);
  expect(made.out).toContain('workflows/teleprompter/run.test.ts');
  const again = await outside.playhead(['init', 'talks', '--no-install']);
  expect(again).toMatchObject({ code: 1, out: expect.stringContaining('playhead.config.ts') });
  const project = new OutsideProject(installed, 'talks');
  expect(await project.check()).toEqual({ code: 0, out: '' });
  const tested = await project.run(process.execPath, ['--test']);
  expect(tested.out).toContain('pass 1');

  const path = 'workflows/teleprompter/run.ts';
  const code = await readFile(join(project.folder, path), 'utf8');
  const waiting = code.replace(
    /'Breaking lines',\s+async \(\) =>/,
    "'Waiting', async () => { await import('node:timers/promises').then((t) => t.setTimeout(600_000, null, { signal: job.signal })); return [''] }).then(() =>",
  );
  expect(waiting).not.toBe(code);
  const starting = performance.now();
  const { said, url } = await project.launch('dev');
  const env = { PLAYHEAD_URL: url };
  const finished = await finishInBrowser(url);
  const toFinishedMs = installed.installMs + initMs + finished - starting;
  tell('init, with an install from npm’s cache, to a finished job in the browser', toFinishedMs);
  const restarted = (times: number): Promise<unknown> =>
    until(() => said.out.split(`${path} changed: the worker started anew`).length > times, {});
  await project.write({ [path]: waiting });
  await restarted(1);
  const started = await project.playhead(['teleprompter', 'To be or not to be', '--detach', '--json'], env);
  const { id } = jobIn(started.out);
  await until(async () => (await project.playhead(['jobs', '--json'], env)).out.includes('RUNNING'), {});

  await project.write({ [path]: code.replace('job.input.script', 'job.input.text') });
  await until(() => said.err.includes("Property 'text' does not exist"));
  expect(said.err).toContain(`${path} changed. What ran before runs on`);
  await project.write({ [path]: `${code}return;\n}` });
  await until(() => said.err.includes('run.ts:'));

  const changed = performance.now();
  await project.write({ [path]: code.replace('Breaking lines', 'Breaking them') });
  await restarted(2);
  tell('a changed file of a workflow to the worker anew', performance.now() - changed);
  const followed = await project.playhead(['watch', id], env);
  expect(followed.code).toBe(0);
  const index = 'workflows/teleprompter/index.ts';
  const definition = await readFile(join(project.folder, index), 'utf8');
  const renaming = performance.now();
  await project.write({ [index]: definition.replace('TELEPROMPTER', 'PROMPTER') });
  await until(() => said.out.includes(`${index} changed: API and worker started anew`), {});
  tell('a changed definition to API and worker anew', performance.now() - renaming);
  const renamed = await project.playhead(['prompter', 'To be'], env);
  expect(renamed.code).toBe(0);

  const spilling =
    "function spill(text: string): string {\n  throw new RangeError('no ink for ' + text);\n}\n";
  await project.write({
    [path]: `${code.replace('job.input.script', 'spill(job.input.script)')}${spilling}`,
  });
  await restarted(3);
  const failed = await project.playhead(['prompter', 'To be'], env);
  expect(failed).toMatchObject({ code: 1, out: expect.stringContaining('RangeError: no ink for To be') });
}, 600_000);

test.each([
  ['24', () => process.execPath],
  ['22', ({ node22 }: OutsideProject) => node22],
])(
  'a project of one’s own does all that a job can, on Node %s',
  async (version, nodeOf) => {
    const project = new OutsideProject(installed, `drill-${version}`);
    const node = nodeOf(project);
    await project.write({
      'package.json': '{ "private": true, "type": "module" }',
      'playhead.config.ts': DRILL,
      'tsconfig.json': await readFile(join(ROOT, 'examples/own-workflow/tsconfig.json'), 'utf8'),
    });
    expect(await project.check()).toEqual({ code: 0, out: '' });
    const { url } = await project.launch('start', node);
    const command = (...args: readonly string[]): Promise<Ended> =>
      project.playheadOn(node, args, { PLAYHEAD_URL: url });
    const ask = async <Data>(query: string): Promise<Data> => {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ query }),
      });
      return ((await response.json()) as { readonly data: Data }).data;
    };

    // By the API: a job with steps, progress and a file.
    const { drill } = await ask<{ drill: { id: string } }>(
      'mutation { drill(input: { projectId: "demo", name: "mira" }) { id } }',
    );
    expect((await command('watch', drill.id)).code).toBe(0);
    const { job } = await ask<{ job: { status: string; result: { note: { url: string } } } }>(
      `{ job(projectId: "demo", id: "${drill.id}") { status result { ... on DrillResult { note { url } } } } }`,
    );
    expect(job.status).toBe('COMPLETED');
    expect(await (await fetch(job.result.note.url)).text()).toBe('MIRA');

    // By the command line: a failure with its retry, a job that is cancelled, a batch, and files.
    const failed = await command('drill', 'theo', '--fails', '--json');
    expect([failed.code, jobIn(failed.out).status]).toEqual([1, 'FAILED']);
    expect((await command('retry', jobIn(failed.out).id)).code).toBe(0);
    const waiting = jobIn((await command('drill', 'lin', '--waits', '--detach', '--json')).out);
    expect((await command('cancel', waiting.id)).code).toBe(0);
    const batch = await command('drill', 'a', 'b', 'c', '--json');
    expect([batch.code, jobIn(batch.out).status]).toEqual([0, 'COMPLETED']);
    expect((await command('download', drill.id, '--to', join(project.folder, 'got'))).code).toBe(0);

    // In the dashboard.
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await openPage(browser);
    await page.goto(`${url}/p/demo/jobs/${drill.id}`);
    await page.getByText('note').first().waitFor();
  },
  600_000,
);
