#!/usr/bin/env node
/** The program `playhead`, and `npm run playhead -- COMMAND`: the public API from a terminal or a script. */
import { CommanderError } from 'commander';
import { Api } from './api.ts';
import { EXIT, Failure } from './failure.ts';
import { nodeFault } from './node-version.ts';
import type { WorkflowInfo } from './operations.ts';
import { runOperatorProgram } from './operator.ts';
import { createProgram, FIXED_COMMANDS, readCommonOptions } from './program.ts';
import { keptToken, reportFailure } from './session.ts';
import { loadWorkflows } from './workflows.ts';

/** The longest that help waits for the server's workflows. */
const HELP_PATIENCE_MS = 5_000;

async function main(argv: readonly string[]): Promise<number> {
  const fault = nodeFault(process.versions.node);
  if (fault !== null) {
    process.stderr.write(`playhead: ${fault}\n`);
    return EXIT.usage;
  }
  const operated = await runOperatorProgram(argv);
  if (operated !== null) return operated;
  let exitCode: number = EXIT.done;
  try {
    const { note, workflows } = await findWorkflows(argv);
    const program = createProgram({
      workflows,
      note,
      onEnd: (code) => {
        exitCode = code;
      },
    });
    if (argv.length === 0) {
      program.outputHelp({ error: true });
      return EXIT.usage;
    }
    // For a command that only the server knows, this prints the general help.
    const words = note === '' || FIXED_COMMANDS.includes(argv[0] ?? '') ? argv : ['--help'];
    await program.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (!(error instanceof Failure)) throw error;
    reportFailure(error, argv.includes('--json'));
    return error.exitCode;
  }
}

interface Found {
  readonly workflows: readonly WorkflowInfo[];
  /** Why there are none, for help; empty when they are known or not needed. */
  readonly note: string;
}

/**
 * Loads the server's workflows if the arguments need them: for a command that is not a fixed one, and for help.
 * @throws Failure when a command needs them and they cannot be loaded
 */
async function findWorkflows(argv: readonly string[]): Promise<Found> {
  const [command = '--help'] = argv;
  // These list all commands.
  const isWholeHelp = ['help', '--help', '-h', 'completion'].includes(command);
  // An unknown option is reported without them.
  const isOption = command.startsWith('-') && !isWholeHelp;
  if (isOption || (FIXED_COMMANDS.includes(command) && !isWholeHelp)) return { workflows: [], note: '' };
  const { token, url } = readCommonOptions(argv);
  const api = new Api(url, token ?? keptToken(url));
  const isHelp = isWholeHelp || argv.includes('--help') || argv.includes('-h');
  try {
    const signal = isHelp ? AbortSignal.timeout(HELP_PATIENCE_MS) : undefined;
    return { workflows: await loadWorkflows(api, signal), note: '' };
  } catch (error) {
    const why = error instanceof Failure ? error.message : `${api.url} does not answer in time`;
    const fixed = `The server’s workflows are further commands. ${why}.`;
    if (isHelp) return { workflows: [], note: fixed };
    if (!(error instanceof Failure)) throw error;
    const { code, exitCode, fix = '' } = error;
    throw new Failure(code, `${command}: ${why}`, {
      cause: error,
      exitCode,
      fix: `${fix} Commands that work without it: ${FIXED_COMMANDS.join(', ')}.`.trim(),
    });
  }
}

// `playhead jobs | head` closes the pipe early, which is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});
process.exitCode = await main(process.argv.slice(2));
