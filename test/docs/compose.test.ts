/** docker-compose.yml cannot be run here: it is parsed, and everything that it names must exist. */

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { MEDIA_SETTINGS } from '../../media/settings.ts';
import { OBJECT_STORAGE } from '../../src/core/own-package.ts';
import { readConfig, SETTINGS_TABLE } from '../../src/settings/config.ts';

const repository = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(repository, path), 'utf8');

interface Service {
  readonly build?: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly ports?: readonly string[];
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const services = Object.entries(compose.services);

/** As compose fills it in from an .env file made after the example. */
const SECRETS: Readonly<Record<string, string>> = {
  REDIS_PASSWORD: 'a'.repeat(48),
  PLAYHEAD_AUTH_SECRET: 'b'.repeat(44),
  S3_ACCESS_KEY: `GK${'c'.repeat(24)}`,
  S3_SECRET_KEY: 'd'.repeat(64),
  GARAGE_RPC_SECRET: 'e'.repeat(64),
};
const filledIn = (value: string): string =>
  value.replaceAll(/\$\{(\w+)(?::[-?]([^}]*))?\}/g, (_, name: string, other = '') => SECRETS[name] ?? other);

test('two API processes and two workers take their settings, with authentication and the store', () => {
  const ours = services.filter(([, { image }]) => image === 'playhead');
  expect(ours.map(([name]) => name)).toEqual(['api-1', 'api-2', 'worker-1', 'worker-2']);
  const known = [...Object.keys(SETTINGS_TABLE), ...Object.keys(MEDIA_SETTINGS)];
  for (const [name, { environment = {}, command = [] }] of ours) {
    for (const setting of Object.keys(environment)) expect(known, `${name}: ${setting}`).toContain(setting);
    const env = Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, filledIn(value)]));
    const config = readConfig({ HOST: '0.0.0.0', ...env });
    expect(config.security.auth).not.toBeNull();
    expect(config.store).toMatchObject({ kind: 's3', bucket: 'playhead', pathStyle: true });
    expect(command[0]).toBe('playhead');
    expect(['server', 'worker']).toContain(command[1]);
  }
});

test('services, volumes, files and secrets that it names exist', () => {
  const example = read('docs/compose/env.example');
  for (const [, name = ''] of read('docker-compose.yml').matchAll(/\$\{(\w+):\?/g)) {
    expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
    expect(SECRETS).toHaveProperty(name);
  }
  for (const [name, service] of services) {
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(compose.services[needed]?.healthcheck, `${name} needs ${needed}`).toBeDefined();
      expect(condition).toBe('service_healthy');
    }
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':');
      if (source.startsWith('.')) expect(existsSync(resolve(repository, source)), source).toBe(true);
      else expect(compose.volumes).toHaveProperty(source);
    }
  }
  const storage = compose.services['storage']?.environment ?? {};
  const ours = compose.services['api-1']?.environment ?? {};
  expect(`s3://${storage['GARAGE_DEFAULT_BUCKET']}`).toBe(ours['PLAYHEAD_STORE']);
  expect(read('docs/compose/garage.toml')).toContain(`s3_region = "${ours['PLAYHEAD_S3_REGION']}"`);
  expect(compose.services['api-1']?.healthcheck?.test.join(' ')).toContain('/readyz');
  const worker = compose.services['worker-1'];
  const port = worker?.environment?.['PLAYHEAD_WORKER_METRICS_PORT'];
  expect(worker?.healthcheck?.test.join(' ')).toContain(`127.0.0.1:${port}/healthz`);
});

test('one port is open, on this machine; no secret has a default', () => {
  expect(services.flatMap(([, { ports = [] }]) => ports.map(filledIn))).toEqual(['127.0.0.1:8080:80']);
  for (const name of Object.keys(SECRETS)) {
    const uses = [...read('docker-compose.yml').matchAll(new RegExp(`\\$\\{${name}(.*?)\\}`, 'g'))];
    expect(uses.length, name).toBeGreaterThan(0);
    for (const [, rest = ''] of uses) expect(rest, name).toMatch(/^:\?/);
  }
});

test('the Dockerfile copies what is there, on the Node that is pinned, as a user of its own', () => {
  const lines = read('Dockerfile').split('\n');
  const copied = lines
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
    .flatMap((line) => line.split(' ').slice(1, -1));
  for (const path of copied) expect(existsSync(resolve(repository, path)), path).toBe(true);
  expect(lines.filter((line) => line.startsWith('FROM ')).every((line) => line.includes('node:24-'))).toBe(
    true,
  );
  expect(lines).toContain('USER node');
  // Object storage is an optional peer of the package, in the versions of this repository.
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  for (const name of OBJECT_STORAGE.names)
    expect(read('Dockerfile')).toContain(`${name}@${dependencies[name]} `);
});
