/**
 * How figures move: a pure function of the plan and the time, so that the clip and the mouths drawn over it later agree
 * to the pixel.
 */
import { type ClipPlan, FRAMES_PER_SECOND, sceneStart } from '../clip-plan.ts';
import { type MouthShape, type MouthTrack, REST_MOUTH, trackMouth } from '../mouth-shape.ts';
import { noise } from '../random.ts';
import { ease } from './canvas.ts';

/** A figure's pose at one frame. Lengths in px at scale 1, angles in radians. */
export interface Pose {
  readonly headX: number;
  readonly headY: number;
  readonly tilt: number;
  /** The direction of the face, -1 left .. 1 right. */
  readonly turn: number;
  /** Vertical movement of the shoulders. */
  readonly breath: number;
  /** 0 open .. 1 closed. */
  readonly blink: number;
  readonly gazeX: number;
  readonly gazeY: number;
  /** -1 frown .. 1 raised. */
  readonly brows: number;
  readonly mouth: MouthShape;
  readonly smile: number;
  /** The hand on the left of the picture and the one on the right. */
  readonly hands: readonly [Gesture, Gesture];
}

/** A hand in front of the body. */
export interface Gesture {
  /** 0 below the frame .. 1 raised. */
  readonly raise: number;
  /** -1 .. 1, back and forth. */
  readonly swing: number;
}

/** The poses of a clip's figures. */
export interface Motion {
  pose(figure: number, frame: number): Pose;
  /** Index of the turn in which this figure speaks at this frame; -1: it is silent. */
  speakingTurn(figure: number, frame: number): number;
}

const TURN_EASE_SECONDS = 0.5;

/** Prepares the motion of a clip. */
export function planMotion(plan: ClipPlan): Motion {
  const tracks = plan.turns.map((turn) => trackMouth(turn.phonemes));
  const gazes = plan.figures.map((_, figure) => planGaze(plan, figure));
  const speakingTurn = (figure: number, frame: number): number =>
    plan.turns.findIndex((turn) => turn.figure === figure && frame >= turn.from && frame < turn.to);
  return {
    speakingTurn,
    pose(figure, frame) {
      const seed = plan.figures[figure]?.seed ?? 0;
      const seconds = frame / FRAMES_PER_SECOND;
      const track = tracks[speakingTurn(figure, frame)];
      const energy = speechEnergy(plan, tracks, figure, frame);
      return poseAt(
        seed,
        seconds,
        energy,
        track?.at(seconds) ?? REST_MOUTH,
        gazeAt(gazes[figure] ?? [], seconds),
      );
    },
  };
}

function poseAt(seed: number, seconds: number, energy: number, mouth: MouthShape, gaze: number): Pose {
  const phase = noise(seed, 1) * 6.28;
  const wave = (hertz: number, shift: number): number => Math.sin(seconds * hertz * 6.283 + phase + shift);
  const glance = glanceAt(seed, seconds);
  const nod = energy * (3.4 * wave(0.83, 1) + 2.6 * wave(1.57, 2.2) + mouth.open * 2.4);
  return {
    headX: 2.4 * wave(0.13, 0) + energy * 3 * wave(0.47, 0.4) + gaze * 5,
    headY: 1.8 * wave(0.21, 1.3) + nod,
    tilt: 0.012 * wave(0.11, 2) + energy * 0.026 * wave(0.61, 0) + gaze * 0.014,
    turn: gaze + 0.06 * wave(0.17, 0.7) + energy * 0.09 * wave(0.39, 1.9),
    breath: 2.2 * wave(0.24, 0),
    blink: blinkAt(seed, seconds),
    gazeX: gaze * 5.5 + glance.x,
    gazeY: glance.y,
    brows: 0.12 * wave(0.15, 3) + energy * (0.25 + 0.4 * wave(0.53, 0.9)),
    mouth,
    smile: 0.55 + 0.2 * wave(0.09, 1),
    hands: [gestureAt(seed, seconds, 0, energy), gestureAt(seed, seconds, 1, energy)],
  };
}

const GESTURE_EVERY_SECONDS = 3.1;
const GESTURE_RISE_SECONDS = 0.45;
/** How often a hand makes a gesture. */
const GESTURE_SHARE = 0.42;

/** A speaker occasionally raises a hand, moves it to and fro, and lowers it again. */
function gestureAt(seed: number, seconds: number, hand: 0 | 1, energy: number): Gesture {
  const period = Math.floor(seconds / GESTURE_EVERY_SECONDS);
  const counter = 6_000 + period * 2 + hand;
  if (energy <= 0 || noise(seed, counter) > GESTURE_SHARE) return { raise: 0, swing: 0 };
  const start = noise(seed, counter + 3_000) * 0.6;
  const lasts = 1.3 + noise(seed, counter + 5_000) * 0.9;
  const at = seconds - period * GESTURE_EVERY_SECONDS - start;
  const raise = Math.min(ease(at / GESTURE_RISE_SECONDS), ease((lasts - at) / GESTURE_RISE_SECONDS));
  return { raise: raise * energy, swing: Math.sin(at * 7.4) * ease((at - 0.2) / 0.4) };
}

