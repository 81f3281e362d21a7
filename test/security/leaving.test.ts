/** Clients that leave at every moment of an answer: an error that nobody takes would end the process, and with it everybody. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startMeasured } from './measured-server.ts';

/** Turns of the event loop after which a client leaves: from before its request is read to after its answer. */
const MOMENTS = 24;
const CLIENTS = 4;

test('whatever is asked for and whenever the client leaves, the process goes on', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-leaving-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  await mkdir(join(dataDir, 'artifacts/a/job'), { recursive: true });
  await writeFile(join(dataDir, 'artifacts/a/job/video.mp4'), Buffer.alloc(4 * 1_048_576));
  const server = await startMeasured({
    PLAYHEAD_DATA_DIR: dataDir,
    PLAYHEAD_MAX_OPERATIONS_PER_SECOND: '100000',
  });
  const grant = { name: 'leaving', projects: '*', scope: 'admin', expiresAt: null } as const;
  const authorization = `authorization: Bearer ${(await server.store.createKey(grant)).text}`;
  const get = (path: string, ...headers: string[]): string =>
    `${[`GET ${path} HTTP/1.1`, 'host: localhost', authorization, ...headers].join('\r\n')}\r\n\r\n`;
  const post = (query: string, accept: string): string => {
    const body = JSON.stringify({ query });
    const headers = [authorization, `accept: ${accept}`, 'content-type: application/json'];
    const lines = ['POST /graphql HTTP/1.1', 'host: localhost', ...headers, `content-length: ${body.length}`];
    return `${lines.join('\r\n')}\r\n\r\n${body}`;
  };
  const requests = [
    get('/files/a/job/video.mp4'),
    get('/files/a/job/video.mp4', 'range: bytes=100-2000000'),
    get('/p/a', 'accept-encoding: br'),
    get('/readyz'),
    get('/metrics'),
    post('{ jobs(projectId: "a") { edges { node { id } } } }', 'application/json'),
    post('subscription { jobEvents(projectId: "a") { __typename } }', '*/*'),
    get(
      '/graphql',
      ...['connection: upgrade', 'upgrade: websocket', 'sec-websocket-version: 13'],
      ...['sec-websocket-protocol: graphql-transport-ws', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA=='],
    ),
  ];
  for (const request of requests) {
    for (let moment = 0; moment < MOMENTS; moment += 1) {
      await Promise.all(Array.from({ length: CLIENTS }, () => leave(server.port, request, moment)));
      if (!server.isRunning) throw new Error(`${request}: ended the process, left after ${moment} turns`);
    }
  }
  const answer = await fetch(`${server.url}/files/a/job/video.mp4`, {
    headers: { authorization: authorization.slice('authorization: '.length) },
  });
  expect((await answer.bytes()).length).toBe(4 * 1_048_576);
});

async function leave(port: number, request: string, turns: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  socket.write(request);
  for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
  socket.destroy();
  await closed;
}
