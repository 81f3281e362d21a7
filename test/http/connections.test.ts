/** Connections as proxies and other clients use them: kept while idle, with offers to upgrade, with bodies that nobody reads. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type SecuredServer, startSecured } from '../security/secured-server.ts';
import { until } from '../setup/deadline.ts';

/** More than the buffers of both ends hold, so that a server which does not read it has bytes left in the kernel. */
const BODY_BYTES = 900 * 1_024;

let secured: SecuredServer;
/** Takes one operation an hour, which this key has used up. */
let slow: SecuredServer;
let usedUp: string;
beforeAll(async () => {
  secured = await startSecured({
    keep: true,
    env: {
      PLAYHEAD_MAX_OPERATIONS_PER_SECOND: '100000',
      PLAYHEAD_WEBHOOK_TOKEN: 'a'.repeat(16),
      PLAYHEAD_PUBLIC_URL: 'http://x',
    },
  });
  slow = await startSecured({ keep: true, operationsPerSecond: 1 / 3_600 });
  usedUp = await slow.key();
  expect((await slow.post('{ __typename }', { credential: usedUp })).status).toBe(200);
});
afterAll(() => Promise.all([secured.close(), slow.close()]));

/** A connection that writes as it is told and keeps what comes, with how it ended. */
class Wire {
  readonly socket: Socket;
  text = '';
  error: NodeJS.ErrnoException | null = null;

  private constructor(port: number) {
    // Goes on writing when the other end has closed, as proxies do.
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('data', (piece) => {
      this.text += String(piece);
    });
    this.socket.on('error', (error) => {
      this.error = error;
    });
    onTestFinished(() => void this.socket.destroy());
  }

  static async open({ server } = secured): Promise<Wire> {
    const wire = new Wire(server.port);
    await once(wire.socket, 'connect');
    return wire;
  }

  request(method: string, path: string, headers: Record<string, string>): void {
    const lines = Object.entries({ host: 'localhost', ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    this.socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  }

  /** Status codes of the answers so far. */
  get statuses(): readonly number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status));
  }

  answered(count: number): Promise<unknown> {
    return until(() => this.statuses.length >= count, {
      what: `${count} answers; there is ${this.text.slice(0, 500)}, ${this.error?.code}`,
    });
  }
}

const GET_HEALTH = ['GET', '/healthz', {}] as const;

