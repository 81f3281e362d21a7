/** Which pages may use the API from a browser, what they may send, and what caches are told of it. */
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/settings/config.ts';
import { RawClient } from './raw-client.ts';
import { type SecuredServer, send, startSecured } from './secured-server.ts';

/** Without authentication, as on a laptop. */
const OPEN = {
  PLAYHEAD_AUTH_SECRET: '',
  PLAYHEAD_JWT_SECRET: '',
  PLAYHEAD_JWT_ISSUER: '',
  PLAYHEAD_JWT_AUDIENCE: '',
};
const QUERY = JSON.stringify({ query: '{ workflows { taskName } }' });
const FILE = '/files/p/job/video.mp4';

/** The origin that an answer lets read it; undefined: none. */
async function readableBy(secured: SecuredServer, path: string, origin: string): Promise<unknown> {
  const { headers } = await send(secured, path, { headers: { origin } });
  return headers['access-control-allow-origin'];
}

test.each(['/graphql?query={__typename}', FILE, '/healthz', '/nothing', '/'])(
  '%s says that it depends on the origin, asked with one or without',
  async (path) => {
    const secured = await startSecured({ env: { PLAYHEAD_ORIGINS: 'https://app.example' } });
    for (const headers of [{}, { origin: 'https://app.example' }, { origin: 'https://other.example' }]) {
      const answer = await send(secured, path, { headers });
      expect(String(answer.headers.vary), JSON.stringify(headers)).toMatch(/\borigin\b/i);
    }
  },
);

test('an answer of the API says that it depends on what is accepted, one of the dashboard on its compression', async () => {
  const secured = await startSecured({ env: OPEN });
  expect((await send(secured, '/graphql?query={__typename}', {})).headers.vary).toMatch(/\baccept\b/i);
  expect((await send(secured, '/graphql', { headers: { accept: 'text/html' } })).headers.vary).toMatch(
    /\baccept\b/i,
  );
  expect((await send(secured, '/theme.js', {})).headers.vary).toMatch(/origin.*accept-encoding/i);
});

/** Said to every page, also to one that asks for others. */
const USUAL = ['authorization', 'content-type', 'range', 'traceparent', 'x-apollo-operation-name'];

test.each([
  'apollographql-client-name',
  'apollographql-client-version',
  'sentry-trace',
  'baggage',
  'traceparent',
  'last-event-id',
  'x-of-our-own',
])('a page that may use the API may send %s', async (name) => {
  const origin = 'https://app.example';
  const secured = await startSecured({ env: { PLAYHEAD_ORIGINS: origin } });
  const { headers, status } = await send(secured, '/graphql', {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': `content-type,${name}`,
    },
  });
  const allowed = String(headers['access-control-allow-headers']).split(', ');
  expect([status, allowed]).toEqual([204, expect.arrayContaining([...USUAL, name])]);
  expect(headers.vary).toMatch(/access-control-request-headers/i);
});

describe('PLAYHEAD_ORIGINS', () => {
  test.each([
    ['https://*.vercel.app', ['https://app.vercel.app', 'https://app-git-main.vercel.app']],
    ['https://team-*.vercel.app', ['https://team-pr-7.vercel.app']],
    ['http://*.app.example:8080', ['http://a.app.example:8080']],
    ['capacitor://localhost', ['capacitor://localhost']],
    ['tauri://localhost, http://tauri.localhost', ['tauri://localhost', 'http://tauri.localhost']],
    ['chrome-extension://abcdefghijklmnop', ['chrome-extension://abcdefghijklmnop']],
  ])('%s allows %j, over HTTP and WebSocket', async (setting, allowed) => {
    const secured = await startSecured({ env: { PLAYHEAD_ORIGINS: setting } });
    for (const origin of allowed) {
      expect(await readableBy(secured, '/healthz', origin), origin).toBe(origin);
      expect((await RawClient.open(secured.url, { origin })).closed).toBeNull();
    }
  });

  test.each([
    'https://vercel.app',
    'https://a.b.vercel.app',
    'https://.vercel.app',
    'http://app.vercel.app',
    'https://app.vercel.app:8443',
    'https://app.vercel.app.evil.example',
    'https://evil.example/app.vercel.app',
    'https://appxvercel.app',
    'https://other.app',
    'capacitor://localhost:1',
    'capacitor://evil',
    'null',
  ])('https://*.vercel.app does not allow %s', async (origin) => {
    const secured = await startSecured({
      env: { PLAYHEAD_ORIGINS: 'https://*.vercel.app, capacitor://localhost' },
    });
    expect(await readableBy(secured, '/healthz', origin)).toBeUndefined();
    await expect(RawClient.open(secured.url, { origin })).rejects.toThrow('403');
  });

  test.each([
    ['*', 'any page could use the API'],
    ['https://*', 'one label of a host name'],
    ['https://*.com', 'two labels or more behind it'],
    ['https://app.*.example', 'one label of a host name'],
    ['https://*.*.example.com', 'one label of a host name'],
    ['https://app.example:*', 'one label of a host name'],
    ['https://*.app.example/path', 'two labels or more behind it'],
    ['https://app.example/', 'browsers send it as https://app.example'],
    ['HTTPS://App.example', 'browsers send it as https://app.example'],
    ['https://app.example:443', 'browsers send it as https://app.example'],
    ['app.example', 'expected a scheme and a host'],
    ['file:///home/me/page.html', 'serve it over HTTP'],
    ['null', 'serve it over HTTP'],
  ])('%s is refused at start, with the reason', (setting, reason) => {
    expect(() => readConfig({ PLAYHEAD_ORIGINS: `https://a.example,${setting}` })).toThrow(
      new RegExp(reason),
    );
  });
});

