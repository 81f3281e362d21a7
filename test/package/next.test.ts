/**
 * examples/next as a user has it: outside of this repository, with the package from its tarball, built by Next.js and driven in a
 * browser through a killed API. Installing and building it takes a minute or two, so it is run where it is asked for:
 * PLAYHEAD_TEST_NEXT=1 npx vitest run test/package/next.test.ts
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { createClient } from '../../client/index.ts';
import { CredentialStore } from '../../src/auth/credential-store.ts';
import { systemClock } from '../../src/core/clock.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { freePort } from '../../src/redis/instance.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { AUTH_SECRET } from '../security/secured-server.ts';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { launchBrowser, openPage } from '../web/browser.ts';
import { ApiProcess } from '../web/processes.ts';
import { add, installOnce, outsideEnvironment, ROOT, tell } from './installed.ts';

const outside = mkdtempSync(join(tmpdir(), 'playhead-next-'));
const next = join(outside, 'node_modules/next/dist/bin/next');
let redis: Redis;

describe.runIf(process.env['PLAYHEAD_TEST_NEXT'] !== undefined)('examples/next', () => {
  beforeAll(async () => {
    redis = connectRedis(inject('redisUrl'), () => {});
    const { tarballs } = await installOnce();
    await cp(join(ROOT, 'examples/next'), outside, { recursive: true });
    const manifest = await readFile(join(outside, 'package.json'), 'utf8');
    const packed = manifest.replace(/"playhead": "[^"]+"/, `"playhead": "file:${tarballs.playhead}"`);
    await writeFile(join(outside, 'package.json'), packed);
    const began = performance.now();
    await add(outside);
    const installed = performance.now();
    const env = outsideEnvironment({ NEXT_TELEMETRY_DISABLED: '1' });
    await promisify(execFile)(process.execPath, [next, 'build'], { cwd: outside, env });
    tell('examples/next: install', installed - began);
    tell('examples/next: build', performance.now() - installed);
  }, 600_000);

  afterAll(async () => {
    await closeRedis(redis);
    rmSync(outside, { recursive: true, force: true });
  });

  test('a server action starts the job, and the browser follows it with a token of that job, through a killed API', async () => {
    const prefix = unique('next');
    const keys = new CredentialStore(redis, createKeys(prefix), systemClock);
    const project = unique('next');
    const key = await keys.createKey({ name: '', projects: [project], scope: 'write', expiresAt: null });
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const settings = { PLAYHEAD_AUTH_SECRET: AUTH_SECRET, PLAYHEAD_ORIGINS: address };
    const api = new ApiProcess({ prefix, dataDir: join(outside, 'data'), env: settings });
    await api.start();
    onTestFinished(() => api.kill());
    const env = { PLAYHEAD_URL: api.url, PLAYHEAD_API_KEY: key.text, PLAYHEAD_PROJECT: project };
    const server = spawn(process.execPath, [next, 'start', '-p', `${port}`, '-H', '127.0.0.1'], {
      ...{ cwd: outside, env: outsideEnvironment(env), stdio: ['ignore', 'ignore', 'inherit'] },
    });
    const ended = once(server, 'exit');
    onTestFinished(async () => {
      server.kill();
      await ended;
    });
    await until(async () => (await fetch(address)).ok);

    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const page = await openPage(browser);
    const sent: string[] = [];
    page.on('request', (request) =>
      sent.push(JSON.stringify([request.url(), request.headers(), request.postData()])),
    );
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
    await page.goto(address);
    await page.getByRole('textbox').fill('A film about bees');
    await page.getByRole('button', { name: 'Write' }).click();
    await page.getByText('0% QUEUED').waitFor();
    await page.getByText('live', { exact: true }).waitFor();
    await api.kill();
    await page.getByText('reconnecting').waitFor();
    await api.start();
    const backend = createClient({ url: api.url, projectId: project, token: key.text });
    const [job] = (await backend.jobs()).jobs;
    await backend.cancel(job?.id ?? '');
    await page.getByText('CANCELLED').waitFor();
    expect(sent.filter((text) => text.includes(key.text))).toEqual([]);
    // Whose token could be taken out of the page reads nothing else with it.
    const token = /Bearer ([^"\\]+)/.exec(sent.join('\n'))?.[1] ?? '';
    const reader = createClient({ url: api.url, projectId: project, token });
    await expect(reader.jobs()).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});
