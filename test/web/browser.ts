/** Pages of a real browser, for tests. */
import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { DESKTOP, launchBrowser, PHONE } from './chromium.ts';

export { DESKTOP, launchBrowser, PHONE };

interface PageOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly locale?: string;
}

/**
 * Opens a page of its own context for one test. At the test's end it must have thrown nothing and broken no rule of the
 * content security policy; requests that failed while the server was away do not count.
 */
export async function openPage(browser: Browser, options: PageOptions = {}): Promise<Page> {
  const { viewport = DESKTOP, colorScheme = 'light', locale = 'en-US' } = options;
  const context = await browser.newContext({ viewport, colorScheme, locale, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(25_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/ERR_|WebSocket connection|Failed to load/.test(message.text()))
      faults.push(message.text());
  });
  onTestFinished(async () => {
    await context.close();
    expect(faults).toEqual([]);
  });
  return page;
}

/** Pages that scroll sideways do not fit. */
export async function expectNoSideways(page: Page): Promise<void> {
  const [content, window] = (await page.evaluate('[document.scrollingElement.scrollWidth, innerWidth]')) as [
    number,
    number,
  ];
  expect(content).toBeLessThanOrEqual(window);
}
