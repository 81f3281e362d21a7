/** From scenes and their speech to clips: who stands where, when the camera cuts, how it moves. */
import type { Character } from './character.ts';
import type { Camera, Shot, StageFigure, Turn } from './clip-plan.ts';
import { FRAME_HEIGHT_PX, FRAME_WIDTH_PX, FRAMES_PER_SECOND } from './clip-plan.ts';
import { hashText, noise } from './random.ts';

const WIDE: Camera = { x: FRAME_WIDTH_PX / 2, y: FRAME_HEIGHT_PX / 2, zoom: 1 };
const CLOSE_ZOOM = 1.42;
/** A close-up is only worth a cut if it lasts. */
const CLOSE_MIN_FRAMES = 45;
/** The camera cuts a moment before the words. */
const CUT_LEAD_FRAMES = 4;

const PLACES: readonly (readonly { x: number; scale: number }[])[] = [
  [{ x: 640, scale: 1.08 }],
  [
    { x: 400, scale: 1 },
    { x: 880, scale: 1 },
  ],
  [
    { x: 270, scale: 0.92 },
    { x: 640, scale: 0.92 },
    { x: 1010, scale: 0.92 },
  ],
];
/** The most figures seen at once. */
const PLACES_LIMIT = 3;
/** A child beside adults: its head is smaller, and lower in the frame. */
const CHILD = { scale: 0.84, lowerPx: 44 };

/** Gives each speaker of a scene a place; with more than three, some share a place and are seen in turn. */
export function placeFigures(speakers: readonly Character[], seed: number): StageFigure[] {
  const places = PLACES[Math.min(speakers.length, PLACES_LIMIT) - 1] ?? [];
  return speakers.map(({ name, look }, index) => {
    const place = places[index % PLACES_LIMIT] ?? { x: 640, scale: 1 };
    const isChild = look.age === 'child' && speakers.length > 1;
    const y = 296 + noise(seed, index + 40) * 16 + (isChild ? CHILD.lowerPx : 0);
    const scale = place.scale * (isChild ? CHILD.scale : 1);
    return { name, look, x: place.x, y, scale, seed: hashText(name) ^ seed };
  });
}

/** Places a presenter to the left or right of a board with key words. */
export function placePresenter(presenter: Character, seed: number): StageFigure[] {
  const [figure] = placeFigures([presenter], seed);
  return figure ? [{ ...figure, x: noise(seed, 60) < 0.5 ? 400 : 880, scale: 1 }] : [];
}

/** A stretch of a scene in which the camera may stay. */
export interface Stage {
  readonly figures: readonly StageFigure[];
  readonly turns: readonly Turn[];
  /** The frames at which sentences begin, in order; the camera may cut there. */
  readonly beats: readonly number[];
  readonly from: number;
  readonly to: number;
  /** The part of a continued scene, which does not begin like the previous part. */
  readonly part: number;
  readonly seed: number;
}

/** Cuts a scene into shots, each with a slow camera move of its own. */
export function planShots(stage: Stage): Shot[] {
  const shots = stage.figures.length === 1 ? planSolo(stage) : planDialogue(stage);
  return shots.map((shot, index) => moveCamera(shot, stage.seed, stage.part * 40 + index));
}

/** A wide shot to begin with, then close-ups of those who speak for longer, alternating with wide ones. */
function planDialogue({ figures, turns, beats, from, to, part }: Stage): Shot[] {
  const shots: Shot[] = [];
  const seen = figures.map((_, index) => index).slice(0, PLACES_LIMIT);
  let open: Omit<Shot, 'to'> = { from, camera: WIDE, visible: [...seen] };
  // A continued scene begins with a close-up.
  let wideBefore = part > 0 ? 1 : 0;
  for (const { figure, from: start, to: end } of turns.flatMap((turn) => cutTurn(turn, beats))) {
    if (figure !== null) seen[figure % PLACES_LIMIT] = figure;
    const mayClose = figures.length > 1 && end - start >= CLOSE_MIN_FRAMES && wideBefore > 0;
    const next =
      mayClose && figure !== null ? closeView(figures, figure) : { camera: WIDE, visible: [...seen] };
    wideBefore = next.camera === WIDE ? wideBefore + 1 : 0;
    if (next.camera === open.camera && next.visible.join() === open.visible.join()) continue;
    const cut = Math.max(open.from, start - CUT_LEAD_FRAMES);
    if (cut > open.from) shots.push({ ...open, to: cut });
    open = { from: cut, ...next };
  }
  shots.push({ ...open, to });
  return shots;
}

