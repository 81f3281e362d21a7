/** SECURITY.md names tests that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const rows = readFileSync(new URL('SECURITY.md', root), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| who |') && !line.startsWith('| ---'));

test.each(rows)('each threat has a test: %s', (row) => {
  const files = row.match(/test\/[\w/-]+\.test\.ts/g) ?? [];
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect(existsSync(new URL(file, root)), file).toBe(true);
  expect(row.split(' | ')).toHaveLength(4);
});

test('there is a table', () => {
  expect(rows.length).toBeGreaterThan(15);
});
