/** The examples for Apollo Client and urql: built as a user builds them, each through a killed API. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { launchBrowser, openPage } from './browser.ts';
import { ApiProcess } from './processes.ts';
import { Scribe } from './scribe.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-examples-'));
const prefix = unique('examples');
const api = new ApiProcess({ prefix, dataDir });
let browser: Browser;
let redis: Redis;

beforeAll(async () => {
  redis = connectRedis(inject('redisUrl'), () => {});
  [browser] = await Promise.all([launchBrowser(), api.start()]);
  // The examples' own setting; their vite.config.ts reads it.
  process.env['PLAYHEAD_URL'] = api.url;
});

afterAll(async () => {
  await browser?.close();
  await api.kill();
  await closeRedis(redis);
  rmSync(dataDir, { recursive: true, force: true });
});

test.each(['apollo', 'urql'])('%s: bars live, through a killed API, and a lost history', async (name) => {
  const served = await serve(name);
  const scribe = new Scribe(redis, prefix);
  const project = unique(name);
  const [job, lost] = [await scribe.begin(project), await scribe.begin(project)];
  job.step('generate_videos', 0.1, 'Clip 1');
  lost.step('generate_videos', 0.2, 'Soon lost');
  const page = await openPage(browser);
  await page.goto(`${served.resolvedUrls?.local[0]}?project=${project}`);
  await page.getByText('Clip 1').waitFor();
  await page.getByText('live', { exact: true }).waitFor();
  job.step('generate_videos', 0.5, 'Clip 2');
  await page.getByText('35% RUNNING Clip 2').waitFor();

  await api.kill();
  await page.getByText('reconnecting').waitFor();
  job.step('render', 0.5, 'Rendering');
  await api.start();
  await page.getByText('Rendering').waitFor();
  const queued = await scribe.queue(project, 'WRITER');
  await page.getByText('QUEUED').waitFor();

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
  await served.close();
});

test.each(['apollo', 'urql'])(
  '%s: an answer older than events hides nothing that they told',
  async (name) => {
    const served = await serve(name);
    const scribe = new Scribe(redis, prefix);
    const project = unique(name);
    const job = await scribe.begin(project);
    job.step('generate_videos', 0.1, 'Clip 1');
    const page = await openPage(browser);
    const frames: string[] = [];
    page.on('websocket', (socket) =>
      socket.on('framereceived', ({ payload }) => frames.push(String(payload))),
    );
    // Not from what the page shows: Apollo shows nothing new of a list that it asks for again.
    const hasCome = (text: string): Promise<true> =>
      until(() => frames.some((frame) => frame.includes(text)), { what: `an event with ${text}` });
    const released = Promise.withResolvers<void>();
    let holds = false;
    let held = 0;
    await page.route('**/graphql', async (route) => {
      const response = await route.fetch();
      if (holds) {
        held += 1;
        await released.promise;
      }
      await route.fulfill({ response });
    });
    await page.goto(`${served.resolvedUrls?.local[0]}?project=${project}`);
    await page.getByText('live', { exact: true }).waitFor();
    holds = true;
    // A new job, so the list is asked for again.
    const one = await scribe.begin(project);
    await until(() => held > 0);
    job.step('generate_videos', 0.5, 'Clip 2');
    await hasCome('Clip 2');
    const other = await scribe.begin(project);
    await hasCome(other.id);
    released.resolve();
    await page.getByText('35% RUNNING Clip 2').waitFor();
    await page.getByRole('progressbar').nth(2).waitFor();
    await Promise.all([job.close(), one.close(), other.close()]);
    await served.close();
  },
);

test.each(['apollo', 'urql'])(
  '%s: of events that have been shown, the page keeps the last few only',
  async (name) => {
    const served = await serve(name);
    const scribe = new Scribe(redis, prefix);
    const project = unique(name);
    const jobs = [await scribe.begin(project), await scribe.begin(project)];
    const page = await openPage(browser);
    await page.goto(`${served.resolvedUrls?.local[0]}?project=${project}`);
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
    await served.close();
  },
);

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

/** As `npx vite build` and `npx vite preview` do it. */
async function serve(name: string): Promise<PreviewServer> {
  const root = fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
  const outDir = join(dataDir, name);
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await build({ root, build: { outDir }, logLevel: 'error' });
  } finally {
    process.env['NODE_ENV'] = before;
  }
  return preview({ root, build: { outDir }, preview: { port: 0, host: '127.0.0.1' }, logLevel: 'silent' });
}
