/** Reads the items of a batch from a CSV or JSON file. Pure. */
import type { Entered } from '../views/view.ts';
import { draftOf } from './past-input.ts';
import type { FormField } from './schema-fields.ts';

/** What is wrong with a file; the messages are `form.file.…`. */
export type FileFault = 'empty' | 'columns' | 'json';

/**
 * Reads a table with a header line, or a JSON list of objects (or one object per line). Names are those of the input's fields,
 * in any order and either case; others are ignored.
 */
export function readItems(
  fields: readonly FormField[],
  name: string,
  content: string,
): readonly Entered[] | FileFault {
  const text = content.replace(/^\uFEFF/, '').trim();
  if (text === '') return 'empty';
  const rows = /\.(json|jsonl|ndjson)$/i.test(name) || /^[[{]/.test(text) ? readJson(text) : readCsv(text);
  if (rows === null) return 'json';
  if (rows.length === 0) return 'empty';
  const named = rows.map((row) => byField(fields, row));
  if (named.every((row) => Object.keys(row).length === 0)) return 'columns';
  return draftOf(fields, named, '').items;
}

type Row = Readonly<Record<string, unknown>>;

function readJson(text: string): readonly Row[] | null {
  const parsed = parse(text) ?? parse(`[${text.split(/\r?\n/).filter(Boolean).join(',')}]`);
  const list: unknown = Array.isArray(parsed) ? parsed : (Reflect.get(Object(parsed), 'items') ?? [parsed]);
  if (!Array.isArray(list) || !list.every((row) => typeof row === 'object' && row !== null)) return null;
  return list as readonly Row[];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function readCsv(text: string): readonly Row[] {
  const [names = [], ...lines] = readTable(text);
  return lines
    .filter((cells) => cells.some((cell) => cell !== ''))
    .map((cells) =>
      Object.fromEntries(
        names.flatMap((name, at): [string, string][] => (cells[at] ? [[name.trim(), cells[at]]] : [])),
      ),
    );
}

/** Cells by line (RFC 4180); separated by tabs or semicolons if the first line has those, as spreadsheets write them. */
function readTable(text: string): readonly (readonly string[])[] {
  const [head = ''] = text.split(/\r?\n/, 1);
  const separator = ['\t', ';', ','].find((sign) => head.includes(sign)) ?? ',';
  const table: string[][] = [[]];
  // A quoted cell, in which two quotes stand for one, or anything up to the next separator; then the separator.
  const cell = new RegExp(
    `(?:"((?:[^"]|"")*)"|([^"${separator}\\r\\n][^${separator}\\r\\n]*)?)(${separator}|\\r?\\n|$)`,
    'y',
  );
  while (cell.lastIndex < text.length) {
    const found = cell.exec(text);
    if (found === null) break;
    const [, quoted, plain = '', sign = ''] = found;
    table.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (/\n/.test(sign)) table.push([]);
    if (sign === '') break;
  }
  return table;
}

function byField(fields: readonly FormField[], row: Row): Row {
  const names = new Map(fields.map(({ name }) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    Object.entries(row).flatMap(([key, value]): [string, unknown][] => {
      const name = names.get(key.toLowerCase());
      return name === undefined || value === null ? [] : [[name, value]];
    }),
  );
}
