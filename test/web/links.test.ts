/** A page that is left open while its links run out, in a real browser, against a real server whose clock is set on. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CredentialStore } from '../../src/auth/credential-store.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { readConfig } from '../../src/settings/config.ts';
import { findFfmpeg } from '../../src/settings/ffmpeg.ts';
import { LinkRenewal } from '../../web/state/links.ts';
import { AUTH_SECRET } from '../security/secured-server.ts';
import { until } from '../setup/deadline.ts';
import { SetClock, unique } from '../setup/harness.ts';
import { launchBrowser, openPage } from './browser.ts';
import { Scribe } from './scribe.ts';

const HOURS_MS = 3_600_000;
const dataDir = mkdtempSync(join(tmpdir(), 'playhead-links-'));
const prefix = unique('links');
const clock = new SetClock();
let browser: Browser;
let redis: Redis;
let scribe: Scribe;
let server: RunningServer;
let token: string;

beforeAll(async () => {
  makeFiles(join(dataDir, 'made'));
  redis = connectRedis(inject('redisUrl'), () => {});
  scribe = new Scribe(redis, prefix);
  const env = {
    PORT: '0',
    PLAYHEAD_PREFIX: prefix,
    PLAYHEAD_DATA_DIR: dataDir,
    PLAYHEAD_AUTH_SECRET: AUTH_SECRET,
  };
  const dependencies = { redisUrl: inject('redisUrl'), logger: silentLogger, clock };
  server = await startServer({ config: readConfig(env), ...dependencies });
  const store = new CredentialStore(redis, createKeys(prefix), clock);
  token = (await store.createKey({ name: 'test', projects: ['a'], scope: 'read', expiresAt: null })).text;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await closeRedis(redis);
  rmSync(dataDir, { recursive: true, force: true });
});

/** A finished job, with a video that is too long to be loaded ahead as a whole. */
async function finish(): Promise<string> {
  const job = await scribe.begin('a');
  const folder = `a/${job.id}`;
  cpSync(join(dataDir, 'made'), join(dataDir, 'artifacts', folder), { recursive: true });
  const file = (name: string, contentType: string) => ({
    path: `${folder}/${name}`,
    contentType,
    sizeBytes: 1,
  });
  await job.complete({
    type: 'VideoResult',
    finalVideoPath: `${folder}/video.mp4`,
    video: file('video.mp4', 'video/mp4'),
    subtitles: file('subtitles.vtt', 'text/vtt'),
    thumbnail: file('thumbnail.jpg', 'image/jpeg'),
    ...{ totalDuration: 60, totalCostUsd: 0, clips: 3 },
  });
  await job.close();
  return job.id;
}

function makeFiles(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const make = (...args: string[]): void =>
    void execFileSync(findFfmpeg(), ['-y', '-loglevel', 'error', ...args]);
  const source = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=2:d=60', '-vf', 'noise=alls=60:allf=t'];
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '20', '-g', '2', '-pix_fmt', 'yuv420p'];
  make(...source, ...video, '-movflags', '+faststart', join(folder, 'video.mp4'));
  make('-i', join(folder, 'video.mp4'), '-frames:v', '1', '-s', '320x180', join(folder, 'thumbnail.jpg'));
}

