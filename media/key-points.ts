/** Finds what a narrator's words are about, to be drawn as it is said: numbers with what they count, and key words. Pure. */
import type { Language } from 'playhead';
import type { SpokenWord } from './captions/spoken-word.ts';
import { joinWords } from './captions/word.ts';
import { type Board, FRAMES_PER_SECOND, type KeyPoint } from './clip-plan.ts';
import { capitalize } from './writing/conversation.ts';
import { choosePhrase, findPhrases } from './writing/key-phrase.ts';
import { nounOf, wordsOf } from './writing/words.ts';

const POINTS_LIMIT = 3;
/** A board is removed when nothing new has appeared for this long. */
const STAY_FRAMES = 9 * FRAMES_PER_SECOND;

/** A line with the frame at which it begins; the times of its words count from there. */
interface TimedLine {
  readonly from: number;
  readonly words: readonly SpokenWord[];
}

/** Plans the boards of a scene. @param end the frame at which the scene ends */
export function planBoards(lines: readonly TimedLine[], language: Language, end: number): Board[] {
  const sentences = lines.flatMap((line) => sentencesOf(line));
  const weights = countStems(sentences, language);
  const used = new Set<string>();
  const points = sentences.flatMap((sentence) => findPoint(sentence, language, weights, used) ?? []);
  const boards: { to: number; points: KeyPoint[] }[] = [];
  for (const point of points) {
    const board = boards.at(-1);
    const isFull = board?.points.length === POINTS_LIMIT || point.from >= (board?.to ?? 0);
    if (board !== undefined && !isFull) {
      board.points.push(point);
      board.to = Math.min(end, point.from + STAY_FRAMES);
      continue;
    }
    if (board !== undefined) board.to = Math.min(board.to, point.from);
    boards.push({ points: [point], to: Math.min(end, point.from + STAY_FRAMES) });
  }
  return boards;
}

interface Sentence {
  readonly text: string;
  readonly words: readonly SpokenWord[];
  /** The frame at which the line begins, from which the words' times count. */
  readonly from: number;
}

function sentencesOf({ words, from }: TimedLine): Sentence[] {
  const count = (words.at(-1)?.sentence ?? -1) + 1;
  return Array.from({ length: count }, (_, index) => {
    const own = words.filter(({ sentence }) => sentence === index);
    return { text: joinWords(own), words: own, from };
  });
}

function countStems(sentences: readonly Sentence[], language: Language): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { text } of sentences) {
    for (const { stem, isContent } of wordsOf(text, language)) {
      if (isContent) counts.set(stem, (counts.get(stem) ?? 0) + 1);
    }
  }
  return counts;
}

/** At most one key point per sentence; nothing is drawn twice. */
function findPoint(
  sentence: Sentence,
  language: Language,
  weights: ReadonlyMap<string, number>,
  used: Set<string>,
): KeyPoint | undefined {
  const figure = sentence.words.flatMap((_, at) => readFigure(sentence, at, language) ?? [])[0];
  if (figure !== undefined) {
    const isNew = !used.has(figure.text + figure.caption);
    used.add(figure.text + figure.caption);
    return isNew ? figure : undefined;
  }
  const phrase = choosePhrase(findPhrases(sentence.text, language), weights, used);
  const [first = ''] = phrase?.text.replace(/^the /u, '').split(' ') ?? [];
  const word = sentence.words.find(
    ({ text }) => first !== '' && text.toLowerCase().includes(first.toLowerCase()),
  );
  if (phrase === undefined || word === undefined || !isOften(phrase.key, weights)) return undefined;
  used.add(phrase.key);
  const text = phrase.text.replace(/^the /u, '');
  return { from: frameOf(word, sentence), text: capitalize(text), caption: '', isFigure: false };
}

/** In a text with no more than this many word stems, each may be a key word. */
const FEW_STEMS = 16;

