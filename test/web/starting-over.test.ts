/** The dashboard shows the server's state: from an empty project on, and after a history that is lost or was set back. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ORIGIN } from '../../src/progress/position.ts';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { launchBrowser, openPage } from './browser.ts';
import { openScribedApi } from './scribed-api.ts';

const { api, redis, scribe } = openScribedApi('web');
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser?.close());

async function openProject(project: string, search = ''): Promise<Page> {
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${project}${search}`);
  await page.locator('.pill[data-state=live]').waitFor();
  return page;
}

/** Stops the API, waits until the page has seen it, and starts it again behind `work`. */
async function away(page: Page, work: () => Promise<void>): Promise<void> {
  await api.kill();
  await page.locator('.pill[data-state=reconnecting]').waitFor();
  await work();
  await api.start();
  await page.locator('.pill[data-state=live]').waitFor();
}

/** Everything that Redis holds of a project now. @returns puts it back as it was */
async function keepImage(project: string): Promise<() => Promise<void>> {
  const keysNow = (): Promise<string[]> => redis.keys(`*{${project}}*`);
  const kept = await Promise.all(
    (await keysNow()).map(async (key) => [key, await redis.dumpBuffer(key)] as const),
  );
  return async () => {
    const there = await keysNow();
    if (there.length > 0) await redis.del(...there);
    for (const [key, value] of kept) if (value !== null) await redis.restore(key, 0, value);
  };
}

test('jobs that are queued at once in an empty project are listed', async () => {
  const project = unique('burst');
  const page = await openProject(project);
  const jobs = await Promise.all(Array.from({ length: 25 }, () => scribe.queue(project)));
  await page.locator('.grid-cell[aria-setsize="25"]').first().waitFor();
  await Promise.all(jobs.map((job) => job.close()));
});

test('a job that came and ended while an empty project was cut off is shown afterwards', async () => {
  const project = unique('empty');
  const page = await openProject(project);
  await away(page, async () => {
    const job = await scribe.begin(project);
    await job.fail('The disk is full', 'STORAGE_FAILED');
  });
  await page.getByText('The disk is full').waitFor();
});

test.each(['', '?status=RUNNING'])(
  'a job that ended in a lost history is not shown as running, in a list of%s',
  async (search) => {
    const project = unique('expired');
    const [one, two] = [await scribe.begin(project), await scribe.begin(project)];
    one.step('render', 0.5, 'Rendering one');
    const page = await openProject(project, search);
    await page.getByText('Rendering one').waitFor();
    one.step('render', 0.6, 'Rendering one, more');
    await page.getByText('Rendering one, more').waitFor();
    await away(page, async () => {
      await one.fail('The disk is full', 'STORAGE_FAILED');
      await scribe.loseHistory(project);
      two.step('render', 0.2, 'Rendering two');
    });
    await page.getByText('Rendering two').waitFor();
    if (search === '') await page.getByText('The disk is full').waitFor();
    await page.getByText('Rendering one, more').waitFor({ state: 'detached' });
    await two.close();
  },
);

test('a server that was set back: what ended behind that runs again, and what began behind it is gone', async () => {
  const project = unique('rollback');
  const job = await scribe.begin(project);
  job.step('render', 0.3, 'Rendering');
  const page = await openProject(project);
  await page.getByText('Rendering').waitFor();
  // Each step on the way has an event with this message; the last one tells the whole progress.
  await until(async () => {
    const last = (await scribe.log.readAfter(project, ORIGIN, 100)).at(-1);
    return last?.event.type === 'ProgressEvent' && last.event.progress === job.tracker.state.progress;
  });
  const setBack = await keepImage(project);
  await job.fail('The disk is full', 'STORAGE_FAILED');
  await page.getByText('The disk is full').waitFor();
  const lost = await scribe.begin(project, 'WRITER');
  lost.step('outline', 0.5, 'Making an outline');
  await page.getByText('Making an outline').waitFor();
  await lost.close();
  await away(page, setBack);
  await page.getByText('Rendering').waitFor();
  await page.getByText('Making an outline').waitFor({ state: 'detached' });
  expect(await page.locator('.card').count()).toBe(1);
  expect(await page.getByText('The disk is full').count()).toBe(0);
});

test('a page of a job that a set-back server no longer has says so', async () => {
  const project = unique('rollback');
  const setBack = await keepImage(project);
  const job = await scribe.begin(project);
  job.step('render', 0.3, 'Rendering');
  const page = await openProject(project, `/jobs/${job.id}`);
  await page.getByText('Rendering').first().waitFor();
  await job.close();
  await away(page, setBack);
  await page.getByRole('heading', { name: 'There is no such job' }).waitFor();
});

test('a question whose rate was limited is asked again', async () => {
  const project = unique('limited');
  const job = await scribe.begin(project);
  // Of an ended job the stream tells nothing.
  await job.fail('The disk is full', 'STORAGE_FAILED');
  const page = await openPage(browser);
  let refused = 0;
  await page.route('**/graphql', async (route) => {
    if (refused > 1 || !route.request().postData()?.includes('query Jobs')) return route.continue();
    refused += 1;
    const extensions = { code: 'RATE_LIMITED', retryAfterSeconds: 0.05 };
    await route.fulfill({ status: 429, json: { errors: [{ message: 'too many', extensions }] } });
  });
  await page.goto(`${api.url}/p/${project}`);
  await page.getByText('The disk is full').waitFor();
  expect(refused).toBe(2);
});
