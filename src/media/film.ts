/** A parsed script with its cast, cut into scenes of bounded length: what one clip each is made of. */
import { castSpeaker, foldName } from './cast.ts';
import type { Character } from './character.ts';
import type { BackdropKind } from './clip-plan.ts';
import type { Script } from './script.ts';
import type { Language } from './script-input.ts';
import { splitSentences } from './sentence.ts';
import type { SpeechProvider } from './speech.ts';
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
  const scenes = script.scenes.flatMap(({ heading, lines }, sceneIndex) => {
    const filmLines = lines.map(({ sourceLine, speaker, text }) => ({
      sourceLine,
      character: speaker === null || NARRATOR_NAMES.has(foldName(speaker)) ? null : indexOf(speaker),
      sentences: splitSentences(text),
    }));
    const backdrop = chooseBackdrop(heading, sceneIndex);
    const seed = sceneSeed(heading, sceneIndex);
    return cutScene(filmLines).map((part, index) => ({
      heading: index === 0 ? heading : '',
      backdrop,
      seed,
      lines: part,
    }));
  });
  return { title: title ?? script.title, language, characters, scenes };
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

const NAMED_LINES_LIMIT = 5;

/** What of a film its voices cannot speak, one warning per kind, with the script's lines. */
export function speechWarnings(film: Film, provider: SpeechProvider): string[] {
  const linesByKind = new Map<string, Set<number>>();
  for (const line of film.scenes.flatMap((scene) => scene.lines)) {
    for (const sentence of line.sentences) {
      const { omitted } = provider.prepare(sentence, film.language);
      if (omitted === undefined) continue;
      const lines = linesByKind.get(omitted) ?? new Set();
      linesByKind.set(omitted, lines.add(line.sourceLine));
    }
  }
  return [...linesByKind].map(
    ([omitted, lines]) => `${nameLines([...lines])}: ${omitted}; it is shown in the subtitles only`,
  );
}

function nameLines(lines: readonly number[]): string {
  if (lines.length === 1) return `line ${lines[0]}`;
  const rest = lines.length - NAMED_LINES_LIMIT;
  return `lines ${lines.slice(0, NAMED_LINES_LIMIT).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