/** How animated a speaker is, 0..1: rises before the words and falls after them. */
function speechEnergy(plan: ClipPlan, tracks: readonly MouthTrack[], figure: number, frame: number): number {
  let energy = 0;
  for (const [index, turn] of plan.turns.entries()) {
    if (turn.figure !== figure || !tracks[index] || turn.phonemes.length === 0) continue;
    const rise = ease((frame - turn.from + 6) / 12);
    const fall = ease((turn.to + 6 - frame) / 12);
    energy = Math.max(energy, Math.min(rise, fall));
  }
  return energy;
}

interface Gaze {
  readonly fromSeconds: number;
  readonly target: number;
}

/** Whom a figure looks at over time: listeners look at the speaker, and the speaker looks at the previous one. */
function planGaze(plan: ClipPlan, figure: number): Gaze[] {
  const own = plan.figures[figure];
  const seed = own?.seed ?? 0;
  const towards = (other: number, share: number): number => {
    const x = plan.figures[other]?.x;
    return x === undefined || !own ? 0 : Math.max(-1, Math.min(1, (x - own.x) / 320)) * share;
  };
  let partner = plan.figures.findIndex((_, index) => index !== figure);
  const gazes: Gaze[] = [
    { fromSeconds: sceneStart(plan) / FRAMES_PER_SECOND - 5, target: towards(partner, 0.5) },
  ];
  for (const [index, turn] of plan.turns.entries()) {
    const startSeconds = turn.from / FRAMES_PER_SECOND;
    if (turn.figure === figure) {
      const lasts = (turn.to - turn.from) / FRAMES_PER_SECOND;
      gazes.push(...speakerGazes(startSeconds, lasts, (share) => towards(partner, share)));
      continue;
    }
    partner = turn.figure ?? partner;
    const fromSeconds = startSeconds + 0.08 + noise(seed, index + 300) * 0.22;
    gazes.push({ fromSeconds, target: turn.figure === null ? 0 : towards(turn.figure, 0.85) });
  }
  return gazes;
}

/** A speaker looks at the partner, and during a longer speech at the audience in between. */
function speakerGazes(
  startSeconds: number,
  lastsSeconds: number,
  atPartner: (share: number) => number,
): Gaze[] {
  const first = { fromSeconds: startSeconds - 0.15, target: atPartner(0.45) };
  if (lastsSeconds < 2.4) return [first];
  return [
    first,
    { fromSeconds: startSeconds + lastsSeconds * 0.4, target: atPartner(0.08) },
    { fromSeconds: startSeconds + lastsSeconds * 0.74, target: atPartner(0.5) },
  ];
}

function gazeAt(gazes: readonly Gaze[], seconds: number): number {
  let value = gazes[0]?.target ?? 0;
  for (const gaze of gazes) {
    if (gaze.fromSeconds > seconds) break;
    value += (gaze.target - value) * ease((seconds - gaze.fromSeconds) / TURN_EASE_SECONDS);
  }
  return value;
}

const BLINK_EVERY_SECONDS = 3.4;
const BLINK_SECONDS = 0.24;

function blinkAt(seed: number, seconds: number): number {
  const period = Math.floor(seconds / BLINK_EVERY_SECONDS);
  const start = period * BLINK_EVERY_SECONDS + noise(seed, period + 500) * (BLINK_EVERY_SECONDS - 0.8);
  const twice = noise(seed, period + 900) < 0.18;
  return Math.max(lidAt(seconds - start), twice ? lidAt(seconds - start - 0.34) : 0);
}

/** Lids close faster than they open. */
function lidAt(seconds: number): number {
  if (seconds <= 0 || seconds >= BLINK_SECONDS) return 0;
  return seconds < 0.08 ? ease(seconds / 0.08) : ease((BLINK_SECONDS - seconds) / (BLINK_SECONDS - 0.08));
}

/** Eyes jump to a new place every second or so and stay there. */
function glanceAt(seed: number, seconds: number): { x: number; y: number } {
  const step = 1.3;
  const index = Math.floor(seconds / step);
  const share = ease((seconds - index * step) / 0.08);
  const at = (counter: number, size: number): number => {
    const before = (noise(seed, counter + index - 1) - 0.5) * size;
    const after = (noise(seed, counter + index) - 0.5) * size;
    return before + (after - before) * share;
  };
  return { x: at(2_000, 3.2), y: at(4_000, 2) };
}
