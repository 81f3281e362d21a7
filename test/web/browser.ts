/** Pages of a real browser, for tests. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { PATIENCE_MS } from '../setup/deadline.ts';
import { DESKTOP, launchBrowser, PHONE } from './chromium.ts';

export { DESKTOP, launchBrowser, PHONE };

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface PageOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly colorScheme?: 'light' | 'dark';
  readonly locale?: string;
  /** What the page is made to say on its console in this test. */
  readonly provoked?: RegExp;
}

/**
 * Opens a page of its own context for one test. At the test's end it must have thrown nothing and broken no rule of the
 * content security policy; requests that failed while the server was away do not count.
 */
export async function openPage(browser: Browser, options: PageOptions = {}): Promise<Page> {
  const { viewport = DESKTOP, colorScheme = 'light', locale = 'en-US', provoked } = options;
  const context = await browser.newContext({ viewport, colorScheme, locale, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() !== 'error' || /ERR_|WebSocket connection|Failed to load/.test(text)) return;
    if (provoked?.test(text) !== true) faults.push(text);
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

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** axe-core is put into the page by the debugger, which the content security policy does not concern. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: readonly Violation[];
  };
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`);
  expect(found).toEqual([]);
}
