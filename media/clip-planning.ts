/** Lays a spoken scene out in time: turns, shots, captions, and the clip's sound. */
import { closeGaps } from './captions/caption-timing.ts';
import { type ClipPlan, type EndCard, FRAMES_PER_SECOND, type TitleCard, type Turn } from './clip-plan.ts';
import type { Film, FilmScene } from './film.ts';
import { planBoards } from './key-points.ts';
import type { SpokenLine } from './scene-speech.ts';
import { SPEECH_RATE_HZ } from './speech.ts';
import { placeFigures, placePresenter, planShots } from './storyboard.ts';
import type { Pcm } from './wav.ts';

const TITLE_FRAMES = 70;
const LEAD_FRAMES = 16;
/** A scene with a heading opens more slowly, so that the heading can be read. */
const HEADING_LEAD_FRAMES = 30;
const GAP_FRAMES = 7;
const TAIL_FRAMES = 20;
/** If a scene continues in the next clip, the pause is only the gap between two lines. */
const CUT_TAIL_FRAMES = 3;
const CUT_LEAD_FRAMES = GAP_FRAMES - CUT_TAIL_FRAMES;
const END_FRAMES = 60;
const END_CAST_LIMIT = 24;
const END_TEXTS = { en: 'The End', ko: '끝' } as const;
/** The longest silence that is kept to match a subtitle's time. */
const WISH_LIMIT_FRAMES = 5 * FRAMES_PER_SECOND;
const TITLE_CAST_LIMIT = 5;
const SAMPLES_PER_FRAME = SPEECH_RATE_HZ / FRAMES_PER_SECOND;

/** A line with its place in the clip. */
interface PlacedLine extends SpokenLine {
  readonly from: number;
  readonly to: number;
}

/** Plans the clip of a film's scene. @param index 0-based; the first clip carries the title card, the last the end card */
export function planClip(
  film: Film,
  index: number,
  scene: FilmScene,
  spoken: readonly SpokenLine[],
): ClipPlan {
  const titleCard = index === 0 ? planTitleCard(film) : null;
  const endCard = index === film.scenes.length - 1 ? planEndCard(film) : undefined;
  const start = titleCard?.frames ?? 0;
  const lines = placeLines(spoken, start + leadFrames(scene));
  const end = (lines.at(-1)?.to ?? start) + (scene.goesOn ? CUT_TAIL_FRAMES : TAIL_FRAMES);
  const frames = end + (endCard?.frames ?? 0);
  // If nobody else is seen, the narrator is.
  const isPresented = scene.speakers.length === 0;
  const boards = isPresented ? planBoards(lines, film.language, end) : [];
  const figures = isPresented ? presenterOf(film, scene, boards.length > 0) : actorsOf(film, scene);
  const turns = lines.map((line): Turn => {
    const speaker = line.line.character === null ? -1 : scene.speakers.indexOf(line.line.character);
    const figure = isPresented ? 0 : speaker < 0 ? null : speaker;
    const atSeconds = line.from / FRAMES_PER_SECOND;
    return { from: line.from, to: line.to, figure, phonemes: shiftPhonemes(line, atSeconds) };
  });
  return {
    index,
    frames,
    seed: scene.seed,
    backdrop: scene.backdrop,
    titleCard,
    ...(endCard && { endCard }),
    heading: scene.heading,
    figures,
    shots: planShots({
      figures,
      turns,
      beats: findBeats(lines),
      from: start,
      to: end,
      part: scene.part,
      seed: scene.seed,
    }),
    turns,
    boards,
    cues: planCues(lines, film),
    opensBright: index === 0 || scene.part > 0,
    endsBright: scene.goesOn,
  };
}

function leadFrames(scene: FilmScene): number {
  if (scene.part > 0) return CUT_LEAD_FRAMES;
  return scene.heading === '' ? LEAD_FRAMES : HEADING_LEAD_FRAMES;
}

