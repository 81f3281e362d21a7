/** A batch of which items failed says so at a glance: in its card, on its page, in the title and to screen readers. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { batchCounts, flawedCounts, lookOf } from '../../web/state/batch-counts.ts';
import type { JobView } from '../../web/state/job-view.ts';
import { unique } from '../setup/harness.ts';
import { DESKTOP, expectAccessible, expectNoSideways, launchBrowser, openPage, PHONE } from './browser.ts';
import { ApiProcess } from './processes.ts';
import { batchResult, makeJob, StandIn, type StandInJob } from './stand-in.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'playhead-web-'));
// For the page itself; what it asks of the API is answered by the stand-in.
const api = new ApiProcess({ prefix: unique('web'), dataDir });
let browser: Browser;

beforeAll(async () => {
  [browser] = await Promise.all([launchBrowser(), api.start()]);
});
afterAll(async () => {
  await browser?.close();
  await api.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

const ERROR = {
  message: 'The disk is full',
  code: 'STORAGE_FAILED',
  details: null,
  retryAfterSeconds: null,
  artifacts: [],
};

/** @param ends of its items; the rest run */
function makeBatch(done: number, failed: number, total: number): StandInJob {
  const items = Array.from({ length: total }, (_, index) => {
    if (index < done) return makeJob('AUDIO', { status: 'COMPLETED', progress: 1 });
    return index < done + failed
      ? makeJob('AUDIO', { status: 'FAILED', progress: 0.4, error: ERROR })
      : makeJob('AUDIO', { progress: 0.5 });
  });
  const hasEnded = done + failed === total;
  const batch = makeJob('AUDIO', {
    ...{ taskName: 'batch_verified_audio', status: hasEnded ? 'COMPLETED' : 'RUNNING' },
    ...{
      progress: hasEnded ? 1 : (done + failed) / total,
      metadata: { completed: done, failed, cancelled: 0, total },
    },
    result: hasEnded ? batchResult({ total, succeeded: done, failed, cancelled: 0 }) : null,
  });
  return { ...batch, items: items.map((item) => ({ ...item, parent: { id: batch.id } })) };
}

test.each([
  ['desktop', DESKTOP],
  ['phone', PHONE],
])('on a %s', async (name, viewport) => {
  const flawed = makeBatch(10, 2, 12);
  const running = makeBatch(3, 1, 12);
  const whole = makeBatch(3, 0, 3);
  const page = await openPage(browser, { viewport });
  await new StandIn([flawed, running, whole]).attach(page);
  await page.goto(`${api.url}/p/demo`);

  const cards = page.locator('.card');
  await cards.nth(2).waitFor();
  const said = (await cards.allInnerTexts()).map((text) => text.replaceAll('\n', ' '));
  expect(said).toEqual([
    expect.stringMatching(/Done.*3 of 3 done/),
    expect.stringMatching(/Running.*3 of 12 done, 1 failed/),
    expect.stringMatching(/10 of 12 done .*10 of 12 done, 2 failed/),
  ]);
  expect(said[2]).not.toContain('Done');
  await expectAccessible(page);
  await expectNoSideways(page);
  if (process.env['SHOTS']) await page.screenshot({ path: `/tmp/f-shots-list-${name}.png`, fullPage: true });

  await page.locator(`a[href$="${flawed.id}"]`).click();
  await page.locator('.job-head .badge', { hasText: '10 of 12 done' }).waitFor();
  await page.locator('.hero', { hasText: '10 of 12 done, 2 failed' }).waitFor();
  expect(await page.title()).toMatch(/^10 of 12 done, 2 failed · /);
  await expectAccessible(page);
  await expectNoSideways(page);
  if (process.env['SHOTS']) await page.screenshot({ path: `/tmp/f-shots-page-${name}.png`, fullPage: true });
});

test('an ending with failures is announced with its counts', async () => {
  const batch = makeBatch(2, 1, 4);
  const page = await openPage(browser);
  const server = new StandIn([batch]);
  await server.attach(page);
  await page.goto(`${api.url}/p/demo`);
  await page.getByText('2 of 4 done, 1 failed').waitFor();
  await page.locator('.pill[data-state=live]').waitFor();
  const result = batchResult({ total: 4, succeeded: 3, failed: 1, cancelled: 0 });
  server.send({ ...batch, status: 'COMPLETED', progress: 1, result });
  await page.locator('p[aria-live]', { hasText: '3 of 4 done, 1 failed' }).waitFor({ state: 'attached' });
});

test('counts come from the events while it runs, from the result behind that, and of no other job', () => {
  const view = (changes: Partial<StandInJob>): JobView => ({
    ...makeJob('AUDIO', { taskName: 'batch_verified_audio', ...changes }),
    ...{ etaAt: 0, itemIds: [] },
  });
  const metadata = { completed: 1, failed: 0, cancelled: 1, total: 3 };
  const result = batchResult({ total: 3, succeeded: 3, failed: 0, cancelled: 0 });
  expect(batchCounts(view({ metadata }))).toEqual({ done: 1, failed: 0, cancelled: 1, total: 3 });
  expect(batchCounts(view({ metadata, result }))?.done).toBe(3);
  for (const other of [null, {}, 'text', { completed: 'one', total: 3 }]) {
    expect(batchCounts(view({ metadata: other }))).toBeNull();
  }
  expect(batchCounts(view({ metadata, taskName: 'verified_audio' }))).toBeNull();
  expect(flawedCounts(view({ metadata }))?.cancelled).toBe(1);
  expect(lookOf(view({ metadata, result, status: 'COMPLETED' }))).toBe('COMPLETED');
  expect(lookOf(view({ metadata, status: 'COMPLETED' }))).toBe('PARTIAL');
  expect(lookOf(view({ metadata, status: 'CANCELLED' }))).toBe('CANCELLED');
});
