/** The sign-in in a real browser, against a real API process with authentication. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { CredentialStore, type NewApiKey } from '../../src/auth/credential-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import { AUTH_SECRET, fieldOf, JWT_SETTINGS, makeJwt } from '../security/secured-server.ts';
import { until } from '../setup/deadline.ts';
import { SetClock, unique } from '../setup/harness.ts';
import { DESKTOP, expectAccessible, expectNoSideways, launchBrowser, openPage, PHONE } from './browser.ts';
import { execute, openTab } from './graphiql.ts';
import { openScribedApi } from './scribed-api.ts';

const env = { PLAYHEAD_AUTH_SECRET: AUTH_SECRET, ...JWT_SETTINGS, PLAYHEAD_GRAPHIQL: 'on' };
const { api, dataDir, prefix, redis, scribe } = openScribedApi('sign-in', env);
const store = new CredentialStore(redis, createKeys(prefix), systemClock);
const HOUR_MS = 3_600_000;
let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser?.close());

const makeKey = (grant: Partial<NewApiKey>) =>
  store.createKey({ name: 'test', projects: ['a'], scope: 'write', expiresAt: null, ...grant });

/** By createViewerToken, as a backend does it; it ends with the key that it is made with. */
async function makeViewerToken(url: string, projectId: string, lifeMs: number): Promise<string> {
  const { text } = await makeKey({ projects: [projectId], expiresAt: Date.now() + lifeMs });
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${text}` },
    body: JSON.stringify({ query: `mutation { createViewerToken(projectId: "${projectId}") { token } }` }),
  });
  return (await fieldOf<{ token: string }>(response, 'createViewerToken')).token;
}

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('API key or token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const logLine = (page: Page, text: string) => page.locator('.log-line', { hasText: text }).first();
const live = (page: Page) => page.locator('.pill[data-state=live]').waitFor();

test('a key opens the page that was asked for, until the tab is closed or one signs out', async () => {
  const project = unique('own');
  const job = await scribe.begin(project);
  const { text } = await makeKey({ projects: [project, 'b'] });
  const page = await openPage(browser);
  const addresses: string[] = [];
  page.on('request', (request) => addresses.push(request.url()));
  await page.goto(`${api.url}/p/${project}/jobs/${job.id}`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await expectAccessible(page);
  expect(await page.getByLabel('API key or token').getAttribute('type')).toBe('password');
  await signIn(page, `  Bearer ${text}\n`);
  await page.getByRole('heading', { name: 'Video' }).waitFor();
  await live(page);
  job.step('generate_videos', 0.5, 'Clip 5');
  await logLine(page, 'Clip 5').waitFor();
  expect(addresses.filter((address) => address.includes(text))).toEqual([]);

  await page.reload();
  await page.getByText('Clip 5').first().waitFor();
  expect(await page.evaluate('localStorage.getItem("playhead.token")')).toBeNull();
  await page.getByRole('button', { name: new RegExp(`currently ${project}`) }).click();
  expect(await page.locator('.project-list a').allTextContents()).toEqual([project, 'b']);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Signed in' }).click();
  await page.getByText(`${project}, b`).waitFor();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(await page.locator('.job-page').count()).toBe(0);
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await job.close();
});

test('kept on the device, it opens other tabs too, and all end with signing out', async () => {
  const { text } = await makeKey({});
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/a`);
  await page.getByLabel('Keep me signed in').check();
  await signIn(page, text);
  await live(page);
  const other = await page.context().newPage();
  await other.goto(`${api.url}/p/a`);
  await live(other);
  await other.getByRole('button', { name: 'Signed in' }).click();
  await other.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('what is not taken says why', async () => {
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/a`);
  await signIn(page, '');
  await page.getByText('Paste a key or token here').waitFor();
  await signIn(page, `ph_0123456789ab_${'A'.repeat(43)}`);
  await page.getByText(/The API key is unknown, has expired or was revoked/).waitFor();
  await signIn(page, await makeJwt({}, { expires: 1_000_000_000 }));
  await page.getByText(/This token expired at Sep 9/).waitFor();
  await signIn(page, await makeJwt({}, { secret: 'x'.repeat(40) }));
  await page.getByText(/The token is not valid/).waitFor();
  const dead = await makeKey({});
  await store.revokeKey(dead.id);
  await signIn(page, dead.text);
  await page.getByText(/has expired or was revoked/).waitFor();
  await expectAccessible(page);
  expect(await page.evaluate('[...Object.keys(sessionStorage), localStorage.length]')).not.toContain(
    'playhead.token',
  );
});

test('revoked while live: the page is kept, and goes on behind the last event with the next token', async () => {
  const project = unique('revoked');
  const job = await scribe.begin(project);
  const { id, text } = await makeKey({ projects: [project] });
  const page = await openPage(browser);
  const subscriptions: string[] = [];
  page.on('websocket', (socket) =>
    socket.on('framesent', ({ payload }) => {
      if (String(payload).includes('"type":"subscribe"')) subscriptions.push(String(payload));
    }),
  );
  await page.goto(`${api.url}/p/${project}/jobs/${job.id}`);
  await signIn(page, text);
  await live(page);
  job.step('generate_videos', 0.1, 'Clip 1');
  await logLine(page, 'Clip 1').waitFor();
  await page.getByRole('button', { name: 'New job' }).click();
  await page.getByLabel('Script', { exact: true }).fill('MIRA: Half a sen');

  await store.revokeKey(id);
  await page.getByText('it was revoked').waitFor();
  await page.getByLabel('API key or token').and(page.locator(':focus')).waitFor();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  job.step('generate_videos', 0.2, 'Clip 2');
  await until(() => job.tracker.state.message === 'Clip 2');
  job.step('generate_videos', 0.3, 'Clip 3');
  await signIn(page, (await makeKey({ projects: [project] })).text);
  expect(await page.getByLabel('Script', { exact: true }).inputValue()).toBe('MIRA: Half a sen');
  await page.getByRole('button', { name: 'Close' }).click();
  await live(page);
  await logLine(page, 'Clip 3').waitFor();
  const lines = await page.locator('.log-text').allTextContents();
  const clips = lines.filter((line) => line.startsWith('Clip')).map((line) => line.slice(0, 6));
  // Each step on the way to the first has an event of its own.
  expect(clips).toEqual(['Clip 3', 'Clip 2', ...Array.from({ length: clips.length - 2 }, () => 'Clip 1')]);
  expect(subscriptions.map((payload) => payload.includes('"after":'))).toEqual([false, true]);
  await job.close();
});

test('a browser’s token opens its project to read, and says when it has ended', async () => {
  const clock = new SetClock();
  const settings = { PORT: '0', PLAYHEAD_PREFIX: prefix, PLAYHEAD_DATA_DIR: dataDir, ...env };
  const parts = { redisUrl: inject('redisUrl'), logger: silentLogger, clock };
  const server = await startServer({ config: readConfig(settings), ...parts });
  onTestFinished(() => server.close());
  const url = `http://127.0.0.1:${server.port}`;
  const project = unique('viewer');
  const job = await scribe.begin(project);
  const failed = await scribe.begin(project, 'AUDIO');
  await failed.fail('The disk is full', 'STORAGE_FAILED');
  const page = await openPage(browser);
  await page.goto(url);
  await signIn(page, await makeViewerToken(url, project, HOUR_MS));
  await page.waitForURL(new RegExp(`/p/${project}$`));
  await page.getByText('Read only').waitFor();
  await page.clock.setSystemTime(clock.time + HOUR_MS - 60_000);
  await page.getByText(/^expires in/).waitFor();
  const newJob = page.getByRole('button', { name: 'New job' });
  expect(await newJob.isDisabled()).toBe(true);
  expect(await newJob.getAttribute('title')).toContain('is read-only');
  expect(await page.getByRole('button', { name: 'Retry', exact: true }).isDisabled()).toBe(true);
  await page.getByRole('link', { name: 'Video' }).click();
  expect(await page.getByRole('button', { name: 'Cancel', exact: true }).isDisabled()).toBe(true);
  await page.getByText('it cannot start, cancel or retry jobs').waitFor();
  await expectAccessible(page);
  // The page's clock is first: by that it knows whether a token that the server refuses has ended or was revoked.
  await page.clock.setSystemTime(clock.time + 2 * HOUR_MS);
  clock.time += 2 * HOUR_MS;
  await page.getByText(/This token expired at/).waitFor();
  expect(await page.locator('.job-page').count()).toBe(1);
  await page.reload();
  await page.getByText('requires an API key').waitFor();
  await job.close();
});

