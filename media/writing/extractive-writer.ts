/**
 * The writer that needs no model: it chooses the brief's key sentences and distributes them to two speakers. It invents
 * nothing: a line is a sentence of the brief, or a question that states nothing.
 */
import { PlayheadError, startOf } from 'playhead';
import { type BriefInput, SCENE_LIMIT } from '../workflows/writer/input.ts';
import { type Brief, readBrief, type Statement } from './brief.ts';
import { capitalize, dealScene, type Talk } from './conversation.ts';
import { choosePhrase, findPhrases, type KeyPhrase } from './key-phrase.ts';
import type { Analysis, Dialogue, Outline, ScriptWriter } from './script-parts.ts';
import { rankSentences } from './text-rank.ts';
import { wordsOf } from './words.ts';

/** Up to this many statements are all kept; beyond that, only a share. */
const KEEP_ALL = 12;
const KEEP_SHARE = 0.3;
const KEEP_LIMIT = 40;
const STATEMENTS_PER_SCENE = 4;
const DEFAULT_SCENE_LIMIT = 8;
/** A sentence that refers back (`It also …`) says less on its own. */
const POINTS_BACK =
  /^(?:it|he|she|they|this|that|these|those|such|however|moreover|furthermore|also|but|and|so|then|thus|therefore|instead|otherwise|그는|그녀는|그들은|이는|이것은|그것은|그러나|하지만|그리고|또한|따라서|그래서)(?![\p{L}\p{N}])/iu;
const POINTS_BACK_FACTOR = 0.7;

/** Makes the extractive writer; its steps are quick and give the same result every time. */
export function createExtractiveWriter(): ScriptWriter {
  return {
    kind: 'extractive',
    model: null,
    analyze: async (input) => analyze(input),
    outline: async (input, analysis) => outline(input, analysis),
    draft: async (_input, { scenes }) => ({
      drafts: scenes.map(({ points }) => points.join('\n')),
      costUsd: 0,
    }),
    speak: async (input, plan, { drafts }) => {
      const talk: Talk = {
        language: input.language,
        weights: weigh(drafts, input),
        used: new Set(),
        turn: 0,
      };
      const scenes = plan.scenes.map(({ heading }, index) => ({
        heading,
        lines: dealScene((drafts[index] ?? '').split('\n').filter(Boolean), talk),
      }));
      return { scenes, costUsd: 0 };
    },
    review: async (input, _analysis, dialogue) => checkHonest(input, dialogue),
  };
}

function analyze(input: BriefInput): Analysis {
  const brief = readBrief(input.brief, input.language);
  if (brief.statements.length === 0) throw tooLittle(input);
  const points = chooseStatements(brief.statements, input).map(({ text }) => text);
  return { title: input.title ?? titleOf(brief, points, input), points, costUsd: 0 };
}

function tooLittle({ language }: BriefInput): PlayheadError {
  const message = {
    en: 'brief: expected at least one full sentence or note to build on, received a topic. Without a language model the writer only arranges what the brief says and invents nothing: paste notes or an article, or set PLAYHEAD_CHAT_URL',
    ko: 'brief: 바탕이 될 온전한 문장이나 메모가 하나 이상 필요한데 주제만 받았습니다. 언어 모델이 없으면 작가는 브리프에 있는 내용만 구성하고 지어내지 않습니다. 메모나 기사를 붙여 넣거나 PLAYHEAD_CHAT_URL을 설정하세요',
  } as const;
  return new PlayheadError('INVALID_INPUT', message[language], { details: { field: 'brief' } });
}

/** The most central statements, in the brief's order. */
function chooseStatements(statements: readonly Statement[], input: BriefInput): Statement[] {
  const wanted = Math.max(
    KEEP_ALL + Math.round((statements.length - KEEP_ALL) * KEEP_SHARE),
    (input.scenes ?? 0) * STATEMENTS_PER_SCENE,
  );
  const count = Math.min(statements.length, KEEP_LIMIT, wanted);
  if (count === statements.length || statements.length <= KEEP_ALL) return [...statements];
  const stems = statements.map(({ text }) => contentStems(text, input));
  const scores = rankSentences(stems).map(
    (score, index) => score * (POINTS_BACK.test(statements[index]?.text ?? '') ? POINTS_BACK_FACTOR : 1),
  );
  const order = [...statements.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b);
  const kept = new Set(order.slice(0, count));
  return statements.filter((_, index) => kept.has(index));
}

