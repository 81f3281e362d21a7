/** A talking head: one character in close-up that speaks an audio job's speech; drawn piece by piece. Pure. */

import type { Character } from '../character.ts';
import { type ClipPlan, FRAMES_PER_SECOND } from '../clip-plan.ts';
import { choosePlace } from '../place.ts';
import type { TimedSentence } from '../sentence.ts';
import type { Phoneme } from '../speech.ts';
import { closeUp, placeFigures, sceneSeed } from '../storyboard.ts';

/** A part of the speech, from frame `from` (included) to `to` (excluded). */
export interface SpeechPiece {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The longest piece drawn or listened to at once; media processes work on pieces in parallel. */
const PIECE_LIMIT_SECONDS = 20;
/** The picture stays for a moment after the last word. */
const TAIL_FRAMES = 12;

/** Cuts speech between sentences; the pieces are gapless and cover all of it plus a short tail. */
export function cutSpeech(sentences: readonly TimedSentence[], durationSeconds: number): SpeechPiece[] {
  const pieces: { from: number; to: number; text: string }[] = [];
  for (const { text, startSeconds, endSeconds } of sentences) {
    const last = pieces.at(-1);
    const to = Math.ceil(endSeconds * FRAMES_PER_SECOND);
    if (last !== undefined && to - last.from <= PIECE_LIMIT_SECONDS * FRAMES_PER_SECOND) {
      last.to = to;
      last.text = `${last.text} ${text}`;
    } else {
      const from = last === undefined ? 0 : Math.max(last.to, Math.floor(startSeconds * FRAMES_PER_SECOND));
      if (last !== undefined) last.to = from;
      pieces.push({ from, to: Math.max(to, from + 1), text });
    }
  }
  const end = Math.ceil(durationSeconds * FRAMES_PER_SECOND) + TAIL_FRAMES;
  const last = pieces.at(-1);
  if (last === undefined) return [{ from: 0, to: end, text: '' }];
  last.to = Math.max(end, last.to);
  return pieces;
}

/**
 * Plans the whole speech as one clip, so that nothing jumps or goes dark where it is cut for drawing.
 * @param phonemes of the speech, with times in seconds from its start
 */
export function planHead(character: Character, frames: number, phonemes: readonly Phoneme[]): ClipPlan {
  const seed = sceneSeed(character.name, 0);
  const figures = placeFigures([character], seed);
  return {
    index: 0,
    frames,
    seed,
    backdrop: choosePlace({ heading: character.name, directions: [], lines: [] }, 0),
    titleCard: null,
    heading: '',
    figures,
    shots: [{ from: 0, to: frames, camera: closeUp(figures[0]), visible: [0] }],
    turns: [{ from: 0, to: frames, figure: 0, phonemes }],
    cues: [],
    opensBright: true,
  };
}
