/**
 * `playhead print-schema [FILE]`: writes the GraphQL schema of the project's workflows, sorted and with descriptions, for the
 * clients' code generators; `--check` only reports whether that would change the file.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { isMain } from '../core/is-main.ts';
import { createSchema } from '../schema/index.ts';
import { describeStartFailure, loadWorkflows } from '../workflow/project.ts';

const USAGE = `Writes the GraphQL schema of the workflows in playhead.config.ts, for code generators.

  print-schema [FILE]           default: schema.graphql; - prints it
  print-schema [FILE] --check   ends with 1 when the file is not what would be written
`;

async function main(argv: readonly string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { check: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help || positionals.length > 1) {
    process.stdout.write(USAGE);
    return values.help ? 0 : 2;
  }
  const [file = 'schema.graphql'] = positionals;
  const printed = `${printSchema(lexicographicSortSchema(createSchema(await loadWorkflows())))}\n`;
  if (values.check) return check(file, printed);
  if (file === '-') process.stdout.write(printed);
  else await writeFile(file, printed);
  return 0;
}

async function check(file: string, printed: string): Promise<number> {
  const committed = await readFile(file, 'utf8').catch(() => '');
  if (committed === printed) return 0;
  const now = printed.split('\n');
  const line = 1 + committed.split('\n').findIndex((text, index) => text !== now[index]);
  process.stderr.write(
    `${file} is not the schema of these workflows from line ${line} on. Run print-schema.\n`,
  );
  return 1;
}

if (isMain(import.meta)) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${describeStartFailure(error)}\n`);
    process.exitCode = 1;
  }
}