/** The longest view of one speech in a dialogue. */
const SPEECH_VIEW_FRAMES = 6 * FRAMES_PER_SECOND;

/** A long speech is shown in alternating views, cut between its sentences. */
function cutTurn(turn: Turn, beats: readonly number[]): Pick<Turn, 'figure' | 'from' | 'to'>[] {
  const pieces = [{ figure: turn.figure, from: turn.from, to: turn.to }];
  for (const beat of beats) {
    const last = pieces.at(-1);
    if (!last || beat - last.from < SPEECH_VIEW_FRAMES || turn.to - beat < CLOSE_MIN_FRAMES) continue;
    last.to = beat;
    pieces.push({ figure: turn.figure, from: beat, to: turn.to });
  }
  return pieces;
}

/** How close the camera is to a sole speaker, from shot to shot. */
const SOLO_VIEWS = [
  { zoom: 1, asidePx: 0 },
  { zoom: 1.34, asidePx: 110 },
  { zoom: 1.14, asidePx: -70 },
  { zoom: 1.52, asidePx: 0 },
];
const SOLO_MIN_FRAMES = 4 * FRAMES_PER_SECOND;

function planSolo({ figures, beats, from, to, part }: Stage): Shot[] {
  const cuts = [from];
  for (const beat of beats) {
    const cut = beat - CUT_LEAD_FRAMES;
    if (cut - (cuts.at(-1) ?? from) >= SOLO_MIN_FRAMES && to - cut >= SOLO_MIN_FRAMES / 2) cuts.push(cut);
  }
  return cuts.map((cut, index) => {
    const { zoom, asidePx } = SOLO_VIEWS[(index + part) % SOLO_VIEWS.length] ?? { zoom: 1, asidePx: 0 };
    const camera = frameFigure(figures[0], zoom);
    const isCentred = figures[0]?.x === FRAME_WIDTH_PX / 2;
    const x = isCentred ? holdInside(camera.x + asidePx / zoom, zoom) : camera.x;
    return { from: cut, to: cuts[index + 1] ?? to, camera: { ...camera, x }, visible: [0] };
  });
}

/** How much the camera moves in during a shot; in shorter ones it stands still. */
const MOVE_SHARE = 0.05;
const MOVE_MIN_FRAMES = 2 * FRAMES_PER_SECOND;
const MOVE_FULL_FRAMES = 6 * FRAMES_PER_SECOND;

/** Moves in a little, or now and then out a little. */
function moveCamera(shot: Shot, seed: number, counter: number): Shot {
  const frames = shot.to - shot.from;
  if (frames < MOVE_MIN_FRAMES) return shot;
  const share = MOVE_SHARE * Math.min(1, frames / MOVE_FULL_FRAMES);
  const near = { ...shot.camera, zoom: shot.camera.zoom * (1 + share) };
  return noise(seed, counter + 700) < 0.7
    ? { ...shot, cameraTo: near }
    : { ...shot, camera: near, cameraTo: shot.camera };
}

function closeView(figures: readonly StageFigure[], figure: number): Pick<Shot, 'camera' | 'visible'> {
  return { camera: closeUp(figures[figure]), visible: [figure] };
}

/** Shows one figure a little off centre, with room on the side where the others are. */
export function closeUp(figure: StageFigure | undefined): Camera {
  if (!figure) return WIDE;
  const room = (FRAME_WIDTH_PX / 2 - figure.x) * 0.22;
  return { ...frameFigure(figure, CLOSE_ZOOM), x: holdInside(figure.x + room, CLOSE_ZOOM) };
}

/** Moves in on a figure, which keeps its place in the frame. */
function frameFigure(figure: StageFigure | undefined, zoom: number): Camera {
  if (!figure || zoom === 1) return WIDE;
  const x = holdInside(figure.x + (FRAME_WIDTH_PX / 2 - figure.x) / zoom, zoom);
  return { x, y: FRAME_HEIGHT_PX / 2 / zoom + 176 * (zoom - 1), zoom };
}

/** The nearest place from which the camera sees nothing outside the stage. */
function holdInside(x: number, zoom: number): number {
  const halfWidth = FRAME_WIDTH_PX / 2 / zoom;
  return Math.max(halfWidth, Math.min(FRAME_WIDTH_PX - halfWidth, x));
}

/** The seed for a place, so that it looks the same whenever the film returns to it. */
export function sceneSeed(heading: string, index: number): number {
  return hashText(heading === '' ? `${index}:` : heading.toLowerCase());
}
