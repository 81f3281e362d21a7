/** What the package `playhead/client` adds to a page. */
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import { expect, test } from 'vitest';

const LIMIT_BYTES = 15 * 1024;

test('the client takes at most 15 KB, minified and compressed, without graphql', async () => {
  const outputs = (await build({
    ...{ configFile: false, logLevel: 'silent', mode: 'production' },
    build: {
      ...{ write: false, minify: true, target: 'es2022' },
      rolldownOptions: {
        input: 'client/index.ts',
        external: ['graphql'],
        preserveEntrySignatures: 'strict',
      },
    },
  })) as Rolldown.RolldownOutput;
  const chunks = outputs.output.filter((file) => file.type === 'chunk');
  const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
  expect(modules.some((id) => id.endsWith('client/resuming-client.ts'))).toBe(true);
  expect(modules.filter((id) => id.includes('node_modules/graphql/'))).toEqual([]);
  const bytes = chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
  process.stdout.write(`playhead/client: ${bytes} bytes, minified and compressed\n`);
  expect(bytes).toBeLessThanOrEqual(LIMIT_BYTES);
});
