/** The commands, their arguments and options, and their help. */
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { ExitCode } from './failure.ts';
import { cancel, fetchFiles, list, retry, watch } from './manage.ts';
import { startAudio, startLips, startVideo, startWriting } from './start.ts';

const EXIT_CODES = 'Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.';
const STATUSES = ['QUEUED', 'RUNNING', 'RETRYING', 'COMPLETED', 'FAILED', 'CANCELLED'];
const WORKFLOWS = ['DIRECTOR', 'AUDIO', 'WRITER', 'LIPSYNC'];

/** @param onEnd gets the exit code of the command that ran */
export function createProgram(onEnd: (exitCode: ExitCode) => void): Command {
  const program = new Command('playhead')
    .description('Starts, follows and manages the jobs of a Playhead server.')
    .showHelpAfterError('(--help says more)')
    .exitOverride()
    .addHelpText(
      'after',
      `\nWhere the server runs there are also keys (API keys) and calibrate (step ranges): each has --help.\n\n${EXIT_CODES}\nWith npm, options follow two dashes:  npm run playhead -- video examples/lighthouse.txt --title Hello`,
    );
  const add = (name: string, description: string, examples: readonly string[]): Command =>
    withCommonOptions(program.command(name).description(description).exitOverride()).addHelpText(
      'after',
      `\nExamples:\n${exampleLines(examples)}\n\n${EXIT_CODES}`,
    );
  addStarts(add, onEnd);
  addManagement(add, onEnd);
  return program;
}

/** @param examples whole lines of shell, or the words behind the program's name */
function exampleLines(examples: readonly string[]): string {
  const lines = examples.map((example) =>
    example.startsWith('npm ') ? example : `npm run playhead -- ${example}`,
  );
  const note = lines.some((line) => /\bJOB\b/.test(line))
    ? ['', 'JOB stands for an id, as `jobs` lists them.']
    : [];
  return [...lines.map((line) => `  ${line}`), ...note].join('\n');
}

type Add = (name: string, description: string, examples: readonly string[]) => Command;

function addStarts(add: Add, onEnd: (exitCode: ExitCode) => void): void {
  withStartOptions(
    add('video', 'Makes a video from a script, and a batch of several.', [
      'video examples/lighthouse.txt',
      'video examples/lighthouse.txt examples/harbour.txt --project show',
      // What npm prints about itself is no JSON. Node is there wherever this runs; jq may not be.
      `npm run --silent playhead -- write "A lighthouse shows ships where the coast is." --json | tail -n 1 | node -p 'JSON.parse(fs.readFileSync(0)).job.result.text' | npm run playhead -- video -`,
    ]),
  )
    .addArgument(new Argument('<file...>', 'script as a text file; - is standard input'))
    .option('--title <text>', 'title shown at the start; default: the script’s own')
    .option('--language <tag>', 'en, en-US, en-GB, ko or ko-KR')
    .action(async (files: string[], options) => onEnd(await startVideo(files, options)));

  withStartOptions(
    add('audio', 'Speaks a text and verifies what was spoken; a batch of several.', [
      'audio "Good morning, everybody."',
      'audio examples/chapter.txt --voice slt --min-similarity 0.8',
    ]),
  )
    .addArgument(new Argument('<text...>', 'the text, or the name of a text file; - is standard input'))
    .option('--voice <name>', 'default: the language’s own')
    .option('--language <tag>', 'en, en-US, en-GB, ko or ko-KR')
    .option('--min-similarity <0..1>', 'how alike text and what is heard must be', parseShare)
    .option('--max-tries <n>', 'how often it is spoken until it is alike enough', parseCount)
    .action(async (texts: string[], options) => onEnd(await startAudio(texts, options)));

  withStartOptions(
    add('write', 'Writes a script from a brief.', [
      'write "A lighthouse is a tower with a light. It shows ships where the coast is."',
      'write examples/notes.md --scenes 3 --title "The Lighthouse"',
    ]),
  )
    .addArgument(new Argument('<brief>', 'the brief, or the name of a text file; - is standard input'))
    .option('--title <text>', 'default: one is made from the brief')
    .option('--language <tag>', 'en, en-US, en-GB, ko or ko-KR')
    .option('--scenes <n>', 'number of scenes; default: what fits the brief', parseCount)
    .action(async (brief: string, options) => onEnd(await startWriting(brief, options)));

  withStartOptions(add('lips', 'Makes a character speak finished audio.', ['lips JOB']))
    .addArgument(new Argument('<audio-job>', 'id of a COMPLETED job of `audio` in the same project'))
    .option('--character <name>', 'who speaks; default: the narrator')
    .action(async (audioJob: string, options) => onEnd(await startLips(audioJob, options)));
}

function addManagement(add: Add, onEnd: (exitCode: ExitCode) => void): void {
  add('watch', 'Follows a job to its end, or all jobs of a project.', ['watch JOB', 'watch --project show'])
    .addArgument(new Argument('[job]', 'id of a job; without it, all jobs of the project until Ctrl-C'))
    .action(async (job: string | undefined, options) => onEnd(await watch(job, options)));

  add('jobs', 'Lists the newest jobs of a project.', ['jobs', 'jobs --status FAILED CANCELLED --first 100'])
    .addOption(new Option('--status <status...>', 'only these').choices(STATUSES))
    .addOption(new Option('--workflow <workflow...>', 'only these').choices(WORKFLOWS))
    .option('--first <n>', 'how many', parseCount, 20)
    .action(async (options) => onEnd(await list(options)));

  add('cancel', 'Cancels a job, a batch with all its items.', ['cancel JOB'])
    .addArgument(new Argument('<job>', 'id of the job'))
    .action(async (job: string, options) => onEnd(await cancel(job, options)));

  add('retry', 'Queues a failed or cancelled job again, from its last finished step, and follows it.', [
    'retry JOB',
  ])
    .addArgument(new Argument('<job>', 'id of the job; of a batch, what did not succeed runs again'))
    .option('--detach', 'do not follow it')
    .action(async (job: string, options) => onEnd(await retry(job, options)));

  add('download', 'Fetches the files of a job, of a batch those of all its items.', [
    'download JOB --to videos',
  ])
    .addArgument(new Argument('<job>', 'id of the job'))
    .option('--to <folder>', 'where to; made when it is missing', '.')
    .option('--force', 'replace files that are there')
    .action(async (job: string, options) => onEnd(await fetchFiles(job, options)));
}

function withCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('-p, --project <id>', 'project').env('PLAYHEAD_PROJECT').default('default'))
    .addOption(new Option('--url <url>', 'server').env('PLAYHEAD_URL').default('http://127.0.0.1:4000'))
    .addOption(
      new Option(
        '--token <token>',
        'for a server that asks for one; others see options, so prefer the variable',
      ).env('PLAYHEAD_TOKEN'),
    )
    .option('--json', 'one JSON object per line, for scripts');
}

function withStartOptions(command: Command): Command {
  return command
    .option('--max-attempts <n>', 'attempts before it is FAILED; default 3', parseCount)
    .option('--idempotency-key <key>', 'the same key and input again gives the same job and starts none')
    .option('--detach', 'print the job’s id and do not follow it');
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Expected a whole number from 1.');
  return Number(text);
}

function parseShare(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('Expected 0 to 1.');
  return value;
}
