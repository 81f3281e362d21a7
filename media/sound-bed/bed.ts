/** Writes the sounds below the speech of a film. Runs in a media process. */
import { writeFile } from 'node:fs/promises';
import { encodeWav } from '../wav.ts';
import { type MusicMood, playMusic } from './music.ts';
import { makeTone, type RoomTone } from './room-tone.ts';

/** The loops to write; paths are absolute. */
export interface BedRequest {
  readonly tones: readonly { readonly tone: RoomTone; readonly path: string }[];
  readonly music: { readonly mood: MusicMood; readonly path: string } | null;
}

/** The sounds below the speech. */
export interface SoundBed {
  /** Room tone, in order: the given number of seconds of each file. */
  readonly tones: readonly { readonly path: string; readonly seconds: number }[];
  /** A loop, and how much it is turned up or down. */
  readonly music: { readonly path: string; readonly gainDb: number } | null;
}

/** Takes about 0.1 s for a room tone, 0.3 s for music. */
export async function makeBed({ tones, music }: BedRequest): Promise<null> {
  for (const { tone, path } of tones) await writeFile(path, encodeWav(makeTone(tone)));
  if (music !== null) await writeFile(music.path, encodeWav(playMusic(music.mood)));
  return null;
}
