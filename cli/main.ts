/** `npm run playhead -- COMMAND`: the public API from a terminal or a script. */
import { CommanderError } from 'commander';
import { EXIT, Failure } from './failure.ts';
import { runOperatorProgram } from './operator.ts';
import { createProgram } from './program.ts';
import { reportFailure } from './session.ts';

const HELP = new Set(['commander.helpDisplayed', 'commander.version']);

async function main(argv: readonly string[]): Promise<number> {
  const operated = await runOperatorProgram(argv);
  if (operated !== null) return operated;
  let exitCode: number = EXIT.done;
  const program = createProgram((code) => {
    exitCode = code;
  });
  if (argv.length === 0) {
    program.outputHelp({ error: true });
    return EXIT.usage;
  }
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return HELP.has(error.code) ? EXIT.done : EXIT.usage;
    if (!(error instanceof Failure)) throw error;
    reportFailure(error, argv.includes('--json'));
    return error.exitCode;
  }
}

// `playhead jobs | head` closes the pipe early, which is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  throw error;
});
process.exitCode = await main(process.argv.slice(2));
