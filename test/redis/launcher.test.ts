import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';

test('x', async () => {
  expect(inject('redisUrl')).toMatch(/redis:/);
  await rm(await mkdtemp(join(tmpdir(), 'x-')), { recursive: true });
});