test('a token of another project says which projects it is for', async () => {
  const { text } = await makeKey({ projects: ['a', 'b'] });
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/secret`);
  await signIn(page, text);
  await page.getByText('Your token has no access to the project secret').waitFor();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'b' }).click();
  await live(page);
  await page.goto(`${api.url}/p/secret`);
  await page.getByRole('button', { name: 'Use another token' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('what is refused all the same is said: a token that was narrowed meanwhile', async () => {
  const project = unique('narrow');
  const job = await scribe.begin(project);
  const page = await openPage(browser);
  // The page believes that it may; the server knows better.
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('query Viewer')) return route.continue();
    await route.fulfill({
      json: { data: { viewer: { scope: 'WRITE', projects: [project], jobId: null, expiresAt: null } } },
    });
  });
  await page.goto(`${api.url}/p/${project}/jobs/${job.id}`);
  await signIn(page, (await makeKey({ projects: [project], scope: 'read' })).text);
  await page.getByRole('button', { name: 'Cancel', exact: true }).click();
  await page.getByRole('button', { name: 'Cancel the job' }).click();
  await page.getByText('it needs the scope “write”').waitFor();
  await job.close();
});

test.each([
  { colorScheme: 'light', viewport: DESKTOP, locale: 'en-US' },
  { colorScheme: 'dark', viewport: PHONE, locale: 'ko-KR' },
] as const)('the sign-in fits: $colorScheme, $locale', async (options) => {
  const page = await openPage(browser, options);
  await page.goto(`${api.url}/p/a`);
  await page.locator('.sign-in details').click();
  await page.getByText('npm run playhead -- keys create').waitFor();
  await expectAccessible(page);
  await expectNoSideways(page);
  await page.locator('input[type=password]').fill((await makeKey({ scope: 'read' })).text);
  await page.locator('button[type=submit]').click();
  await live(page);
  await expectAccessible(page);
  await expectNoSideways(page);
  await page.locator('.menu-button').click();
  await page.locator('.account').waitFor();
  await expectAccessible(page);
});

test('GraphiQL sends what stands in its headers editor, for queries and for subscriptions', async () => {
  const project = 'demo';
  const job = await scribe.begin(project);
  const { text } = await makeKey({ projects: [project] });
  const page = await openPage(browser, { provoked: /401/ });
  await page.goto(`${api.url}/graphql`);
  await page.locator('.graphiql-tab-active', { hasText: 'Start' }).waitFor();
  const writeHeaders = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Headers' }).click();
    await page.locator('.graphiql-editor-tool .monaco-editor').last().click();
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.insertText(`{"Authorization": "Bearer ${text}"}`);
  };
  await openTab(page, 'Jobs', /query/);
  await execute(page, page.locator('.result-window', { hasText: /UNAUTHENTICATED/ }));
  await writeHeaders();
  await page.getByRole('button', { name: /Execute/ }).click();
  await page.locator('.result-window', { hasText: /edges/ }).waitFor();
  await openTab(page, 'Watch', /subscription/);
  await writeHeaders();
  await page.getByRole('button', { name: /Execute/ }).click();
  await page.getByRole('button', { name: /Stop/ }).waitFor();
  job.step('generate_videos', 0.5, 'Seen in GraphiQL');
  await page.locator('.result-window', { hasText: /ProgressEvent/ }).waitFor();
  await page.reload();
  await page.locator('.view-lines', { hasText: /subscription/ }).waitFor();
  await job.close();
});