/** Signs in, and counts what the page was told about single jobs. */
async function open(path: string): Promise<{ page: Page; loads: () => number }> {
  const page = await openPage(browser);
  let loads = 0;
  page.on('requestfinished', (request) => {
    if (request.postData()?.includes('query Job(')) loads += 1;
  });
  await page.goto(`http://127.0.0.1:${server.port}${path}`);
  await page.getByLabel('API key or token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  return { page, loads: () => loads };
}

interface Playback {
  readonly src: string;
  /** Seconds. */
  readonly at: number;
  readonly paused: boolean;
  readonly failed: boolean;
}

function playbackOf(page: Page): Promise<Playback> {
  return page.evaluate(
    '(({ src, currentTime, paused, error }) => ({ src, at: currentTime, paused, failed: error !== null }))(document.querySelector("video"))',
  );
}

test('a video whose link has run out goes on where it stood, with a new one', async () => {
  const id = await finish();
  const { page, loads } = await open(`/p/a/jobs/${id}`);
  await page.locator('video').waitFor();
  // Once for the page, and once when the stream has begun, which may come late.
  await until(() => loads() === 2);
  await page.evaluate('void document.querySelector("video").play()');
  await until(async () => (await playbackOf(page)).at > 0.2);
  const before = await playbackOf(page);

  clock.time += 3 * HOURS_MS;
  await page.evaluate('document.querySelector("video").currentTime = 50');
  const after = await until(async () => {
    const playback = await playbackOf(page);
    return playback.src !== before.src && playback.at > 50.2 ? playback : null;
  });
  expect(after).toMatchObject({ paused: false, failed: false });
  expect(loads()).toBe(3);
  // What is downloaded has the new link too.
  const href = String(await page.getByRole('link', { name: 'Download', exact: true }).getAttribute('href'));
  expect(after.src.endsWith(href)).toBe(true);
});

test('a link that failed is asked for once, and once more when it is over; what could not be asked, again', async () => {
  const due: (() => void)[] = [];
  const asked: string[] = [];
  let isReached = true;
  const time = new SetClock(0);
  const links = new LinkRenewal({
    loadJob: async (id) => {
      asked.push(id);
      if (!isReached) throw new Error('the server is away');
    },
    now: () => time.now(),
    soon: (work) => due.push(work),
  });
  const settle = async (): Promise<string[]> => {
    for (const work of due.splice(0)) work();
    await new Promise(setImmediate);
    return asked.splice(0);
  };
  const link = (end: number, name = 'video.mp4'): string => `/files/a/1/${name}?until=${end}&signature=x`;
  for (const name of ['video.mp4', 'cues.json', 'video.mp4']) links.renew('1', link(1_000, name));
  links.renew('2', link(1_000));
  expect(await settle()).toEqual(['1', '2']);
  links.renew('1', link(1_000));
  links.renew('3', '/files/a/3/video.mp4');
  expect(await settle()).toEqual([]);
  time.time = 1_000_000;
  isReached = false;
  links.renew('1', link(1_000));
  expect(await settle()).toEqual(['1']);
  isReached = true;
  for (let count = 0; count < 3; count += 1) links.renew('1', link(1_000));
  expect(await settle()).toEqual(['1']);
  links.renew('1', link(1_000));
  expect(await settle()).toEqual([]);
  links.renew('1', link(2_000));
  expect(await settle()).toEqual(['1']);
});

test('who comes back to an open page finds new links, also in the list', async () => {
  const id = await finish();
  const { page } = await open('/p/a');
  const picture = page.locator(`.card:has(a[href$="${id}"]) img`);
  await picture.waitFor();
  const before = untilOf(String(await picture.getAttribute('src')));
  clock.time += 3 * HOURS_MS;
  // A picture that comes into view, and was not loaded before. It may have a new link already: the list is asked for again
  // when the stream has begun.
  await page.evaluate(`document.querySelector('.card:has(a[href$="${id}"]) img').src += '&again'`);
  const renewed = await until(async () => {
    const end = untilOf(String(await picture.getAttribute('src')));
    return end > before + 3_600 ? end : null;
  });
  await page.getByRole('link', { name: 'Video' }).first().click();
  const download = page.getByRole('link', { name: 'Download', exact: true });
  await download.waitFor();
  const href = String(await download.getAttribute('href'));
  expect(untilOf(href)).toBe(renewed);
  clock.time += 3 * HOURS_MS;
  await page.clock.setSystemTime(clock.time);
  await page.evaluate('document.dispatchEvent(new Event("visibilitychange", { bubbles: true }))');
  await until(async () => untilOf(String(await download.getAttribute('href'))) > untilOf(href));
});

/** When a link ends, in seconds since the epoch. */
const untilOf = (link: string): number => Number(/until=(\d+)/.exec(link)?.[1]);
