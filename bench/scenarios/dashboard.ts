/**
 * The dashboard in Chromium: how much of the main thread 200 live cards at 10 events a second each take, and how long a
 * project of 100,000 jobs takes to open compared with one of 10.
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { serveDashboard } from '../../src/http/dashboard.ts';
import { launchBrowser } from '../../test/web/chromium.ts';
import { Scribe } from '../../test/web/scribe.ts';
import { makeJob, type StandInJob } from '../../test/web/stand-in.ts';
import { type Bench, type Row, type Section, sleep } from '../driver.ts';

type Browser = Awaited<ReturnType<typeof launchBrowser>>;
type Page = Awaited<ReturnType<Browser['newPage']>>;

const CARDS = 200;
const EVENTS_PER_CARD = 10;
const TICKS_PER_SECOND = 50;
const LIMIT = 0.5;
const MAX_JOBS = 100_000;
const JOBS_FEW = 10;

export async function dashboard(bench: Bench): Promise<Section> {
  execFileSync(process.execPath, ['scripts/build-web.ts']);
  const browser = await launchBrowser();
  try {
    const window = await measureLiveCards(browser, bench.quick, { width: 1280, height: 800 });
    // Tall enough for all cards.
    const tall = { width: 1500, height: 10_800 };
    const all = bench.quick ? null : await measureLiveCards(browser, bench.quick, tall);
    const [few, most] = await measureOpenings(bench, browser, bench.quick ? 1_000 : MAX_JOBS);
    const rows: Row[] = [
      load(`${CARDS} live cards, window of 1280 x 800 (${window.cards} in the page)`, window),
      ...(all === null ? [] : [load(`${CARDS} live cards, all ${all.cards} in the page`, all)]),
      { what: `first cards of a project of ${few.jobs} jobs`, value: `${few.bestMs.toFixed(0)} ms` },
      {
        what: `first cards of a project of ${most.jobs} jobs`,
        value: `${most.bestMs.toFixed(0)} ms`,
        goal: 'at most 1.2 times as long',
        met: most.bestMs <= few.bestMs * 1.2,
      },
    ];
    return { name: 'dashboard', rows, figures: { eventsPerCard: EVENTS_PER_CARD, window, all, few, most } };
  } finally {
    await browser.close();
  }
}

interface Load {
  /** Share of the time during which the main thread was busy. */
  readonly busy: number;
  readonly scriptShare: number;
  readonly eventsPerSecond: number;
  /** Number of cards in the page. */
  readonly cards: number;
}

function load(what: string, { busy, scriptShare, eventsPerSecond }: Load): Row {
  const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
  const value = `main thread ${percent(busy)} (script ${percent(scriptShare)}) at ${eventsPerSecond.toFixed(0)} events/s`;
  return { what, value, goal: `below ${percent(LIMIT)}`, met: busy < LIMIT };
}

async function measureLiveCards(
  browser: Browser,
  quick: boolean,
  viewport: { readonly width: number; readonly height: number },
): Promise<Load> {
  const source = await CardSource.start();
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  try {
    await page.goto(`${source.url}/p/demo`);
    await page.locator('.card').first().waitFor();
    source.begin();
    await sleep(2_000);
    const cdp = await context.newCDPSession(page);
    // CPU time of the thread, so that other work on the machine does not count.
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
    const read = async (): Promise<Readonly<Record<string, number>>> => {
      const { metrics } = await cdp.send('Performance.getMetrics');
      return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    };
    const [before, sentBefore, begun] = [await read(), source.sent, performance.now()];
    await sleep(quick ? 3_000 : 10_000);
    const [after, sentAfter, ended] = [await read(), source.sent, performance.now()];
    const spent = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
    const seconds = (ended - begun) / 1000;
    return {
      busy: spent('TaskDuration') / seconds,
      scriptShare: spent('ScriptDuration') / seconds,
      eventsPerSecond: (sentAfter - sentBefore) / seconds,
      cards: await page.locator('.card').count(),
    };
  } finally {
    await context.close();
    source.close();
  }
}

/** Serves the dashboard's files, and an API that has 200 running jobs and sends their events evenly. */
class CardSource {
  readonly url: string;
  sent = 0;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #jobs: readonly StandInJob[];
  #timer: NodeJS.Timeout | undefined;
  #next = 0;

