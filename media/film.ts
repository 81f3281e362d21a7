/** A parsed script with its cast, cut into scenes of bounded length, each of which becomes one clip. */

import type { Language } from 'playhead';
import { NARRATOR } from './builtin-cast.ts';
import { castSpeaker } from './cast.ts';
import { inventCharacter } from './casting/invented-character.ts';
import { readPerson } from './casting/person.ts';
import { collectHints } from './casting/script-hints.ts';
import { type Character, characterSchema } from './character.ts';
import type { BackdropKind } from './clip-plan.ts';
import { foldName } from './name.ts';
import { choosePlace, type SceneWords } from './place.ts';
import type { Script, ScriptDirection } from './script.ts';
import { splitSentences } from './sentence.ts';
import type { SpeechProvider, TextKind } from './speech.ts';
import { sceneSeed } from './storyboard.ts';
import { wordsToSpeak } from './words-to-speak.ts';

export interface FilmLine {
  /** 1-based line of the script. */
  readonly sourceLine: number;
  /** Index into the film's characters; null for the narrator. */
  readonly character: number | null;
  /** Never empty. */
  readonly sentences: readonly string[];
  /** When a subtitle file wants it to be said, in seconds from the film's start. */
  readonly wishSeconds?: number;
}

export interface FilmScene {
  /** Empty for a scene without a heading, and for the later parts of one that was cut. */
  readonly heading: string;
  /** The scene's heading, also in its later parts. */
  readonly place: string;
  /** Stage directions, in order. */
  readonly directions: readonly string[];
  readonly backdrop: BackdropKind;
  readonly seed: number;
  readonly lines: readonly FilmLine[];
  /** The indices of everybody who speaks in the scene, including its other parts; these determine where each stands. */
  readonly speakers: readonly number[];
  /** The 0-based part of a scene that was cut; `goesOn`: another part follows. */
  readonly part: number;
  readonly goesOn: boolean;
}

export interface Film {
  /** Empty: no title card. */
  readonly title: string;
  readonly language: Language;
  readonly characters: readonly Character[];
  readonly narrator: Character;
  /** Each becomes one clip. */
  readonly scenes: readonly FilmScene[];
}

/** Speaker names that mean the narrator. */
const NARRATOR_NAMES: ReadonlySet<string> = new Set(
  [
    'narrator',
    'narration',
    'voiceover',
    'voice-over',
    'voice over',
    'vo',
    'v.o.',
    '내레이션',
    '내레이터',
    '해설',
  ].map(foldName),
);

/** The words of scenes, for choosing their place. */
function wordsOf(scenes: Script['scenes']): SceneWords {
  return {
    heading: scenes.map(({ heading }) => heading).join('\n'),
    directions: scenes.flatMap(({ directions }) => directions.map(({ text }) => text)),
    lines: scenes.flatMap(({ lines }) => lines.map(({ text }) => text)),
  };
}

/** The default narrator, or the one described at the head of the script. */
function castNarrator(script: Script, language: Language): Character {
  const name = NARRATOR.names[language];
  const described = script.cast.find((note) => NARRATOR_NAMES.has(foldName(note.name)));
  if (described !== undefined) return inventCharacter(name, readPerson(described.description));
  return characterSchema.parse({ name, voice: NARRATOR.voice, look: NARRATOR.look });
}

/** The most that one clip holds, which bounds the time and memory for its frames and audio (about a minute). */
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
  const hints = collectHints(script);
  const indexOf = (speaker: string): number => {
    const key = foldName(speaker);
    const known = indices.get(key);
    if (known !== undefined) return known;
    indices.set(key, characters.length);
    return characters.push(castSpeaker(speaker, cast, hints.get(key))) - 1;
  };
  const whole = { ...wordsOf(script.scenes), heading: script.title };
  const scenes = script.scenes.flatMap(({ heading, lines, directions }, sceneIndex) => {
    const filmLines = lines.map(({ sourceLine, speaker, text, wishSeconds }) => ({
      sourceLine,
      ...(wishSeconds !== undefined && { wishSeconds }),
      character: speaker === null || NARRATOR_NAMES.has(foldName(speaker)) ? null : indexOf(speaker),
      sentences: splitSentences(text),
    }));
    const backdrop = choosePlace(wordsOf([{ heading, lines, directions }]), sceneIndex, whole);
    const seed = sceneSeed(heading, sceneIndex);
    const speakers = [...new Set(filmLines.flatMap(({ character }) => character ?? []))];
    const parts = cutScene(filmLines);
    return parts.map((part, index) => ({
      heading: index === 0 ? heading : '',
      place: heading,
      directions: directionsOf(directions, parts[index - 1], parts[index + 1] && part),
      backdrop,
      seed,
      lines: part,
      speakers,
      part: index,
      goesOn: index < parts.length - 1,
    }));
  });
  return {
    title: title ?? script.title,
    language,
    characters,
    narrator: castNarrator(script, language),
    scenes,
  };
}

/** The directions after the previous part, up to this part's last line; those after the last line belong to the last part. */
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

/** A line longer than a clip continues in the next one. */
function cutLine(line: FilmLine): FilmLine[] {
  // Only its first piece keeps the wished time.
  const { wishSeconds: _, ...rest } = line;
  const pieces: FilmLine[] = [];
  let sentences: string[] = [];
  let chars = 0;
  for (const sentence of line.sentences) {
    if (sentences.length > 0 && chars + sentence.length > CLIP_LIMIT_CHARS) {
      pieces.push({ ...(pieces.length === 0 ? line : rest), sentences });
      sentences = [];
      chars = 0;
    }
    sentences.push(sentence);
    chars += sentence.length;
  }
  pieces.push({ ...(pieces.length === 0 ? line : rest), sentences });
  return pieces;
}

function lineLength(line: FilmLine): number {
  return line.sentences.reduce((sum, sentence) => sum + sentence.length, 0);
}

/** Characters of text in a scene, as a measure of how long it takes. */
export function sceneLength(scene: FilmScene): number {
  return scene.lines.reduce((sum, line) => sum + lineLength(line), 0);
}

/** A part of a film that its voices cannot speak; it is only shown in the subtitles. */
export interface SpeechWarning {
  /** The voice's provider. */
  readonly provider: string;
  /** What cannot be spoken; empty: the whole text, for a reason of the voice's own. */
  readonly kinds: readonly TextKind[];
  /** 1-based lines of the script, in order. */
  readonly sourceLines: readonly number[];
}

/** Finds what the voices of a film cannot speak: one warning for each set of kinds. */
export function findSpeechWarnings(film: Film, provider: SpeechProvider): SpeechWarning[] {
  const found = new Map<string, { kinds: readonly TextKind[]; lines: Set<number> }>();
  for (const line of film.scenes.flatMap((scene) => scene.lines)) {
    for (const sentence of line.sentences) {
      const { omittedKinds: kinds = [] } = wordsToSpeak(sentence, film.language, provider);
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
