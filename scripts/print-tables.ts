/** Prints the tables of settings and errors into docs/operations.md and docs/errors.md; test/docs/errors.test.ts checks them. */
import { readFile, writeFile } from 'node:fs/promises';
import { MEDIA_SETTINGS } from '../media/settings.ts';
import { ERRORS } from '../src/core/errors.ts';
import { SETTINGS_TABLE } from '../src/settings/config.ts';

/** A page and one table in it, which is found by its header row. */
export interface DocumentTable {
  readonly file: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export const SETTINGS_PAGE: DocumentTable = {
  file: 'docs/operations.md',
  header: ['setting', 'default', 'meaning', 'takes'],
  rows: Object.entries({ ...SETTINGS_TABLE, ...MEDIA_SETTINGS }).map(([name, setting]) => [
    name,
    setting.default === '—' ? '—' : `\`${setting.default}\``,
    setting.meaning,
    setting.expected,
  ]),
};

export const ERRORS_PAGE: DocumentTable = {
  file: 'docs/errors.md',
  header: ['code', 'meaning', 'what to do', 'retry'],
  rows: Object.entries(ERRORS).map(([code, { meaning, remedy, retryable }]) => [
    code,
    meaning,
    remedy,
    retryable ? 'yes' : 'no',
  ]),
};

/** @returns the page's text with the table in its current form */
export function withTable(page: string, { file, header, rows }: DocumentTable): string {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${header[0]} |`));
  if (start === -1) throw new Error(`${file}: expected a table that begins with | ${header[0]} |`);
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  const table = [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return lines.toSpliced(start, length, ...table).join('\n');
}

if (import.meta.main) {
  for (const page of [SETTINGS_PAGE, ERRORS_PAGE]) {
    await writeFile(page.file, withTable(await readFile(page.file, 'utf8'), page));
  }
}
