/** playhead/client in real tabs: one connection for all of them, and what becomes of it when tabs and networks come and go. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { build, type PreviewServer, preview } from 'vite';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { PATIENCE_MS, until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { launchBrowser } from '../web/browser.ts';
import type { ScribedJob } from '../web/scribe.ts';
import { openScribedApi } from '../web/scribed-api.ts';

const { api, dataDir, redis, scribe } = openScribedApi('tabs');
let browser: Browser;
let served: PreviewServer;

beforeAll(async () => {
  const root = fileURLToPath(new URL('page', import.meta.url));
  const outDir = join(dataDir, 'page');
  await build({ root, build: { outDir }, logLevel: 'error', configFile: false });
  [browser, served] = await Promise.all([
    launchBrowser(),
    preview({
      ...{ root, build: { outDir }, logLevel: 'silent', configFile: false },
      preview: { port: 0, host: '127.0.0.1' },
    }),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await served?.close();
});

/** The tabs of one browser. */
class Tabs {
  readonly context: BrowserContext;
  readonly project = unique('project');
  readonly #query: string;
  /** WebSockets that any tab has opened. */
  opened = 0;

  private constructor(context: BrowserContext, shared: boolean) {
    this.context = context;
    this.#query = `api=${api.url}&project=${this.project}${shared ? '&shared=one' : ''}`;
  }

  static async begin({ shared }: { readonly shared: boolean }): Promise<Tabs> {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    return new Tabs(context, shared);
  }

  async open(): Promise<Page> {
    const page = await this.context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('websocket', () => {
      this.opened += 1;
    });
    await page.goto(`${served.resolvedUrls?.local[0]}?${this.#query}`);
    await page.locator('body[data-state=live]').waitFor({ state: 'attached' });
    return page;
  }
}

/** Waits until a page shows the message. @returns versions in the order in which they came */
async function versionsUpTo(page: Page, message: string): Promise<readonly number[]> {
  await page.getByText(message).first().waitFor();
  const lines = await page.locator('p').allTextContents();
  return lines.map((line) => Number.parseInt(line, 10));
}

function expectNoGap(versions: readonly number[]): void {
  const [first = 0] = versions;
  expect(versions).toEqual(versions.map((_version, index) => first + index));
}

/** Reports, and waits until it is written. */
async function report(job: ScribedJob, share: number, message: string): Promise<void> {
  job.step('generate_videos', share, message);
  await until(
    async () =>
      (await redis.hget(scribe.keys.project(job.tracker.state.projectId).job(job.id), 'message')) === message,
  );
}

test('tabs share one connection, which the next takes over when its tab closes, and nobody misses anything', async () => {
  const tabs = await Tabs.begin({ shared: true });
  const job = await scribe.begin(tabs.project);
  const [first, second, third] = [await tabs.open(), await tabs.open(), await tabs.open()];
  await report(job, 0.1, 'Clip 1');
  for (const page of [first, second, third]) expectNoGap(await versionsUpTo(page, 'Clip 1'));
  expect(tabs.opened).toBe(1);

  await first.close();
  await report(job, 0.2, 'Clip 2');
  for (const page of [second, third]) expectNoGap(await versionsUpTo(page, 'Clip 2'));
  expect(tabs.opened).toBe(2);

  await api.kill();
  await report(job, 0.3, 'Clip 3');
  await api.start();
  for (const page of [second, third]) expectNoGap(await versionsUpTo(page, 'Clip 3'));
  // A tab that follows opens none, however often the one that leads has to try.
  const before = tabs.opened;
  await third.close();
  await report(job, 0.4, 'Clip 4');
  expectNoGap(await versionsUpTo(second, 'Clip 4'));
  expect(tabs.opened - before).toBeLessThanOrEqual(1);
  await job.close();
});

test('what another tab has left is carried no longer', async () => {
  const tabs = await Tabs.begin({ shared: true });
  const job = await scribe.begin(tabs.project);
  const frames: string[] = [];
  tabs.context.on('page', (page) =>
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(String(payload)))),
  );
  await tabs.open();
  const other = await tabs.open();
  const isSubscribed = (): number => frames.filter((frame) => frame.includes('"subscribe"')).length;
  await until(() => isSubscribed() === 2);
  await other.close();
  await until(() => frames.some((frame) => frame.includes('"complete"')));
  await job.close();
});

test('without a name in common, each tab has a connection of its own', async () => {
  const tabs = await Tabs.begin({ shared: false });
  await tabs.open();
  await tabs.open();
  expect(tabs.opened).toBe(2);
});

test.each([true, false])(
  'offline and back, it goes on behind the last event (shared: %s)',
  async (shared) => {
    const tabs = await Tabs.begin({ shared });
    const job = await scribe.begin(tabs.project);
    const page = await tabs.open();
    await report(job, 0.1, 'Clip 1');
    await versionsUpTo(page, 'Clip 1');
    await tabs.context.setOffline(true);
    await api.kill();
    await page.locator('body[data-state=reconnecting]').waitFor({ state: 'attached' });
    await report(job, 0.2, 'Clip 2');
    await api.start();
    await tabs.context.setOffline(false);
    expectNoGap(await versionsUpTo(page, 'Clip 2'));
    await job.close();
  },
);

test('asleep and awake again, it goes on behind the last event', async () => {
  const tabs = await Tabs.begin({ shared: false });
  const job = await scribe.begin(tabs.project);
  const page = await tabs.open();
  await report(job, 0.1, 'Clip 1');
  await versionsUpTo(page, 'Clip 1');
  const session = await tabs.context.newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await api.kill();
  await report(job, 0.2, 'Clip 2');
  await api.start();
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  expectNoGap(await versionsUpTo(page, 'Clip 2'));
  await job.close();
});

test.each([true, false])(
  'a page that the browser keeps closes its connection, and goes on when it is shown again (shared: %s)',
  async (shared) => {
    const tabs = await Tabs.begin({ shared });
    const job = await scribe.begin(tabs.project);
    const page = await tabs.open();
    await report(job, 0.1, 'Clip 1');
    await versionsUpTo(page, 'Clip 1');
    const other = shared ? await tabs.open() : null;
    const persisted = "new PageTransitionEvent('NAME', { persisted: true })";
    // The debugger keeps Chromium from doing it by itself.
    await page.evaluate(`dispatchEvent(${persisted.replace('NAME', 'pagehide')})`);
    await page.locator('body[data-state=reconnecting]').waitFor({ state: 'attached' });
    await report(job, 0.2, 'Clip 2');
    if (other !== null) await versionsUpTo(other, 'Clip 2');
    expect(await page.getByText('Clip 2').count()).toBe(0);
    await page.evaluate(`dispatchEvent(${persisted.replace('NAME', 'pageshow')})`);
    expectNoGap(await versionsUpTo(page, 'Clip 2'));
    await job.close();
  },
);
