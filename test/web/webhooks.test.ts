/** The page of webhooks in a real browser: an API with authentication, a worker that sends, and a receiver over HTTP. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CredentialStore } from '../../src/auth/credential-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { AUTH_SECRET } from '../security/secured-server.ts';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { Receiver } from '../webhooks/receiver.ts';
import { DESKTOP, expectAccessible, expectNoSideways, launchBrowser, openPage, PHONE } from './browser.ts';
import { ApiProcess, WorkerProcess } from './processes.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-webhooks-'));
const prefix = unique('webhooks');
const env = { PLAYHEAD_AUTH_SECRET: AUTH_SECRET, PLAYHEAD_WEBHOOK_PRIVATE: 'on' };
const api = new ApiProcess({ prefix, dataDir, env });
const worker = new WorkerProcess({ prefix, dataDir, env });
let browser: Browser;
let redis: Redis;
let tracked: TrackedJobs;

beforeAll(async () => {
  redis = connectRedis(inject('redisUrl'), () => {});
  tracked = new TrackedJobs({ redis, keys: createKeys(prefix) });
  [browser] = await Promise.all([launchBrowser(), api.start(), worker.start()]);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([api.kill(), worker.kill('SIGTERM')]);
  await closeRedis(redis);
  rmSync(dataDir, { recursive: true, force: true });
});

/** A project's page of somebody with this scope. */
async function open(scope: 'write' | 'admin', options: Parameters<typeof openPage>[1] = {}, path = '') {
  const project = unique('hooked');
  const store = new CredentialStore(redis, createKeys(prefix), systemClock);
  const { text } = await store.createKey({ name: 'test', projects: [project], scope, expiresAt: null });
  const page = await openPage(browser, options);
  await page.goto(`${api.url}/p/${project}${path}`);
  await page.locator('input[type=password]').fill(text);
  await page.locator('.sign-in-form button[type=submit]').click();
  await page.locator('.header').waitFor();
  return { page, project };
}

/** A job of the project that has ended. */
async function endJob(projectId: string): Promise<string> {
  const { job, lease } = await tracked.track({ projectId, taskName: 'transcode' });
  await tracked.reportCompletion({ projectId, jobId: job.id, lease });
  return job.id;
}

const panel = (page: Page) => page.locator('.webhook');
const secretOf = async (page: Page): Promise<string> =>
  (await page.locator('dialog.secret[open] code').textContent()) ?? '';

test('a webhook is made, its secret shown once, and each message followed and sent again', async () => {
  const { page, project } = await open('admin');
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await page.waitForURL(/\/webhooks$/);
  await page.getByText('No webhooks yet').waitFor();
  await page.getByLabel('Address').fill('ftp://app.example.com/');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.locator('.field-error', { hasText: 'Expected' }).waitFor();
  expect(await page.getByLabel('Address').getAttribute('aria-invalid')).toBe('true');

  const receiver = await Receiver.start();
  await page.getByLabel('Address').fill(receiver.url);
  await page.getByLabel('was cancelled').uncheck();
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('heading', { name: 'The secret of the webhook' }).waitFor();
  const secret = await secretOf(page);
  expect(secret).toMatch(/^whsec_/);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await panel(page).getByText('is done, has failed ·').waitFor();
  await until(async () => !(await page.content()).includes(secret), { what: 'the page without the secret' });

  const jobId = await endJob(project);
  await panel(page).locator('.delivery', { hasText: 'Delivered' }).waitFor();
  const row = panel(page).locator('.delivery');
  expect(await row.textContent()).toMatch(/Tries: 1\s*answered 204/);
  const [received] = receiver.received;
  expect(() => new Webhook(secret).verify(received?.text ?? '', received?.headers ?? {})).not.toThrow();
  expect(await row.getByRole('link').getAttribute('href')).toBe(`/p/${project}/jobs/${jobId}`);
  await expectAccessible(page);
  await expectNoSideways(page);

  await row.getByRole('button', { name: 'Send again' }).click();
  await until(() => receiver.received.length === 2);
  expect(receiver.ids[1]).toBe(received?.id);
  await row.getByText('Tries: 2').waitFor();
});

test('on a phone: why it is disabled, enabled again, another secret, deleted', async () => {
  const { page, project } = await open('admin', { viewport: PHONE, colorScheme: 'dark' });
  await page.getByRole('button', { name: 'Signed in' }).click();
  await page.getByRole('link', { name: 'Webhooks' }).click();
  const gone = await Receiver.start((_received, response) => response.writeHead(410).end());
  await page.getByLabel('Address').fill(gone.url);
  await page.getByRole('button', { name: 'Create' }).click();
  const first = await secretOf(page);
  await expectNoSideways(page);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await endJob(project);
  await panel(page).getByText('The receiver answered 410 Gone.').waitFor();
  await panel(page).locator('.delivery', { hasText: 'answered 410' }).waitFor();
  expect(await page.getByRole('button', { name: 'Send again' }).count()).toBe(0);
  await expectAccessible(page);
  await expectNoSideways(page);

  gone.answer = (_received, response) => response.writeHead(503).end();
  await panel(page).getByRole('button', { name: 'Enable' }).click();
  await panel(page).locator('.delivery', { hasText: 'answered 503' }).waitFor();
  await panel(page)
    .getByText(/next try (in|now)/)
    .waitFor();
  await expectAccessible(page);
  await panel(page).getByRole('button', { name: 'New secret' }).click();
  await page.locator('dialog[open]').getByRole('button', { name: 'New secret' }).click();
  await page.getByRole('heading', { name: 'The secret of the webhook' }).waitFor();
  expect(await secretOf(page)).not.toBe(first);
  await page.getByRole('button', { name: 'I have kept it' }).click();
  await panel(page).getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Keep it' }).locator('visible=true').click();
  await panel(page).getByRole('button', { name: 'Delete' }).click();
  await page.locator('dialog[open]').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('No webhooks yet').waitFor();
});

test('without the scope admin there is no link to it, and the page says what it needs; in Korean too', async () => {
  const { page } = await open('write', { viewport: DESKTOP, locale: 'ko-KR' }, '/webhooks');
  await page.getByText('웹훅에는 “admin” 권한이 있는 키나 토큰이 필요합니다.').waitFor();
  expect(await page.getByRole('link', { name: '웹훅' }).count()).toBe(0);
  await expectAccessible(page);
});