/** In a longer text, something named only once was mentioned in passing. */
function isOften(key: string, weights: ReadonlyMap<string, number>): boolean {
  return weights.size <= FEW_STEMS || key.split(' ').some((stem) => (weights.get(stem) ?? 0) > 1);
}

function frameOf(word: SpokenWord, { from }: Sentence): number {
  return from + Math.floor(word.startSeconds * FRAMES_PER_SECOND);
}

const FIGURE =
  /^[("“‘]?(?<number>[$€£¥₩₹]?\d(?:[\d,.:]*\d)?(?:%|‰|°[CF]?|[kKMB](?!\p{L}))?)(?<unit>\p{Script=Hangul}{1,4}|[A-Za-z²³/]{1,5})?(?<end>[.,;:!?)”’"]*)$/u;
const MAGNITUDE = /^(?:hundred|thousand|million|billion|trillion|percent|per)\b/i;
const UNIT = /^(?:[km]?g|[kcm]?m|[cm]?l|mph|km\/h|lbs?|ft|°[CF]|[kM]?W|kWh|[GMTk]B)[.,;:!?]*$/;
const CAPTION_WORDS = 5;

/** A number with the words after it that say what it counts. */
function readFigure(sentence: Sentence, at: number, language: Language): KeyPoint | undefined {
  const word = sentence.words[at];
  const { number, unit, end = '' } = FIGURE.exec(word?.text ?? '')?.groups ?? {};
  if (word === undefined || number === undefined) return undefined;
  const following = sentence.words.slice(at + 1);
  const magnitude = end === '' ? readMagnitude(following) : undefined;
  const text = joinUnit(number, unit) + (magnitude?.text ?? '');
  const isClosed = end !== '' || magnitude?.isClosed === true;
  const share = /^\d+(?:\.\d+)?%$/u.test(text) ? Number.parseFloat(text) / 100 : undefined;
  return {
    from: frameOf(word, sentence),
    text,
    caption: isClosed ? '' : captionFrom(following.slice(magnitude?.words ?? 0), language),
    isFigure: true,
    ...(share !== undefined && share <= 1 && { share }),
  };
}

/** `3km` becomes `3 km`; `12개의` loses its particle. */
function joinUnit(number: string, unit: string | undefined): string {
  // Anything after a percent sign is a particle.
  if (unit === undefined || number.endsWith('%')) return number;
  return /\p{Script=Hangul}/u.test(unit) ? number + nounOf(unit) : `${number} ${unit}`;
}

/** `million` or `kg` after a number, and `per cent`; undefined if something else follows. */
function readMagnitude(words: readonly SpokenWord[]) {
  const [first, second] = words.map(({ text }) => text);
  if (first === undefined || !(MAGNITUDE.test(first) || UNIT.test(first))) return undefined;
  const isTwoWords = /^per$/i.test(first);
  if (isTwoWords && !/^cent\b/i.test(second ?? '')) return undefined;
  const last = (isTwoWords ? second : first) ?? '';
  return {
    text: /^per/i.test(first) ? '%' : ` ${first.replace(/[.,;:!?]+$/u, '')}`,
    words: isTwoWords ? 2 : 1,
    isClosed: /[.,;:!?]$/u.test(last),
  };
}

/** What is named directly after a number: `bees`, `of our food crops`. */
function captionFrom(words: readonly SpokenWord[], language: Language): string {
  const end = words.findIndex(({ text }) => /[.,;:!?]$/u.test(text)) + 1;
  const text = joinWords(words.slice(0, Math.min(end === 0 ? words.length : end, CAPTION_WORDS)));
  const named = text.replace(/^(?:of )?(?:the |our |their |its |your |my |his |her |all )?/iu, '');
  const [phrase = ''] = findPhrases(language === 'en' ? `The ${named}` : named, language).map(
    ({ text: found }) => found.replace(/^the /u, ''),
  );
  return named.toLowerCase().startsWith(phrase.toLowerCase()) ? phrase : '';
}
