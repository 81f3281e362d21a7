/** Files and tokens, against a server that the test writes: what a real one does only when it is ill. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { until } from '../setup/deadline.ts';
import { jsonLines, type RunOptions, run, start, startOnTerminal } from './playhead.ts';

const FILE = Buffer.alloc(3_000_000, 'x');
/** How the next file is sent. */
let send: (response: ServerResponse) => void = (response) => response.end(FILE);
const seen: (string | undefined)[] = [];
const params: unknown[] = [];
/** Of the next answers; then COMPLETED. */
const statuses: string[] = [];
let artifactPath = 'p/j/video.mp4';

const server = createServer((request, response) => {
  seen.push(request.headers.authorization);
  if (request.headers.authorization === 'Bearer wrong') response.writeHead(401).end();
  else if (request.url?.startsWith('/files/')) send(response);
  else answerQuery(request, response);
});
const sockets = new WebSocketServer({
  server,
  path: '/graphql',
  handleProtocols: () => 'graphql-transport-ws',
});
sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { type: string; id?: string; payload?: unknown };
    if (message.type === 'connection_init') {
      params.push(message.payload);
      socket.send('{"type":"connection_ack"}');
    }
    if (message.type === 'subscribe') socket.send(JSON.stringify({ type: 'complete', id: message.id }));
  });
});
let url = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  for (const socket of sockets.clients) socket.terminate();
  sockets.close();
  server.close();
});

function answerQuery(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const file = { contentType: 'video/mp4', sizeBytes: FILE.length };
  // As behind a proxy: the server's own name for itself is not the one that it is reached by.
  const name = artifactPath.replace('p/j/', '');
  const video = { ...file, name, path: artifactPath, url: `http://inside:1/files/${artifactPath}?sig=1` };
  const cues = { ...file, name: 'cues.json', path: 'p/j/cues.json', url: '/files/p/j/cues.json' };
  const data = { totalDuration: 1, totalCostUsd: 0 };
  const result = { __typename: 'LipsyncResult', data, artifacts: [video, cues] };
  const status = statuses.shift() ?? 'COMPLETED';
  const job = {
    ...{ id: 'j', projectId: 'p', workflow: 'LIPSYNC', taskName: 'lipsync', status, progress: 1, step: null },
    ...{
      steps: [],
      message: null,
      metadata: null,
      attempt: 1,
      maxAttempts: 1,
      eta: null,
      result,
      error: null,
    },
    ...{ createdAt: '2026-01-01T00:00:00.000Z', startedAt: null, finishedAt: null, items: [] },
  };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ data: { job } }));
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'playhead-download-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const here = (): RunOptions => ({ url, project: 'p' });

test('all files of a job are fetched, with --json a line each; what is there is kept without --force', async () => {
  const to = join(folder(), 'deep', 'er');
  const first = await run(['download', 'j', '--to', to, '--json'], here());
  expect(first.code).toBe(0);
  expect(jsonLines(first.out)).toEqual(
    ['video.mp4', 'cues.json'].map((name) => ({
      ...{ type: 'file', path: join(to, name), sizeBytes: FILE.length },
      contentType: 'video/mp4',
    })),
  );
  expect(readFileSync(join(to, 'video.mp4')).equals(FILE)).toBe(true);

  rmSync(join(to, 'video.mp4'));
  writeFileSync(join(to, 'cues.json'), 'mine');
  const second = await run(['download', 'j', '--to', to], here());
  expect([second.code, second.err]).toEqual([2, expect.stringContaining('Would overwrite')]);
  expect(readFileSync(join(to, 'cues.json'), 'utf8')).toBe('mine');
  expect(readdirSync(to)).toEqual(['cues.json']);
  const third = await run(['download', 'j', '--to', to, '--force'], here());
  expect([third.code, third.out]).toEqual([0, expect.stringContaining('cues.json  3.0 MB')]);
  expect(readdirSync(to).sort()).toEqual(['cues.json', 'video.mp4']);
});

test.each([
  [
    'cut off',
    (response: ServerResponse) => {
      response
        .writeHead(200, { 'content-length': FILE.length })
        .write(FILE.subarray(0, 1_000_000), () => response.destroy());
    },
  ],
  ['too short', (response: ServerResponse) => response.end('short')],
  ['gone', (response: ServerResponse) => response.writeHead(404).end()],
])('a file that is %s: exit code 1, and nothing half is left behind', async (_name, broken) => {
  const to = folder();
  send = broken;
  const { code, err } = await run(['download', 'j', '--to', to], here());
  send = (response) => response.end(FILE);
  expect(code).toBe(1);
  expect(err).toContain('playhead: ');
  expect(readdirSync(to)).toEqual([]);
});

test('a name from the server never leads out of the folder', async () => {
  const to = folder();
  artifactPath = 'p/j/..';
  const { code } = await run(['download', 'j', '--to', to], here());
  artifactPath = 'p/j/video.mp4';
  expect(code).toBe(1);
  expect(readdirSync(to)).toEqual([]);
});

test('on a terminal a large file has a bar', async () => {
  const to = folder();
  let finish = (): void => {};
  send = (response) => {
    response.writeHead(200, { 'content-length': FILE.length }).write(FILE.subarray(0, 1_500_000));
    finish = () => response.end(FILE.subarray(1_500_000));
  };
  const command = startOnTerminal(['download', 'j', '--to', to], here());
  await command.says(/ 50% {2}1\.5 MB of 3\.0 MB/);
  send = (response) => response.end(FILE);
  finish();
  const { code, out } = await command.ended();
  expect([code, out]).toEqual([0, expect.stringContaining('video.mp4  3.0 MB')]);
});

test('an interrupt, which npm hands on once more, leaves nothing half behind', async () => {
  const to = folder();
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  send = (response) => {
    response
      .writeHead(200, { 'content-length': FILE.length })
      .write(FILE.subarray(0, 1_000_000), () => resolve());
  };
  const command = start(['download', 'j', '--to', to], here());
  await begun;
  await until(() => readdirSync(to).some((name) => name.endsWith('.part')));
  // Those that come before the last was taken are one.
  for (let sent = 0; sent < 20; sent += 1) {
    command.child.kill('SIGINT');
    await nextTurn();
  }
  const { code, err } = await command.ended();
  send = (response) => response.end(FILE);
  // One that comes while the process is on its way out ends it by itself, which a shell calls 130 too.
  expect([130, 'SIGINT']).toContain(code ?? command.child.signalCode);
  expect(err).toBe('Interrupted; no partial files are left behind.\n');
  expect(readdirSync(to)).toEqual([]);
});

test('the token goes with requests, files and the WebSocket; a refused one is said', async () => {
  statuses.push('RUNNING');
  seen.length = 0;
  const watched = await run(['watch', 'j'], { ...here(), env: { PLAYHEAD_TOKEN: 'right' } });
  expect(watched.code).toBe(0);
  expect(params).toEqual([{ authorization: 'Bearer right' }]);
  await run(['download', 'j', '--to', folder()], { ...here(), env: { PLAYHEAD_TOKEN: 'right' } });
  expect(new Set(seen)).toEqual(new Set(['Bearer right']));

  const refused = await run(['jobs', '--token', 'wrong'], here());
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('refuses the token')]);
});
