/** Explains why a user's module could not be loaded, as a compiler would: the file, the line, and what is wrong there. */
import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DefinitionError } from './definition-error.ts';

/** The first line of a syntax error's stack: Node puts the place and the line of code before the error itself. */
const SYNTAX_PLACE = /^((?:file:\/\/)?\/?[^\n]+:\d+)\n([\s\S]*?\^+)/;
/** A frame in a file, and not in Node itself. */
const FRAME = /\(?((?:file:\/\/)[^\s)]+:\d+:\d+)\)?$/gm;
const IMPORTED_FROM = / imported from (\S+)/;
/** This package's own code, wherever it lies. */
const OWN = new URL('../', import.meta.url).href;

/**
 * Loads a module of the project.
 * @param what the module, for an error that names no file
 * @throws DefinitionError with file, line and fault; its cause is what the module has thrown
 */
export async function loadModule<Module>(what: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    throw explainLoadFailure(what, error);
  }
}

function explainLoadFailure(what: string, error: unknown): DefinitionError {
  if (!(error instanceof Error)) return new DefinitionError(`${what}: ${String(error)}`, { cause: error });
  const { message, name, stack = '' } = error;
  const [, place, code] = SYNTAX_PLACE.exec(stack) ?? [];
  if (error instanceof SyntaxError && place !== undefined) {
    return new DefinitionError(`${shown(place)}: ${message}\n${code}`, { cause: error });
  }
  const isDefinition = error instanceof DefinitionError;
  const frame = [...stack.matchAll(FRAME)].find(
    ([, at = '']) => !at.startsWith(OWN) && !at.includes('/node_modules/'),
  )?.[1];
  const importer = IMPORTED_FROM.exec(message)?.[1];
  const where = importer ?? frame;
  const said = isDefinition || importer !== undefined ? message : `${name}: ${message}`;
  return new DefinitionError(`${where === undefined ? what : shown(where)}: ${said}`, { cause: error });
}

/** A place as a terminal can open it: its path, relative to the working folder if it lies below that. */
function shown(place: string): string {
  const path = place.startsWith('file://') ? fileURLToPath(place) : place;
  const below = relative(process.cwd(), path);
  return below.startsWith('..') || isAbsolute(below) ? path : below;
}
