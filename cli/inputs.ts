/** Reads a command's input: a file, standard input, or a literal text. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Failure, usageFailure } from './failure.ts';

/** Returns a file's text; `-` is standard input. @throws Failure USAGE, FILE */
export async function readInput(path: string): Promise<string> {
  if (path === '-') {
    if (process.stdin.isTTY) process.stderr.write('Reading from the terminal; end with Ctrl-D.\n');
    return text(process.stdin);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** Returns the text of the file with that name if there is one, otherwise the argument itself. @throws Failure USAGE, FILE */
export async function readTextOrFile(argument: string): Promise<string> {
  if (argument === '-') return readInput('-');
  try {
    return await readInput(argument);
  } catch (error) {
    const isMissing = error instanceof Failure && error.code === 'USAGE';
    if (!isMissing || looksLikeFile(argument)) throw error;
    return argument;
  }
}

/** Somebody who writes `notes.txt` or `./notes` means a file, not words to be spoken. */
function looksLikeFile(argument: string): boolean {
  return (
    /^\S*\.(txt|md|markdown|text|script|srt|json)$/i.test(argument) || /^(\.{0,2}|~)\/\S*$/.test(argument)
  );
}

function fileFailure(path: string, error: unknown): Failure {
  const { code } = error as NodeJS.ErrnoException;
  if (
    code === 'ENOENT' ||
    code === 'ENOTDIR' ||
    code === 'ENAMETOOLONG' ||
    code === 'ERR_INVALID_ARG_VALUE'
  ) {
    return usageFailure(`There is no file ${path}`, 'Give the path of a text file, or - for standard input.');
  }
  if (code === 'EISDIR') return usageFailure(`${path} is a folder`, 'Give the path of a text file.');
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
    return new Failure('FILE', `${path} is not UTF-8 text`, { cause: error, exitCode: 2 });
  }
  return new Failure('FILE', `${path} cannot be read (${code ?? String(error)})`, { cause: error });
}
