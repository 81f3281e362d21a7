/** The dashboard in a real browser, against real API processes: live bars, reconnects, cancel, retry, filters. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { DESKTOP, expectAccessible, expectNoSideways, launchBrowser, openPage, PHONE } from './browser.ts';
import { execute, openTab } from './graphiql.ts';
import { ApiProcess, WorkerProcess } from './processes.ts';
import { Scribe } from './scribe.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-web-'));
const prefix = unique('web');
const options = { prefix, dataDir };
const api = new ApiProcess(options);
const worker = new WorkerProcess(options);
let browser: Browser;
let redis: Redis;
let scribe: Scribe;

beforeAll(async () => {
  redis = connectRedis(inject('redisUrl'), () => {});
  scribe = new Scribe(redis, prefix);
  [browser] = await Promise.all([launchBrowser(), api.start(), worker.start()]);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([api.kill(), worker.kill('SIGTERM')]);
  await closeRedis(redis);
  rmSync(dataDir, { recursive: true, force: true });
});

const BRIEF =
  'A lighthouse keeper hears tomorrow on the radio. It says that it will rain. She takes an umbrella. The sun shines all day.';

const bar = (page: Page) => page.getByRole('progressbar').first();
const percent = async (page: Page): Promise<number> => Number(await bar(page).getAttribute('aria-valuenow'));

test('a video is started from the form, its bar survives a killed API, and it plays in place', async () => {
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${unique('form')}`);
  await page.getByRole('button', { name: 'New job' }).first().click();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByText('Fill this in').waitFor();
  await page
    .getByLabel('Script', { exact: true })
    .fill('## Short\nMIRA: Hello there.\nTHEO: Hi! How are you?');
  await page.getByText('Scenes: 1, lines: 2').waitFor();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForURL(/\/jobs\//);
  await page
    .getByText(/^Generating clips/)
    .first()
    .waitFor();

  const before = await percent(page);
  await api.kill();
  await page.locator('.pill[data-state=reconnecting]').waitFor();
  await api.start();
  await page.locator('.pill[data-state=live]').waitFor();
  expect(await percent(page)).toBeGreaterThanOrEqual(before);

  await page.getByRole('banner').locator('..').getByText('Done', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: /Hello there/ }).click();
  await until(() => page.evaluate('document.querySelector("video").currentTime > 0.5'), {
    what: 'the video plays',
  });
  await page.locator('.log-line[data-kind=CompletionEvent]').waitFor();
  const lines = await page.locator('.log-line').allTextContents();
  expect(new Set(lines).size).toBe(lines.length);
  // Who comes later is told the same.
  await page.reload();
  await page
    .locator('.log-line')
    .nth(lines.length - 1)
    .waitFor();
  expect(await page.locator('.log-line').allTextContents()).toEqual(lines);
  await page.locator('.timeline summary').last().click();
  await page.locator('.timeline-step[open] .code').first().waitFor();
});

test('after a killed API nothing is missing and nothing comes twice', async () => {
  const project = unique('gap');
  const job = await scribe.begin(project);
  job.step('generate_videos', 0.1, 'Clip 1');
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${project}/jobs/${job.id}`);
  await page.getByText('Clip 1').first().waitFor();
  await page.locator('.pill[data-state=live]').waitFor();

  await api.kill();
  await page.locator('.pill[data-state=reconnecting]').waitFor();
  for (const number of [2, 3, 4]) {
    job.step('generate_videos', number / 10, `Clip ${number}`);
    await until(() => job.tracker.state.message === `Clip ${number}`);
    await until(async () =>
      (await redis.xrevrange(scribe.keys.project(project).log, '+', '-', 'COUNT', 1))
        .join()
        .includes(`Clip ${number}`),
    );
  }
  const other = await scribe.begin(project, 'WRITER');
  await api.start();
  job.step('generate_videos', 0.5, 'Clip 5');
  await page.locator('.log-line', { hasText: 'Clip 5' }).waitFor();
  const messages = (await page.locator('.log-text').allTextContents()).filter((text) =>
    text.startsWith('Clip'),
  );
  expect(messages.map((text) => text.slice(0, 6))).toEqual([
    'Clip 5',
    'Clip 4',
    'Clip 3',
    'Clip 2',
    // In the steps before, too.
    ...['Clip 1', 'Clip 1', 'Clip 1', 'Clip 1'],
  ]);
  await page.getByRole('link', { name: 'All jobs' }).click();
  await page.getByRole('link', { name: 'Script' }).waitFor();
  await Promise.all([job.close(), other.close()]);
});

test('EVENTS_EXPIRED: the dashboard starts over, and shows what ended meanwhile', async () => {
  const project = unique('expired');
  const [one, two] = [await scribe.begin(project), await scribe.begin(project)];
  one.step('render', 0.5, 'Rendering');
  two.step('subtitles', 0.5, 'Writing');
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${project}`);
  await page.getByText('Rendering').waitFor();
  await page.locator('.pill[data-state=live]').waitFor();

  await api.kill();
  await page.locator('.pill[data-state=reconnecting]').waitFor();
  await one.fail('The disk is full', 'STORAGE_FAILED');
  await scribe.loseHistory(project);
  two.step('render', 0.2, 'Rendering again');
  await api.start();
  await page.getByText('The disk is full').waitFor();
  await page.getByText('Rendering again').waitFor();
  expect(await page.locator('.card').count()).toBe(2);
  await two.close();
});

test('a job is cancelled after a question, and retried', async () => {
  const project = unique('cancel');
  const job = await scribe.begin(project);
  job.step('generate_videos', 0.4, 'Generating clips (2/4)', { current_clip: 2, total_clips: 4 });
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${project}/jobs/${job.id}`);
  await page.getByText('2 / 4').waitFor();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByRole('button', { name: 'Keep it running' }).click();
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByRole('button', { name: 'Cancel the job' }).click();
  await page.getByText('CANCELLED').first().waitFor();
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.locator('.job-head .badge[data-status=CANCELLED]').waitFor({ state: 'detached' });
  await job.close();
});

test('two texts in the form become a batch, whose items are seen through', async () => {
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${unique('batch')}`);
  await page.getByRole('button', { name: 'New job' }).first().click();
  await page.locator('.kind[data-workflow=AUDIO]').click();
  await page.getByLabel('Text to speak').fill('One good morning.');
  await page.getByRole('button', { name: 'Add another' }).click();
  await page.getByRole('button', { name: 'Start 2 as a batch' }).click();
  await page.getByText('Fill this in').waitFor();
  await page.getByLabel('Text to speak').nth(1).fill('Two good nights.');
  await page.getByRole('button', { name: 'Start 2 as a batch' }).click();
  await page.waitForURL(/\/jobs\//);
  await page.locator('.tile').nth(1).waitFor();
  await page.locator('.job-head .badge[data-status=COMPLETED]').waitFor();
  expect(await page.locator('.tile[data-status=COMPLETED]').count()).toBe(2);
  await page.getByRole('link', { name: 'All jobs' }).click();
  await page.getByRole('link', { name: 'One good morning., Two good nights.' }).waitFor();
  expect(await page.locator('.card').count()).toBe(1);
});

test('new jobs appear by themselves, and filters follow the jobs', async () => {
  const project = unique('filter');
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${project}`);
  await page.getByText('Nothing here yet').waitFor();
  const video = await scribe.begin(project);
  const speech = await scribe.begin(project, 'AUDIO');
  await page.getByRole('link', { name: 'Video' }).waitFor();
  await page.getByRole('link', { name: 'Speech' }).waitFor();

  await page.getByRole('button', { name: 'Failed' }).click();
  await page.waitForURL(/status=FAILED/);
  await page.getByText('No job matches').waitFor();
  await speech.fail('TTS API rate limit exceeded');
  await page.getByText('TTS API rate limit exceeded').waitFor();
  expect(await page.locator('.card').count()).toBe(1);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByRole('link', { name: 'Video' }).waitFor();
  await video.close();
});

test('a job whose record is broken is named with the reason, in the list and by itself', async () => {
  const project = unique('damaged');
  const [broken, good] = [await scribe.begin(project), await scribe.begin(project, 'AUDIO')];
  await redis.hset(scribe.keys.project(project).job(broken.id), 'steps', '{broken');
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${project}`);
  await page.getByRole('link', { name: 'Speech' }).waitFor();
  const reason = 'RECORD_DAMAGED: steps: expected JSON';
  await page
    .getByText(`Job ${broken.id} cannot be shown: its stored record cannot be read (${reason}).`)
    .waitFor();
  expect(await page.locator('.card').count()).toBe(1);
  await expectAccessible(page);
  await expectNoSideways(page);
  await page.goto(`${api.url}/p/${project}/jobs/${broken.id}`);
  await page.getByRole('heading', { name: 'This job cannot be shown' }).waitFor();
  await page.getByText(`job ${broken.id} can’t be read: steps: expected JSON (RECORD_DAMAGED)`).waitFor();
  await Promise.all([broken.close(), good.close()]);
});

test('what the server refuses is shown at its field', async () => {
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${unique('refused')}`);
  await page.getByRole('button', { name: 'New job' }).first().click();
  // A control character: only the server looks for those.
  await page.getByLabel('Script', { exact: true }).fill('MIRA: Hello.\u0007');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByText(/Expected no control characters/).waitFor();
  expect(await page.getByLabel('Script', { exact: true }).getAttribute('aria-invalid')).toBe('true');
});

test('a form that is sent again after a lost answer makes one job, and another once it was edited', async () => {
  const project = unique('again');
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${project}`);
  await page.getByRole('button', { name: 'New job' }).first().click();
  const script = page.getByLabel('Script', { exact: true });
  const start = page.getByRole('button', { name: 'Start', exact: true });
  /** The id of each job that the server answered with, though the page was not told. */
  const made: string[] = [];
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('generateVideo')) return route.fallback();
    const answer: { data: { started: { id: string } } } = await (await route.fetch()).json();
    made.push(answer.data.started.id);
    await route.abort();
  });
  await script.fill('MIRA: One.');
  for (const [tries, text] of ['MIRA: One.', 'MIRA: One.', 'MIRA: Two.', 'MIRA: One.'].entries()) {
    await script.fill(text);
    await start.click();
    await until(() => made.length === tries + 1);
    await page.locator('.form-foot .field-error').waitFor();
  }
  const [first, repeated, edited, back] = made;
  expect(repeated).toBe(first);
  expect(edited).not.toBe(first);
  expect(back).not.toBe(edited);
});