describe('without authentication', () => {
  const LOOPBACK = [
    'http://localhost:5173',
    'http://127.0.0.1:3000',
    'http://[::1]:8080',
    'https://localhost',
    'http://app.localhost:5173',
    'tauri://localhost',
  ];
  test.each(LOOPBACK)('a page of %s may use everything', async (origin) => {
    const secured = await startSecured({ env: OPEN });
    const asked = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    const preflight = await send(secured, '/graphql', { method: 'OPTIONS', headers: asked });
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': expect.stringContaining('content-type') as string,
    });
    const headers = { origin, 'content-type': 'application/json' };
    const answer = await send(secured, '/graphql', { method: 'POST', headers, body: QUERY });
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([200, origin]);
    expect(await readableBy(secured, FILE, origin)).toBe(origin);
    expect((await RawClient.open(secured.url, { origin })).closed).toBeNull();
  });

  test('a file may be shown by such a page, whose <video> sends no origin; an answer of the API may not', async () => {
    const secured = await startSecured({ env: OPEN });
    const policyOf = async (path: string) =>
      (await send(secured, path, {})).headers['cross-origin-resource-policy'];
    expect(await policyOf(FILE)).toBe('cross-origin');
    expect(await policyOf('/graphql?query={__typename}')).toBe('same-origin');
  });

  test.each([
    ['http://localhost:5173', 'evil.example'],
    ['http://evil.example', 'evil.example'],
  ])('a page of %s that reaches this machine as %s is refused', async (origin, host) => {
    const secured = await startSecured({ env: OPEN });
    const headers = { origin, host, 'content-type': 'application/json' };
    expect((await send(secured, '/graphql', { method: 'POST', headers, body: QUERY })).status).toBe(403);
    expect((await send(secured, FILE, { headers })).status).toBe(403);
    await expect(RawClient.open(secured.url, { origin, headers: { host } })).rejects.toThrow('403');
  });

  test.each([
    'http://localhost.evil.example',
    'http://evil.example',
    'http://localhostx',
    'null',
    'http://192.168.1.5',
  ])('a page of %s is none of this machine', async (origin) => {
    const secured = await startSecured({ env: OPEN });
    expect(await readableBy(secured, FILE, origin)).toBeUndefined();
    await expect(RawClient.open(secured.url, { origin })).rejects.toThrow('403');
  });
});

test('with authentication, pages of this machine are allowed by the list alone', async () => {
  const secured = await startSecured();
  expect(await readableBy(secured, '/healthz', 'http://localhost:5173')).toBeUndefined();
  await expect(RawClient.open(secured.url, { origin: 'http://localhost:5173' })).rejects.toThrow('403');
});

test('an origin that is refused is logged once, with the setting that allows it, and not without end', async () => {
  const lines: { origin?: string; msg: string }[] = [];
  const logger = pino(
    { level: 'warn' },
    { write: (line: string) => void lines.push(JSON.parse(line) as never) },
  );
  const secured = await startSecured({ env: OPEN, logger });
  const refusals = () => lines.filter(({ origin }) => origin !== undefined);
  for (let n = 0; n < 3; n += 1) {
    await send(secured, '/graphql?query={__typename}', { headers: { origin: 'https://app.example' } });
    await expect(RawClient.open(secured.url, { origin: 'https://app.example' })).rejects.toThrow('403');
  }
  expect(refusals()).toEqual([
    expect.objectContaining({
      origin: 'https://app.example',
      msg: expect.stringContaining('PLAYHEAD_ORIGINS') as string,
    }),
  ]);
  for (let n = 0; n < 300; n += 1)
    await send(secured, '/healthz', { headers: { origin: `https://${n}.example` } });
  expect(refusals()).toHaveLength(200);
});