function actorsOf(film: Film, scene: FilmScene): ClipPlan['figures'] {
  const actors = scene.speakers.map((speaker) => film.characters[speaker]).filter((one) => one !== undefined);
  return placeFigures(actors, scene.seed);
}

function presenterOf(film: Film, scene: FilmScene, hasBoards: boolean): ClipPlan['figures'] {
  return hasBoards ? placePresenter(film.narrator, scene.seed) : placeFigures([film.narrator], scene.seed);
}

/** The frames at which sentences begin. */
function findBeats(lines: readonly PlacedLine[]): number[] {
  return lines.flatMap(({ from, words }) => {
    const firsts = words.filter(({ sentence }, at) => sentence !== words[at - 1]?.sentence);
    return firsts.map(({ startSeconds }) => from + Math.floor(startSeconds * FRAMES_PER_SECOND));
  });
}

function planTitleCard(film: Film): TitleCard | null {
  if (film.title === '') return null;
  const cast = film.characters.slice(0, TITLE_CAST_LIMIT).map(({ name, look }) => ({ name, look }));
  return { title: film.title, frames: TITLE_FRAMES, cast };
}

function planEndCard(film: Film): EndCard {
  const cast = film.characters.slice(0, END_CAST_LIMIT).map(({ name }) => name);
  return { text: END_TEXTS[film.language], frames: END_FRAMES, cast };
}

/** Lines follow one another; a line of a subtitle file waits for its time, relative to the first such line in the clip. */
function placeLines(spoken: readonly SpokenLine[], start: number): PlacedLine[] {
  let from = start;
  let first: { readonly from: number; readonly wishSeconds: number } | undefined;
  return spoken.map((line) => {
    const { wishSeconds } = line.line;
    if (wishSeconds !== undefined) {
      first ??= { from, wishSeconds };
      const wished = first.from + Math.round((wishSeconds - first.wishSeconds) * FRAMES_PER_SECOND);
      from = Math.max(from, Math.min(wished, from + WISH_LIMIT_FRAMES));
    }
    const to = from + Math.ceil(line.durationSeconds * FRAMES_PER_SECOND);
    const placed = { ...line, from, to };
    from = to + GAP_FRAMES;
    return placed;
  });
}

function shiftPhonemes(line: PlacedLine, bySeconds: number): Turn['phonemes'] {
  return line.phonemes.map(({ symbol, startSeconds, endSeconds }) => ({
    symbol,
    startSeconds: startSeconds + bySeconds,
    endSeconds: endSeconds + bySeconds,
  }));
}

/** The captions of all lines on the clip's time line; a short gap between two lines is closed. */
function planCues(lines: readonly PlacedLine[], film: Film): ClipPlan['cues'] {
  const captions = lines.flatMap((line) => {
    const { character } = line.line;
    const { name, look } = (character === null ? undefined : film.characters[character]) ?? film.narrator;
    return line.captions.map(({ from, to, lines: text }) => ({
      ...{ from: line.from + from, to: line.from + to, lines: text, speaker: name, colour: look.accent },
    }));
  });
  return closeGaps(captions).map(({ from, to, ...cue }) => ({
    ...cue,
    startSeconds: from / FRAMES_PER_SECOND,
    endSeconds: to / FRAMES_PER_SECOND,
  }));
}

/** The clip's sound, exactly as long as its frames. */
export function mixClip(plan: ClipPlan, spoken: readonly SpokenLine[]): Pcm {
  const samples = new Int16Array(plan.frames * SAMPLES_PER_FRAME);
  for (const [index, line] of spoken.entries()) {
    const turnStart = (plan.turns[index]?.from ?? 0) * SAMPLES_PER_FRAME;
    for (const sound of line.sounds) {
      const offset = turnStart + Math.round(sound.atSeconds * SPEECH_RATE_HZ);
      samples.set(sound.samples.subarray(0, Math.max(0, samples.length - offset)), offset);
    }
  }
  return { samples, sampleRateHz: SPEECH_RATE_HZ };
}
