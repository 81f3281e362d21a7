/** What a person is spared: naming server and token each time, and typing whole ids. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Api } from '../../cli/api.ts';
import { findJobId, shortIdAmong } from '../../cli/job-id.ts';
import { run } from './playhead.ts';

const home = mkdtempSync(join(tmpdir(), 'playhead-login-'));
const env = { XDG_CONFIG_HOME: home };
const file = join(home, 'playhead', 'login.json');
let server: Server;
let url: string;
/** The credentials that came, in order. */
const came: (string | undefined)[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    came.push(request.headers.authorization);
    const isKnown = request.headers.authorization === 'Bearer right';
    const data = {
      viewer: { scope: 'WRITE', projects: ['films'] },
      jobs: { edges: [], unreadable: [], pageInfo: { hasNextPage: false, endCursor: null } },
    };
    request.resume();
    response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isKnown ? { data } : { errors: [{ message: 'no' }] }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(home, { recursive: true, force: true });
});

test('login keeps what the server takes, for that server alone, until logout', async () => {
  const wrong = await run(['login'], { url, env, input: 'wrong\n' });
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('refuses the token')]);
  expect(() => statSync(file)).toThrow();
  const taken = await run(['login'], { url, env, input: 'right\n' });
  expect([taken.code, taken.err]).toEqual([0, expect.stringContaining('write, films')]);
  expect(taken.out + taken.err).not.toContain('right');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url, token: 'right' });

  expect((await run(['jobs'], { env })).code).toBe(0);
  expect(came.at(-1)).toBe('Bearer right');
  const elsewhere = url.replace('127.0.0.1', 'localhost');
  expect((await run(['jobs', '--url', elsewhere], { env })).code).toBe(1);
  expect(came.at(-1)).toBeUndefined();
  const opened = await run(['open'], { env, project: 'films' });
  expect(opened.out).toBe(`${url}/p/films\n`);

  expect((await run(['logout'], { env })).code).toBe(0);
  expect(() => statSync(file)).toThrow();
});

test('--version says the version', async () => {
  expect((await run(['--version'], { env })).out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

const [ONE, OTHER] = ['01a226c7-5e6f-749f-8b67-abc37ee81349', '01a226c7-5f98-75a3-b050-6ea8e7e81349'];

function apiWith(ids: readonly string[]): Api {
  const jobs = { edges: ids.map((id) => ({ node: { id } })) };
  return { request: async () => ({ jobs }) } as unknown as Api;
}

test('a job is meant by an end or beginning of its id that no other has', async () => {
  expect(await findJobId(apiWith([ONE]), 'p', 'E81349')).toBe(ONE);
  expect(await findJobId(apiWith([ONE, OTHER]), 'p', '7ee81349')).toBe(ONE);
  await expect(findJobId(apiWith([ONE, OTHER]), 'p', 'e81349')).rejects.toThrow(/several fit: 01a2/);
  // Found elsewhere in a job, as in its input: not what is meant.
  expect(await findJobId(apiWith([ONE]), 'p', '749f')).toBe('749f');
  expect(await findJobId(apiWith([]), 'p', 'no-id')).toBe('no-id');
  await expect(findJobId(apiWith([ONE]), 'p', '749')).rejects.toThrow(
    '749: expected the id of a job, or at least 4',
  );
  expect([shortIdAmong([ONE], ONE), shortIdAmong([ONE, OTHER], ONE)]).toEqual(['e81349', 'ee81349']);
});
