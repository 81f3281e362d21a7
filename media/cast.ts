/** Casting: the built-in characters, those of cast files, and a stable invented one for every other name. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PlayheadError, storageFailure } from 'playhead';
import { z } from 'zod';
import { BUILTIN_CAST } from './builtin-cast.ts';
import { identify } from './casting/casting.ts';
import { inventCharacter } from './casting/invented-character.ts';
import type { SpeakerHints } from './casting/script-hints.ts';
import { type Character, castFileSchema, characterSchema } from './character.ts';
import { foldName } from './name.ts';

const CAST_FILE_LIMIT_BYTES = 1_000_000;
const CAST_FILES_LIMIT = 100;

/**
 * The characters known by name; those from files come first, so a file can replace a built-in one.
 * @param castFolder absolute path of a folder with *.json cast files, or undefined for only the built-in cast
 * @throws PlayheadError INVALID_INPUT (a broken cast file; the message names file and field), STORAGE_FAILED
 */
export async function loadCast(castFolder: string | undefined): Promise<readonly Character[]> {
  const builtin = BUILTIN_CAST.map((source) => characterSchema.parse(source));
  if (castFolder === undefined) return builtin;
  const names = await readStored(castFolder, async () => (await readdir(castFolder)).sort());
  const files = names.filter((name) => name.endsWith('.json')).slice(0, CAST_FILES_LIMIT);
  const loaded: Character[] = [];
  for (const name of files) loaded.push(...(await loadCastFile(castFolder, name)));
  return [...loaded, ...builtin];
}

async function loadCastFile(folder: string, name: string): Promise<readonly Character[]> {
  const path = join(folder, name);
  const text = await readStored(path, async () => {
    const { size } = await stat(path);
    if (size > CAST_FILE_LIMIT_BYTES) throw badCast(name, `expected at most ${CAST_FILE_LIMIT_BYTES} bytes`);
    return readFile(path, 'utf8');
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badCast(name, 'expected JSON', cause);
  }
  const parsed = castFileSchema.safeParse(value);
  if (!parsed.success) throw badCast(name, z.prettifyError(parsed.error), parsed.error);
  return parsed.data.characters;
}

async function readStored<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof PlayheadError) throw cause;
    throw storageFailure(`PLAYHEAD_CAST_DIR: expected a readable cast at ${path}`, cause);
  }
}

function badCast(file: string, problem: string, cause?: unknown): PlayheadError {
  const details = { file };
  return new PlayheadError('INVALID_INPUT', `cast file ${file}: ${problem}`, { cause, details });
}

/**
 * The character that plays a speaker; names are compared ignoring case. A name that nobody in the cast has, or that the script
 * itself describes, gets an invented look and voice.
 */
export function castSpeaker(speaker: string, cast: readonly Character[], hints?: SpeakerHints): Character {
  const wanted = foldName(speaker);
  const isDescribed = hints !== undefined && Object.keys(hints.told).length > 0;
  const known = cast.find((one) => [one.name, ...one.aliases].some((name) => foldName(name) === wanted));
  return known && !isDescribed
    ? { ...known, name: speaker }
    : inventCharacter(speaker, identify(speaker, hints));
}
