/** The commands, their arguments and options, and their help. */
import { createRequire } from 'node:module';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { CALLING, PROGRAM } from './called-as.ts';
import { completionScript, SHELLS, type Shell } from './completion.ts';
import { DEFAULT_PROJECT, defaultUrl } from './defaults.ts';
import { EXIT, type ExitCode } from './failure.ts';
import { login, logout } from './login.ts';
import { cancel, fetchFiles, list, retry, watch } from './manage.ts';
import { open } from './open.ts';
import type { WorkflowInfo } from './operations.ts';
import { OPERATOR_COMMANDS } from './operator.ts';
import type { CommonOptions } from './session.ts';
import { addWebhookCommands } from './webhooks-command.ts';
import { type Add, addWorkflowCommand, parseCount } from './workflow-command.ts';

const EXIT_CODES = 'Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.';
/** The separate programs (operator.ts). */
const OPERATING = `Commands that run where the server runs:
  init           makes a project in an empty folder
  dev            runs everything on this machine, and starts it anew when a file changes
  start          runs everything on this machine
  server, worker run one process each
  print-schema   writes the GraphQL schema of the project's workflows
  keys           makes, lists and revokes API keys
  calibrate      proposes step ranges from earlier runs`;
const STATUSES = ['QUEUED', 'RUNNING', 'RETRYING', 'COMPLETED', 'FAILED', 'CANCELLED'];
const STATUS_WORDS = STATUSES.join(', ').toLowerCase();

interface ProgramParts {
  /** Receives the exit code of the command that ran. */
  readonly onEnd: (exitCode: ExitCode) => void;
  /** The server's workflows, each of which is a command. */
  readonly workflows: readonly WorkflowInfo[];
  /** Why the workflows are not known. @default '' */
  readonly note?: string;
}

export function createProgram({ note = '', onEnd, workflows }: ProgramParts): Command {
  const program = new Command('playhead')
    .description('Starts, follows and manages the jobs of a Playhead server.')
    .version(versionOf(), '-V, --version', 'prints the version')
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .addHelpText(
      'after',
      `${note === '' ? '' : `\n${note}\n`}\n${OPERATING}\n\n${[EXIT_CODES, CALLING].join('\n').trimEnd()}`,
    );
  const addTo =
    (parent: Command): Add =>
    (name, description, examples) =>
      withCommonOptions(parent.command(name).description(description).exitOverride()).addHelpText(
        'after',
        () => `\nExamples:\n${exampleLines(examples())}\n\n${EXIT_CODES}`,
      );
  const add = addTo(program);
  if (workflows.length > 0) program.commandsGroup('Commands that start a job, from the server’s workflows:');
  for (const workflow of workflows) {
    // A server of another version may have a workflow whose command is taken here, or is missing.
    const isFree = /^[a-z][a-z0-9-]*$/.test(workflow.command) && !FIXED_COMMANDS.includes(workflow.command);
    if (isFree) addWorkflowCommand(add, workflow, onEnd);
  }
  program.commandsGroup('Commands:');
  addManagement(add, onEnd);
  const webhooks = program
    .command('webhooks')
    .description('Makes and lists what other servers are told of the project’s jobs, and how that went.')
    .exitOverride()
    .addHelpText('after', '\nEach has a help of its own:  webhooks create --help');
  addWebhookCommands(addTo(webhooks), onEnd);
  addCompletion(program, onEnd);
  return program;
}

function addCompletion(program: Command, onEnd: (exitCode: ExitCode) => void): void {
  withCommonOptions(program.command('completion'))
    .description(
      'Prints what makes a shell complete commands and options, those of the server’s workflows too.',
    )
    .exitOverride()
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .addHelpText('after', () => `\nExamples:\n${exampleLines(['completion bash'])}\n\n${COMPLETION_USE}`)
    .action((shell: Shell) => {
      process.stdout.write(completionScript(shell, program, OPERATOR_COMMANDS));
      onEnd(EXIT.done);
    });
}

const COMPLETION_USE = `To be read when the shell starts:
  bash  eval "$(playhead completion bash)"               in ~/.bashrc
  zsh   eval "$(playhead completion zsh)"                in ~/.zshrc
  fish  playhead completion fish | source                in ~/.config/fish/config.fish`;

/** The commands that do not come from workflows. */
export const FIXED_COMMANDS: readonly string[] = [
  ...['watch', 'jobs', 'cancel', 'retry', 'download', 'open'],
  ...['login', 'logout', 'webhooks', 'completion', 'help'],
];

/**
 * Reads the common options from the arguments of any command.
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

/** Placeholders in examples, with their meanings. */
const PLACES = {
  JOB: 'the id of a job, as listed by `jobs`, or so much of its end as no other has',
  WEBHOOK: 'the id of a webhook, as listed by `webhooks list`, or so much of its end as no other has',
  DELIVERY: 'the id of a delivery, as listed by `webhooks deliveries WEBHOOK`',
};

/** @param examples the words after the program's name */
function exampleLines(examples: readonly string[]): string {
  const lines = examples.map((example) => `  ${PROGRAM} ${example}`);
  const named = Object.entries(PLACES).filter(([place]) =>
    new RegExp(`\\b${place}\\b`).test(lines.join('\n')),
  );
  return [...lines, ...named.flatMap(([place, meaning]) => ['', `${place} is ${meaning}.`])].join('\n');
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
    'jobs --status failed cancelled --first 100',
    'jobs --search lighthouse',
  ])
    .addOption(
      new Option('--status <status...>', `only jobs with these statuses: ${STATUS_WORDS}`).argParser(
        addStatus,
      ),
    )
    .option('--search <text>', 'only jobs with this text in title, id, error or input')
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

  add(
    'open',
    'Prints the address of a project’s dashboard, or of a job, and opens it in the browser.',
    () => ['open', 'open JOB'],
  )
    .addArgument(new Argument('[job]', 'id of the job'))
    .action(async (job: string | undefined, options) => onEnd(await open(job, options)));

  add(
    'login',
    'Keeps a server and a key or token for it, which it asks for or reads from standard input.',
    () => ['login --url https://playhead.example.com'],
  ).action(async (options) => onEnd(await login(options)));

  add('logout', 'Forgets what login has kept.', () => ['logout']).action(async (options) =>
    onEnd(await logout(options)),
  );

  add('download', 'Downloads the files of a job, or those of all items of a batch.', () => [
    'download JOB --to videos',
  ])
    .addArgument(new Argument('<job>', 'id of the job'))
    .option('--to <folder>', 'target folder, created if it does not exist', '.')
    .option('--force', 'replace existing files')
    .action(async (job: string, options) => onEnd(await fetchFiles(job, options)));
}

/** Commander passes in what was parsed from the previous words. @throws InvalidArgumentError */
function addStatus(word: string, before: readonly string[] = []): readonly string[] {
  const status = STATUSES.find((known) => known === word.toUpperCase());
  if (status === undefined) throw new InvalidArgumentError(`Expected any of ${STATUS_WORDS}.`);
  return [...before, status];
}

function versionOf(): string {
  const { version } = createRequire(import.meta.url)('playhead/package.json') as { version: string };
  return version;
}

function withCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('-p, --project <id>', 'project').env('PLAYHEAD_PROJECT').default(DEFAULT_PROJECT))
    .addOption(new Option('--url <url>', 'server').env('PLAYHEAD_URL').default(defaultUrl()))
    .addOption(
      new Option(
        '--token <token>',
        'for a server that requires one; prefer the variable, since other users can see options',
      ).env('PLAYHEAD_TOKEN'),
    )
    .option('--json', 'one JSON object per line, for scripts');
}
