/** A clip as data: everything needed for drawing, so that any machine draws the same frames. */
import type { Look } from './character.ts';
import type { Phoneme } from './speech.ts';

/** The film's format, fixed by the product. */
export const FRAME_WIDTH_PX = 1280;
export const FRAME_HEIGHT_PX = 720;
export const FRAMES_PER_SECOND = 25;

/** Pictures are drawn on twos, as in most drawn films: each is held for two frames. Mouths move in every frame. */
export const HELD_FRAMES = 2;

/** The frame whose picture is shown at a frame of the clip. */
export function pictureFrame(frame: number): number {
  return frame - (frame % HELD_FRAMES);
}

export type BackdropKind =
  | 'studio'
  | 'park'
  | 'night'
  | 'cafe'
  | 'beach'
  | 'lounge'
  | 'hospital'
  | 'train'
  | 'school'
  | 'office'
  | 'kitchen'
  | 'forest'
  | 'street'
  | 'street-night'
  | 'park-night'
  | 'beach-night'
  | 'forest-night'
  | 'space';

/** A figure in the scene. */
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

/** What the camera shows: the centred point, and the magnification. */
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
  /** Where the camera is at the shot's end; the visible figures move with it, the backdrop stands still. */
  readonly cameraTo?: Camera;
  /** Indices of the visible figures. */
  readonly visible: readonly number[];
}

/** Someone speaks, from frame `from` (included) to `to` (excluded). */
export interface Turn {
  readonly from: number;
  readonly to: number;
  /** Index of the figure; null for the narrator. */
  readonly figure: number | null;
  /** Times in seconds from the clip's start; empty when nothing is heard. */
  readonly phonemes: readonly Phoneme[];
}

/** A key word or number that is drawn from frame `from` on, when it is said. */
export interface KeyPoint {
  readonly from: number;
  readonly text: string;
  /** What a number counts; empty: not stated. */
  readonly caption: string;
  /** Whether it is a number, which is drawn larger than words. */
  readonly isFigure: boolean;
  /** 0..1: a share of a whole, drawn as a ring. */
  readonly share?: number;
}

/** Up to three key points beside their presenter, up to frame `to` (excluded). */
export interface Board {
  readonly to: number;
  /** Never empty. */
  readonly points: readonly KeyPoint[];
}

/** Where the mouth picture is from frame `from` on: its upper left corner, even (2x2 px share their chroma). */
export interface MouthPlace {
  readonly from: number;
  readonly x: number;
  readonly y: number;
}

/** One caption: seconds from the clip's start. */
export interface ClipCue {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly speaker: string;
  /** `#rrggbb` */
  readonly colour: string;
  /** One or two. */
  readonly lines: readonly string[];
}

/** The title card before the first scene. */
export interface TitleCard {
  readonly title: string;
  readonly frames: number;
  /** The characters, in order of appearance; at most 5. */
  readonly cast: readonly { readonly name: string; readonly look: Look }[];
}

/** The card after the last scene. */
export interface EndCard {
  /** `The End` in the film's language. */
  readonly text: string;
  readonly frames: number;
  /** The characters, in order of appearance; at most 24. */
  readonly cast: readonly string[];
}

export interface ClipPlan {
  /** 0-based. */
  readonly index: number;
  readonly frames: number;
  readonly seed: number;
  readonly backdrop: BackdropKind;
  readonly titleCard: TitleCard | null;
  /** Undefined: none. */
  readonly endCard?: EndCard;
  /** Shown at the scene's start; empty: none. */
  readonly heading: string;
  readonly figures: readonly StageFigure[];
  /** The shots, which cover every frame between the cards. */
  readonly shots: readonly Shot[];
  readonly turns: readonly Turn[];
  /** In order, one at a time; undefined: none. */
  readonly boards?: readonly Board[];
  readonly cues: readonly ClipCue[];
  /** Whether it does not fade in: the scene continues, or its first frame is the picture that players show. @default false */
  readonly opensBright?: boolean;
  /** Whether it does not fade out: the scene continues in the next clip. @default false */
  readonly endsBright?: boolean;
}

/** The frame at which a scene begins, after the title card. */
export function sceneStart(plan: ClipPlan): number {
  return plan.titleCard?.frames ?? 0;
}

/** The frame after a scene's last one, where the end card begins. */
export function sceneEnd(plan: ClipPlan): number {
  return plan.frames - (plan.endCard?.frames ?? 0);
}

/** What the camera shows at a frame of a shot. */
export function cameraAt({ from, to, camera, cameraTo }: Shot, frame: number): Camera {
  if (cameraTo === undefined) return camera;
  const share = Math.max(0, Math.min(1, (frame - from) / Math.max(1, to - from)));
  const between = (start: number, end: number): number => start + (end - start) * share;
  return {
    x: between(camera.x, cameraTo.x),
    y: between(camera.y, cameraTo.y),
    zoom: between(camera.zoom, cameraTo.zoom),
  };
}
