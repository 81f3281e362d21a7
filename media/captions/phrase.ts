/** Where a text is best broken: after punctuation, before conjunctions and prepositions, never after an article. */
import { displayWidth, LINE_LIMIT_WIDTH } from './caption-rules.ts';
import { joinWords, type Word } from './word.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const CONJUNCTIONS = words(
  'and but or nor so yet because that which who whom whose what when while if as than though although until unless since where whereas before after 그리고 하지만 그러나 그래서 그런데 또는',
);
const PREPOSITIONS = words(
  'in on at to from with without for of by about into onto over under between through during against across behind beyond along around near like toward towards within',
);
/** Words that belong to the word after them. */
const LEADERS = words(
  "a an the this that these those my your his her its our their no not every each some any i you he she it we they is are was were be been am do does did have has had will would can could may might must shall should don't doesn't didn't can't won't isn't aren't wasn't very too more most mr. mrs. ms. dr. st. 그 이 저 한 두 세 네 안 못 더 가장 매우 아주",
);
/** Endings of Korean clauses, and particles such as the one that marks the topic of a sentence. */
const CLAUSE_END = /(?:고|며|면|서|는데|지만|니까|다가|려고|도록)$/u;
const TOPIC_END = /(?:은|는|에서|에게|으로)$/u;

const PLAIN_BREAK = 6;
const NAME_BREAK = 9;
const BAD_BREAK = 11;
const CUT_WORD = 15;

/** The cost of a break between two words: nearly nothing between sentences, 15 within a word. */
export function breakCost(left: Word | undefined, right: Word | undefined): number {
  if (left === undefined || right === undefined) return 0;
  const end = left.text.replace(/["'”’)\]」』]+$/u, '');
  const marked = LEADERS.has(end.toLowerCase()) ? null : costAtMark(end);
  if (marked !== null) return marked;
  if (right.isJoined) return /\p{Script=Latin}|\p{N}/u.test(left.text) ? CUT_WORD : PLAIN_BREAK;
  if (/^[—–(-]/u.test(right.text)) return 1.5;
  // Two capitalised words: a name.
  if (/^\p{Lu}/u.test(end) && /^\p{Lu}/u.test(right.text)) return NAME_BREAK;
  return costBetween(end.toLowerCase(), right.text.toLowerCase().replace(/^["'“‘([]+/u, ''));
}

function costAtMark(end: string): number | null {
  if (/[.!?…。！？]$/u.test(end)) return 0.5;
  if (/[;:—–]$/u.test(end)) return 1;
  return /[,、，]$/u.test(end) ? 1.5 : null;
}

function costBetween(before: string, after: string): number {
  if (LEADERS.has(before) || CONJUNCTIONS.has(before) || PREPOSITIONS.has(before)) return BAD_BREAK;
  // A number and its unit.
  if (/\d$/.test(before) && /^[\p{L}%]/u.test(after)) return NAME_BREAK;
  if (CONJUNCTIONS.has(after) || CLAUSE_END.test(before)) return 2.5;
  if (PREPOSITIONS.has(after)) return 3.5;
  return TOPIC_END.test(before) ? 4 : PLAIN_BREAK;
}

/** The lines of one caption, with the cost of their break. */
export interface BrokenCaption {
  readonly lines: readonly string[];
  readonly cost: number;
}

/** Puts words on one line if they fit, otherwise on the two with the best and most even break; null if two cannot hold them. */
export function breakCaption(piece: readonly Word[]): BrokenCaption | null {
  const whole = joinWords(piece);
  const width = displayWidth(whole);
  if (width <= LINE_LIMIT_WIDTH) return { lines: [whole], cost: 0 };
  let best: BrokenCaption | null = null;
  for (let at = 1; at < piece.length; at += 1) {
    const lines = [joinWords(piece.slice(0, at)), joinWords(piece.slice(at))];
    const [upper = 0, lower = 0] = lines.map(displayWidth);
    if (upper > LINE_LIMIT_WIDTH || lower > LINE_LIMIT_WIDTH) continue;
    const cost = breakCost(piece[at - 1], piece[at]) + Math.abs(upper - lower) * 0.12;
    if (best === null || cost < best.cost) best = { lines, cost };
  }
  return best;
}
