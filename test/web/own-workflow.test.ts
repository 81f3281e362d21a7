/** A workflow that the page has never heard of, in a project that has no other: its form, its card, its steps, its result. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createRegistry } from '../../src/workflow/registry.ts';
import { PATIENCE_MS, until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { DESKTOP, expectAccessible, expectNoSideways, launchBrowser, openPage } from './browser.ts';
import config from './own-project/playhead.config.ts';
import { ApiProcess, WorkerProcess } from './processes.ts';
import { Scribe } from './scribe.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-own-'));
const prefix = unique('own');
const options = { prefix, dataDir, project: fileURLToPath(new URL('own-project', import.meta.url)) };
const api = new ApiProcess(options);
const worker = new WorkerProcess(options);
const SMALL = { width: 390, height: 844 } as const;
let browser: Browser;
let redis: Redis;
let scribe: Scribe;

beforeAll(async () => {
  redis = connectRedis(inject('redisUrl'), () => {});
  scribe = new Scribe(redis, prefix, createRegistry(config.workflows));
  [browser] = await Promise.all([launchBrowser(), api.start(), worker.start()]);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([api.kill(), worker.kill('SIGTERM')]);
  await closeRedis(redis);
  rmSync(dataDir, { recursive: true, force: true });
});

async function openForm(page: Page, project: string): Promise<void> {
  await page.goto(`${api.url}/p/${project}`);
  await page.locator('.pill[data-state=live]').waitFor();
  await page.getByRole('button', { name: 'New job' }).first().click();
  await title(page).waitFor();
}

const title = (page: Page) => page.getByLabel('Title', { exact: true });
const start = (page: Page) => page.getByRole('button', { name: 'Start', exact: true });

test.each([
  ['desktop', DESKTOP],
  ['phone', SMALL],
] as const)('is started, followed and shown on a %s', async (_name, viewport) => {
  const project = unique('own');
  const page = await openPage(browser, { viewport });
  await openForm(page, project);
  await page.getByText('Makes a picture from a title.').waitFor({ state: 'attached' });
  await page.getByText('In pixels').waitFor();
  await expectAccessible(page);
  await expectNoSideways(page);
  await title(page).fill('The Blue Hour');
  await page.getByLabel('Notes for the printer').fill('Two\nlines');
  await page.getByLabel('Palette').selectOption('sea');
  await page.getByLabel('Width').fill('480');
  await page.getByLabel('Framed').check();
  await page.getByLabel('Tags').fill('blue\nhour');
  await page.getByRole('textbox', { name: 'Printer (optional)', exact: true }).fill('{"sheets": 2}');
  await start(page).click();
  await page.waitForURL(/\/jobs\//);

  await page.locator('.job-head .badge[data-status=COMPLETED]').waitFor();
  // What happened before the page was opened comes by itself; equal messages are folded.
  const said = async () =>
    (await page.locator('.log-text').allTextContents()).reverse().join(' ').replaceAll(/×\d+/g, '');
  await expect
    .poll(said, { timeout: PATIENCE_MS })
    .toMatch(/Choosing colours · choose_colours.*Drawing · draw.*Ordering the print · save_file/);
  expect(await page.locator('.step[data-status=COMPLETED] .step-name').allTextContents()).toEqual([
    expect.stringContaining('choose_colours'),
    expect.stringContaining('draw'),
    expect.stringContaining('save_file'),
  ]);
  await until(() => page.evaluate('document.querySelector("img.picture")?.naturalWidth === 480'));
  await page.locator('.result').getByText('"sheets": 2').waitFor();
  expect(await page.locator('.result .fact').allInnerTexts()).toEqual(
    ['Colours #0d2b45, #a7e8bd', 'Framed Yes'].map((fact) => fact.replace(/^(\w+) /, '$1\n')),
  );
  await page.getByRole('heading', { name: 'In small print' }).waitFor();
  await page.getByText('No part of it may be folded').waitFor();
  await expectAccessible(page);
  await expectNoSideways(page);

  await page.getByRole('link', { name: 'All jobs' }).click();
  await page.locator('.card .thumb img').waitFor();
  await page.getByRole('button', { name: 'Poster' }).click();
  await page.waitForURL(/workflow=POSTER/);
  await page.getByRole('link', { name: 'The Blue Hour' }).waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Durations and throughput' }).click();
  await page.getByRole('table', { name: 'Steps of Poster' }).waitFor();
});

test('what is wrong is said at its field, by the page where the schema says it, otherwise by the server', async () => {
  const project = unique('wrong');
  const page = await openPage(browser);
  await openForm(page, project);
  const fields = page.locator('.field');
  await page.getByLabel('Width').fill('1000');
  await page.getByLabel('Tags').fill('a\nb\nc\nd');
  await page.getByRole('textbox', { name: 'Printer (optional)', exact: true }).fill('{');
  await start(page).click();
  await fields.filter({ hasText: 'Title' }).getByText('Fill this in').waitFor();
  await fields.filter({ hasText: 'Width' }).getByText('From 16 to 640').waitFor();
  await fields.filter({ hasText: 'Tags' }).getByText('At most 3 lines').waitFor();
  await fields.filter({ hasText: 'handed on to the printer' }).getByText('This is not valid JSON').waitFor();
  await title(page).fill('The Blue Hour');
  await page.getByLabel('Width').fill('320');
  await page.getByLabel('Tags').fill('');
  await page.getByRole('textbox', { name: 'Printer (optional)', exact: true }).fill('');
  // That there is no such job is for the server to say.
  await title(page).fill('Nothing');
  await start(page).click();
  await page.locator('.form-foot').getByText('there is no ink for nothing').waitFor();
});

test('another job of its own is chosen among the finished ones, and several are a batch', async () => {
  const project = unique('sequel');
  const page = await openPage(browser);
  await openForm(page, project);
  await title(page).fill('Part one');
  await start(page).click();
  await page.locator('.job-head .badge[data-status=COMPLETED]').waitFor();
  const id = page.url().split('/').at(-1) ?? '';

  await openForm(page, project);
  await title(page).fill('Part two');
  const before = page.getByLabel('Sequel of');
  await before.locator(`option[value="${id}"]`).waitFor({ state: 'attached' });
  expect(await before.inputValue()).toBe('');
  await before.selectOption(id);
  await page.getByRole('button', { name: 'Add another' }).click();
  await title(page).nth(1).fill('Part three');
  await page.getByRole('button', { name: 'Start 2 as a batch' }).click();
  await page.locator('.job-head').getByRole('heading', { name: 'Part two, Part three' }).waitFor();
  await page.locator('.job-head .badge[data-status=COMPLETED]').waitFor();
  expect(await page.locator('.tile[data-status=COMPLETED]').count()).toBe(2);
});

test.each([
  ['desktop', DESKTOP],
  ['phone', SMALL],
] as const)(
  'a result that the server has no type for is shown by its data and files on a %s',
  async (_name, viewport) => {
    const project = unique('newer');
    const job = await scribe.begin(project, 'POSTER');
    await job.complete({
      type: 'HologramResult',
      mood: 'bright',
      layers: 3,
      depths: [0.5, 1.25],
      light: { angle: 40, colours: ['red', 'blue'] },
      missing: null,
      hologram: {
        name: 'scene.holo',
        path: `${project}/${job.id}/scene.holo`,
        contentType: 'model/holo',
        sizeBytes: 4_200,
      },
    });
    const page = await openPage(browser, { viewport });
    await page.goto(`${api.url}/p/${project}`);
    await page.locator('.card').getByText('scene.holo').waitFor();
    await expectAccessible(page);
    await expectNoSideways(page);
    await page.locator('.card-link').click();
    await page.locator('.result').getByText('model/holo · 4 kB').waitFor();
    expect(
      await page.locator('.result').getByRole('link', { name: 'Download' }).getAttribute('download'),
    ).toBe('scene.holo');
    expect((await page.locator('.result .fact').allInnerTexts()).map((fact) => fact.split('\n'))).toEqual([
      ['Mood', 'bright'],
      ['Layers', '3'],
      ['Depths', '0.5, 1.25'],
    ]);
    await page.getByText('"angle": 40').waitFor();
    await expectAccessible(page);
    await expectNoSideways(page);
  },
);

test('while it is not known which workflows there are, the page works, and says so where it matters', async () => {
  const project = unique('unknown');
  const job = await scribe.begin(project, 'POSTER');
  const page = await openPage(browser);
  let isAway = true;
  const again = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('query Workflows')) return route.fallback();
    if (isAway) return route.abort();
    // A connection that comes back asks too, and its answer would take the button away.
    await again.promise;
    await route.fallback();
  });
  await page.goto(`${api.url}/p/${project}?workflow=POSTER`);
  await page.getByRole('link', { name: 'Poster' }).waitFor();
  await page.getByRole('button', { name: 'Poster', pressed: true }).waitFor();
  await page.getByRole('button', { name: 'New job' }).first().click();
  await page.getByText('The workflows could not be loaded').waitFor();
  await expectAccessible(page);
  isAway = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  again.resolve();
  await title(page).waitFor();
  await job.close();
});

test('a filter by a workflow that the server does not have is none', async () => {
  const project = unique('filter');
  const job = await scribe.begin(project, 'POSTER');
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${project}?workflow=HOLOGRAM`);
  await page.getByRole('link', { name: 'Poster' }).waitFor();
  await job.close();
});
