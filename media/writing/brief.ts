/** Reads a brief, plain or Markdown, into headings and statements. Linear in its length. */
import type { Language } from 'playhead';
import { splitLong } from '../sentence.ts';
import { wordsOf } from './words.ts';

/** A sentence that states something, without markup; nothing is added but a full stop. */
export interface Statement {
  readonly text: string;
  /** The heading above it; empty before the first one. */
  readonly heading: string;
  /** Whether it is the first of its paragraph. */
  readonly opens: boolean;
}

export interface Brief {
  /** The brief's own title; empty if it has none. */
  readonly title: string;
  readonly statements: readonly Statement[];
}

interface Paragraph {
  readonly kind: 'heading' | 'item' | 'text';
  readonly level: number;
  readonly text: string;
}

const STATEMENT_LIMIT_CHARS = 400;
const HEADING_LIMIT_CHARS = 80;
const SENTENCE_END = /[.!?…。！？]["'”’»)\]]*$/u;
/** Stands for a web address; a private-use character that does not occur in text. */
const ADDRESS = '\ue000';
const KOREAN_END = /(?:다|요|죠|음|함|됨)$/u;

/** Reads a brief. */
export function readBrief(text: string, language: Language): Brief {
  const paragraphs = promoteHeadings(splitParagraphs(text), language);
  const isTopic = paragraphs.length === 1 && !endsSentence(paragraphs[0]?.text ?? '', language);
  const reader = new BriefReader(language);
  for (const paragraph of paragraphs) {
    if (paragraph.kind === 'heading') reader.addHeading(paragraph);
    else if (!isTopic) reader.addText(paragraph.text);
  }
  return { title: reader.title, statements: reader.statements };
}

class BriefReader {
  title = '';
  readonly statements: Statement[] = [];
  readonly #language: Language;
  readonly #seen = new Set<string>();
  #heading = '';

  constructor(language: Language) {
    this.#language = language;
  }

  addHeading({ text, level }: Paragraph): void {
    const isFirst = this.title === '' && this.#heading === '' && this.statements.length === 0;
    if (isFirst && level <= 1) this.title = text;
    else this.#heading = text;
  }

  addText(paragraph: string): void {
    const sentences = splitSentences(paragraph, this.#language);
    const found = sentences.flatMap((sentence) => toStatements(sentence, this.#language));
    for (const [index, text] of found.entries()) {
      const key = text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
        .trim();
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      this.statements.push({ text, heading: this.#heading, opens: index === 0 });
    }
  }
}

/** Paragraphs end at blank lines, headings and list items; code and rules are omitted. */
function splitParagraphs(text: string): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  let open: { kind: 'item' | 'text'; parts: string[] } | undefined;
  let inCode = false;
  const close = (): void => {
    if (open) push(paragraphs, open.kind, 0, open.parts.join(' '));
    open = undefined;
  };
  for (const raw of rowsAsItems(text.split('\n'))) {
    const line = raw.trim();
    if (line.startsWith('```')) inCode = !inCode;
    if (inCode || line.startsWith('```') || line === '' || /^[-=_*|\s:]+$/.test(line)) {
      close();
      continue;
    }
    const hashes = /^#{1,6}(?=\s)/.exec(line)?.[0].length ?? 0;
    const bullet = /^(?:[-*•+]|\d{1,3}[.)])\s+/.exec(line)?.[0];
    if (hashes > 0) {
      close();
      push(paragraphs, 'heading', hashes, line.slice(hashes));
    } else if (bullet !== undefined) {
      close();
      open = { kind: 'item', parts: [line.slice(bullet.length)] };
    } else {
      const said = withoutSpeaker(line.replace(/^>\s*/, ''));
      if (said !== line) close();
      open ??= { kind: 'text', parts: [] };
      open.parts.push(said);
    }
  }
  close();
  return paragraphs;
}

/** Turns each row of a table into a list item; the first row names the columns. */
function rowsAsItems(lines: readonly string[]): string[] {
  let header: readonly string[] | undefined;
  return lines.map((line) => {
    const row = line.trim();
    if (!/^\|.*\|$/.test(row)) {
      header = undefined;
      return line;
    }
    const cells = row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    const columns = header;
    header ??= cells;
    return columns === undefined || cells.every((cell) => /^:?-+:?$/.test(cell))
      ? ''
      : `- ${rowSentence(columns, cells)}`;
  });
}

function push(paragraphs: Paragraph[], kind: Paragraph['kind'], level: number, raw: string): void {
  const clean = cleanMarkup(raw);
  const text = kind === 'heading' ? clean.replaceAll(ADDRESS, '').trim() : clean;
  if (/[\p{L}\p{N}]/u.test(text)) paragraphs.push({ kind, level, text });
}

/** A short paragraph that is not a full sentence and has text below it is a heading without its mark. */
function promoteHeadings(paragraphs: readonly Paragraph[], language: Language): Paragraph[] {
  return paragraphs.map((paragraph, index) => {
    const { kind, text } = paragraph;
    const below = paragraphs[index + 1];
    const isHeading =
      kind === 'text' &&
      text.length <= HEADING_LIMIT_CHARS &&
      !text.includes(ADDRESS) &&
      below !== undefined &&
      below.kind !== 'heading' &&
      !endsSentence(text, language);
    return isHeading
      ? { kind: 'heading', level: index === 0 ? 1 : 2, text: text.replace(/[:：]$/u, '') }
      : paragraph;
  });
}

/** Turns a table row into a sentence made of its cells: `Cat: speed 48 km/h, weight 4 kg.` */
function rowSentence(header: readonly string[], cells: readonly string[]): string {
  const [name = '', ...values] = cells;
  const named = values.map((value, index) => `${header[index + 1]?.toLowerCase() ?? ''} ${value}`.trim());
  return `${name}: ${named.join(', ')}.`;
}

/** Removes `Interviewer: …`, `Dr. Park: …`: the speaker is not part of what was said. */
function withoutSpeaker(text: string): string {
  return text.replace(
    /^(?:Q|A|Question|Answer|Interviewer|Host|Guest|Reporter|Moderator|질문|답변|(?:(?:Dr|Mr|Mrs|Ms|Prof)\. )?\p{Lu}[\p{L}'’.-]{1,20}(?: \p{Lu}[\p{L}'’.-]{1,20}){0,2})\s?:\s+(?=\p{Lu}|\p{Script=Hangul})/u,
    '',
  );
}

/** Removes Markdown marks, link addresses and citations; brackets become commas, since in a script they hold directions. */
function cleanMarkup(text: string): string {
  return text
    .replaceAll(/!?\[([^[\]]*)\]\([^()\s]*\)/g, '$1')
    .replaceAll(/https?:\/\/\S+/g, ADDRESS)
    .replaceAll(/\s*\[\d{1,3}\]/g, '')
    .replaceAll(/[*`~]+|(?<![\p{L}\p{N}])_+|_+(?![\p{L}\p{N}])/gu, '')
    .replaceAll(/\s*[([]\s*/g, ', ')
    .replaceAll(/\s*[)\]]+/g, ',')
    .replaceAll(/(?:,\s*)+(?=[,.;:!?])/g, '')
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/ (?=[,.;:!?])/g, '')
    .replaceAll(/^[\s,]+|[\s,]+$/g, '');
}

const SENTENCES = {
  en: new Intl.Segmenter('en', { granularity: 'sentence' }),
  ko: new Intl.Segmenter('ko', { granularity: 'sentence' }),
};
/** Full stops that do not end a sentence, although a capital follows. */
const ABBREVIATION =
  /(?:^|[\s(.])(?:\p{Lu}|Dr|Mr|Mrs|Ms|St|Mt|Prof|Gen|Col|Rev|Jr|Sr|vs|No|Fig|Inc|Ltd|Co|approx|ca|cf|e\.g|i\.e)\.\s*$/u;

function splitSentences(text: string, language: Language): string[] {
  const sentences: string[] = [];
  let open = '';
  for (const { segment } of SENTENCES[language].segment(text)) {
    open += segment;
    if (ABBREVIATION.test(open)) continue;
    sentences.push(open.trim());
    open = '';
  }
  if (open.trim() !== '') sentences.push(open.trim());
  return sentences;
}

/**
 * What a sentence states: nothing if it is a question, an instruction to the writer, too short to state anything, or
 * contains a web address, which cannot be spoken.
 */
function toStatements(sentence: string, language: Language): string[] {
  if (/[?？]["'”’]*$/u.test(sentence) || isOrder(sentence) || sentence.includes(ADDRESS)) return [];
  const ended = endsSentence(sentence, language);
  const least = (ended ? 3 : 4) - (language === 'ko' ? 1 : 0);
  if (wordsOf(sentence, language).length < least) return [];
  const whole = SENTENCE_END.test(sentence) ? sentence : `${sentence.replace(/[,;:]+$/, '')}.`;
  return splitLong(whole, STATEMENT_LIMIT_CHARS);
}

function endsSentence(text: string, language: Language): boolean {
  return SENTENCE_END.test(text) || (language === 'ko' && KOREAN_END.test(text));
}

/** Whether a sentence instructs the writer rather than describing the subject. */
function isOrder(sentence: string): boolean {
  return ORDERS.some((order) => order.test(sentence));
}
const ORDERS = [
  /^(?:please\s+)?(?:write|make|create|generate|produce|draft|prepare)\b.{0,60}\b(?:script|video|film|movie|dialogue|scenes?|story|episode|short|podcast)\b/i,
  /^(?:please\s+)?(?:explain|describe|tell (?:me|us)|teach|show (?:me|us)|talk about|discuss|introduce|cover)\b/i,
  /^an?\s+(?:\p{L}+\s+){0,3}(?:script|video|film|movie|dialogue|story|episode|short|podcast|introduction)\s+(?:about|on|for|that|to)\b/iu,
  /^i (?:want|need|would like|'d like)\b/i,
  /^(?:please\s+)?(?:make|keep|let)\s+(?:it|this|them|sure|the (?:script|video|film|tone|story|dialogue|ending|characters?|jokes?|language))\b/i,
  /^(?:please\s+)?(?:use|include|add|mention|avoid|do not|don't|begin with|start with|end with|finish with|focus on|limit|write|remember to|no more than|aim for)\b/i,
  /^(?:it|the (?:script|video|film|dialogue|scene|tone|length|audience|style))\s+(?:should|must|needs? to|has to|is to)\b/i,
  /^(?:tone|length|style|audience|format|genre|duration|language|target audience|characters?)\s*:/i,
  /^(?:for|aimed at) (?:kids|children|beginners|adults|students|a (?:young|general) audience)\b/i,
  /(?:해|하게|넣어|써|말해|만들어)\s?(?:줘|주세요|주십시오)[.!]?$/u,
  /(?:써|만들어|작성해|설명해|소개해|알려|그려)\s?(?:줘|주세요|주십시오|줄래|달라)/u,
  /(?:에 대한|에 관한)\s?(?:짧은\s)?(?:영상|대본|동영상|비디오|이야기|드라마)(?:을|를)?[.!]?$/u,
];
