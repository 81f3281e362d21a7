/** A clip as data: everything that drawing needs, so that any machine draws the same frames. */
import type { Look } from './character.ts';
import type { Phoneme } from './speech.ts';

/** The film's format, fixed by the product. */
export const FRAME_WIDTH_PX = 1280;
export const FRAME_HEIGHT_PX = 720;
export const FRAMES_PER_SECOND = 25;

export const BACKDROPS = ['studio', 'park', 'night', 'cafe', 'beach', 'lounge'] as const;
export type BackdropKind = (typeof BACKDROPS)[number];

/** A figure that stands in the scene. */
export interface StageFigure {
  readonly name: string;
  readonly look: Look;
  /** Centre of the head at rest, in px of the frame. */
  readonly x: number;
  readonly y: number;
  /** 1 is a head about 240 px high. */
  readonly scale: number;
  readonly seed: number;
}

/** What the camera shows: the point that is centred, and how much larger. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** An unbroken view, from frame `from` (included) to `to` (excluded). */
export interface Shot {
  readonly from: number;
  readonly to: number;
  readonly camera: Camera;
  /** Indices of the figures that are seen. */
  readonly visible: readonly number[];
}

/** Someone speaks, from frame `from` (included) to `to` (excluded). */
export interface Turn {
  readonly from: number;
  readonly to: number;
  /** Index of the figure; null for the narrator. */
  readonly figure: number | null;
  /** Seconds from the clip's start; empty when nothing is heard. */
  readonly phonemes: readonly Phoneme[];
}

/** One caption: seconds from the clip's start. */
export interface ClipCue {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly speaker: string;
  /** `#rrggbb` */
  readonly colour: string;
  readonly text: string;
}

/** The title card in front of the first scene. */
export interface TitleCard {
  readonly title: string;
  readonly frames: number;
  /** Those who play, in order of appearance; at most 5. */
  readonly cast: readonly { readonly name: string; readonly look: Look }[];
}

export interface ClipPlan {
  /** 0-based. */
  readonly index: number;
  readonly frames: number;
  readonly seed: number;
  readonly backdrop: BackdropKind;
  readonly titleCard: TitleCard | null;
  /** Shown at the scene's start; empty: none. */
  readonly heading: string;
  readonly figures: readonly StageFigure[];
  /** Cover every frame behind the title card. */
  readonly shots: readonly Shot[];
  readonly turns: readonly Turn[];
  readonly cues: readonly ClipCue[];
}

/** The frame at which a scene begins, behind the title card. */
export function sceneStart(plan: ClipPlan): number {
  return plan.titleCard?.frames ?? 0;
}
