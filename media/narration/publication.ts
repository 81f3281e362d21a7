/** The files of a finished take: those for the job's owner, and those that lip sync reads later. */

import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Language } from 'playhead';
import { storageFailure } from 'playhead';
import type { FfmpegTools } from '../ffmpeg.ts';
import { type FilmFiles, storeContent } from '../film-making.ts';
import { encodeSpeech } from '../loudness.ts';
import { probeMedia } from '../probe.ts';
import type { Booth, TakeRecord } from './booth.ts';
import type { Passage } from './passage.ts';
import type { Take } from './take.ts';

/** Uncompressed, as spoken; lip sync reads it. */
export const AUDIO_FILE = 'audio.wav';
/** What was said, with the times of sentences and sounds; lip sync reads it. */
export const SPEECH_FILE = 'speech.json';
const ENCODED_FILE = 'audio.m4a';
const TRANSCRIPT_FILE = 'transcript.json';

/** The content of SPEECH_FILE. */
export interface SpokenTake extends Omit<Take, 'costUsd'> {
  readonly language: Language;
}

export interface Publication<Saved> {
  /** M4A, with its loudness levelled. */
  readonly audio: Saved;
  readonly transcript: Saved;
  /** What was heard, or what was said if there was no recogniser. */
  readonly text: string;
  /** As measured by ffprobe. */
  readonly durationSeconds: number;
}

interface PublicationOptions<Saved> {
  readonly tools: FfmpegTools;
  readonly files: FilmFiles<Saved>;
  readonly signal: AbortSignal;
  /** 0..1 */
  readonly onProgress: (share: number) => void;
}

/**
 * Encodes a take and stores its files; repeating it replaces them.
 * @throws PlayheadError as ffmpeg does; STORAGE_FAILED
 */
export async function publishTake<Saved>(
  booth: Booth,
  record: TakeRecord,
  passage: Passage,
  { tools, files, signal, onProgress }: PublicationOptions<Saved>,
): Promise<Publication<Saved>> {
  const wavPath = await booth.audioPath(record);
  const encodedPath = join(files.scratch, ENCODED_FILE);
  await encodeSpeech(tools, wavPath, encodedPath, {
    durationSeconds: record.durationSeconds,
    signal,
    onProgress: (share) => onProgress(share * 0.9),
  });
  const { format } = await probeMedia(tools, encodedPath, signal);
  const { costUsd: _, ...take } = await booth.take(record);
  await storeContent(files, SPEECH_FILE, JSON.stringify({ language: passage.language, ...take }));
  const hearing = await booth.hearing(record);
  const said = take.sentences.map(({ text }) => text).join(' ');
  const transcript = {
    language: passage.language,
    verified: hearing !== null,
    similarity: record.similarity,
    wordErrorRate: record.wordErrorRate,
    said,
    heard: hearing?.text ?? null,
    words: hearing?.words ?? [],
  };
  await storeCopy(files, AUDIO_FILE, wavPath);
  return {
    transcript: await storeContent(files, TRANSCRIPT_FILE, JSON.stringify(transcript)),
    audio: await files.save(ENCODED_FILE, encodedPath),
    text: hearing?.text ?? said,
    durationSeconds: format.duration,
  };
}

/** Stores a copy of a file, since files stored by a step must be kept for a retry. @throws PlayheadError STORAGE_FAILED */
export async function storeCopy<Saved>(files: FilmFiles<Saved>, name: string, from: string): Promise<Saved> {
  const path = join(files.scratch, name.replaceAll('/', '-'));
  try {
    await copyFile(from, path);
  } catch (cause) {
    throw storageFailure(`expected to copy ${from}`, cause);
  }
  return files.save(name, path);
}
