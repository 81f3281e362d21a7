/** What a task's process loads: as little as there can be. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, inject, test } from 'vitest';
import { unique } from '../setup/harness.ts';

const ROOT = new URL('../../', import.meta.url).href;

/** What ioredis needs itself. */
const OF_IOREDIS = new Set([
  ...['@ioredis/commands', 'cluster-key-slot', 'debug', 'denque', 'has-flag', 'ms', 'redis-errors'],
  ...['standard-as-callback', 'supports-color'],
]);

test('importing the tracker loads no package, and neither GraphQL, HTTP nor the dashboard; Redis needs ioredis', async () => {
  const script = fileURLToPath(new URL('./load-probe.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    inject('redisUrl'),
    unique('probe'),
  ]);
  const { byImport, byUse, outcome } = JSON.parse(stdout) as Record<'byImport' | 'byUse', string[]> & {
    outcome: string;
  };
  expect(outcome).toBe('accepted');
  const files = byImport.filter((url) => url.startsWith('file:')).map((url) => url.replace(ROOT, ''));
  expect(files).toContain('src/tracker/outbox.ts');
  expect(files.filter((file) => !/^src\/(tracker|core|progress)\/|^src\/redis\/url\.ts$/.test(file))).toEqual(
    [],
  );
  const used = byUse.map((url) => url.replace(ROOT, ''));
  expect(
    used.filter((file) =>
      /^(src\/(schema|realtime|http|queue|settings|store|auth)|web|cli|client|media)\//.test(file),
    ),
  ).toEqual([]);
  const packages = new Set(
    used.flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []),
  );
  const own = [...packages].filter((name) => !OF_IOREDIS.has(name));
  expect(own.sort()).toEqual(['ioredis', 'lru-cache', 'uuid', 'zod']);
});
