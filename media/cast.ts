/** Casting: the built-in characters, those of cast files, and a stable invented one for every other name. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PlayheadError, storageFailure } from 'playhead';
import { z } from 'zod';
import { BUILTIN_CAST } from './builtin-cast.ts';
import {
  type Character,
  castFileSchema,
  characterSchema,
  GLASSES,
  HAIR_STYLES,
  type Look,
  TOPS,
} from './character.ts';
import { choose, hashText, noise } from './random.ts';

const CAST_FILE_LIMIT_BYTES = 1_000_000;
const CAST_FILES_LIMIT = 100;

/**
 * The characters known by name; those of files come first, so a file can replace a built-in one.
 * @param castFolder absolute path of a folder with *.json cast files, or undefined for the built-in cast alone
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

/** The character who plays a speaker; names are compared without regard to case. Unknown names get an invented look. */
export function castSpeaker(speaker: string, cast: readonly Character[]): Character {
  const wanted = foldName(speaker);
  const known = cast.find((one) => [one.name, ...one.aliases].some((name) => foldName(name) === wanted));
  return known ? { ...known, name: speaker } : inventCharacter(speaker);
}

/** Names as they are compared. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}

const SKINS = ['#f6d2b8', '#eec39f', '#e0ac83', '#c98d62', '#a76f48', '#7d4f35', '#5c3a28'];
const HAIR_COLOURS = ['#1d1718', '#2e1f1c', '#4a2f24', '#7a4a2b', '#b06a35', '#d9a55b', '#3b2440', '#8d8a88'];
const EYES = ['#3a2417', '#4a3526', '#3f6b52', '#47698a', '#6b5a3a'];
const OUTFITS: readonly (readonly [string, string, string])[] = [
  ['#e2725b', '#fbe3cf', '#ffb199'],
  ['#2f6f6b', '#f2c14e', '#7fe0d3'],
  ['#4b3b78', '#f4ecff', '#cdb4ff'],
  ['#3c4a6b', '#aab6d6', '#b9c8f5'],
  ['#b5485d', '#ffe0e4', '#ffa9b8'],
  ['#5f8f7a', '#fdf6e8', '#a8e6c4'],
  ['#c98a2b', '#fff3d6', '#ffd76e'],
  ['#3f7fae', '#e4f3ff', '#9bd4ff'],
];
const HIGH_VOICE_HAIR = HAIR_STYLES.filter(
  (style) => style !== 'bald' && style !== 'buzz' && style !== 'short',
);
const LOW_VOICE_HAIR = HAIR_STYLES.filter(
  (style) => style !== 'bob' && style !== 'ponytail' && style !== 'bun',
);

/** Makes up a character from its name alone: the same name always looks and sounds the same. */
export function inventCharacter(name: string): Character {
  const seed = hashText(foldName(name));
  const high = noise(seed, 1) < 0.5;
  const outfit = choose(OUTFITS, seed, 2);
  const look: Look = {
    skin: choose(SKINS, seed, 3),
    face: choose(['oval', 'round', 'square'], seed, 4),
    eyes: choose(EYES, seed, 5),
    hair: {
      style: choose(high ? HIGH_VOICE_HAIR : LOW_VOICE_HAIR, seed, 6),
      colour: choose(HAIR_COLOURS, seed, 7),
    },
    beard: high ? 'none' : choose(['none', 'none', 'stubble', 'full', 'moustache'], seed, 8),
    glasses: noise(seed, 9) < 0.3 ? choose(GLASSES, seed, 10) : 'none',
    earrings: high && noise(seed, 11) < 0.5,
    freckles: noise(seed, 12) < 0.2,
    lipstick: high && noise(seed, 13) < 0.5,
    top: { style: choose(TOPS, seed, 14), colour: outfit[0], accent: outfit[1] },
    accent: outfit[2],
  };
  const pitch = 0.92 + noise(seed, 15) * 0.24;
  const voiceName = high ? 'slt' : choose(['rms', 'awb'] as const, seed, 16);
  return { name, aliases: [], voice: { name: voiceName, pitch, pace: 0.96 + noise(seed, 17) * 0.1 }, look };
}
