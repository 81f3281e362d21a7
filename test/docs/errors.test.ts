/** The docs' tables are the code's tables, in both directions. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MEDIA_SETTINGS } from '../../media/settings.ts';
import { ERRORS } from '../../src/core/errors.ts';
import { SETTINGS_TABLE } from '../../src/settings/config.ts';

/** The rows of the first table behind a heading row that begins with `| first |`. */
function tableRows(file: string, first: string): readonly string[][] {
  const lines = readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8').split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${first} |`));
  const end = lines.findIndex((line, index) => index > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('docs/errors.md has every error code, its meaning, remedy and whether it may be tried again, and no other', () => {
  const expected = Object.entries(ERRORS).map(([code, { meaning, remedy, retryable }]) => [
    code,
    meaning,
    remedy,
    retryable ? 'yes' : 'no',
  ]);
  expect(tableRows('errors.md', 'code')).toEqual(expected);
});

test('docs/operations.md has every setting with its meaning and form, and no other', () => {
  const expected = Object.entries({ ...SETTINGS_TABLE, ...MEDIA_SETTINGS }).map(
    ([name, { meaning, expected: form }]) => [...[name, meaning, form]],
  );
  expect(tableRows('operations.md', 'setting')).toEqual(expected);
});
