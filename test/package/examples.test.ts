/**
 * The examples of frontends as a user has them: outside of this repository, with the package from its tarball, built and driven
 * in a browser through a killed API. examples/next has a file of its own.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kind, parse, print } from 'graphql';
import type { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { launchBrowser, openPage } from '../web/browser.ts';
import { ApiProcess } from '../web/processes.ts';
import { Scribe } from '../web/scribe.ts';
import { add, installOnce, outsideEnvironment, ROOT } from './installed.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-examples-'));
const prefix = unique('examples');
const api = new ApiProcess({ prefix, dataDir });
let browser: Browser;
let redis: Redis;
/** Where everything is installed. */
const outside = mkdtempSync(join(tmpdir(), 'playhead-frontends-'));

const NAMES = ['apollo', 'urql', 'react', 'relay'];
/** What the examples without a package.json of their own need. */
const SHARED_DEPENDENCIES = [
  ...['@apollo/client', '@urql/core', '@urql/exchange-graphcache', 'graphql', 'rxjs', 'urql'],
];
/** The package itself comes from its tarball; Relay's compiler and another TypeScript are too large. */
const LEFT_OUT = /^(playhead|relay-compiler|typescript)$/;

async function dependencies(): Promise<readonly string[]> {
  const read = async (path: string) =>
    JSON.parse(await readFile(join(ROOT, path, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
  const [own, relay] = await Promise.all([read('.'), read('examples/relay')]);
  const all = { ...own['dependencies'], ...own['devDependencies'] };
  const versions = SHARED_DEPENDENCIES.map((name) => [name, all[name]] as const);
  const theirs = Object.entries({ ...relay['dependencies'], ...relay['devDependencies'] });
  return [...new Map([...versions, ...theirs])]
    .filter(([name]) => !LEFT_OUT.test(name))
    .map(([name, version]) => `${name}@${version}`);
}

beforeAll(async () => {
  const { tarballs } = await installOnce();
  await writeFile(join(outside, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  await add(outside, tarballs.playhead, ...(await dependencies()));
  await cp(join(ROOT, 'examples'), outside, {
    recursive: true,
    filter: (path) => !path.endsWith('tsconfig.json'),
  });
  const compilerOptions = {
    ...{
      target: 'es2024',
      lib: ['es2024', 'dom', 'dom.iterable'],
      module: 'esnext',
      moduleResolution: 'bundler',
    },
    ...{
      jsx: 'react-jsx',
      strict: true,
      noEmit: true,
      types: [],
      skipLibCheck: true,
      allowImportingTsExtensions: true,
    },
  };
  const include = ['relay/main.tsx'];
  await writeFile(join(outside, 'tsconfig.json'), JSON.stringify({ compilerOptions, include }));
}, 600_000);

beforeAll(async () => {
  redis = connectRedis(inject('redisUrl'), () => {});
  [browser] = await Promise.all([launchBrowser(), api.start()]);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all(servers.map(end));
  await api.kill();
  await closeRedis(redis);
  for (const folder of [dataDir, outside]) rmSync(folder, { recursive: true, force: true });
});

test.each(NAMES)('%s: bars live, through a killed API, and a lost history', async (name) => {
  const url = await serveOnce(name);
  const scribe = new Scribe(redis, prefix);
  const project = unique(name);
  const [job, lost] = [await scribe.begin(project), await scribe.begin(project)];
  job.step('generate_videos', 0.1, 'Clip 1');
  lost.step('generate_videos', 0.2, 'Soon lost');
  const page = await openPage(browser);
  await page.goto(`${url}?project=${project}`);
  await page.getByText('Clip 1').waitFor();
  await page.getByText('live', { exact: true }).waitFor();
  const asked: string[] = [];
  page.on('request', (request) => {
    const isStream = request.headers()['accept']?.includes('text/event-stream');
    // The client looks whether anything is answered while no WebSocket is.
    const isLook = request.postData() === '{"query":"{ __typename }"}';
    if (request.method() === 'POST' && !isStream && !isLook) asked.push(request.url());
  });
  job.step('generate_videos', 0.5, 'Clip 2');
  await page.getByText('35% RUNNING Clip 2').waitFor();

  await api.kill();
  await page.getByText('reconnecting').waitFor();
  job.step('render', 0.5, 'Rendering');
  await api.start();
  await page.getByText('Rendering').waitFor();
  const queued = await scribe.queue(project, 'WRITER');
  await page.getByText('QUEUED').waitFor();
  // The subscription's selection was enough; the hooks ask again for what they asked for before their stream was live, and for
  // what no event tells of a job that is new.
  expect(asked.length).toBeLessThanOrEqual(name === 'react' ? 3 : 0);

  await page.getByText('live', { exact: true }).waitFor();
  await api.kill();
  await page.getByText('reconnecting').waitFor();
  await lost.fail('The disk is full', 'STORAGE_FAILED');
  await scribe.loseHistory(project);
  await queued.begin();
  await api.start();
  await page.getByText('FAILED The disk is full').waitFor();
  expect(await page.getByRole('progressbar').count()).toBe(3);
  await Promise.all([job.close(), queued.close()]);
});

test.each(NAMES)('%s: an answer older than events hides nothing that they told', async (name) => {
  const url = await serveOnce(name);
  const scribe = new Scribe(redis, prefix);
  const project = unique(name);
  const job = await scribe.begin(project);
  job.step('generate_videos', 0.1, 'Clip 1');
  const page = await openPage(browser);
  const frames: string[] = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
  // Not from what the page shows: Apollo shows nothing new of a list that it asks for again.
  const hasCome = (text: string): Promise<true> =>
    until(() => frames.some((frame) => frame.includes(text)), { what: `an event with ${text}` });
  const released = Promise.withResolvers<void>();
  let held = 0;
  await page.route('**/graphql', async (route) => {
    const response = await route.fetch();
    held += 1;
    await released.promise;
    await route.fulfill({ response });
  });
  await page.goto(`${url}?project=${project}`);
  await page.getByText('live', { exact: true }).waitFor();
  await until(() => held > 0);
  job.step('generate_videos', 0.5, 'Clip 2');
  await hasCome('Clip 2');
  const others = [await scribe.begin(project), await scribe.begin(project)];
  for (const { id } of others) await hasCome(id);
  released.resolve();
  await page.getByText('35% RUNNING Clip 2').waitFor();
  await page.getByRole('progressbar').nth(2).waitFor();
  // What the page asks for by now is of no interest.
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await Promise.all([job, ...others].map((one) => one.close()));
});

test.each(NAMES)('%s: of events that have been shown, the page keeps the last few only', async (name) => {
  const url = await serveOnce(name);
  const scribe = new Scribe(redis, prefix);
  const project = unique(name);
  const jobs = [await scribe.begin(project), await scribe.begin(project)];
  const page = await openPage(browser);
  await page.goto(`${url}?project=${project}`);
  await page.getByText('live', { exact: true }).waitFor();
  const clips = 40;
  for (let clip = 1; clip <= clips; clip += 1) {
    for (const job of jobs) job.step('generate_videos', clip / 100, `Clip ${clip}`);
    await page
      .getByText(`Clip ${clip}`, { exact: false })
      .nth(jobs.length - 1)
      .waitFor();
  }
  // urql holds the last result as it came and as it was handed on.
  expect(await countEvents(page)).toBeLessThanOrEqual(5 * jobs.length);
  await Promise.all(jobs.map((job) => job.close()));
});

test('the types of what only a user can install fit: relay', async () => {
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  await expect(promisify(execFile)(tsc, ['-p', outside])).resolves.toMatchObject({ stdout: '' });
});

test('what Relay’s compiler made is of the operations as they are', async () => {
  const source = await readFile(join(ROOT, 'examples/relay/main.tsx'), 'utf8');
  const texts = [...source.matchAll(/graphql`([^`]+)`/g)].map(([, text = '']) => text);
  expect(texts).toHaveLength(2);
  for (const definition of texts.flatMap((text) => parse(text).definitions)) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) throw new Error('expected an operation');
    const name = definition.name?.value;
    const made = await readFile(join(ROOT, `examples/relay/__generated__/${name}.graphql.ts`), 'utf8');
    // By this hash Relay itself tells whether to compile anew.
    const hash = createHash('md5').update(print(definition)).digest('hex');
    expect(made.includes(`.hash = "${hash}"`), `${name}: npm run relay in examples/relay`).toBe(true);
  }
});

/** Objects in the page's heap that are events, after a collection. */
async function countEvents(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const { result } = await session.send('Runtime.evaluate', { expression: 'Object.prototype' });
  const { objects } = await session.send('Runtime.queryObjects', {
    prototypeObjectId: result.objectId ?? '',
  });
  const counted = await session.send('Runtime.callFunctionOn', {
    objectId: objects.objectId ?? '',
    returnByValue: true,
    functionDeclaration: `function () {
      return this.filter((object) => object.__typename === 'ProgressEvent').length;
    }`,
  });
  return Number(counted.result.value);
}

const addresses = new Map<string, Promise<string>>();
const servers: ChildProcess[] = [];

/** @returns the example's address */
function serveOnce(name: string): Promise<string> {
  const address = addresses.get(name) ?? serve(name);
  addresses.set(name, address);
  return address;
}

/** As `npx vite build` and `npx vite preview` do it. */
async function serve(name: string): Promise<string> {
  // Processes of their own: Babel looks for Relay's plugin from the folder that it was started in, and Vite's proxy may keep a
  // connection to a server that was killed.
  const vite = join(outside, 'node_modules/.bin/vite');
  const outDir = join(dataDir, name);
  const options = {
    cwd: join(outside, name),
    env: outsideEnvironment({ PLAYHEAD_URL: api.url, NO_COLOR: '1' }),
  };
  await promisify(execFile)(vite, ['build', '--outDir', outDir], options);
  const args = ['preview', '--outDir', outDir, '--port', '0', '--host', '127.0.0.1'];
  const server = spawn(vite, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  servers.push(server);
  let said = '';
  // Its errors are those of a proxy whose API is killed.
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const address = (): string | undefined => {
    if (server.exitCode !== null) throw new Error(said);
    return /http:\S+/.exec(said)?.[0];
  };
  return until(address, { what: `the address of ${name}` });
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}
