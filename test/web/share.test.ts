/** A share link in a real browser: whoever opens it sees one job, live, with its files, and nothing else. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CredentialStore } from '../../src/auth/credential-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import { AUTH_SECRET } from '../security/secured-server.ts';
import { SetClock, unique } from '../setup/harness.ts';
import { DESKTOP, expectAccessible, expectNoSideways, launchBrowser, openPage, PHONE } from './browser.ts';
import { Scribe, type ScribedJob } from './scribe.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-share-'));
const prefix = unique('share');
const clock = new SetClock(Date.now());
const NOTHING_SHARED = { jobs: 0, links: 0, buttons: 0 };
let browser: Browser;
let redis: Redis;
let scribe: Scribe;
let store: CredentialStore;
let server: RunningServer;
let url: string;

beforeAll(async () => {
  redis = connectRedis(inject('redisUrl'), () => {});
  scribe = new Scribe(redis, prefix);
  store = new CredentialStore(redis, createKeys(prefix), systemClock);
  const env = {
    ...{ PORT: '0', PLAYHEAD_PREFIX: prefix, PLAYHEAD_DATA_DIR: dataDir },
    PLAYHEAD_AUTH_SECRET: AUTH_SECRET,
  };
  const parts = { redisUrl: inject('redisUrl'), logger: silentLogger, clock };
  [browser, server] = await Promise.all([
    launchBrowser(),
    startServer({ config: readConfig(env), ...parts }),
  ]);
  url = `http://127.0.0.1:${server.port}`;
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await closeRedis(redis);
  rmSync(dataDir, { recursive: true, force: true });
});

interface SharedJob {
  readonly job: ScribedJob;
  /** Id of the key that the person is signed in with. */
  readonly keyId: string;
  /** The page of the person who shares. */
  readonly owner: Page;
}

/** Signs in on the page of a job that runs. */
async function begin(options: Parameters<typeof openPage>[1] = {}): Promise<SharedJob> {
  const project = unique('project');
  const job = await scribe.begin(project, 'AUDIO');
  await scribe.begin(project, 'WRITER');
  const key = await store.createKey({ name: '', projects: [project], scope: 'write', expiresAt: null });
  const owner = await openPage(browser, options);
  await owner.goto(`${url}/p/${project}/jobs/${job.id}`);
  await owner.locator('input[type=password]').fill(key.text);
  await owner.locator('button[type=submit]').click();
  await owner.locator('.job-head').waitFor();
  return { job, keyId: key.id, owner };
}

/** Makes the link as a person does. */
async function share(owner: Page, lifetime: string): Promise<string> {
  await owner.getByRole('button', { name: 'Share' }).click();
  await owner.getByLabel('The link works for').selectOption(lifetime);
  await owner.getByRole('button', { name: 'Make the link' }).click();
  const link = owner.getByLabel('Link', { exact: true });
  await link.waitFor();
  await expectAccessible(owner);
  return link.inputValue();
}

/** What could lead away from the job, or change it. */
async function waysOut(page: Page): Promise<typeof NOTHING_SHARED> {
  const download = page.locator('a[download]');
  return {
    jobs: await page.locator('.card-link, .project-switch, .project-list, .back').count(),
    links: (await page.locator('a').count()) - (await download.count()),
    buttons: await page
      .getByRole('button', { name: /new job|cancel|retry|run again|share|menu|lips/i })
      .count(),
  };
}

