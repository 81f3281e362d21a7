/** Reads lines of `written;;spoken|spoken`. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface NormalisationCase {
  readonly written: string;
  readonly spoken: readonly string[];
}

/** The cases of a file beside this one. */
export function readCases(name: string): NormalisationCase[] {
  return readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8')
    .split('\n')
    .filter((line) => line.includes(';;') && !line.startsWith('#'))
    .map((line) => {
      const [written = '', spoken = ''] = line.split(';;');
      return { written, spoken: spoken.split('|') };
    });
}
