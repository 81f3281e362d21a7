/** Fountain, the plain-text format of screenplays, per https://fountain.io/syntax: dialogue is spoken, action is not. */
import { readCastLine } from './cast-list.ts';
import { calmCapitals } from './cue.ts';
import { splitDirections } from './directions.ts';
import type { SourceLine } from './plain.ts';
import type { ScriptBuilder } from './script-builder.ts';

const SCENE = /^(?:INT|EXT|EST|INT\.?\/EXT|I\/E|EXT\.?\/INT)[. ]/i;
const TITLE_KEY =
  /^(title|credit|authors?|source|notes|draft date|date|contact|copyright|revision|language|format|cast|characters)\s*:\s*(.*)$/i;

/** Reads a screenplay. Never fails: whatever is nothing else counts as action. */
export function readFountain(source: string, builder: ScriptBuilder): void {
  const lines = removeHidden(
    source.replaceAll('\r\n', '\n').replaceAll('\r', '\n').replaceAll('\t', '    '),
    builder,
  )
    .split('\n')
    .map((text, index): SourceLine => ({ text, sourceLine: index + 1 }));
  const body = readTitlePage(lines, builder);
  new FountainReader(lines.slice(body), builder).read();
}

/** Removes the boneyard (comments) and notes, but keeps their line ends. */
function removeHidden(source: string, builder: ScriptBuilder): string {
  const text = cut(source, '/*', '*/', builder);
  return cut(text, '[[', ']]', builder);
}

function cut(source: string, opens: string, closes: string, builder: ScriptBuilder): string {
  const kept: string[] = [];
  let at = 0;
  for (;;) {
    const start = source.indexOf(opens, at);
    if (start < 0) break;
    const end = source.indexOf(closes, start + opens.length);
    if (end < 0) {
      builder.warn(source.slice(0, start).split('\n').length, 'unclosed');
      break;
    }
    kept.push(source.slice(at, start), source.slice(start, end).replaceAll(/[^\n]+/g, ''));
    at = end + closes.length;
  }
  return kept.join('') + source.slice(at);
}

/** Reads `Title:` and similar fields. @returns where the body begins */
function readTitlePage(lines: readonly SourceLine[], builder: ScriptBuilder): number {
  if (!TITLE_KEY.test(lines[0]?.text ?? '')) return 0;
  const end = lines.findIndex(({ text }) => text.trim() === '');
  const page = lines.slice(0, end < 0 ? lines.length : end);
  let key = '';
  const entries = page.map(({ text }) => {
    const [, named, value = ''] = /^\s/.test(text) ? [] : (TITLE_KEY.exec(text) ?? []);
    if (named !== undefined) key = named.toLowerCase();
    return { key, value: plainWords(named === undefined ? text : value) };
  });
  const valuesOf = (...keys: string[]): string[] =>
    entries.filter((entry) => keys.includes(entry.key) && entry.value !== '').map(({ value }) => value);
  builder.addTitle(valuesOf('title').join(' '));
  for (const { name, description } of valuesOf('cast', 'characters').flatMap(readCastLine))
    builder.describe(name, description);
  return page.length;
}

class FountainReader {
  readonly #lines: readonly SourceLine[];
  readonly #builder: ScriptBuilder;

  constructor(lines: readonly SourceLine[], builder: ScriptBuilder) {
    this.#lines = lines;
    this.#builder = builder;
  }

