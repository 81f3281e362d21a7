/** Finds what compiled modules and declarations import. */
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';

const IMPORTED =
  /(?:\bfrom|\bimport|\brequire|\bresolve|\bcreateRequire\(import\.meta\.url\))\s*\(?\s*['"]([@.a-z][^'"\s]*)['"]/g;
const COMMENT = /^\s*(?:\/\/|\/?\*).*$/gm;

/** Names of the packages that a text imports, including type and lazy imports, but not Node's own modules. */
export function packagesIn(text: string): readonly string[] {
  return specifiersIn(text)
    .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
    .map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier)
    .filter((name) => !builtinModules.includes(name));
}

/** The declarations that the given ones reach by relative imports, including themselves. */
export function reachableDeclarations(entries: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    for (const specifier of specifiersIn(readFileSync(path, 'utf8'))) {
      if (specifier.startsWith('.')) visit(join(dirname(path), specifier.replace(/\.js$/, '.d.ts')));
    }
  };
  for (const entry of entries) visit(entry);
  return found;
}

function specifiersIn(text: string): readonly string[] {
  return [...text.replaceAll(COMMENT, '').matchAll(IMPORTED)].map(([, specifier = '']) => specifier);
}