test('a deep list is paged in by scrolling, with few cards in the page', async () => {
  const project = unique('many');
  for (let count = 0; count < 200; count += 50) {
    await Promise.all(Array.from({ length: 50 }, () => scribe.queue(project)));
  }
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${project}`);
  await page.locator('.card').first().waitFor();
  await until(
    async () => {
      await page.mouse.wheel(0, 4_000);
      return page.locator('[aria-posinset="200"]').isVisible();
    },
    { everyMs: 50, what: 'the end of the list' },
  );
  expect(await page.locator('.card').count()).toBeLessThan(60);
  await page.getByText('That is all').waitFor();
});

test('an unknown job and an unknown page say so', async () => {
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/demo/jobs/nothing`);
  await page.getByText('There is no such job').waitFor();
  await page.goto(`${api.url}/`);
  await page.waitForURL(/\/p\/demo$/);
  expect((await fetch(`${api.url}/nowhere`)).status).toBe(404);
  expect((await fetch(`${api.url}/assets/nothing.js`)).status).toBe(404);
});

test('on a phone: Korean, dark, no sideways scrolling, every control in reach', async () => {
  const project = unique('phone');
  const job = await scribe.begin(project);
  job.step('lipsync', 0.5, 'Syncing lips');
  const page = await openPage(browser, { viewport: PHONE, colorScheme: 'dark', locale: 'ko-KR' });
  await page.goto(`${api.url}/p/${project}`);
  await page.getByText('Syncing lips').waitFor();
  await expectNoSideways(page);
  expect(await page.locator('html').getAttribute('lang')).toBe('ko');
  await page.getByRole('link', { name: '영상' }).click();
  await page.getByRole('button', { name: '취소', exact: true }).waitFor();
  await expectNoSideways(page);
  await page.getByRole('button', { name: '새 작업' }).click();
  await page.getByRole('button', { name: '시작', exact: true }).waitFor();
  await expectNoSideways(page);
  await job.close();
});

