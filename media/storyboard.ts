/** From scenes and their speech to clips: who stands where, when the camera cuts, when each caption shows. */
import type { Character } from './character.ts';
import type { BackdropKind, Camera, Shot, StageFigure, Turn } from './clip-plan.ts';
import { BACKDROPS, FRAME_HEIGHT_PX, FRAME_WIDTH_PX } from './clip-plan.ts';
import { choose, hashText, noise } from './random.ts';

const WIDE: Camera = { x: FRAME_WIDTH_PX / 2, y: FRAME_HEIGHT_PX / 2, zoom: 1 };
const CLOSE_ZOOM = 1.42;
/** A close-up is worth its cut only when it lasts. */
const CLOSE_MIN_FRAMES = 45;
/** The camera cuts a moment before the words. */
const CUT_LEAD_FRAMES = 4;

const PLACE_WORDS: readonly (readonly [BackdropKind, readonly string[]])[] = [
  ['cafe', ['cafe', 'café', 'coffee', 'kitchen', 'restaurant', 'bar', 'bakery', '카페', '식당', '부엌']],
  [
    'park',
    ['park', 'garden', 'forest', 'field', 'hill', 'morning', 'outside', 'mountain', '공원', '숲', '아침'],
  ],
  [
    'night',
    ['night', 'city', 'street', 'roof', 'rooftop', 'midnight', 'space', 'stars', '밤', '도시', '거리'],
  ],
  [
    'beach',
    ['beach', 'sea', 'ocean', 'shore', 'sunset', 'evening', 'boat', 'harbour', '바다', '해변', '저녁'],
  ],
  [
    'studio',
    ['studio', 'server', 'lab', 'office', 'room', 'control', 'desk', 'work', '연구실', '사무실', '스튜디오'],
  ],
  ['lounge', ['lounge', 'home', 'living', 'library', 'house', 'apartment', '집', '거실', '도서관']],
];

/** The background for a scene: named by its heading where that says a place, otherwise by chance that repeats. */
export function chooseBackdrop(heading: string, sceneIndex: number): BackdropKind {
  const words = heading.toLowerCase().split(/[^\p{L}\p{M}]+/u);
  const scored = PLACE_WORDS.map(([kind, places]) => ({
    kind,
    at: words.findIndex((word) => places.includes(word)),
  }));
  const named = scored.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)[0];
  if (named) return named.kind;
  const offset = heading === '' ? 0 : hashText(heading) % BACKDROPS.length;
  return BACKDROPS[(sceneIndex + offset) % BACKDROPS.length] ?? 'studio';
}

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
/** Figures that are seen at once at most. */
const PLACES_LIMIT = 3;

/** Gives everyone who speaks in a scene a place; with more than three, some share one and are seen in turn. */
export function placeFigures(speakers: readonly Character[], seed: number): StageFigure[] {
  const places = PLACES[Math.min(speakers.length, PLACES_LIMIT) - 1] ?? [];
  return speakers.map(({ name, look }, index) => {
    const place = places[index % PLACES_LIMIT] ?? { x: 640, scale: 1 };
    const y = 296 + noise(seed, index + 40) * 16;
    return { name, look, x: place.x, y, scale: place.scale, seed: hashText(name) ^ seed };
  });
}

/** Cuts the scene into shots: a wide one to begin with, then close-ups of who says something longer, in turn with wide ones. */
export function planShots(
  figures: readonly StageFigure[],
  turns: readonly Turn[],
  from: number,
  to: number,
): Shot[] {
  const shots: Shot[] = [];
  const seen = figures.map((_, index) => index).slice(0, PLACES_LIMIT);
  let open: Omit<Shot, 'to'> = { from, camera: WIDE, visible: [...seen] };
  let wideBefore = 0;
  for (const { figure, from: start, to: end } of turns) {
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

function closeView(figures: readonly StageFigure[], figure: number): Pick<Shot, 'camera' | 'visible'> {
  return { camera: closeUp(figures[figure]), visible: [figure] };
}

/** Looks at one figure a little off centre, with room on the side where the others are. */
export function closeUp(figure: StageFigure | undefined): Camera {
  if (!figure) return WIDE;
  const room = (FRAME_WIDTH_PX / 2 - figure.x) * 0.22;
  const halfWidth = FRAME_WIDTH_PX / 2 / CLOSE_ZOOM;
  const x = Math.max(halfWidth, Math.min(FRAME_WIDTH_PX - halfWidth, figure.x + room));
  return { x, y: FRAME_HEIGHT_PX / 2 / CLOSE_ZOOM + 74, zoom: CLOSE_ZOOM };
}

/** Seeds for a scene from its place in the film and its words. */
export function sceneSeed(heading: string, index: number): number {
  return hashText(`${index}:${heading}:${choose(['a', 'b', 'c'], index, 7)}`);
}
