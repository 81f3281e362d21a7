/** Lays a spoken scene out in time: turns, shots, captions, and the clip's sound. */
import { NARRATOR } from './builtin-cast.ts';
import { cutCues, joinShort } from './caption-cues.ts';
import { type ClipPlan, FRAMES_PER_SECOND, type TitleCard, type Turn } from './clip-plan.ts';
import type { Film, FilmScene } from './film.ts';
import type { SpokenLine } from './scene-speech.ts';
import { SPEECH_RATE_HZ } from './speech.ts';
import { placeFigures, planShots } from './storyboard.ts';
import type { Pcm } from './wav.ts';

const TITLE_FRAMES = 70;
const LEAD_FRAMES = 16;
/** A scene with a heading opens slower, so that it can be read. */
const HEADING_LEAD_FRAMES = 30;
const GAP_FRAMES = 7;
const TAIL_FRAMES = 20;
const TITLE_CAST_LIMIT = 5;
const SAMPLES_PER_FRAME = SPEECH_RATE_HZ / FRAMES_PER_SECOND;

/** A line in its place in the clip. */
interface PlacedLine extends SpokenLine {
  readonly from: number;
  readonly to: number;
}

/** Plans the clip of a film's scene. @param index 0-based; the first clip carries the title card */
export function planClip(
  film: Film,
  index: number,
  scene: FilmScene,
  spoken: readonly SpokenLine[],
): ClipPlan {
  const titleCard = index === 0 ? planTitleCard(film) : null;
  const start = titleCard?.frames ?? 0;
  const lines = placeLines(spoken, start + (scene.heading === '' ? LEAD_FRAMES : HEADING_LEAD_FRAMES));
  const frames = (lines.at(-1)?.to ?? start) + TAIL_FRAMES;
  const speakers = [...new Set(scene.lines.map(({ character }) => character))].filter((one) => one !== null);
  const figures = placeFigures(
    speakers.map((speaker) => film.characters[speaker]).filter((one) => one !== undefined),
    scene.seed,
  );
  const turns = lines.map((line): Turn => {
    const figure = line.line.character === null ? null : speakers.indexOf(line.line.character);
    const atSeconds = line.from / FRAMES_PER_SECOND;
    return { from: line.from, to: line.to, figure, phonemes: shiftPhonemes(line, atSeconds) };
  });
  return {
    index,
    frames,
    seed: scene.seed,
    backdrop: scene.backdrop,
    titleCard,
    heading: scene.heading,
    figures,
    shots: planShots(figures, turns, start, frames),
    turns,
    cues: lines.flatMap((line) => planCues(line, film)),
  };
}

function planTitleCard(film: Film): TitleCard | null {
  if (film.title === '') return null;
  const cast = film.characters.slice(0, TITLE_CAST_LIMIT).map(({ name, look }) => ({ name, look }));
  return { title: film.title, frames: TITLE_FRAMES, cast };
}

function placeLines(spoken: readonly SpokenLine[], start: number): PlacedLine[] {
  let from = start;
  return spoken.map((line) => {
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

function planCues(line: PlacedLine, film: Film): ClipPlan['cues'] {
  const bySeconds = line.from / FRAMES_PER_SECOND;
  const character = line.line.character === null ? undefined : film.characters[line.line.character];
  const sentences = joinShort(line.sentences).map(({ text, startSeconds, endSeconds }) => ({
    text,
    startSeconds: startSeconds + bySeconds,
    endSeconds: endSeconds + bySeconds,
  }));
  return cutCues(
    sentences,
    character?.name ?? NARRATOR.names[film.language],
    character?.look.accent ?? NARRATOR.accent,
  );
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
