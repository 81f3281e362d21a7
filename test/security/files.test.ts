/** Files: signed links, credentials, ranges, and no path from outside. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FileLinks } from '../../src/auth/file-links.ts';
import { Secret } from '../../src/core/secret.ts';
import { SetClock } from '../setup/harness.ts';
import { AUTH_SECRET, type SecuredServer, startSecured } from './secured-server.ts';

const HOUR_MS = 3_600_000;
const PATH = 'a/job/video.mp4';

async function startWithFile(env: Record<string, string> = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-files-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await mkdir(join(dataDir, 'artifacts/a/job/steps'), { recursive: true });
  for (const name of ['video.mp4', 'notes.html', 'steps/plan.json'])
    await writeFile(join(dataDir, 'artifacts/a/job', name), '0123456789');
  await writeFile(join(dataDir, 'artifacts/secret.txt'), 'secret');
  await writeFile(join(dataDir, 'secret.txt'), 'secret');
  const clock = new SetClock();
  const secured = await startSecured({ clock, env: { PLAYHEAD_DATA_DIR: dataDir, ...env } });
  return { secured, clock, links: new FileLinks(new Secret(AUTH_SECRET), HOUR_MS, clock) };
}

/** The path as it is: fetch would tidy it up first. */
function get(secured: SecuredServer, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; body: string; headers: Record<string, unknown> }>(
    (resolve, reject) => {
      const sent = request(secured.url, { path, headers }, (response) => {
        let body = '';
        response.on('data', (piece) => {
          body += String(piece);
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body, headers: response.headers }),
        );
      });
      sent.once('error', reject);
      sent.end();
    },
  );
}

test('a signed link opens its file, in ranges too, until it runs out', async () => {
  const { secured, clock, links } = await startWithFile();
  const link = `/files/${PATH}?${links.query(PATH)}`;
  const whole = await get(secured, link);
  expect(whole).toMatchObject({ status: 200, body: '0123456789' });
  expect(whole.headers).toMatchObject({
    'content-type': 'video/mp4',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
  });
  expect(String(whole.headers['cache-control'])).toContain('private');
  expect(await get(secured, link, { range: 'bytes=2-4' })).toMatchObject({ status: 206, body: '234' });
  expect((await get(secured, link, { range: 'bytes=90-' })).status).toBe(416);
  clock.time += 2 * HOUR_MS;
  expect((await get(secured, link)).status).toBe(401);
});

test.each([
  ['another end', (query: string) => query.replace(/until=\d+/, 'until=99999999999')],
  ['a second end', (query: string) => `until=99999999999&${query}`],
  ['a shorter signature', (query: string) => query.slice(0, -1)],
  [
    'the signature in capitals',
    (query: string) => query.replace(/signature=.*/, (text) => text.toUpperCase()),
  ],
  ['no signature', (query: string) => query.split('&')[0] ?? ''],
  ['a list of signatures', (query: string) => query.replace('signature=', 'signature[]=')],
  ['an end in other digits', (query: string) => query.replace('until=', 'until=0')],
  ['an end that is no number', (query: string) => query.replace(/until=\d+/, 'until=Infinity')],
])('a link with %s opens nothing', async (_name, change) => {
  const { secured, links } = await startWithFile();
  const query = links.query(PATH);
  expect((await get(secured, `/files/${PATH}?${query}`)).status).toBe(200);
  expect((await get(secured, `/files/${PATH}?${change(query)}`)).status).toBe(401);
});

test('thousands of ranges in one request are answered once with what they cover', async () => {
  const { secured, links } = await startWithFile();
  const range = `bytes=${Array.from({ length: 4_000 }, (_, index) => `${(index * 2) % 9}-${(index * 2) % 9}`).join()}`;
  const { status, body } = await get(secured, `/files/${PATH}?${links.query(PATH)}`, { range });
  expect([status, body]).toEqual([206, '012345678']);
});

test('without a link a credential of the project is needed; another project’s finds nothing', async () => {
  const { secured, links } = await startWithFile();
  const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });
  expect((await get(secured, `/files/${PATH}`)).status).toBe(401);
  expect((await get(secured, `/files/${PATH}`, bearer(await secured.key()))).status).toBe(200);
  const foreign = bearer(await secured.key({ projects: ['b'] }));
  const [there, nowhere] = await Promise.all([
    get(secured, `/files/${PATH}`, foreign),
    get(secured, '/files/z/job/video.mp4', foreign),
  ]);
  expect([there.status, there.body.replaceAll('project a', 'project z')]).toEqual([404, nowhere.body]);
  const query = links.query(PATH);
  expect((await get(secured, `/files/a/job/other.mp4?${query}`)).status).toBe(401);
  expect((await get(secured, `/files/b/job/video.mp4?${query}`)).status).toBe(401);
});

test.each([
  '/files/../secret.txt',
  '/files/a/job/../../../secret.txt',
  '/files/a/job/..%2f..%2f..%2fsecret.txt',
  '/files/a/job/%2e%2e/%2e%2e/secret.txt',
  '/files//etc/passwd',
  '/files/a/job/%252e%252e/%252e%252e/secret.txt',
  '/files/a/job/..;/..;/secret.txt',
  '/files/a/job/steps%2fplan.json',
  '/files/a/job/./steps/plan.json',
  '/files/a/job//steps/plan.json',
  '/files/a/../a/job/video.mp4',
  '/files/A/job/video.mp4',
  '/files/a/job/video.mp4/',
  '/files/a/job/video.mp4%00.txt',
  '/files/a/job\\..\\..\\secret.txt',
  '/files/a/job/steps/plan.json',
  '/files/a/job/notes.html',
  '/files/a/job/.hidden.txt',
  '/files/secret.txt',
  '/files/',
])('%s leads nowhere', async (path) => {
  const { secured } = await startWithFile();
  const authorization = `Bearer ${await secured.key({ projects: '*', scope: 'admin' })}`;
  const { status, body } = await get(secured, path, { authorization });
  expect([status, body.includes('secret"') || body === 'secret']).toEqual([404, false]);
});
