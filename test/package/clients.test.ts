/** What a package's user builds on it: programs, a page and typed documents, in a project of their own. */
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { find } from '../../src/settings/programs.ts';
import { launchBrowser, openPage } from '../web/browser.ts';
import { GREETING_CONFIG, installOnce, OutsideProject, ROOT } from './installed.ts';

/** Starts a job and follows it, and reports one that runs elsewhere. */
const PROGRAM = `import { createClient } from 'playhead/client';
import { connectTracker } from 'playhead/tracker';

const url = process.argv[2] ?? '';
const projectId = process.argv[3] ?? '';
const client = createClient({ url, projectId });
const run = client.follow(await client.start('GREET', { name: 'Mira' }));
const statuses = new Set<string>();
for await (const job of run) statuses.add(job.status);

const tracker = connectTracker({ url, openingWaitMs: 90_000, endingWaitMs: 90_000 });
const progress = await tracker.track({
  projectId,
  taskName: 'transcode',
  jobId: 'clip-1',
  steps: { probe: 0.1, encode: 0.9 },
});
progress.update(0.5, 'processing', 'Encoding');
await progress.complete({ frames: 7 });
await tracker.close();
const { jobs } = await client.jobs({ workflow: ['TRACKED'] });
client.close();
const tracked = jobs.map(({ status, taskName }) => ({ status, taskName }));
console.log(JSON.stringify({ ended: [...statuses].at(-1), result: await run.result, tracked }));
`;

const TYPED = `import { createClient } from 'playhead/client';
import { graphql } from './gql/gql.ts';

const query = graphql(\`
  query Greetings($projectId: ID!) {
    jobs(projectId: $projectId, workflow: [GREET]) {
      edges { node { status result { __typename ... on GreetResult { greeting } } } }
    }
  }
\`);
const client = createClient({ url: process.argv[2] ?? '' });
const { jobs } = await client.request(query, { projectId: 'demo' });
const result = jobs.edges[0]?.node.result;
if (result?.__typename === 'GreetResult') console.log(result.greeting.toUpperCase());
client.close();
`;

/** As a project with GraphQL Code Generator has it. */
const CODEGEN = {
  schema: 'schema.graphql',
  documents: ['typed.ts'],
  importExtension: '.ts',
  generates: {
    './gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: { documentMode: 'string', enumsAsTypes: true, useTypeImports: true },
    },
  },
};

/** What runs programs, where it is, each with a project for itself. */
const RUNTIMES = [
  { projectId: 'demo', program: process.execPath, flags: [] },
  { projectId: 'deno', program: find({ names: ['deno'], places: [] }), flags: ['run', '--allow-all'] },
  { projectId: 'bun', program: find({ names: ['bun'], places: [] }), flags: [] },
];

let project: OutsideProject;

beforeAll(async () => {
  project = new OutsideProject(await installOnce(), 'clients');
  const own = JSON.parse(await readFile(join(ROOT, 'examples/own-workflow/tsconfig.json'), 'utf8')) as object;
  await project.write({
    'package.json': '{ "private": true, "type": "module" }',
    'tsconfig.json': JSON.stringify({ ...own, include: ['*.ts'] }),
    'playhead.config.ts': GREETING_CONFIG,
    'program.ts': PROGRAM,
    'codegen.json': JSON.stringify(CODEGEN),
  });
  // The user’s own tools, in the user’s own versions.
  const modules = join(project.folder, 'node_modules');
  await mkdir(modules);
  for (const name of ['@graphql-codegen', '@graphql-typed-document-node', 'graphql', 'react', 'react-dom']) {
    await symlink(join(ROOT, 'node_modules', name), join(modules, name));
  }
}, 600_000);

test('a program, a page with hooks and typed documents are made with the tarball alone', async () => {
  // Typed documents of one’s own workflow; one that does not fit is told.
  expect(await project.playhead(['print-schema', 'schema.graphql'])).toMatchObject({ code: 0 });
  await project.write({ 'typed.ts': TYPED });
  const codegen = join(ROOT, 'node_modules/.bin/graphql-codegen');
  const generated = await project.run(codegen, ['--config', 'codegen.json']);
  expect(generated, generated.out).toMatchObject({ code: 0 });
  await project.write({ 'wrong.ts': TYPED.replace('result.greeting', 'result.farewell') });
  const refused = await project.check();
  expect(refused.out).toContain("'farewell' does not exist");
  expect(refused.out.match(/error TS/g)).toHaveLength(1);

  const { url } = await project.launch('start');
  for (const { flags, program, projectId } of RUNTIMES) {
    if (program === undefined) continue;
    const used = await project.run(program, [...flags, 'program.ts', url, projectId]);
    expect(used, used.out).toMatchObject({ code: 0 });
    expect(JSON.parse(used.out)).toEqual({
      ended: 'COMPLETED',
      result: expect.objectContaining({ data: { greeting: 'Hello, Mira!' } }),
      tracked: [{ status: 'COMPLETED', taskName: 'transcode' }],
    });
  }
  expect(await project.run(process.execPath, ['typed.ts', url])).toEqual({ code: 0, out: 'HELLO, MIRA!\n' });

  // A page with playhead/react, bundled as its maker would.
  for (const file of ['index.html', 'main.tsx']) {
    await cp(join(ROOT, 'examples/react', file), join(project.folder, 'page', file));
  }
  await build({
    ...{ root: join(project.folder, 'page'), base: '/page/', configFile: false, logLevel: 'silent' },
    resolve: { dedupe: ['react', 'react-dom'] },
  });
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await openPage(browser);
  const built = join(project.folder, 'page/dist');
  await page.route(`${url}/page/**`, (route) => {
    const path = new URL(route.request().url()).pathname.replace('/page/', '') || 'index.html';
    return route.fulfill({ path: join(built, path) });
  });
  await page.goto(`${url}/page/`);
  await page.getByRole('progressbar', { name: 'Mira' }).or(page.getByText('COMPLETED')).first().waitFor();
  expect(await page.getByRole('listitem').count()).toBe(2);
}, 600_000);
