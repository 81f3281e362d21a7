import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type PostParts, post } from '../../src/webhooks/post.ts';
import { within } from '../setup/deadline.ts';
import { POLICY } from './harness.ts';
import { type Answer, Receiver } from './receiver.ts';

const BODY = '{"type":"job.completed","data":{"job":{"id":"job-1"}}}';

function send(url: string, parts: Partial<PostParts> = {}) {
  return within(post(new URL(url), { 'webhook-id': 'msg_1' }, BODY, { policy: POLICY, ...parts }));
}

/** A server that writes what it likes. */
async function rawServer(answer: string | null): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {
      if (answer !== null) socket.end(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('a receiver gets the body as JSON, with its headers', async () => {
  const receiver = await Receiver.start();
  expect(await send(receiver.url)).toEqual({ statusCode: 204, retryAfterMs: undefined });
  expect(receiver.received).toMatchObject([
    { text: BODY, headers: { 'content-type': 'application/json', 'webhook-id': 'msg_1' } },
  ]);
});

test('a redirect is an answer, and not followed', async () => {
  const other = await Receiver.start();
  const receiver = await Receiver.start((_received, response) =>
    response.writeHead(307, { location: other.url }).end(),
  );
  expect(await send(receiver.url)).toMatchObject({ statusCode: 307 });
  expect(other.received).toEqual([]);
});

test('Retry-After is read', async () => {
  const receiver = await Receiver.start((_received, response) =>
    response.writeHead(429, { 'retry-after': '7' }).end(),
  );
  expect(await send(receiver.url)).toEqual({ statusCode: 429, retryAfterMs: 7_000 });
});

test('an answer whose body never ends is over with its headers', async () => {
  const receiver = await Receiver.start((_received, response) => void response.writeHead(200).write('…'));
  expect(await send(receiver.url)).toMatchObject({ statusCode: 200 });
});

describe('a failure has a reason', () => {
  test('nobody listens', async () => {
    const receiver = await Receiver.start();
    await receiver.kill();
    expect(await send(receiver.url)).toMatchObject({ error: expect.stringContaining('ECONNREFUSED') });
  });

  const silent: Answer = () => {};
  test('no answer within the limit', async () => {
    const receiver = await Receiver.start(silent);
    expect(await send(receiver.url, { limitMs: 200 })).toEqual({ error: 'no answer within 0.2 s' });
  });

  test('a name server that is silent', async () => {
    const resolve = (): Promise<readonly string[]> => new Promise(() => {});
    const sent = send('http://example.com/', { limitMs: 200, resolve });
    expect(await sent).toEqual({ error: 'no answer within 0.2 s' });
  });

  test.each<[string, Answer, string]>([
    ['it is cut off', (_received, response) => void response.destroy(), 'socket hang up'],
    [
      'headers without end',
      (_received, response) => void response.writeHead(200, { long: 'x'.repeat(20_000) }).end(),
      'Header overflow',
    ],
  ])('%s', async (_what, answer, error) => {
    const receiver = await Receiver.start(answer);
    expect(await send(receiver.url)).toEqual({ error: expect.stringContaining(error) });
  });

  test.each([
    ['something else than HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'Parse Error'],
    [
      'a change of protocol',
      'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      'closed without an answer',
    ],
  ])('%s', async (_what, answer, error) => {
    expect(await send(await rawServer(answer))).toEqual({ error: expect.stringContaining(error) });
  });

  test('TLS is expected, and not there', async () => {
    const receiver = await Receiver.start();
    const { error } = (await send(receiver.url.replace('http:', 'https:'))) as { error: string };
    expect(error).toMatch(/SSL|TLS|EPROTO|wrong version/i);
  });
});

describe('where it goes', () => {
  test('is a name’s address, asked for once and then no more', async () => {
    const receiver = await Receiver.start();
    let asked = 0;
    const resolve = async (): Promise<readonly string[]> => {
      asked += 1;
      return [asked === 1 ? '127.0.0.1' : '127.0.0.2'];
    };
    const url = receiver.url.replace('127.0.0.1', 'hooks.example');
    expect(await send(url, { resolve })).toMatchObject({ statusCode: 204 });
    expect(asked).toBe(1);
    expect(receiver.received[0]?.headers['host']).toMatch(/^hooks\.example:/);
  });

  test('is never a private address', async () => {
    const receiver = await Receiver.start();
    const policy = { allowsPrivate: false };
    const resolve = async (): Promise<readonly string[]> => ['127.0.0.1'];
    const url = receiver.url.replace('127.0.0.1', 'hooks.example');
    expect(await send(url, { policy, resolve })).toEqual({
      error: 'expected a public address, hooks.example has 127.0.0.1',
    });
    expect(await send(receiver.url, { policy })).toMatchObject({ error: expect.stringContaining('public') });
    expect(receiver.received).toEqual([]);
  });
});