test('it shows the job as it goes on, its files, and nothing to click into', async () => {
  const { job, keyId, owner } = await begin();
  const link = await share(owner, 'an hour');
  const page = await openPage(browser);
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  await page.goto(link);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('.pill[data-state=live]').waitFor();
  job.step('tts_generation', 0.5, 'Saying it');
  await page.locator('.log-line', { hasText: 'Saying it' }).first().waitFor();
  await expectAccessible(page);
  expect(await waysOut(page)).toEqual(NOTHING_SHARED);

  const folder = `${job.tracker.state.projectId}/${job.id}`;
  mkdirSync(join(dataDir, 'artifacts', folder), { recursive: true });
  writeFileSync(join(dataDir, 'artifacts', folder, 'speech.wav'), 'RIFF');
  const audio = { path: `${folder}/speech.wav`, contentType: 'audio/wav', sizeBytes: 4 };
  const said = { transcript: 'Rain falls.', similarity: 1, tries: 1, totalDuration: 1, totalCostUsd: 0 };
  await job.complete({ type: 'AudioResult', audio, ...said });
  const file = page.locator('a[download]');
  await file.waitFor();
  const path = await file.getAttribute('href');
  expect(await (await fetch(`${url}${path}`)).text()).toBe('RIFF');
  await page.reload();
  await file.waitFor();
  expect(await waysOut(page)).toEqual(NOTHING_SHARED);
  await expectAccessible(page);

  // The token is in no address that is sent, and is not kept.
  const token = link.split('#share=')[1] ?? '';
  expect(addresses.filter((address) => address.includes(token) && !address.includes('#'))).toEqual([]);
  expect(await page.evaluate('JSON.stringify([{ ...sessionStorage }, { ...localStorage }])')).not.toContain(
    token,
  );
  await store.revokeKey(keyId);
  // Its stream has ended with the job: who looks at the page again finds out.
  await page.evaluate('dispatchEvent(new Event("focus"))');
  await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
  await expectAccessible(page);
  await job.close();
});

test('a link that has run out says since when; where somebody is signed in, it leaves that as it is', async () => {
  const { job, owner } = await begin();
  const link = await share(owner, 'a day');
  // Only the part behind the # is another: the browser itself would stay on the page.
  await owner.goto(link);
  await owner.getByText('Link expires:').waitFor();
  expect(await waysOut(owner)).toEqual(NOTHING_SHARED);
  await owner.goto(link.split('/jobs/')[0] ?? '');
  await owner.locator('.card-link').first().waitFor();

  const page = await openPage(browser);
  await page.goto(link);
  await page.locator('.job-head').waitFor();
  clock.time += 25 * 3_600_000;
  await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
  await page.goto('about:blank');
  await page.goto(link.slice(0, -5));
  await page.getByText('It may be incomplete').waitFor();
  await job.close();
});

test('a job that is retried after its end is followed again by who comes back', async () => {
  const { job, owner } = await begin();
  const link = await share(owner, 'an hour');
  const page = await openPage(browser);
  await page.goto(link);
  await page.locator('.pill[data-state=live]').waitFor();
  await job.fail('The disk is full', 'STORAGE_FAILED');
  await page.getByText('The disk is full').first().waitFor();
  await owner.keyboard.press('Escape');
  await owner.getByRole('button', { name: 'Retry', exact: true }).click();
  await owner.getByRole('button', { name: 'Cancel', exact: true }).waitFor();
  await page.evaluate('dispatchEvent(new Event("focus"))');
  await page.locator('.hero[data-status=QUEUED]').waitFor();
  await owner.getByRole('button', { name: 'Cancel', exact: true }).click();
  await owner.getByRole('button', { name: 'Cancel the job' }).click();
  await page.locator('.hero[data-status=CANCELLED]').waitFor();
  await job.close();
});

test.each([
  { colorScheme: 'light', viewport: DESKTOP, locale: 'en-US' },
  { colorScheme: 'dark', viewport: PHONE, locale: 'ko-KR' },
] as const)('it fits: $colorScheme, $locale', async (options) => {
  const { job, owner } = await begin(options);
  await owner.locator('.job-actions .button').first().click();
  await owner.locator('dialog[open] .button.primary').click();
  const link = await owner.locator('dialog[open] input').inputValue();
  await expectAccessible(owner);
  await expectNoSideways(owner);
  const page = await openPage(browser, options);
  await page.goto(link);
  await page.locator('.pill[data-state=live]').waitFor();
  await page.locator('.job-head').waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe(options.locale.slice(0, 2));
  await expectAccessible(page);
  await expectNoSideways(page);
  await job.close();
});
