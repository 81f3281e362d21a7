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