  read(): void {
    for (let index = 0; index < this.#lines.length; ) index = this.#readAt(index);
  }

  /** @returns the index to continue at */
  #readAt(index: number): number {
    const raw = this.#lines[index]?.text ?? '';
    const line = raw.trim();
    const sourceLine = this.#lines[index]?.sourceLine ?? 0;
    const isAlone = this.#isBlank(index - 1);
    if (line === '' || /^={3,}$/.test(line) || line.startsWith('#') || line.startsWith('=')) return index + 1;
    if (line.startsWith('!')) this.#builder.addDirection(sourceLine, plainWords(line.slice(1)));
    else if (isSceneHeading(line) && isAlone) {
      this.#builder.addScene(plainWords(line.replace(/^\.(?=[^.])/, '').replace(/\s*#[^#]{1,20}#$/, '')));
    } else if (line.startsWith('~'))
      this.#builder.addLine({ speaker: null, sourceLine, text: plainWords(line.slice(1)) });
    else if (line.startsWith('>'))
      this.#builder.addDirection(sourceLine, plainWords(line.replaceAll(/^>|<$/g, '')));
    else if (isAlone && this.#isBlank(index + 1) && /^[^a-z]+ TO:$/.test(line))
      this.#builder.addDirection(sourceLine, line);
    else if (isAlone && !this.#isBlank(index + 1) && isCharacter(line))
      return this.#readDialogue(index, line);
    else this.#builder.addDirection(sourceLine, plainWords(line));
    return index + 1;
  }

  /** Reads a character's name and the lines below it, up to a blank line; two spaces keep a blank line in the dialogue. */
  #readDialogue(index: number, cue: string): number {
    const speaker = this.#readCharacter(cue);
    let parts: string[] = [];
    let from = index + 1;
    const close = (): void => {
      this.#builder.addLine({
        speaker,
        sourceLine: this.#lines[from]?.sourceLine ?? 0,
        text: parts.join(' '),
      });
      parts = [];
    };
    let at = index + 1;
    for (; at < this.#lines.length && (this.#lines[at]?.text ?? '') !== ''; at += 1) {
      const { text = '', sourceLine = 0 } = this.#lines[at] ?? {};
      const line = text.trim();
      if (line === '' && !text.startsWith('  ')) break;
      if (/^\(.*\)$/.test(line)) {
        this.#builder.addDirection(sourceLine, line.slice(1, -1));
        continue;
      }
      const { text: said, directions } = splitDirections(plainWords(line.replace(/^~/, '')));
      for (const direction of directions) this.#builder.addDirection(sourceLine, direction);
      if (parts.length === 0) from = at;
      if (said !== '') parts.push(said);
    }
    close();
    return at;
  }

  /** Reads a name; text in brackets after it describes the character. */
  #readCharacter(cue: string): string {
    const isForced = cue.startsWith('@');
    const { text, directions } = splitDirections(cue.replace(/^@/, '').replace(/\s*\^$/, ''), true);
    const speaker = isForced ? text : calmCapitals(text);
    for (const words of directions) this.#builder.describe(speaker, words);
    return speaker;
  }

  #isBlank(index: number): boolean {
    return (this.#lines[index]?.text.trim() ?? '') === '';
  }
}

function isSceneHeading(line: string): boolean {
  return SCENE.test(line) || /^\.[^.\s]/.test(line);
}

/** Capitals, at least one a letter; extensions in brackets may be lower case, `^` marks dual dialogue, `@` forces a name. */
export function isCharacter(line: string): boolean {
  if (line.startsWith('@')) return line.length > 1;
  const name = line
    .replace(/\s*\^$/, '')
    .replaceAll(/\([^()]*\)/g, '')
    .trim();
  return (
    name.length > 0 &&
    name.length <= 60 &&
    name === name.toUpperCase() &&
    /\p{Lu}/u.test(name) &&
    !/[.!?:,]$/.test(name.replace(/\b(?:MR|MRS|DR|JR|SR)\.$/, ''))
  );
}

/** Removes emphasis marks. */
function plainWords(text: string): string {
  return text
    .replaceAll(/(?<!\\)(\*{1,3})(?=\S)([^*]{1,600}?)(?<=\S)\1/g, '$2')
    .replaceAll(/(?<![\p{L}\p{N}\\])_(?=\S)([^_]{1,600}?)(?<=\S)_(?![\p{L}\p{N}])/gu, '$1')
    .replaceAll(/\\([*_])/g, '$1')
    .trim();
}
