/** What a person does on the pages, and expects to find again: what was entered, the place in a list, a job's input. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { expectAccessible, expectNoSideways, launchBrowser, openPage, PHONE } from './browser.ts';
import { ApiProcess } from './processes.ts';
import { file, makeJob, StandIn, type StandInJob } from './stand-in.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-walk-'));
const api = new ApiProcess({ prefix: unique('walk'), dataDir });
let browser: Browser;

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(), api.start()]);
});

afterAll(async () => {
  await browser?.close();
  await api.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

async function open(jobs: readonly StandInJob[], path = '', options: Parameters<typeof openPage>[1] = {}) {
  const standIn = new StandIn(jobs);
  const page = await openPage(browser, options);
  await standIn.attach(page);
  await page.goto(`${api.url}/p/demo${path}`);
  return { page, standIn };
}

const SCRIPT = '## The lamp room\nADA: It said rain.\nBEN: Look at the date.';
const LONG_TITLE = `The Lighthouse Keeper Who Heard Tomorrow on the Radio ${'and Took an Umbrella '.repeat(7)}`;

const ended = (changes: Partial<StandInJob> = {}): StandInJob =>
  makeJob('DIRECTOR', {
    ...{ status: 'FAILED', progress: 0.4, finishedAt: new Date().toISOString(), title: 'Tomorrow, by Radio' },
    ...{ input: { script: SCRIPT, title: 'Tomorrow, by Radio', language: 'ko' } },
    error: {
      message: 'ffmpeg ended',
      code: 'PROVIDER_FAILED',
      details: null,
      retryAfterSeconds: null,
      artifacts: [],
    },
    ...changes,
  });

const openForm = (page: Page) => page.getByRole('button', { name: 'New job' }).first().click();
const focused = (page: Page) => page.evaluate('document.activeElement?.closest(".field")?.textContent ?? ""');

test('a job is called by its title: on its card, its page and in the tab, however long that is', async () => {
  const job = ended({ title: LONG_TITLE });
  const { page } = await open([job], '', { viewport: PHONE });
  await page.getByRole('link', { name: LONG_TITLE.trim() }).click();
  await page.getByRole('heading', { level: 1, name: LONG_TITLE.trim() }).waitFor();
  expect(await page.title()).toContain('The Lighthouse Keeper');
  await expectNoSideways(page);
  const [head, track] = await Promise.all(
    ['.job-head', '.hero'].map((name) => page.locator(name).boundingBox()),
  );
  if (head === undefined || head === null || track === undefined || track === null) throw new Error('no box');
  expect(head.y + head.height).toBeLessThanOrEqual(track.y);
  await expectAccessible(page);
});

test('the input is shown whole, and Run again opens the form with it', async () => {
  const { page } = await open([ended()]);
  await page.getByRole('link', { name: 'Tomorrow, by Radio' }).click();
  const input = page.locator('.job-input');
  await input.getByText('ADA: It said rain.').waitFor();
  await input.getByText('ko', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Run again' }).click();
  expect(await page.getByLabel('Script', { exact: true }).inputValue()).toBe(SCRIPT);
  expect(await page.getByLabel('Title').inputValue()).toBe('Tomorrow, by Radio');
  expect(await page.getByLabel('Language').inputValue()).toBe('ko');
});

test('a batch runs again as a batch; an input that is not told can not', async () => {
  const batch = ended({
    taskName: 'batch_video_generation',
    input: { items: [{ script: 'ADA: One.' }, { script: 'BEN: Two.' }], maxAttempts: 3 },
  });
  const cut = ended({ title: 'Cut', input: { truncated: true } });
  const { page } = await open([batch, cut], `/jobs/${batch.id}`);
  await page.getByRole('button', { name: 'Run again' }).click();
  expect(await page.getByLabel('Script', { exact: true }).nth(1).inputValue()).toBe('BEN: Two.');
  await page.getByRole('button', { name: 'Start 2 as a batch' }).waitFor();
  await page.goto(`${api.url}/p/demo/jobs/${cut.id}`);
  await page.getByText('It is too long to be shown.').waitFor();
  expect(await page.getByRole('button', { name: 'Run again' }).count()).toBe(0);
});

test('what is entered stays over another kind and Esc; a sample writes over nothing; the form can be emptied', async () => {
  const { page } = await open([]);
  // The form puts the focus into its first field when it opens, if it knows its fields by then.
  await page.locator('.chip[data-workflow=DIRECTOR]').waitFor();
  await openForm(page);
  const script = page.getByLabel('Script', { exact: true });
  await until(async () => String(await focused(page)).includes('Script'));
  await page.keyboard.type('ADA: Mine.');
  expect(await page.getByRole('button', { name: 'Insert a sample' }).count()).toBe(0);
  await page.locator('.kind[data-workflow=AUDIO]').click();
  await page.getByLabel('Text to speak').fill('Spoken.');
  await page.locator('.kind[data-workflow=DIRECTOR]').click();
  expect(await script.inputValue()).toBe('ADA: Mine.');
  await page.keyboard.press('Escape');
  await page.locator('dialog.new-job').waitFor({ state: 'hidden' });
  await openForm(page);
  expect(await script.inputValue()).toBe('ADA: Mine.');
  await page.getByRole('button', { name: 'Clear the form' }).click();
  expect(await script.inputValue()).toBe('');
  await page.getByRole('button', { name: 'Insert a sample' }).waitFor();
});

test('limits are said before they are broken, and the field that is wrong gets the focus', async () => {
  const { page } = await open([]);
  await openForm(page);
  await page.locator('.kind[data-workflow=AUDIO]').click();
  await page.getByText('0 of 20,000 characters').waitFor();
  expect(await page.getByLabel('Minimum similarity').getAttribute('placeholder')).toBe('0.85');
  await page.locator('.field').filter({ hasText: 'Minimum similarity' }).getByText('From 0 to 1').waitFor();
  expect(await page.getByLabel('Voice').locator('option').allTextContents()).toEqual([
    ...['slt (default)', 'slt', 'rms', 'awb', 'kal16'],
  ]);
  await page.getByLabel('Text to speak').fill('Hello.');
  await page.getByLabel('Maximum takes').fill('11');
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await until(async () => String(await focused(page)).startsWith('Maximum takes'));
  await page.locator('.kind[data-workflow=WRITER]').click();
  await page.locator('.field').filter({ hasText: 'Scenes' }).getByText('From 1 to 20').waitFor();
});

test('Back finds the place in a list of 230, with its filters', async () => {
  const jobs = Array.from({ length: 230 }, (_, index) => makeJob('DIRECTOR', { title: `Film ${index + 1}` }));
  const { page } = await open(jobs, '?status=RUNNING');
  await page.getByRole('link', { name: 'Film 230' }).waitFor();
  const far = page.getByRole('link', { name: 'Film 20', exact: true });
  await until(async () => {
    await page.mouse.wheel(0, 4_000);
    return (await far.count()) > 0;
  });
  await far.scrollIntoViewIfNeeded();
  const place = await page.evaluate('scrollY');
  await far.click();
  await page.locator('.hero').waitFor();
  expect(await page.evaluate('scrollY')).toBe(0);
  await page.getByRole('link', { name: 'All jobs' }).click();
  await far.waitFor();
  expect(await page.evaluate('scrollY')).toBe(place);
  expect(page.url()).toContain('?status=RUNNING');
  await far.click();
  await page.locator('.hero').waitFor();
  await page.goBack();
  await far.waitFor();
  expect(await page.evaluate('scrollY')).toBe(place);
});

test('what can not be a project is said so, in the address and in the form', async () => {
  const { page } = await open([], '%20x');
  await page.getByRole('heading', { name: '“demo x” cannot be a project' }).waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Go to demo' }).click();
  await page.getByRole('button', { name: /^Switch project/ }).click();
  await page.getByLabel('Open a project').fill('my films');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: '“my films” cannot be a project' }).waitFor();
});

test('keys: ? lists them, n opens the form, j and k go through the jobs, and they can be turned off', async () => {
  const { page } = await open([ended({ title: 'Second' }), ended({ title: 'First' })]);
  await page.getByRole('link', { name: 'First' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Second');
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'First' }).waitFor();
  await page.keyboard.press('l');
  await page.getByRole('link', { name: 'Second' }).waitFor();
  await page.keyboard.press('?');
  await page.getByLabel('Use these keys').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  expect(await page.locator('dialog[open]').count()).toBe(0);
});

test('help for a failure says what to do: no Retry where it cannot help, nothing wrong with what was cancelled', async () => {
  const failed = ended({
    error: {
      message: 'no words',
      code: 'INVALID_INPUT',
      details: null,
      retryAfterSeconds: null,
      artifacts: [],
    },
  });
  const cancelled = ended({
    status: 'CANCELLED',
    error: { message: 'Cancelled', code: 'CANCELLED', details: null, retryAfterSeconds: null, artifacts: [] },
  });
  const retrying = ended({ status: 'RETRYING', finishedAt: null });
  const { page } = await open([failed, cancelled, retrying], `/jobs/${failed.id}`);
  const panel = page.locator('.error-panel');
  await panel.getByText(/Choose Run again/).waitFor();
  await page.getByRole('button', { name: 'Run again' }).waitFor();
  expect(await page.getByRole('button', { name: 'Retry' }).count()).toBe(0);
  await page.goto(`${api.url}/p/demo/jobs/${cancelled.id}`);
  await panel.getByRole('heading', { name: 'Cancelled' }).waitFor();
  expect(await page.getByText('What went wrong').count()).toBe(0);
  await page.getByRole('button', { name: 'Retry' }).waitFor();
  await page.goto(`${api.url}/p/demo/jobs/${retrying.id}`);
  await panel.getByText(/the next attempt follows by itself/).waitFor();
});

test('times say their whole date and zone, and what is worth copying has a button', async () => {
  const job = ended();
  const { page } = await open([job], `/jobs/${job.id}`);
  const created = page.locator('.facts time').first();
  expect(await created.getAttribute('title')).toMatch(/20\d\d.*\d:\d\d:\d\d.*(UTC|GMT|[A-Z]{2,4})/);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', { name: 'Copy: Script' }).click();
  await page.locator('.job-input').getByText('Copied').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(SCRIPT);
  await page.getByRole('button', { name: 'Copy the error' }).click();
  await until(async () =>
    String(await page.evaluate('navigator.clipboard.readText()')).includes('PROVIDER_FAILED'),
  );
});

test('a search, a time and the table stand in the address, and the counts beside the statuses', async () => {
  const jobs = [ended({ title: 'Umbrella' }), makeJob('DIRECTOR', { title: 'Lighthouse' })];
  const { page } = await open(jobs);
  await page.getByRole('button', { name: 'Running 1' }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('Umbr');
  await page.waitForURL(/\?search=Umbr$/);
  await until(async () => (await page.locator('.card').count()) === 1);
  await page.getByLabel('Filter by time of creation').selectOption('24h');
  await page.getByRole('button', { name: 'Show as a table' }).click();
  await page.waitForURL(/search=Umbr&since=24h&view=table/);
  await page.getByRole('row', { name: /Umbrella/ }).waitFor();
  await page.reload();
  expect(await page.getByRole('searchbox').inputValue()).toBe('Umbr');
  await page.getByRole('link', { name: 'Umbrella' }).click();
  await page.locator('.hero').waitFor();
  await page.getByRole('link', { name: 'All jobs' }).click();
  await page.waitForURL(/search=Umbr&since=24h&view=table/);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByRole('row', { name: /Lighthouse/ }).waitFor();
  expect(page.url()).toMatch(/\?view=table$/);
  await expectAccessible(page);
  await expectNoSideways(page);
});

test('several jobs are chosen and deleted, after a question', async () => {
  const { page, standIn } = await open(
    [ended({ title: 'One' }), ended({ title: 'Two' }), makeJob('DIRECTOR', { title: 'Three' })],
    '?view=table',
    { viewport: PHONE },
  );
  await page.getByRole('row', { name: /Three/ }).waitFor();
  await page.getByLabel('Choose all that are listed').check();
  await page.getByText('3 chosen').waitFor();
  await page.getByRole('button', { name: 'Cancel (1)' }).waitFor();
  await expectAccessible(page);
  await expectNoSideways(page);
  await page.getByRole('button', { name: 'Delete (2)' }).click();
  await page.getByRole('button', { name: 'Keep them' }).click();
  expect(standIn.jobs.size).toBe(3);
  await page.getByRole('button', { name: 'Delete (2)' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete (2)' }).click();
  await page.getByText('2 of 2 done.').waitFor();
  expect([...standIn.jobs.values()].map(({ title }) => title)).toEqual(['Three']);
  await page.getByRole('row', { name: /One/ }).waitFor({ state: 'detached' });
});

test('cards are chosen by their icon, and told several at once', async () => {
  const { page } = await open([ended({ title: 'One' }), makeJob('DIRECTOR', { title: 'Two' })]);
  await page.getByRole('checkbox', { name: /^Choose One/ }).check();
  await page.getByText('1 chosen').waitFor();
  await page.getByRole('checkbox', { name: /^Choose Two/ }).check();
  await page.getByRole('button', { name: 'Cancel (1)' }).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Show as a table' }).click();
  await page.getByText('2 chosen').waitFor();
  await page.getByRole('button', { name: 'Choose none' }).click();
  await page.getByText('2 chosen').waitFor({ state: 'detached' });
});

test('a file fills the form with the items of a batch', async () => {
  const { page } = await open([ended()]);
  await page.getByRole('button', { name: 'New job' }).click();
  await page.locator('.kind[data-workflow=DIRECTOR]').click();
  const chooser = page.getByLabel('From a CSV or JSON file');
  const [mimeType, name] = ['text/csv', 'scripts.csv'];
  await chooser.setInputFiles({ name, mimeType, buffer: Buffer.from('what\nnever') });
  await page.getByText(/No column is named like a field/).waitFor();
  await chooser.setInputFiles({
    name,
    mimeType,
    buffer: Buffer.from('script,title\nADA: Hi,One\nBEN: Ho,Two'),
  });
  await page.getByRole('button', { name: 'Start 2 as a batch' }).waitFor();
  expect(await page.getByLabel('Title').nth(1).inputValue()).toBe('Two');
  await expectAccessible(page);
});

test('the takes of speech that was not verified are played in place', async () => {
  const audio = file('steps/takes/1.wav', 'audio/wav', 96_000);
  const error = { message: 'expected 0.85', code: 'NOT_VERIFIED', details: null, retryAfterSeconds: null };
  const job = makeJob('AUDIO', { status: 'FAILED', error: { ...error, artifacts: [audio] } });
  const { page } = await open([job], `/jobs/${job.id}`);
  await page.locator('.error-panel').getByRole('button', { name: 'Play' }).waitFor();
  await page.locator('.error-panel').getByRole('link', { name: 'Download' }).waitFor();
});
