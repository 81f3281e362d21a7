/** Redis over TLS, as docs/operations.md has it: its certificate is checked, and one of an own authority can be named. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { connectRedis } from '../../src/redis/client.ts';
import { freePort } from '../../src/redis/instance.ts';
import { findRedisServer } from '../../src/settings/programs.ts';
import { until, within } from '../setup/deadline.ts';
import { range } from '../setup/harness.ts';
import { ApiProcess } from '../web/processes.ts';

/** Makes certificates; most machines have it. */
const HAS_OPENSSL = spawnSync('openssl', ['version']).status === 0;
const CURVE = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const NAME = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];

describe.runIf(HAS_OPENSSL && knowsTls())('over TLS', () => {
  test('a server whose authority is trusted is used; any other is not told a word', async () => {
    const { cert, folder, port } = await startServer();
    const start = async (trusted: Record<string, string>): Promise<ApiProcess> => {
      const env = { REDIS_URL: `rediss://127.0.0.1:${port}`, PLAYHEAD_LOG_LEVEL: 'silent', ...trusted };
      const api = new ApiProcess({ prefix: 'playhead', dataDir: folder, env });
      onTestFinished(() => api.kill());
      await api.start();
      return api;
    };
    const [known, unknown] = await Promise.all([start({ NODE_EXTRA_CA_CERTS: cert }), start({})]);
    await until(async () => (await fetch(`${known.url}/readyz`)).status === 200);
    const refused = await fetch(`${unknown.url}/readyz`);
    expect([refused.status, await refused.json()]).toMatchObject([503, { reason: 'Redis does not answer' }]);
  });

  // The server objects to a handshake that is broken off, after the client has refused its certificate: a second error.
  test('ending a connection in its handshake ends no process, whatever comes of it', async () => {
    const { port } = await startServer();
    const endings = range(1, 50).map(async () => {
      const client = connectRedis(`rediss://127.0.0.1:${port}`, () => {});
      const { stream } = await until(() => client.stream !== undefined && client, { everyMs: 0 });
      stream.once('connect', () => client.disconnect());
      await new Promise((resolve) => client.once('end', resolve));
    });
    await within(Promise.all(endings));
  });
});

interface TlsServer {
  readonly port: number;
  /** Paths of its certificate, which is its own authority, and of the folder that it is in. */
  readonly cert: string;
  readonly folder: string;
}

async function startServer(): Promise<TlsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-tls-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const made = ['req', '-x509', ...CURVE, '-days', '2', ...NAME, '-keyout', key, '-out', cert];
  execFileSync('openssl', made, { stdio: 'ignore' });
  const port = await freePort();
  const files = ['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert];
  const settings = ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', '--save', ''];
  const server = spawn(findRedisServer(), [...settings, ...files, '--dir', folder], { stdio: 'ignore' });
  onTestFinished(async () => {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  });
  const admin = new Redis({ port, host: '127.0.0.1', tls: { ca: readFileSync(cert) } });
  onTestFinished(() => admin.disconnect());
  admin.on('error', () => {});
  await until(() => admin.ping());
  return { port, cert, folder };
}

/** One that was built without it complains of this setting first. */
function knowsTls(): boolean {
  const { stderr, stdout } = spawnSync(findRedisServer(), ['--tls-port', '0', '--no-setting', '1']);
  return `${stderr}${stdout}`.includes('no-setting');
}
