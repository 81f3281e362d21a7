/** A tracked job in the dashboard and on the command line: under its task's name, with its own steps, data and links. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { TrackInput } from '../../src/jobs/tracked-input.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { run, start } from '../cli/playhead.ts';
import { unique } from '../setup/harness.ts';
import { expectAccessible, launchBrowser, openPage } from './browser.ts';
import { ApiProcess } from './processes.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-tracked-'));
const prefix = unique('tracked');
const api = new ApiProcess({ prefix, dataDir });
let browser: Browser;
let redis: Redis;
let tracked: TrackedJobs;

beforeAll(async () => {
  redis = connectRedis(inject('redisUrl'), () => {});
  tracked = new TrackedJobs({ redis, keys: createKeys(prefix) });
  [browser] = await Promise.all([launchBrowser(), api.start()]);
});

afterAll(async () => {
  await browser?.close();
  await api.kill();
  await closeRedis(redis);
  rmSync(dataDir, { recursive: true, force: true });
});

async function track(input: Partial<TrackInput> = {}) {
  const { projectId = unique('tracked') } = input;
  const steps = [
    { name: 'probe', share: 1 },
    { name: 'encode', share: 3 },
  ];
  // The name of a batch's task in other workflows.
  const given = { taskName: 'batch_transcode', steps, ...input, projectId };
  const { job, lease } = await tracked.track(given);
  return { projectId, job, holder: { projectId, jobId: job.id, lease } };
}

const END = {
  result: { frames: 2400, notes: { codec: 'av1' } },
  artifacts: [
    { url: 'https://cdn.example.com/film.mp4', contentType: 'video/mp4', sizeBytes: 2_000_000 },
    { url: 'https://cdn.example.com/files/', contentType: 'text/plain', name: 'log' },
  ],
};

test('is followed in the dashboard, and shown with what it has made', async () => {
  const { holder, projectId, job } = await track({ title: 'Film 42' });
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${projectId}`);
  await page.locator('.card', { hasText: 'Batch transcode' }).waitFor();
  await page.goto(`${api.url}/p/${projectId}/jobs/${job.id}`);
  await page.getByRole('button', { name: 'Cancel' }).waitFor();
  await tracked.reportProgress({ ...holder, step: 'encode', message: 'Frame 1200' });
  await page.getByText('Frame 1200').first().waitFor();
  expect(await page.locator('.step .step-name').allTextContents()).toEqual([
    expect.stringContaining('probe'),
    expect.stringContaining('encode'),
  ]);
  await tracked.reportCompletion({ ...holder, ...END });
  await page.locator('.job-head .badge[data-status=COMPLETED]').waitFor();
  expect(await page.locator('.result .fact').allInnerTexts()).toEqual(['Frames\n2,400']);
  await page.getByText('"codec": "av1"').waitFor();
  const open = page.getByRole('link', { name: 'Open' });
  const links = (await open.all()).map((link) => link.getAttribute('href'));
  expect(await Promise.all(links)).toEqual(END.artifacts.map(({ url }) => url));
  // The page shows nothing of another server.
  expect(await page.locator('.result video, .result img, .text-file').count()).toBe(0);
  await expectAccessible(page);
});

test('offers no retry in the dashboard, since another system runs it', async () => {
  const { holder, projectId, job } = await track();
  await tracked.reportError({ ...holder, error: 'The disk is full', code: 'NO_SPACE' });
  const page = await openPage(browser);
  await page.goto(`${api.url}/p/${projectId}/jobs/${job.id}`);
  await page.locator('.job-head .badge[data-status=FAILED]').waitFor();
  await page.getByText('The disk is full').first().waitFor();
  expect(await page.getByRole('button', { name: 'Retry' }).count()).toBe(0);
});

test('is followed, listed and cancelled on the command line', async () => {
  const { holder, projectId, job } = await track();
  const at = { url: api.url, project: projectId };
  const watching = start(['watch', job.id], at);
  await watching.says('Starting');
  await tracked.reportProgress({ ...holder, step: 'encode', message: 'Frame 1200' });
  await watching.says(/25 % {2}encode/);
  await tracked.reportCompletion({ ...holder, ...END });
  const { code, out } = await watching.ended();
  expect(code).toBe(0);
  expect(out).toMatch(/^Done in .*: batch_transcode$/m);
  expect(out).toMatch(/^ {2}Frames +2400$/m);
  expect(out).toMatch(/^ {2}Film +https:\/\/cdn\.example\.com\/film\.mp4$/m);
  expect(out).toMatch(/^ {2}Log +https:\/\/cdn\.example\.com\/files\/$/m);
  expect((await run(['jobs'], at)).out).toMatch(/batch_transcode +completed +100 %/);

  const other = await track({ projectId });
  const cancelled = await run(['cancel', other.job.id], at);
  expect([cancelled.code, cancelled.out]).toEqual([0, `batch_transcode ${other.job.id} is cancelled.\n`]);
  expect(await tracked.reportProgress(other.holder)).toMatchObject({ accepted: false, stop: 'CANCELLED' });
  const retried = await run(['retry', other.job.id], at);
  expect(retried.code).not.toBe(0);
  expect(retried.err).toContain('the system that runs it has to retry it');
  const shown = await run(['watch', other.job.id], at);
  expect(shown.out).toContain('Cancelled.');
  expect(shown.out).not.toContain('retry');
});
