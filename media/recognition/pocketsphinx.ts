/**
 * The local recogniser: CMU PocketSphinx with its American English model, a separate program. Debian 12 packages the
 * generation before 5 (`pocketsphinx_continuous`), Homebrew packages 5 (`pocketsphinx`); both are free and work offline.
 */

import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { PlayheadError } from 'playhead';
import type { Recognition, RecognitionProvider } from '../providers/recognition.ts';
import { RECOGNISER_HINT } from '../speech-ability.ts';
import { runTool } from '../tool.ts';
import { type Pcm, resample } from '../wav.ts';
import { parseContinuousOutput, parseSingleOutput } from './pocketsphinx-output.ts';

/** The only sample rate that its model accepts. */
const MODEL_RATE_HZ = 16_000;
/** Its voice detection swallows a first word that begins immediately. */
const PADDING_SECONDS = 0.4;
/** A second of speech takes about 0.2 s; a busy machine takes longer. */
const LIMIT_FIXED_MS = 30_000;
const LIMIT_PER_SECOND_MS = 10_000;
const PROGRAMS = ['pocketsphinx_continuous', 'pocketsphinx'] as const;
/** Where Homebrew puts programs, for workers started by launchd or cron with a short PATH. */
const EXTRA_FOLDERS = ['/opt/homebrew/bin', '/usr/local/bin', '/usr/bin'];

export interface PocketSphinxSettings {
  /** Absolute path of `pocketsphinx_continuous` or `pocketsphinx`; default: searched for on PATH. */
  readonly path?: string | undefined;
  /** Folders to search, separated as in PATH. */
  readonly searchPath?: string | undefined;
}

/** Finds the program. @returns its absolute path, or undefined */
export async function locatePocketSphinx(settings: PocketSphinxSettings): Promise<string | undefined> {
  const { path, searchPath = '' } = settings;
  const folders = [...searchPath.split(delimiter).filter(isAbsolute), ...EXTRA_FOLDERS];
  const places =
    path === undefined ? PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name))) : [path];
  for (const place of places) {
    const isThere = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return place;
  }
  return undefined;
}

/** Makes the recogniser. English only; nothing is started before it is used. */
export function createPocketSphinx(settings: PocketSphinxSettings): RecognitionProvider {
  return {
    name: 'pocketsphinx',
    recognize: async (speech, language, signal) => {
      if (language !== 'en') {
        throw new PlayheadError('TOOL_MISSING', `pocketsphinx: expected English, received ${language}`);
      }
      const path = await locatePocketSphinx(settings);
      if (path === undefined) {
        throw new PlayheadError(
          'TOOL_MISSING',
          `expected a speech recogniser, found none. ${RECOGNISER_HINT}`,
        );
      }
      return recogniseWith(path, speech, signal);
    },
  };
}

/** The program reads a file, since it cannot open Node's pipes (they are sockets). */
async function recogniseWith(path: string, speech: Pcm, signal: AbortSignal): Promise<Recognition> {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-recognition-'));
  const file = join(folder, 'speech.raw');
  const isContinuous = /pocketsphinx_continuous(\.exe)?$/.test(path);
  try {
    const padded = pad(speech);
    await writeFile(file, new Uint8Array(padded.buffer, padded.byteOffset, padded.byteLength));
    const { stdout } = await runTool({
      name: 'pocketsphinx',
      path,
      args: isContinuous
        ? ['-infile', file, '-time', 'yes', '-remove_noise', 'no', '-logfn', '/dev/null']
        : ['-loglevel', 'FATAL', 'single', file],
      signal,
      timeLimitMs: Math.ceil(LIMIT_FIXED_MS + (padded.length / MODEL_RATE_HZ) * LIMIT_PER_SECOND_MS),
    });
    const words = isContinuous ? parseContinuousOutput(stdout) : parseSingleOutput(stdout);
    const moved = words.map(({ text, startSeconds, endSeconds }) => ({
      text,
      startSeconds: Math.max(0, startSeconds - PADDING_SECONDS),
      endSeconds: Math.max(0, endSeconds - PADDING_SECONDS),
    }));
    return { text: moved.map(({ text }) => text).join(' '), words: moved, costUsd: 0 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function pad(speech: Pcm): Int16Array {
  const { samples } = speech.sampleRateHz === MODEL_RATE_HZ ? speech : resample(speech, MODEL_RATE_HZ);
  const padding = Math.round(PADDING_SECONDS * MODEL_RATE_HZ);
  const padded = new Int16Array(samples.length + 2 * padding);
  padded.set(samples, padding);
  return padded;
}
