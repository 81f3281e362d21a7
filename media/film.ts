/** A parsed script with its cast, cut into scenes of bounded length: what one clip each is made of. */

import type { Language } from 'playhead';
import { castSpeaker, foldName } from './cast.ts';
import type { Character } from './character.ts';
import type { BackdropKind } from './clip-plan.ts';
import type { Script, ScriptDirection } from './script.ts';
import { splitSentences } from './sentence.ts';
import type { SpeechProvider, TextKind } from './speech.ts';
import { chooseBackdrop, sceneSeed } from './storyboard.ts';

export interface FilmLine {
  /** 1-based line of the script. */
  readonly sourceLine: number;
  /** Index into the film's characters; null for the narrator. */
  readonly character: number | null;
  /** Never empty. */
  readonly sentences: readonly string[];
}

export interface FilmScene {
  /** Empty for a scene without heading and for the later parts of one that was cut. */
  readonly heading: string;
  /** The scene's heading, also in its later parts. */
  readonly place: string;
  /** Stage directions, in order. */
  readonly directions: readonly string[];
  readonly backdrop: BackdropKind;
  readonly seed: number;
  readonly lines: readonly FilmLine[];
}

export interface Film {
  /** Empty: no title card. */
  readonly title: string;
  readonly language: Language;
  readonly characters: readonly Character[];
  /** Each becomes one clip. */
  readonly scenes: readonly FilmScene[];
}

/** Speakers that are the narrator, who is heard but not seen. */
const NARRATOR_NAMES: ReadonlySet<string> = new Set(
  ['narrator', '내레이션', '내레이터', '해설'].map(foldName),
);

/** What one clip holds at most; keeps its frames' and audio's time and memory bounded (about a minute). */
const CLIP_LIMIT_CHARS = 900;
const CLIP_LIMIT_LINES = 8;

/** Casts a script and cuts it into clips. */
export function planFilm(
  script: Script,
  title: string | null,
  language: Language,
  cast: readonly Character[],
): Film {
  const characters: Character[] = [];
  const indices = new Map<string, number>();
  const indexOf = (speaker: string): number => {
    const key = foldName(speaker);
    const known = indices.get(key);
    if (known !== undefined) return known;
    indices.set(key, characters.length);
    return characters.push(castSpeaker(speaker, cast)) - 1;
  };
  const scenes = script.scenes.flatMap(({ heading, lines, directions }, sceneIndex) => {
    const filmLines = lines.map(({ sourceLine, speaker, text }) => ({
      sourceLine,
      character: speaker === null || NARRATOR_NAMES.has(foldName(speaker)) ? null : indexOf(speaker),
      sentences: splitSentences(text),
    }));
    const backdrop = chooseBackdrop(heading, sceneIndex);
    const seed = sceneSeed(heading, sceneIndex);
    const parts = cutScene(filmLines);
    return parts.map((part, index) => ({
      heading: index === 0 ? heading : '',
      place: heading,
      directions: directionsOf(directions, parts[index - 1], parts[index + 1] && part),
      backdrop,
      seed,
      lines: part,
    }));
  });
  return { title: title ?? script.title, language, characters, scenes };
}

/** The directions behind the part before, up to this part's last line; those behind the last line go to the last part. */
function directionsOf(
  directions: readonly ScriptDirection[],
  before: readonly FilmLine[] | undefined,
  until: readonly FilmLine[] | undefined,
): string[] {
  const from = before?.at(-1)?.sourceLine ?? 0;
  const to = until?.at(-1)?.sourceLine ?? Number.POSITIVE_INFINITY;
  return directions.filter(({ sourceLine }) => sourceLine > from && sourceLine <= to).map(({ text }) => text);
}

function cutScene(lines: readonly FilmLine[]): FilmLine[][] {
  const parts: FilmLine[][] = [];
  let part: FilmLine[] = [];
  let chars = 0;
  for (const line of lines.flatMap(cutLine)) {
    const length = lineLength(line);
    if (part.length > 0 && (chars + length > CLIP_LIMIT_CHARS || part.length >= CLIP_LIMIT_LINES)) {
      parts.push(part);
      part = [];
      chars = 0;
    }
    part.push(line);
    chars += length;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

/** A line that is longer than a clip goes on in the next one. */
function cutLine(line: FilmLine): FilmLine[] {
  const pieces: FilmLine[] = [];
  let sentences: string[] = [];
  let chars = 0;
  for (const sentence of line.sentences) {
    if (sentences.length > 0 && chars + sentence.length > CLIP_LIMIT_CHARS) {
      pieces.push({ ...line, sentences });
      sentences = [];
      chars = 0;
    }
    sentences.push(sentence);
    chars += sentence.length;
  }
  pieces.push({ ...line, sentences });
  return pieces;
}

function lineLength(line: FilmLine): number {
  return line.sentences.reduce((sum, sentence) => sum + sentence.length, 0);
}

/** Characters of text in a scene, the measure of how long it takes. */
export function sceneLength(scene: FilmScene): number {
  return scene.lines.reduce((sum, line) => sum + lineLength(line), 0);
}

/** Something of a film that its voices cannot speak; it is shown in the subtitles only. */
export interface SpeechWarning {
  /** The voice's provider. */
  readonly provider: string;
  /** What cannot be spoken; empty: this text as a whole, for a reason of the voice's own. */
  readonly kinds: readonly TextKind[];
  /** 1-based lines of the script, in order. */
  readonly sourceLines: readonly number[];
}

/** What of a film its voices cannot speak: one warning for each set of kinds. */
export function findSpeechWarnings(film: Film, provider: SpeechProvider): SpeechWarning[] {
  const found = new Map<string, { kinds: readonly TextKind[]; lines: Set<number> }>();
  for (const line of film.scenes.flatMap((scene) => scene.lines)) {
    for (const sentence of line.sentences) {
      const { omittedKinds: kinds = [] } = provider.prepare(sentence, film.language);
      if (kinds.length === 0) continue;
      const warning = found.get(kinds.join()) ?? { kinds, lines: new Set() };
      warning.lines.add(line.sourceLine);
      found.set(kinds.join(), warning);
    }
  }
  return [...found.values()].map(({ kinds, lines }) => ({
    provider: provider.name,
    kinds,
    sourceLines: [...lines],
  }));
}