test('statistics: empty, then the durations of a real run by themselves, on a phone', async () => {
  const project = unique('statistics');
  const page = await openPage(browser, { viewport: { width: 390, height: 800 }, colorScheme: 'dark' });
  await page.goto(`${api.url}/p/${project}`);
  await page.getByRole('link', { name: 'Durations and throughput' }).click();
  await page.waitForURL(/\/statistics$/);
  await page.getByText('No completed runs yet').waitFor();
  await page.locator('.pill[data-state=live]').waitFor();
  await expectAccessible(page);
  const started = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: `mutation { writeScript(input: { projectId: "${project}", brief: ${JSON.stringify(BRIEF)} }) { id } }`,
    }),
  });
  expect(await started.text()).toContain('"id"');
  const table = page.getByRole('table', { name: 'Steps of Script' });
  await table.waitFor();
  for (const step of ['Brief', 'Outline', 'Scenes', 'Dialogue', 'Review', 'Save', 'Whole run']) {
    const row = table
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name: step, exact: true }) });
    expect(await row.getByRole('cell').first().textContent()).toMatch(/^\d+(\.\d)? s$/);
  }
  await expectNoSideways(page);
  await expectAccessible(page);

  await page.route('**/graphql', (route) =>
    route.fulfill({
      json: { errors: [{ message: 'Redis did not answer', extensions: { code: 'UNAVAILABLE' } }] },
    }),
  );
  await page.reload();
  await page.getByRole('alert').filter({ hasText: 'Redis did not answer' }).waitFor();
  // Once connected the page has asked again by itself; later it would, and the button be gone before the click.
  await page.locator('.pill[data-state=live]').waitFor();
  await expectAccessible(page);
  await page.unroute('**/graphql');
  await page.getByRole('button', { name: 'Try again' }).click();
  await table.waitFor();
});

test('GraphiQL runs a subscription', async () => {
  const project = 'demo';
  const job = await scribe.begin(project);
  const page = await openPage(browser, { viewport: DESKTOP });
  await page.goto(`${api.url}/graphql`);
  await page.locator('.graphiql-tab-active', { hasText: 'Start' }).waitFor();
  await openTab(page, 'Watch', /subscription/);
  await execute(page, page.getByRole('button', { name: /Stop/ }));
  job.step('generate_videos', 0.5, 'Seen in GraphiQL');
  await page.locator('.result-window', { hasText: /ProgressEvent/ }).waitFor();
  await page.reload();
  await page.locator('.view-lines', { hasText: /subscription/ }).waitFor();
  await job.close();
});
