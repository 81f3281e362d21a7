/** Every kind of job in every state: shown, readable by machines and by people, light and dark, large and small. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { DESKTOP, expectAccessible, expectNoSideways, launchBrowser, openPage, PHONE } from './browser.ts';
import { makeMediaFiles } from './media-files.ts';
import { ApiProcess } from './processes.ts';
import { makeShowcase, type Showcase } from './showcase.ts';
import { makeJob, StandIn } from './stand-in.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-looks-'));
const api = new ApiProcess({ prefix: unique('looks'), dataDir });
let browser: Browser;
let files: Readonly<Record<string, string>>;

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(), api.start()]);
  files = makeMediaFiles(dataDir);
});

afterAll(async () => {
  await browser?.close();
  await api.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

async function openShowcase(options: Parameters<typeof openPage>[1] = {}) {
  const showcase = makeShowcase();
  const standIn = new StandIn(showcase.jobs, files);
  const page = await openPage(browser, options);
  await standIn.attach(page);
  await page.goto(`${api.url}/p/demo`);
  await page.locator('.card').first().waitFor();
  return { page, showcase, standIn };
}

const PAGES: readonly (keyof Showcase)[] = [
  'running',
  'video',
  'speech',
  'script',
  'lips',
  'failed',
  'retrying',
  'batch',
];

test.each([
  { name: 'light, desktop', colorScheme: 'light', viewport: DESKTOP, locale: 'en-US' },
  {
    name: 'dark, phone, Korean',
    colorScheme: 'dark',
    viewport: { width: 390, height: 844 },
    locale: 'ko-KR',
  },
  // What axe reads there, it has read in one of the two above.
  { name: 'dark, large', colorScheme: 'dark', viewport: { width: 1920, height: 1080 }, locale: 'en-US' },
] as const)('axe finds nothing, and nothing scrolls sideways: $name', async ({ name: look, ...options }) => {
  const { page, showcase } = await openShowcase(options);
  const check = async (): Promise<void> => {
    if (look !== 'dark, large') await expectAccessible(page);
    await expectNoSideways(page);
  };
  await check();
  for (const name of PAGES) {
    const job = showcase[name];
    if (!('id' in job)) throw new Error(`expected a job, received ${name}`);
    await page.goto(`${api.url}/p/demo/jobs/${job.id}`);
    await page.locator('.hero').waitFor();
    await check();
  }
  for (const status of ['QUEUED', 'CANCELLED']) {
    const job = showcase.jobs.find((one) => one.status === status);
    await page.goto(`${api.url}/p/demo/jobs/${job?.id}`);
    await page.locator('.hero').waitFor();
    await check();
  }
  for (const [path, shown] of [
    ['?view=table', '.row-link'],
    ['?search=nothing-like-it', '.nothing'],
    ['/jobs/none', '.nothing'],
  ] as const) {
    await page.goto(`${api.url}/p/demo${path}`);
    await page.locator(shown).first().waitFor();
    await check();
  }
  await page.goto(`${api.url}/p/demo/statistics`);
  await page.locator('.times').nth(3).waitFor();
  await check();
  await page.keyboard.press('?');
  await page.locator('dialog[open]').waitFor();
  await check();
  await page.keyboard.press('Escape');
  await page.locator('.header .primary').click();
  for (const kind of ['AUDIO', 'WRITER', 'LIPSYNC', 'DIRECTOR']) {
    await page.locator(`.kind[data-workflow=${kind}]`).click();
    await page.locator('.form').waitFor();
    await check();
  }
});

test('a job’s whole story is told when its page is opened, and grows with its events', async () => {
  const { page, showcase, standIn } = await openShowcase();
  const { retrying } = showcase;
  await page.goto(`${api.url}/p/demo/jobs/${retrying.id}`);
  const timeline = page.locator('.timeline');
  await timeline.getByText('studio-1/4711').waitFor();
  const rows = (await timeline.locator('.timeline-name').allTextContents()).map((name) => name.split(', '));
  expect(rows).toEqual([
    ['In the queue', 'finished'],
    ['Load', 'finished'],
    ['Analyse', 'finished'],
    ['Animate', 'failed3 lines'],
    ['Until the next attempt', 'finished'],
    ['Load', 'done earlier'],
    ['Animate', 'failed2 lines'],
    ['Until the next attempt', 'running'],
  ]);
  await timeline.getByText('Animate').first().click();
  await timeline.getByText('90 mouth shapes from 12.4 s of speech').waitFor();
  await timeline
    .getByText(/killed \(SIGKILL\)/)
    .first()
    .waitFor();
  await expectAccessible(page);
  const log = page.locator('.log-line');
  await log.filter({ hasText: 'Listening' }).getByText('×4').waitFor();
  standIn.progress({ ...retrying, attempt: 3 }, 0.7, 'Drawing mouths (85/90)');
  await log.filter({ hasText: 'Drawing mouths (85/90)' }).waitFor();
  await timeline.getByRole('heading', { name: 'Attempt 3' }).waitFor();
});

test('a batch is a grid of live items', async () => {
  const { page, showcase, standIn } = await openShowcase();
  const { batch } = showcase;
  const item = batch.items?.[12];
  if (item === undefined) throw new Error('expected 24 items');
  await page.locator(`a[href$="${batch.id}"]`).click();
  await page.locator('.tile').nth(23).waitFor();
  expect(await page.locator('.tile').count()).toBe(24);
  expect(await page.locator('.tile[data-status=COMPLETED]').count()).toBe(8);
  await page.locator('.pill[data-state=live]').waitFor();
  standIn.progress(item, 0.77, 'Making subtitles');
  const tile = page.locator('.tile').nth(12);
  await tile.getByText('Making subtitles').waitFor();
  await tile.getByText('77%').waitFor();
  await tile.getByRole('link', { name: 'Item 13' }).click();
  await page.getByRole('link', { name: 'Part of a batch' }).waitFor();
});

test('one event renders one card', async () => {
  const { page, showcase, standIn } = await openShowcase();
  // What the connection's own beginning asks for changes cards too.
  await page.locator('.pill[data-state=live]').waitFor();
  await page.waitForLoadState('networkidle');
  await page.evaluate(`
    globalThis.changed = new Set();
    new MutationObserver((records) => {
      for (const { target } of records) {
        const card = (target.nodeType === 1 ? target : target.parentElement).closest('.card');
        if (card && !target.parentElement?.closest('time, .card-foot')) globalThis.changed.add(card);
      }
    }).observe(document.querySelector('.grid'), { subtree: true, attributes: true, characterData: true, childList: true });
  `);
  let sent = 0;
  const changedBy = async (): Promise<unknown> => {
    sent += 1;
    await page.evaluate('globalThis.changed.clear()');
    standIn.progress(showcase.running, 0.5, `Clip ${sent} is ready`);
    await page.getByText(`Clip ${sent} is ready`).waitFor();
    return page.evaluate('globalThis.changed.size');
  };
  // What was asked for at the beginning may be shown only now, beside an event.
  await until(async () => (await changedBy()) === 1);
  expect(await changedBy()).toBe(1);
});

test('counts by status are asked for again while jobs that are not listed change all the time', async () => {
  const { page, showcase, standIn } = await openShowcase();
  // The connection's own beginning asks too.
  await page.locator('.pill[data-state=live]').waitFor();
  let asked = 0;
  page.on('request', (request) => {
    if (request.postData()?.includes('query JobCounts') === true) asked += 1;
  });
  const elsewhere = makeJob('AUDIO', { status: 'RUNNING' });
  let progress = 0;
  await until(() => {
    progress += 0.0001;
    standIn.progress(elsewhere, progress);
    return asked > 1;
  });
  standIn.progress(showcase.running, 0.5, 'Generating clips (8/10)');
  await page.getByText('Generating clips (8/10)').waitFor();
});

test('a waiting job shows its place in the queue and when it begins, on its card and on its page', async () => {
  const { page, showcase, standIn } = await openShowcase();
  const waiting = showcase.jobs.find(({ status }) => status === 'QUEUED');
  if (waiting === undefined) throw new Error('expected a job that waits');
  const eta = { remainingSeconds: 100, lowSeconds: 80, highSeconds: 150, waitSeconds: 40 };
  standIn.waits = [{ id: waiting.id, attempt: 1, status: 'QUEUED', queuePosition: 3, eta }];
  await page.clock.setFixedTime(Date.now());
  const card = page.locator('.card[data-status=QUEUED]');
  await card.getByText('3rd in the queue').waitFor();
  await card.getByText(/^starts in about 40 s$/).waitFor();
  await card.getByText(/^about 1 min 40 s left/).waitFor();
  await page.goto(`${api.url}/p/demo/jobs/${waiting.id}`);
  await page.locator('.hero').getByText('3rd in the queue').waitFor();
  await page.locator('.facts').getByText('starts in about 40 s').waitFor();
});

test('a prediction is shown with its range, and counts down', async () => {
  const { page, showcase } = await openShowcase();
  const shownAt = Date.now();
  await page.clock.setFixedTime(shownAt);
  await page.goto(`${api.url}/p/demo/jobs/${showcase.running.id}`);
  await page.getByText('about 1 min 20 s left (1–2 min)', { exact: true }).waitFor();
  // Goes on from there.
  await page.clock.setSystemTime(shownAt + 5_000);
  await page.getByText(/^about (1 min( (15|10|5) s)?|\d\d s) left/).waitFor();
  await page.getByText('5 / 10').waitFor();
});

test('speech has a waveform that is a slider, its transcript and how alike it is', async () => {
  const { page, showcase } = await openShowcase();
  await page.goto(`${api.url}/p/demo/jobs/${showcase.speech.id}`);
  await page.getByText('The quick brown fox').waitFor();
  const slider = page.getByRole('slider');
  await until(async () => Number(await slider.getAttribute('max')) > 1);
  await page.getByRole('button', { name: 'Play', exact: true }).click();
  await until(async () => Number(await slider.inputValue()) > 0.2);
  expect(await page.getByRole('meter').getAttribute('value')).toBe('0.967');
  const wave = await page.locator('.wave-rest').getAttribute('d');
  expect(new Set(wave?.match(/v[\d.]+/g)).size).toBeGreaterThan(5);
});

test('a script can be made into a video, lip sync shows its mouth shapes, an error its details', async () => {
  const { page, showcase } = await openShowcase();
  await page.goto(`${api.url}/p/demo/jobs/${showcase.script.id}`);
  await page.getByRole('button', { name: 'Make a video from it' }).click();
  expect(await page.getByLabel('Script', { exact: true }).inputValue()).toContain('ADA: It said rain.');
  await page.goto(`${api.url}/p/demo/jobs/${showcase.lips.id}`);
  await page.locator('.cue-strip rect').first().waitFor();
  await page.goto(`${api.url}/p/demo/jobs/${showcase.failed.id}`);
  await page.getByText('Details', { exact: true }).click();
  await page.getByText('"error_code": "429"').waitFor();
  await page.getByRole('button', { name: 'Retry' }).waitFor();
});

test('a server that cannot reach its Redis is not shown as live, until it can', async () => {
  const { page, standIn } = await openShowcase({ viewport: PHONE });
  const pill = page.locator('.pill');
  await page.locator('.pill[data-state=live]').waitFor();
  standIn.isUnavailable = true;
  await pill.getByText('Server waits').waitFor();
  expect(await pill.getAttribute('title')).toContain('what is shown may be old');
  await page
    .locator('[aria-live]', { hasText: 'The server cannot reach its Redis' })
    .waitFor({ state: 'attached' });
  await expectAccessible(page);
  await expectNoSideways(page);
  standIn.isUnavailable = false;
  await page.locator('.pill[data-state=live]').waitFor();
});

test('theme and language are kept', async () => {
  const { page } = await openShowcase();
  await page.getByRole('button', { name: /Theme: system/ }).click();
  await page.getByRole('button', { name: /Theme: light/ }).click();
  await page
    .getByRole('button', { name: '한국어로 바꾸기' })
    .or(page.getByText('한', { exact: true }))
    .first()
    .click();
  await page.getByRole('button', { name: '새 작업' }).waitFor();
  await page.reload();
  await page.getByRole('button', { name: '새 작업' }).waitFor();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
});

test('by keyboard alone: skip, open a job, go back', async () => {
  const { page } = await openShowcase();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('#main:focus').waitFor();
  await page.locator('.card-link').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/jobs\//);
  await page.goBack();
  await page.locator('.card').first().waitFor();
});

test('an exception in one part leaves the rest, and offers to load the page again', async () => {
  const showcase = makeShowcase();
  // What no server sends, and no part expects: whichever reads it first complains.
  const broken = { ...showcase.failed, id: `${showcase.failed.id}x`, steps: null as never };
  const standIn = new StandIn([...showcase.jobs, broken], files);
  const page = await openPage(browser, { provoked: /A part of the page failed|properties of null/ });
  await standIn.attach(page);
  await page.goto(`${api.url}/p/demo/jobs/${broken.id}`);
  await page.getByRole('heading', { name: 'Something on this page broke' }).waitFor();
  await expectAccessible(page);
  standIn.jobs.set(broken.id, { ...broken, steps: showcase.failed.steps });
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.locator('.hero').waitFor();
  standIn.jobs.set(broken.id, broken);
  await page.reload();
  await page.getByRole('alert').waitFor();
  await page.getByRole('link', { name: 'Playhead, list of jobs' }).click();
  await page.locator('.header').waitFor();
});
