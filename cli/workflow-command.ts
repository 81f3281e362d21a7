/** The command that starts a workflow's jobs, made from its input's schema. */
import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from './failure.ts';
import { type Field, parseValue, placeholderOf, readFields } from './fields.ts';
import { readTextOrFile } from './inputs.ts';
import type { WorkflowInfo } from './operations.ts';
import { type Input, type StartOptions, start } from './start.ts';
import { plain } from './text.ts';

/** Adds a command. Its examples are computed when its help is shown. */
export type Add = (name: string, description: string, examples: () => readonly string[]) => Command;

const FROM_FILE = 'The text itself, or the name of a text file; - reads standard input.';

/**
 * Adds the workflow's command: its first required field as the argument, every other field as an option.
 * @param onEnd receives the exit code
 */
export function addWorkflowCommand(
  add: Add,
  workflow: WorkflowInfo,
  onEnd: (exitCode: ExitCode) => void,
): void {
  const fields = readFields(workflow.inputSchema);
  const main = fields.find(({ isRequired }) => isRequired);
  const others = fields.filter((field) => field !== main);
  const isBatch = main !== undefined && workflow.batchMutation !== null;
  const description = `${plain(workflow.description)}${isBatch ? ' Several form a batch.' : ''}`;
  const command = add(workflow.command, description, () => examplesOf(workflow, main, options));
  if (main !== undefined) command.addArgument(argumentOf(main, isBatch));
  const options = others.map((field) => [field, addOption(command, field)] as const);
  addStartOptions(command);
  command.action(async () => {
    // Commander's types cannot express options that are only known at run time.
    const given: Readonly<Record<string, unknown>> = command.opts();
    const values = options.map(([field, option]) => [field, given[option.attributeName()]] as const);
    const shared = await inputOf(values);
    const [first] = command.processedArgs as readonly unknown[];
    const mains = main === undefined ? [undefined] : isBatch ? (first as readonly unknown[]) : [first];
    const inputs = mains.map(async (value) => ({ ...(main && (await inputOf([[main, value]]))), ...shared }));
    onEnd(await start(workflow, await Promise.all(inputs), command.opts<StartOptions>()));
  });
}

/** The given values, with long texts read from their files. @throws Failure USAGE, FILE */
async function inputOf(values: readonly (readonly [Field, unknown])[]): Promise<Input> {
  const entries = values
    .filter(([, value]) => value !== undefined)
    .map(async ([{ isLong, name }, value]) => [name, isLong ? await readTextOrFile(String(value)) : value]);
  return Object.fromEntries(await Promise.all(entries)) as Input;
}

function argumentOf(field: Field, isBatch: boolean): Argument {
  const name = kebabCase(field.name);
  const argument = new Argument(`<${name}${isBatch ? '...' : ''}>`, describe(field));
  // Commander passes in what was parsed from the previous words; for several words, that is a list.
  argument.argParser<unknown>((text, before) => {
    const value = parsed(field, text);
    return isBatch ? [...(Array.isArray(before) ? (before as unknown[]) : []), value] : value;
  });
  return argument;
}

function addOption(command: Command, field: Field): Option {
  const flag = freeFlag(command, kebabCase(field.name));
  const isSwitch = field.kind === 'boolean';
  const option = new Option(isSwitch ? flag : `${flag} <${placeholderOf(field)}>`, describe(field));
  if (!isSwitch) option.argParser((text) => parsed(field, text));
  command.addOption(option.makeOptionMandatory(field.isRequired));
  if (isSwitch) command.addOption(new Option(flag.replace(/^--/, '--no-'), 'the opposite'));
  return option;
}

/** Fields named like a common option, and those that would read as a negation, get the prefix `--input-`. */
function freeFlag({ options }: Command, name: string): string {
  const taken = new Set([
    '--help',
    ...START_FLAGS,
    ...options.flatMap(({ long, negate }) =>
      long == null ? [] : [long, negate ? '' : `--no-${long.slice(2)}`],
    ),
  ]);
  let flag = name.startsWith('no-') ? `--input-${name}` : `--${name}`;
  while (taken.has(flag)) flag = flag.replace('--', '--input-');
  return flag;
}

function parsed(field: Field, text: string): unknown {
  try {
    return parseValue(field, text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

function describe({ choices, default: preset, description, isLong }: Field): string {
  const missing = choices?.filter((choice) => !description.includes(`\`${choice}\``)) ?? [];
  return [
    /[.!?]$/.test(description) ? description : `${description}.`,
    ...(choices !== null && missing.length > 0 ? [`One of ${choices.join(', ')}.`] : []),
    ...(preset === undefined
      ? []
      : [`Default: ${typeof preset === 'string' ? preset : JSON.stringify(preset)}.`]),
    ...(isLong ? [FROM_FILE] : []),
  ].join(' ');
}

const START_FLAGS = ['--max-attempts', '--idempotency-key', '--detach'];

function addStartOptions(command: Command): void {
  command
    .option('--max-attempts <n>', 'attempts before the job is FAILED; default 3', parseCount)
    .option('--idempotency-key <key>', 'repeating the same key and input returns the same job')
    .option('--detach', 'print the job’s id and do not follow it');
}

/** @throws InvalidArgumentError */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Expected a whole number of at least 1.');
  return Number(text);
}

/** Commands as somebody might type them, from the examples of the fields. */
function examplesOf(
  { batchMutation, command }: WorkflowInfo,
  main: Field | undefined,
  options: readonly (readonly [Field, Option])[],
): readonly string[] {
  const required = options
    .filter(([{ isRequired }]) => isRequired)
    .map(([field, { long }]) => (field.kind === 'boolean' ? long : `${long} ${wordsOf(field)[0]}`));
  const words = main === undefined ? [] : wordsOf(main);
  const line = (given: readonly string[]): string => [command, ...given, ...required].join(' ');
  const several = batchMutation !== null && words.length > 1 ? [line(words)] : [];
  return [line(words.slice(0, 1)), ...several];
}

/** A field's example values as shell words; a placeholder if there are none. */
function wordsOf(field: Field): readonly string[] {
  const { choices, examples, kind, minimum, name } = field;
  if (kind === 'job') return ['JOB'];
  const given = [...examples, ...(choices ?? []), ...(minimum === undefined ? [] : [minimum])]
    .map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
    // Omits what a shell would interpret, and texts of several lines.
    .filter((text) => !/["$`\\!\n]/.test(text));
  if (given.length === 0) return [kebabCase(name).toUpperCase()];
  return given.map((text) => (/^[\w.,:+/-]+$/.test(text) ? text : `"${text}"`));
}

function kebabCase(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .toLowerCase();
  return words || 'value';
}
