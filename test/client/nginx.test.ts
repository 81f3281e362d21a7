/**
 * playhead/client and docs/compose/nginx.conf behind a real nginx. Skipped where there is none; under CI it has to be there.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createClient, type Transport } from '../../client/index.ts';
import { freePort } from '../../src/redis/instance.ts';
import { readConfig } from '../../src/settings/config.ts';
import { find, NGINX } from '../../src/settings/programs.ts';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import type { ScribedJob } from '../web/scribe.ts';
import { openScribedApi } from '../web/scribed-api.ts';
import { startNginx } from './nginx.ts';

const isMissing = find(NGINX) === undefined && (process.env['CI'] ?? '') === '';
if (isMissing) console.warn(`Nothing is tested behind nginx: no ${NGINX.title} was found`);

const COMPOSE = readFileSync(new URL('../../docs/compose/nginx.conf', import.meta.url), 'utf8');
const { api, redis, scribe } = openScribedApi('nginx');

/** What docs/compose/nginx.conf says within `http`, with two servers of which one is away. */
async function composeConfig(): Promise<string> {
  const http = /http \{\n(.*)\n\}/s.exec(COMPOSE)?.[1] ?? '';
  const away = await freePort();
  const config = http
    .replace('listen 80', 'listen 127.0.0.1:PORT')
    .replace('api-1:4000', new URL(api.url).host)
    .replace('api-2:4000', `127.0.0.1:${away}`);
  expect(config).not.toMatch(/api-\d/);
  return config;
}

/** A server of its own, under a path, with the settings of a proxy that knows nothing of Playhead. */
const plain = (settings: string): string => `
  server {
    listen 127.0.0.1:PORT;
    location /playhead/ { proxy_pass ${api.url}/; ${settings} }
  }`;
const UPGRADES =
  'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;';
/** Instead of nginx's 60 s. */
const CUTS = 'proxy_read_timeout 2s;';

/** Follows a job's versions through the proxy. */
function follow(url: string, job: ScribedJob) {
  const { projectId } = job.tracker.state;
  const client = createClient({ url, projectId });
  onTestFinished(() => client.close());
  const versions: number[] = [];
  let cuts = 0;
  client.onConnection(({ name }) => {
    if (name === 'reconnecting') cuts += 1;
  });
  client.watch({ next: ({ version }) => versions.push(version) });
  const report = async (share: number): Promise<void> => {
    job.step('generate_videos', share, `At ${share}`);
    const key = scribe.keys.project(projectId).job(job.id);
    await until(async () => (await redis.hget(key, 'message')) === `At ${share}`);
    const version = Number(await redis.hget(key, 'version'));
    await until(() => versions.includes(version), { what: `version ${version}` });
  };
  return { client, versions, report, cuts: () => cuts };
}

function expectNoGap(versions: readonly number[]): void {
  const [first = 0] = versions;
  expect(versions).toEqual(versions.map((_version, index) => first + index));
}

describe.skipIf(isMissing)('behind nginx', () => {
  test.each<[string, string, Transport]>([
    ['cuts WebSockets that are silent', `${UPGRADES} ${CUTS}`, 'websocket'],
    // X-Accel-Buffering keeps it from gathering the event stream.
    ['refuses upgrades, and cuts event streams that are silent', CUTS, 'event-stream'],
    ['refuses upgrades, and keeps responses back', 'proxy_ignore_headers X-Accel-Buffering;', 'polling'],
  ])('that %s, under a path, no event is missing', async (_what, settings, transport) => {
    const { url } = await startNginx(plain(settings));
    const job = await scribe.begin(unique('project'));
    const followed = follow(`${url}/playhead`, job);
    await until(() => followed.client.connection.transport === transport && followed.versions.length > 0);
    await followed.report(0.1);
    if (settings.includes(CUTS)) {
      const before = followed.cuts();
      await until(() => followed.cuts() > before);
    }
    for (const share of [0.2, 0.3]) await followed.report(share);
    expectNoGap(followed.versions);
    expect(followed.client.connection.transport).toBe(transport);
    await job.close();
  });

  test('as docs/compose/nginx.conf has it, one server’s absence is not noticed, and both servers’ only for a while', async () => {
    const { url } = await startNginx(await composeConfig());
    const job = await scribe.begin(unique('project'));
    const { client, report, versions } = follow(url, job);
    await until(() => client.connection.name === 'live' && versions.length > 0);
    // Of any two requests, one would have gone to the server that is away.
    for (const brief of ['bees', 'wasps', 'ants'])
      await client.start('WRITER', { brief }, { projectId: 'other' });
    await report(0.1);
    await api.kill();
    await until(() => client.connection.name === 'reconnecting');
    await api.start();
    await report(0.2);
    expectNoGap(versions);
    expect(client.connection.transport).toBe('websocket');
    await job.close();
  });
});

test('nginx keeps connections for less long than the server does', () => {
  const [, seconds] = /keepalive_timeout (\d+)s;/.exec(COMPOSE) ?? [];
  expect(Number(seconds)).toBeGreaterThan(0);
  expect(Number(seconds)).toBeLessThan(readConfig({}).keepAliveMs / 1_000);
});
