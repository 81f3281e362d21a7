/** Prints the schema of playhead.config.ts to schema.graphql, sorted and with descriptions; `--check` only says whether that would change it. */
import { readFile, writeFile } from 'node:fs/promises';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { createSchema } from '../src/schema/index.ts';
import { loadWorkflows } from '../src/workflow/project.ts';

const FILE = 'schema.graphql';
const printed = `${printSchema(lexicographicSortSchema(createSchema(await loadWorkflows())))}\n`;

if (process.argv.includes('--check')) {
  const committed = await readFile(FILE, 'utf8').catch(() => '');
  if (committed !== printed) {
    const line = firstDifference(committed.split('\n'), printed.split('\n'));
    console.error(
      `${FILE} differs from playhead.config.ts and src/schema at line ${line}. Run: npm run print-schema`,
    );
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, printed);
}

/** Counted from 1. */
function firstDifference(committed: readonly string[], now: readonly string[]): number {
  return 1 + now.findIndex((line, index) => line !== committed[index]);
}
