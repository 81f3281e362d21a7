/**
 * Takes the dashboard's pictures for the README into docs/pictures: light, dark, phone and statistics. They show one job of
 * every kind in every state (test/web/showcase.ts) with a frame of the README's film; no server is needed. Run it after visual
 * changes: `node scripts/take-pictures.ts [FOLDER]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { preview } from 'vite';
import { DESKTOP, launchBrowser, PHONE } from '../test/web/chromium.ts';
import { makeMediaFiles } from '../test/web/media-files.ts';
import { makeRuns, makeShowcase, type Showcase } from '../test/web/showcase.ts';
import { StandIn } from '../test/web/stand-in.ts';

/** Tall enough for the player with its lines. */
const TALL = { width: 1280, height: 1020 };
const target = process.argv[2] ?? 'docs/pictures';
const scratch = mkdtempSync(join(tmpdir(), 'playhead-pictures-'));
const server = await preview({ configFile: 'web/vite.config.ts', preview: { port: 0, host: '127.0.0.1' } });
const url = server.resolvedUrls?.local[0] ?? '';
const browser = await launchBrowser();
try {
  await take('dashboard-light', { viewport: DESKTOP, colorScheme: 'light' });
  await take('dashboard-dark', { viewport: TALL, colorScheme: 'dark' }, ({ video }) => `/jobs/${video.id}`);
  await take(
    'dashboard-phone',
    { viewport: PHONE, colorScheme: 'light' },
    ({ running }) => `/jobs/${running.id}`,
  );
  await take('dashboard-statistics', { viewport: TALL, colorScheme: 'light' }, () => '/statistics');
} finally {
  await browser.close();
  await server.close();
  rmSync(scratch, { recursive: true, force: true });
}

async function take(
  name: string,
  options: BrowserContextOptions,
  path: (showcase: Showcase) => string = () => '',
): Promise<void> {
  const page = await open(browser, options, path);
  const file = join(target, `${name}.png`);
  await page.screenshot({ path: file, animations: 'disabled' });
  await page.context().close();
  console.log(file);
}

async function open(
  from: Browser,
  options: BrowserContextOptions,
  path: (showcase: Showcase) => string,
): Promise<Page> {
  const context = await from.newContext({ ...options, deviceScaleFactor: 1.5, reducedMotion: 'reduce' });
  const page = await context.newPage();
  // Made before the others, which should be the newest.
  const runs = makeRuns();
  const showcase = makeShowcase();
  const standIn = new StandIn(
    [...showcase.jobs, ...runs],
    makeMediaFiles(scratch, 'docs/pictures/video.jpg'),
  );
  standIn.waits = showcase.waits;
  await standIn.attach(page);
  await page.goto(`${url}p/demo${path(showcase)}`);
  await page.locator('.pill[data-state=live]').waitFor();
  // A few events, so that the log has something to show.
  const { running } = showcase;
  for (const [share, message] of [
    [0.31, 'Generating clips (5/10)'],
    [0.33, 'Generating clips (5/10)'],
    [0.35, 'Generating clips (6/10)'],
  ] as const) {
    standIn.progress(running, share, message);
  }
  await page.evaluate('document.fonts.ready');
  await page.locator('.track, .times').first().waitFor();
  // The waiting job's place in the queue, which is requested separately.
  if (path(showcase) === '') await page.getByText('3rd in the queue').waitFor();
  await page.waitForLoadState('networkidle');
  return page;
}
