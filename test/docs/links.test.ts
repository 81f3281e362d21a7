/** Links of the docs lead somewhere, and the files that they name exist. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ROOMS } from '../../scripts/import-order.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGES = globSync(['*.md', 'docs/**/*.md', 'bench/README.md'], { cwd: ROOT }).filter(
  (page) => page !== 'CHANGELOG.md',
);
const MADE_BY_RUNNING = ['bench/profiles', 'bench/results.json'];
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** As GitHub names the anchor of a heading. */
function anchorsOf(page: string): readonly string[] {
  const headings = read(page).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test.each(PAGES)('%s links to files and headings that exist', (page) => {
  for (const [link, target = ''] of read(page).matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)) {
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    expect(existsSync(join(ROOT, file)), link).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(file), link).toContain(anchor);
  }
});

// A decision may name what was there when it was made, and new-workflow.md names what its reader makes.
test.each(PAGES.filter((page) => !/decisions|new-workflow/.test(page)))(
  '%s names files that exist',
  (page) => {
    const named = read(page).matchAll(
      /`((?:src|media|cli|web|examples|scripts|test|bench|docs)\/[\w./-]*\w)`/g,
    );
    for (const [, path = ''] of named) {
      if (!MADE_BY_RUNNING.includes(path)) expect(existsSync(join(ROOT, path)), path).toBe(true);
    }
  },
);

test('docs/decisions/README.md lists every decision, each with a number of its own', () => {
  const pages = globSync('docs/decisions/[0-9]*.md', { cwd: ROOT }).map((path) => basename(path));
  const listed = [...read('docs/decisions/README.md').matchAll(/\]\((\d{4}-.+?\.md)\)/g)].map(
    ([, file]) => file,
  );
  expect(listed.toSorted()).toEqual(pages.toSorted());
  expect(new Set(pages.map((name) => name.slice(0, 4))).size).toBe(pages.length);
});

test('docs/architecture.md lists every room, in the order of imports', () => {
  const [, table = ''] = /^\| room \|.*\n\| --- .*\n((?:\|.*\n)+)/m.exec(read('docs/architecture.md')) ?? [];
  expect([...table.matchAll(/^\| (\w+) \|/gm)].map(([, room]) => room)).toEqual([...ROOMS]);
});
