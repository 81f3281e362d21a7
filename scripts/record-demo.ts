/**
 * Records the README's animation (docs/pictures/demo.gif): the dashboard of a server of its own, while a video, a speech and a
 * script are made. The jobs are real and run in real time; the recording plays four times as fast. Run it after visual changes:
 * `node --import ./scripts/runtime.mjs scripts/record-demo.ts [FILE]`.
 */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { locateFfmpeg } from '../media/ffmpeg.ts';
import { pause } from '../src/core/pause.ts';
import { childEnvironment } from '../src/settings/config.ts';
import { launchBrowser } from '../test/web/chromium.ts';

const VIEW = { width: 1000, height: 640 };
const EVERY_MS = 400;
const SPEED = 4;
/** How long the finished film is recorded. */
const FILM_MS = 12_000;
const NEVER = new AbortController().signal;

const target = process.argv[2] ?? 'docs/pictures/demo.gif';
const scratch = mkdtempSync(join(tmpdir(), 'playhead-record-'));
const server = fork(new URL('../src/start.ts', import.meta.url), {
  env: childEnvironment(
    { PLAYHEAD_LOG_LEVEL: 'warn' },
    { PORT: '0', PLAYHEAD_DATA_DIR: join(scratch, 'data') },
  ),
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
const browser = await launchBrowser();
try {
  const [{ url }] = (await once(server, 'message')) as [{ url: string }];
  const page = await browser.newPage({ viewport: VIEW, colorScheme: 'light' });
  await page.goto(`${url}/p/demo`);
  await page.locator('.pill[data-state=live]').waitFor();
  const work = makeJobs(url);
  const frames = await record(page, work);
  await page.goto(`${url}/p/demo/jobs/${await work}`);
  await page.locator('video').scrollIntoViewIfNeeded();
  await page.locator('video').evaluate('(film) => { film.muted = true; return film.play(); }');
  await encode([...frames, ...(await record(page, pause(FILM_MS, NEVER)))]);
  console.log(target);
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await once(server, 'exit');
  rmSync(scratch, { recursive: true, force: true });
}

interface Frame {
  readonly file: string;
  readonly seconds: number;
}

/** Takes screenshots until the work is done. */
async function record(page: Page, work: Promise<unknown>): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  let isDone = false;
  const done = work.then(() => {
    isDone = true;
  });
  while (!isDone) {
    const start = performance.now();
    const file = join(scratch, `${performance.now()}.png`);
    await page.screenshot({ path: file });
    await pause(Math.max(0, EVERY_MS - (performance.now() - start)), NEVER);
    frames.push({ file, seconds: (performance.now() - start) / 1_000 / SPEED });
  }
  await done;
  return frames;
}

/** Starts the three jobs a moment apart, and waits until all have ended. @returns the video's id */
async function makeJobs(url: string): Promise<string> {
  const script = readFileSync('examples/script.txt', 'utf8');
  const text = 'Good morning, everybody. The train to the coast leaves at 8:30 from platform 4.';
  const brief = readFileSync('examples/notes.md', 'utf8');
  await pause(1_200, NEVER);
  await mutate(url, 'generateAudio', 'GenerateAudioInput', { text });
  await pause(400, NEVER);
  await mutate(url, 'writeScript', 'WriteScriptInput', { brief });
  await pause(400, NEVER);
  const video = await mutate(url, 'generateVideo', 'GenerateVideoInput', { script });
  for (;;) {
    const data = await ask(url, '{ jobs(projectId: "demo") { edges { node { finishedAt } } } }', {});
    const { edges } = data['jobs'] as { edges: { node: { finishedAt: string | null } }[] };
    if (edges.every(({ node }) => node.finishedAt !== null)) return video;
    await pause(EVERY_MS, NEVER);
  }
}

async function mutate(url: string, mutation: string, type: string, fields: object): Promise<string> {
  const query = `mutation ($input: ${type}!) { job: ${mutation}(input: $input) { id } }`;
  const data = await ask(url, query, { input: { projectId: 'demo', ...fields } });
  return (data['job'] as { id: string }).id;
}

async function ask(url: string, query: string, variables: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await answer.json()) as { data: Record<string, unknown>; errors?: unknown };
  if (errors !== undefined) throw new Error(JSON.stringify(errors));
  return data;
}

/** Encodes with one palette for all frames, and stores only what changes from one to the next. */
async function encode(frames: readonly Frame[]): Promise<void> {
  const list = join(scratch, 'frames.txt');
  const lines = frames.map(({ file, seconds }) => `file '${file}'\nduration ${seconds.toFixed(3)}`);
  writeFileSync(list, `${lines.join('\n')}\nfile '${frames.at(-1)?.file}'\n`);
  const { ffmpegPath } = await locateFfmpeg({});
  const graph =
    'fps=10,split[a][b];[a]palettegen=max_colors=128:stats_mode=full[p];[b][p]paletteuse=dither=none:diff_mode=rectangle';
  await promisify(execFile)(ffmpegPath, [
    ...['-y', '-f', 'concat', '-safe', '0', '-i', list, '-vf', graph],
    target,
  ]);
}
