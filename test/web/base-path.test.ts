/** The server below a path, behind a proxy that takes the path away and behind one that leaves it, in a real browser. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { readConfig } from '../../src/settings/config.ts';
import { unique } from '../setup/harness.ts';
import { launchBrowser, openPage } from './browser.ts';
import { execute, openTab } from './graphiql.ts';
import { ApiProcess } from './processes.ts';
import { Scribe } from './scribe.ts';

const BASE = '/playhead';

/** As nginx does it for `location /playhead/`: everything else is somebody else's. */
class PathProxy {
  readonly #strips: boolean;
  readonly #server: Server;
  target = 0;

  constructor(strips: boolean) {
    this.#strips = strips;
    this.#server = createServer((request, response) => {
      const path = this.#pathOf(request);
      if (path === null) return void response.writeHead(404).end();
      const { method, headers } = request;
      const sent = httpRequest({ port: this.target, host: '127.0.0.1', path, method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      sent.on('error', () => response.destroy());
      response.on('close', () => sent.destroy());
      request.pipe(sent);
    });
    this.#server.on('upgrade', (request, socket) => {
      const path = this.#pathOf(request);
      if (path === null) return void socket.destroy();
      const upstream = connect(this.target, '127.0.0.1');
      const names = request.rawHeaders.filter((_, at) => at % 2 === 0);
      const lines = names.map((name, at) => `${name}: ${request.rawHeaders[at * 2 + 1]}`);
      upstream.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
      socket.pipe(upstream).pipe(socket);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${BASE}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #pathOf({ url = '/' }: IncomingMessage): string | null {
    if (!url.startsWith(`${BASE}/`)) return null;
    return this.#strips ? url.slice(BASE.length) : url;
  }
}

describe.each([
  ['takes the path away', true],
  ['leaves the path', false],
])('behind a proxy that %s', (_name, strips) => {
  const prefix = unique('base-path');
  const dataDir = mkdtempSync(join(tmpdir(), 'playhead-base-path-'));
  const proxy = new PathProxy(strips);
  let url: string;
  let api: ApiProcess;
  let browser: Browser;
  let redis: Redis;
  let scribe: Scribe;

  beforeAll(async () => {
    url = await proxy.listen();
    redis = connectRedis(inject('redisUrl'), () => {});
    scribe = new Scribe(redis, prefix);
    api = new ApiProcess({ prefix, dataDir, env: { PLAYHEAD_PUBLIC_URL: `${url}/` } });
    [browser] = await Promise.all([launchBrowser(), api.start()]);
    proxy.target = Number(new URL(api.url).port);
  });

  afterAll(async () => {
    await browser?.close();
    await api.kill();
    proxy.close();
    await closeRedis(redis);
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('the dashboard shows jobs live, keeps its addresses below the path and opens them again', async () => {
    const project = unique('project');
    const job = await scribe.begin(project);
    const page = await openPage(browser);
    await page.goto(`${url}/p/${project}`);
    await page.locator('.pill[data-state=live]').waitFor();
    await page.locator('.card-link').first().click();
    await page.waitForURL(`${url}/p/${project}/jobs/${job.id}`);
    await page.getByRole('heading', { name: 'Video' }).waitFor();
    job.step('parse_script', 0.5, 'seen below a path');
    await page.getByText('seen below a path').first().waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Video' }).waitFor();
    await page.goto(`${url}/`);
    await page.waitForURL(`${url}/p/${project}`);
    await job.close();
  });

  test('GraphiQL asks and subscribes below the path', async () => {
    const page = await openPage(browser);
    await page.goto(`${url}/graphql`);
    const job = await scribe.begin('demo');
    await openTab(page, 'Jobs', /query/);
    await execute(page, page.locator('.result-window', { hasText: job.id }));
    await openTab(page, 'Watch', /subscription/);
    await execute(page, page.getByRole('button', { name: /Stop/ }));
    job.step('generate_videos', 0.5, 'Seen in GraphiQL');
    await page.locator('.result-window', { hasText: /ProgressEvent/ }).waitFor();
    await job.close();
  });

  test('files, event streams and /graphql/ are below the path', async () => {
    mkdirSync(join(dataDir, 'artifacts/a/job'), { recursive: true });
    writeFileSync(join(dataDir, 'artifacts/a/job/video.mp4'), 'film');
    expect(await (await fetch(`${url}/files/a/job/video.mp4`)).text()).toBe('film');
    const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
    const job = await scribe.begin('a');
    const body = JSON.stringify({ query: 'subscription { jobEvents(projectId: "a") { __typename } }' });
    const stream = await fetch(`${url}/graphql/`, { method: 'POST', headers, body });
    let text = '';
    for await (const piece of stream.body ?? []) {
      text += new TextDecoder().decode(piece);
      if (text.includes('ProgressEvent')) break;
    }
    expect(stream.headers.get('content-type')).toContain('text/event-stream');
    await job.close();
  });
});

test.each([
  ['https://host/graphql', 'own'],
  ['https://host/p/x', 'own'],
  ['https://host/a%20b', 'letters, digits'],
  ['https://host/?a=1', 'query'],
  ['https://user:secret@host/', 'credentials'],
])('PLAYHEAD_PUBLIC_URL %s is refused at start, with the reason', (url, reason) => {
  expect(() => readConfig({ PLAYHEAD_PUBLIC_URL: url })).toThrow(new RegExp(reason));
});