test.each([
  ['Java’s client', { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAEAAEAA' }],
  ['a client of another protocol', { connection: 'upgrade', upgrade: 'TLS/1.0, IRC/6.9' }],
  ['a WebSocket’s upgrade of a POST', { connection: 'upgrade', upgrade: 'websocket' }],
])('an offer to upgrade by %s is ignored, and the connection goes on', async (_name, offer) => {
  const wire = await Wire.open();
  const body = JSON.stringify({ query: '{ workflows { taskName } }' });
  wire.request('POST', '/graphql', {
    ...offer,
    authorization: `Bearer ${await secured.key()}`,
    'content-type': 'application/json',
    'content-length': String(body.length),
  });
  wire.socket.write(body);
  await wire.answered(1);
  expect(wire.text).toContain('"taskName"');
  wire.request(...GET_HEALTH);
  await wire.answered(2);
  expect(wire.statuses).toEqual([200, 200]);
});

test('a GET with an offer to upgrade to HTTP/2 is answered as without', async () => {
  const wire = await Wire.open();
  wire.request('GET', '/healthz', { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c' });
  await wire.answered(1);
  expect(wire.statuses).toEqual([200]);
});

test('connections are kept longer than proxies keep theirs', async () => {
  const wire = await Wire.open();
  wire.request(...GET_HEALTH);
  await wire.answered(1);
  const [, seconds] = /^keep-alive: timeout=(\d+)/im.exec(wire.text) ?? [];
  // nginx and Amazon's load balancer 60 s, Traefik 90 s, Caddy 120 s.
  expect(Number(seconds)).toBeGreaterThan(120);
});

const JSON_TYPE = { 'content-type': 'application/json' };
const REFUSALS: [number, string, string, () => Record<string, string>][] = [
  [401, 'POST', '/graphql', () => ({ ...JSON_TYPE, authorization: 'Bearer nothing' })],
  [403, 'POST', '/graphql', () => ({ ...JSON_TYPE, origin: 'https://evil.example' })],
  [429, 'POST', '/graphql', () => ({ ...JSON_TYPE, authorization: `Bearer ${usedUp}` })],
  [415, 'POST', '/graphql', () => ({ 'content-type': 'text/plain', authorization: `Bearer ${fresh}` })],
  [405, 'PUT', '/graphql', () => ({ ...JSON_TYPE, authorization: `Bearer ${fresh}` })],
  [404, 'POST', '/nothing', () => ({})],
  [404, 'POST', '/webhooks/video/wrong', () => ({})],
  [413, 'POST', `/webhooks/video/${'a'.repeat(16)}`, () => JSON_TYPE],
  [405, 'POST', '/files/a/job/video.mp4', () => ({ authorization: `Bearer ${fresh}` })],
  [401, 'POST', '/files/a/job/video.mp4', () => ({})],
  [401, 'POST', '/metrics', () => ({})],
];
let fresh: string;

describe.each(REFUSALS)('a %i to %s %s with a body that is not read', (status, method, path, headersOf) => {
  const refuse = async (more: Record<string, string>) => {
    fresh = await secured.key();
    const wire = await Wire.open(status === 429 ? slow : secured);
    wire.request(method, path, { ...headersOf(), ...more });
    return wire;
  };

  test('reaches a client whose connection ends with it, and the end is no reset', async () => {
    const wire = await refuse({ connection: 'close', 'content-length': String(BODY_BYTES) });
    wire.socket.write(Buffer.alloc(BODY_BYTES / 2, 'x'));
    // Meanwhile the server has long decided.
    for (let n = 0; n < 3; n += 1) await (await fetch(`${secured.url}/healthz`)).text();
    wire.socket.write(Buffer.alloc(BODY_BYTES / 2, 'x'));
    await until(() => wire.socket.readableEnded || wire.error, { what: 'the end of the answer' });
    wire.socket.end();
    await until(() => wire.socket.closed, { what: 'the end of the connection' });
    expect([wire.statuses, wire.error]).toEqual([[status], null]);
  });

  test.each(['announced', 'in chunks'])(
    'leaves the connection to the next request, the body %s',
    async (how) => {
      const length: Record<string, string> =
        how === 'announced' ? { 'content-length': String(BODY_BYTES) } : { 'transfer-encoding': 'chunked' };
      const wire = await refuse(length);
      const body = Buffer.alloc(BODY_BYTES, 'x');
      if (how === 'announced') wire.socket.write(body);
      else
        wire.socket.write(
          Buffer.concat([Buffer.from(`${BODY_BYTES.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]),
        );
      wire.request(...GET_HEALTH);
      await wire.answered(2);
      expect(wire.statuses).toEqual([status, 200]);
    },
  );
});

test.each(['announced', 'in chunks'])(
  'a body over the limit, %s, is refused with 413 and the connection goes on',
  async (how) => {
    const bytes = 3 * 1_048_576;
    const wire = await Wire.open();
    const headers = { ...JSON_TYPE, authorization: `Bearer ${await secured.key()}` };
    if (how === 'announced') {
      wire.request('POST', '/graphql', { ...headers, 'content-length': String(bytes) });
      wire.socket.write(Buffer.alloc(bytes, 'x'));
    } else {
      wire.request('POST', '/graphql', { ...headers, 'transfer-encoding': 'chunked' });
      wire.socket.write(`${bytes.toString(16)}\r\n`);
      wire.socket.write(Buffer.alloc(bytes, 'x'));
      wire.socket.write('\r\n0\r\n\r\n');
    }
    wire.request(...GET_HEALTH);
    await wire.answered(2);
    expect(wire.statuses).toEqual([413, 200]);
  },
);
