/** The commands, their arguments and options, and their help. */
import { Argument, Command, Option } from 'commander';
import type { ExitCode } from './failure.ts';
import { cancel, fetchFiles, list, retry, watch } from './manage.ts';
import type { WorkflowInfo } from './operations.ts';
import type { CommonOptions } from './session.ts';
import { type Add, addWorkflowCommand, parseCount } from './workflow-command.ts';

const EXIT_CODES = 'Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.';
const STATUSES = ['QUEUED', 'RUNNING', 'RETRYING', 'COMPLETED', 'FAILED', 'CANCELLED'];

interface ProgramParts {
  /** Gets the exit code of the command that ran. */
  readonly onEnd: (exitCode: ExitCode) => void;
  /** Those of the server, each of which is a command. */
  readonly workflows: readonly WorkflowInfo[];
  /** Why they are not known. @default '' */
  readonly note?: string;
}

export function createProgram({ note = '', onEnd, workflows }: ProgramParts): Command {
  const program = new Command('playhead')
    .description('Starts, follows and manages the jobs of a Playhead server.')
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .addHelpText(
      'after',
      `${note === '' ? '' : `\n${note}\n`}\nTwo more commands run where the server runs: keys (API keys) and calibrate (step ranges); each has --help.\n\n${EXIT_CODES}\nWith npm, options follow two dashes:  npm run playhead -- jobs --first 5`,
    );
  const add: Add = (name, description, examples) =>
    withCommonOptions(program.command(name).description(description).exitOverride()).addHelpText(
      'after',
      () => `\nExamples:\n${exampleLines(examples())}\n\n${EXIT_CODES}`,
    );
  if (workflows.length > 0) program.commandsGroup('Commands that start a job, from the server’s workflows:');
  for (const workflow of workflows) {
    // A server of another version may have one whose command is taken here, or none at all.
    const isFree = /^[a-z][a-z0-9-]*$/.test(workflow.command) && !FIXED_COMMANDS.includes(workflow.command);
    if (isFree) addWorkflowCommand(add, workflow, onEnd);
  }
  program.commandsGroup('Commands:');
  addManagement(add, onEnd);
  return program;
}

/** The commands that no workflow has. */
export const FIXED_COMMANDS: readonly string[] = ['watch', 'jobs', 'cancel', 'retry', 'download', 'help'];

/**
 * The options of every command in the words of a command line, whatever command it is.
 * @throws CommanderError
 */
export function readCommonOptions(argv: readonly string[]): CommonOptions {
  const command = withCommonOptions(new Command('playhead'))
    .exitOverride()
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments();
  return command.parse([...argv], { from: 'user' }).opts<CommonOptions>();
}

/** @param examples the words behind the program's name */
function exampleLines(examples: readonly string[]): string {
  const lines = examples.map((example) => `  npm run playhead -- ${example}`);
  const isAnyJob = lines.some((line) => /\bJOB\b/.test(line));
  return [...lines, ...(isAnyJob ? ['', 'JOB is the id of a job, as listed by `jobs`.'] : [])].join('\n');
}

function addManagement(add: Add, onEnd: (exitCode: ExitCode) => void): void {
  add('watch', 'Follows a job to its end, or all jobs of a project.', () => [
    'watch JOB',
    'watch --project show',
  ])
    .addArgument(new Argument('[job]', 'id of a job; without it, all jobs of the project until Ctrl-C'))
    .action(async (job: string | undefined, options) => onEnd(await watch(job, options)));

  add('jobs', 'Lists the newest jobs of a project.', () => [
    'jobs',
    'jobs --status FAILED CANCELLED --first 100',
  ])
    .addOption(new Option('--status <status...>', 'only jobs with these statuses').choices(STATUSES))
    .option('--workflow <name...>', 'only jobs of these workflows; an unknown name lists the known ones')
    .option('--first <n>', 'how many', parseCount, 20)
    .action(async (options) => onEnd(await list(options)));

  add('cancel', 'Cancels a job, or a batch with all its items.', () => ['cancel JOB'])
    .addArgument(new Argument('<job>', 'id of the job'))
    .action(async (job: string, options) => onEnd(await cancel(job, options)));

  add('retry', 'Retries a failed or cancelled job after its last finished step, and follows it.', () => [
    'retry JOB',
  ])
    .addArgument(new Argument('<job>', 'id of the job; of a batch, the items that did not succeed run again'))
    .option('--detach', 'do not follow it')
    .action(async (job: string, options) => onEnd(await retry(job, options)));

  add('download', 'Downloads the files of a job, or those of all items of a batch.', () => [
    'download JOB --to videos',
  ])
    .addArgument(new Argument('<job>', 'id of the job'))
    .option('--to <folder>', 'target folder, created if it does not exist', '.')
    .option('--force', 'replace existing files')
    .action(async (job: string, options) => onEnd(await fetchFiles(job, options)));
}

function withCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('-p, --project <id>', 'project').env('PLAYHEAD_PROJECT').default('default'))
    .addOption(new Option('--url <url>', 'server').env('PLAYHEAD_URL').default('http://127.0.0.1:4000'))
    .addOption(
      new Option(
        '--token <token>',
        'for a server that requires one; prefer the variable, since other users can see options',
      ).env('PLAYHEAD_TOKEN'),
    )
    .option('--json', 'one JSON object per line, for scripts');
}