function contentStems(text: string, { language }: BriefInput): string[] {
  return wordsOf(text, language).flatMap(({ stem, isContent }) => (isContent ? [stem] : []));
}

/** Counts how often each stem occurs in the texts. */
function weigh(texts: readonly string[], input: BriefInput): Map<string, number> {
  const weights = new Map<string, number>();
  for (const stem of texts.flatMap((text) => contentStems(text, input)))
    weights.set(stem, (weights.get(stem) ?? 0) + 1);
  return weights;
}

function titleOf(brief: Brief, points: readonly string[], input: BriefInput): string {
  if (brief.title !== '') return startOf(brief.title, 200);
  // An article's first sentence usually begins with its subject.
  const [phrase] = findPhrases(points[0] ?? '', input.language);
  return headingOf(phrase) ?? (input.language === 'ko' ? '대본' : 'Script');
}

function headingOf(phrase: KeyPhrase | undefined): string | undefined {
  const text = phrase?.text.replace(/^the /, '');
  return text === undefined ? undefined : capitalize(text);
}

function outline(input: BriefInput, { title, points }: Analysis): Outline {
  const wanted =
    input.scenes ?? Math.min(DEFAULT_SCENE_LIMIT, Math.ceil(points.length / STATEMENTS_PER_SCENE));
  const count = Math.min(wanted, points.length, SCENE_LIMIT);
  const sources = new Map(
    readBrief(input.brief, input.language).statements.map((statement) => [statement.text, statement]),
  );
  const opens = points.map((text) => sources.get(text)?.opens ?? false);
  const weights = weigh(points, input);
  const used = new Set<string>([title.toLowerCase()]);
  const scenes = cutScenes(opens, count).map(([from, to], index) => {
    const own = points.slice(from, to);
    const heading = nameScene(own, sources, { input, weights, used }) ?? numbered(index, input);
    used.add(heading.toLowerCase());
    return { heading, points: own };
  });
  return { scenes, costUsd: 0 };
}

interface Naming {
  readonly input: BriefInput;
  readonly weights: ReadonlyMap<string, number>;
  /** Names already given, in lower case. */
  readonly used: ReadonlySet<string>;
}

/** The brief's own heading if it has not been used, otherwise the scene's main topic. */
function nameScene(
  points: readonly string[],
  sources: ReadonlyMap<string, Statement>,
  { input, weights, used }: Naming,
): string | undefined {
  const own = sources.get(points[0] ?? '')?.heading ?? '';
  if (own !== '' && !used.has(own.toLowerCase())) return own;
  const phrases = points
    .flatMap((text) => findPhrases(text, input.language))
    .filter((phrase) => !used.has((headingOf(phrase) ?? '').toLowerCase()));
  return headingOf(choosePhrase(phrases, weights, new Set()));
}

function numbered(index: number, { language }: BriefInput): string {
  return language === 'ko' ? `${index + 1}부` : `Part ${index + 1}`;
}

/**
 * Cuts the points into `count` scenes of nearly equal size; a cut moves by one to the beginning of a paragraph.
 * @returns start (inclusive) and end (exclusive) of each scene
 */
function cutScenes(opens: readonly boolean[], count: number): [number, number][] {
  const cuts = [0];
  for (let index = 1; index < count; index += 1) {
    const ideal = Math.round((index * opens.length) / count);
    const lowest = (cuts.at(-1) ?? 0) + 1;
    const highest = opens.length - (count - index);
    const near = [ideal, ideal - 1, ideal + 1].filter((cut) => cut >= lowest && cut <= highest);
    cuts.push(near.find((cut) => opens[cut]) ?? near[0] ?? lowest);
  }
  return cuts.map((from, index) => [from, cuts[index + 1] ?? opens.length]);
}

/** Checks that this writer keeps its promise; a failure here is our bug. */
function checkHonest(input: BriefInput, dialogue: Dialogue): Dialogue {
  const said = new Set(readBrief(input.brief, input.language).statements.map(({ text }) => capitalize(text)));
  for (const { text } of dialogue.scenes.flatMap(({ lines }) => lines)) {
    if (!text.endsWith('?') && !said.has(text)) {
      throw new PlayheadError(
        'INTERNAL',
        `expected a sentence of the brief, received ${JSON.stringify(text)}`,
      );
    }
  }
  return dialogue;
}