  static async start(): Promise<CardSource> {
    const jobs = Array.from({ length: CARDS }, () => makeJob('DIRECTOR', { progress: 0.1 }));
    const newest = jobs.toReversed();
    const http = createServer((request, response) => {
      if (request.url !== '/graphql') return void serveDashboard(request.url ?? '/', request, response);
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        const { query, variables } = JSON.parse(body) as {
          query: string;
          variables: { after: string | null; first: number };
        };
        response.writeHead(200, { 'content-type': 'application/json' });
        // Cards are also drawn without the workflows' labels.
        if (!query.includes('jobs(')) return void response.end('{"data":{"workflows":[]}}');
        const from = variables.after === null ? 0 : newest.findIndex(({ id }) => id === variables.after) + 1;
        const page = newest.slice(from, from + variables.first);
        const edges = page.map((job) => ({ cursor: job.id, node: { ...job, items: [] } }));
        const pageInfo = {
          hasNextPage: from + page.length < newest.length,
          endCursor: page.at(-1)?.id ?? null,
        };
        response.end(JSON.stringify({ data: { jobs: { edges, unreadable: [], pageInfo } } }));
      });
    });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return new CardSource(http, jobs);
  }

  private constructor(http: Server, jobs: readonly StandInJob[]) {
    this.#http = http;
    this.#jobs = jobs;
    this.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
    this.#sockets = new WebSocketServer({ server: http });
    this.#sockets.on('connection', (socket) => this.#accept(socket));
  }

  #id = '';
  #socket: WebSocket | undefined;

  #accept(socket: WebSocket): void {
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as { type: string; id: string };
      if (message.type === 'connection_init') socket.send('{"type":"connection_ack"}');
      if (message.type === 'ping') socket.send('{"type":"pong"}');
      if (message.type !== 'subscribe') return;
      this.#id = message.id;
      this.#socket = socket;
    });
  }

  begin(): void {
    const perTick = (CARDS * EVENTS_PER_CARD) / TICKS_PER_SECOND;
    const began = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1000) * CARDS * EVENTS_PER_CARD) - this.sent;
      for (let count = 0; count < Math.min(due, perTick * 5); count += 1) this.#send();
    }, 1000 / TICKS_PER_SECOND);
  }

  #send(): void {
    const job = this.#jobs[this.#next % CARDS];
    if (job === undefined) return;
    this.#next += 1;
    this.sent += 1;
    const progress = 0.1 + Math.min(0.49, Math.floor(this.#next / CARDS) * 0.0015);
    const event = {
      __typename: 'ProgressEvent',
      id: `T2QyWW5pU1pvYkgycVRGQS4yNTguOGxTWXE5V0JPV3ZJ${this.#next}`,
      jobId: job.id,
      taskName: job.taskName,
      attempt: 1,
      timestamp: new Date().toISOString(),
      progress,
      status: 'processing',
      step: 'generate_videos',
      message: `Generating clips (${1 + Math.floor(progress * 10)}/10)`,
      metadata: { current_clip: 1 + Math.floor(progress * 10), total_clips: 10 },
      eta: { remainingSeconds: 90 - progress * 100, lowSeconds: 80 - progress * 100, highSeconds: 120 },
    };
    this.#socket?.send(
      JSON.stringify({ id: this.#id, type: 'next', payload: { data: { jobEvents: event } } }),
    );
  }

  close(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    this.#http.close();
  }
}

interface Opening {
  readonly jobs: number;
  /** From the start of the navigation to the first cards; the best of seven. */
  readonly bestMs: number;
}

/** Measures alternately, so that other work on the machine affects both equally. */
async function measureOpenings(
  bench: Bench,
  browser: Browser,
  many: number,
): Promise<readonly [few: Opening, most: Opening]> {
  const [few, most] = [await Project.start(bench, JOBS_FEW), await Project.start(bench, many)];
  try {
    const times: [number[], number[]] = [[], []];
    for (let round = 0; round < 7; round += 1) {
      times[0].push(await few.open(browser));
      times[1].push(await most.open(browser));
    }
    return [
      { jobs: few.jobs, bestMs: Math.min(...times[0]) },
      { jobs: most.jobs, bestMs: Math.min(...times[1]) },
    ];
  } finally {
    await Promise.all([few.end(), most.end()]);
  }
}

/** An API process with one project of `jobs` jobs. */
class Project {
  readonly jobs: number;
  readonly #api: ChildProcess;
  readonly #url: string;
  readonly #dataDir: string;

  static async start(bench: Bench, jobs: number): Promise<Project> {
    const prefix = `bench-${randomBytes(4).toString('hex')}`;
    const dataDir = mkdtempSync(join(tmpdir(), 'playhead-opening-'));
    await writeJobs(bench, prefix, jobs);
    const { api, url } = await startApi(bench, prefix, dataDir);
    return new Project(jobs, api, url, dataDir);
  }

  private constructor(jobs: number, api: ChildProcess, url: string, dataDir: string) {
    this.jobs = jobs;
    this.#api = api;
    this.#url = url;
    this.#dataDir = dataDir;
  }

  /** Opens it with an empty cache, as on the first visit. */
  async open(browser: Browser): Promise<number> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    const time = await openProject(await context.newPage(), this.#url);
    await context.close();
    return time;
  }

  async end(): Promise<void> {
    this.#api.kill('SIGTERM');
    await once(this.#api, 'exit');
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

/** The time as measured by the page: from the start of the navigation to the first cards in the page. */
async function openProject(page: Page, url: string): Promise<number> {
  await page.goto(`${url}/p/demo`, { waitUntil: 'commit' });
  await page
    .locator('.card')
    .nth(JOBS_FEW - 1)
    .waitFor();
  return (await page.evaluate('performance.now()')) as number;
}

async function startApi(
  bench: Bench,
  prefix: string,
  dataDir: string,
): Promise<{ api: ChildProcess; url: string }> {
  const api = fork(new URL('../../src/server.ts', import.meta.url), {
    env: {
      PATH: process.env['PATH'],
      PORT: '0',
      REDIS_URL: bench.redisUrl,
      PLAYHEAD_PREFIX: prefix,
      PLAYHEAD_DATA_DIR: dataDir,
      PLAYHEAD_LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = (await once(api, 'message')) as [{ url: string }];
  return { api, url: message.url };
}

/** Writes ended jobs, as nearly all of 100,000 would be. */
async function writeJobs(bench: Bench, prefix: string, jobs: number): Promise<void> {
  const scribe = new Scribe(bench.redis, prefix);
  const writeOne = async (): Promise<void> => {
    const job = await scribe.begin('demo', 'WRITER');
    await job.fail('The disk is full', 'STORAGE_FAILED');
  };
  for (let written = 0; written < jobs; written += 500) {
    await Promise.all(Array.from({ length: Math.min(500, jobs - written) }, writeOne));
  }
}
