/** Markdown as people and chat models write it: its marks are removed, and its lines are then read as a plain script. */
import { linesOf, type SourceLine } from './plain.ts';
import type { ScriptBuilder } from './script-builder.ts';

const RULE = /^(?:[-*_][ \t]*){3,}$/;
/** Words of a chat model around the script. */
const PREAMBLE =
  /^(?:sure|certainly|of course|absolutely|great|here(?:'|’)?s|here is|here are|below is)\b.*(?:[:!.]|script|dialogue|version)$/i;
const CLOSING =
  /^(?:let me know|would you like|feel free|i hope|hope this|if you(?:'|’)d like|want me to)\b/i;
const SPEAKER_COLUMN = /^(?:speaker|character|who|name|role|화자|인물|등장인물)$/i;
const SPEECH_COLUMN = /^(?:line|lines|dialogue|dialog|text|speech|says|script|words|audio|대사|내용)$/i;

/** Removes the marks from every line, and keeps the line's number. Code is omitted with a warning. */
export function cleanMarkdown(source: string, builder: ScriptBuilder): SourceLine[] {
  const lines = linesOf(source);
  const fence = new Fences(lines, builder);
  const table = new Table();
  const cleaned = lines.map(({ text, sourceLine }, index): SourceLine => {
    if (fence.leavesOut(text, sourceLine)) return { text: '', sourceLine };
    const row = table.read(text);
    if (row !== undefined) return { text: row, sourceLine };
    const next = lines[index + 1]?.text ?? '';
    // An underlined heading; the underline itself is a rule and is removed.
    if (/^(?:=+|-{2,})$/.test(next) && /\p{L}/u.test(text) && !/[:：]/.test(text)) {
      return { text: `${next.startsWith('=') ? '#' : '##'} ${cleanInline(text)}`, sourceLine };
    }
    return { text: cleanLine(text), sourceLine };
  });
  return dropChatter(cleaned, builder);
}

function cleanLine(line: string): string {
  if (RULE.test(line) || /^=+$/.test(line)) return '';
  const heading = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
  if (heading) return `${heading[1]} ${cleanInline(heading[2] ?? '')}`;
  const body = line.replace(/^(?:>\s?)+/, '').replace(/^(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?/, '');
  // A line entirely in bold that is not a sentence is a heading: `**Scene 1: The kitchen**`.
  const bold = /^(?:\*\*|__)([^*_]{1,80})(?:\*\*|__)$/.exec(body)?.[1];
  if (bold !== undefined && !/[.!?…]$/.test(bold) && !/[:：]$/.test(bold)) {
    return /^(?:title|제목)\s*:/i.test(bold) ? bold : `## ${bold.replace(/^scene\s*:\s*/i, '')}`;
  }
  return cleanInline(body);
}

/** Reduces emphasis, code and links to their words, and removes pictures, comments and footnotes. */
function cleanInline(text: string): string {
  return text
    .replaceAll(/<!--.{0,400}?-->/g, '')
    .replaceAll(/!\[([^[\]]{0,200})\]\([^()\s]{0,400}\)/g, '')
    .replaceAll(/\[([^[\]]{1,300})\]\([^()\s]{0,400}(?:\s"[^"]{0,200}")?\)/g, '$1')
    .replaceAll(/\[\^[^\]]{1,40}\]/g, '')
    .replaceAll(/`{1,3}([^`]{1,400})`{1,3}/g, '$1')
    .replaceAll(/(?<!\\)(\*{1,3}|~~)(?=\S)([^*~]{1,600}?)(?<=\S)\1/g, '$2')
    .replaceAll(/(?<![\p{L}\p{N}\\])(_{1,3})(?=\S)([^_]{1,600}?)(?<=\S)\1(?![\p{L}\p{N}])/gu, '$2')
    .replaceAll(/\\([*_`#~[\]()>-])/g, '$1')
    .replaceAll(/<\/?(?:b|i|u|em|strong|br|span|sub|sup|mark|small)\s?\/?>/gi, ' ')
    .replace(/\s{2,}/g, ' ')
    .trim();
}

/** A fence around the whole script is only a wrapper; any other holds code. */
class Fences {
  readonly #builder: ScriptBuilder;
  readonly #wraps: boolean;
  #isInside = false;

  constructor(lines: readonly SourceLine[], builder: ScriptBuilder) {
    this.#builder = builder;
    const fences = lines.filter(({ text }) => text.startsWith('```'));
    const inside = lines.findIndex(({ text }) => text.startsWith('```'));
    const between = lines.slice(inside + 1).findIndex(({ text }) => text.startsWith('```'));
    const info = fences[0]?.text.slice(3).trim().toLowerCase() ?? '';
    this.#wraps =
      fences.length === 2 &&
      /^(?:|text|txt|markdown|md|plaintext|script|fountain)$/.test(info) &&
      between * 2 > lines.length;
  }

  leavesOut(text: string, sourceLine: number): boolean {
    if (text.startsWith('```')) {
      this.#isInside = !this.#isInside;
      if (this.#isInside && !this.#wraps) this.#builder.warn(sourceLine, 'code');
      return true;
    }
    return this.#isInside && !this.#wraps;
  }
}

/** Tables: one of speakers and lines is a dialogue; in any other, each row becomes a sentence made of its cells. */
class Table {
  #header: readonly string[] | undefined;

  /** Undefined for a line that is not a row. */
  read(line: string): string | undefined {
    if (!/^\|.*\|$/.test(line)) {
      this.#header = undefined;
      return undefined;
    }
    const cells = line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cleanInline(cell.trim()));
    if (cells.every((cell) => /^:?-{2,}:?$/.test(cell))) return '';
    if (this.#header === undefined) {
      this.#header = cells;
      return '';
    }
    return this.#row(this.#header, cells);
  }

  #row(header: readonly string[], cells: readonly string[]): string {
    const speaker = header.findIndex((cell) => SPEAKER_COLUMN.test(cell));
    const speech = header.findIndex((cell) => SPEECH_COLUMN.test(cell));
    if (speaker >= 0 && speech >= 0) return `${cells[speaker] ?? ''}: ${cells[speech] ?? ''}`;
    if (speech >= 0) return cells[speech] ?? '';
    const [first = '', ...others] = cells;
    const named = others.map((cell, index) =>
      cell === '' ? '' : `${header[index + 1] ?? ''} ${cell}`.trim(),
    );
    return `${[first, ...named].filter((part) => part !== '').join(', ')}.`;
  }
}

/** Omits, with a warning, what a chat model says to its user before and after the script. */
function dropChatter(lines: readonly SourceLine[], builder: ScriptBuilder): SourceLine[] {
  const written = lines.filter(({ text }) => text !== '');
  const first = written[0];
  const last = written.at(-1);
  if (written.length < 3) return [...lines];
  const dropped = new Set<number>();
  if (first && PREAMBLE.test(first.text)) dropped.add(first.sourceLine);
  if (last && CLOSING.test(last.text)) dropped.add(last.sourceLine);
  for (const sourceLine of dropped) builder.warn(sourceLine, 'chatter');
  return lines.map((line) => (dropped.has(line.sourceLine) ? { ...line, text: '' } : line));
}
