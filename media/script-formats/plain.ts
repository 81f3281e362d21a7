/**
 * The script's own grammar, line by line:
 *
 *     # Title            the film's title (the first such line); also `Title: …`
 *     Cast: …            describes the characters, in the script's head; see cast-list.ts
 *     ## Scene           a scene begins; also `Scene 1: …`
 *     NAME: text         NAME says the text; `NAME:` alone gives NAME the paragraph below it
 *     [direction]        not spoken, even within a line; the same goes for (laughs)
 *     plain text         the narrator says it; lines without a blank line between them are one paragraph
 */
import { announcesCast, readCastEntry, readCastLine } from './cast-list.ts';
import { readCue } from './cue.ts';
import { splitDirections } from './directions.ts';
import type { ScriptBuilder } from './script-builder.ts';

export interface SourceLine {
  readonly text: string;
  /** 1-based line of the script's text. */
  readonly sourceLine: number;
}

const ZERO_WIDTH = /[\u200b\u2060\ufeff]/g;

/** The lines of a text with their numbers, trimmed. */
export function linesOf(source: string): SourceLine[] {
  return source
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n')
    .split('\n')
    .map((text, index) => ({ text: text.replaceAll(ZERO_WIDTH, '').trim(), sourceLine: index + 1 }));
}

/** Reads lines into a script. Never fails: whatever has no other form is narration. */
export function readPlain(lines: Iterable<SourceLine>, builder: ScriptBuilder): void {
  const reader = new PlainReader(builder);
  for (const { text, sourceLine } of lines) reader.add(text, sourceLine);
  reader.close();
}

class PlainReader {
  readonly #builder: ScriptBuilder;
  /** The paragraph that the next plain line would continue. */
  #open: { speaker: string | null; sourceLine: number; parts: string[] } | undefined;
  /** Set while a cast list is read, up to a blank line after its entries; `announced`: it has no entries yet. */
  #castList: 'announced' | 'begun' | undefined;

  constructor(builder: ScriptBuilder) {
    this.#builder = builder;
  }

  add(line: string, sourceLine: number): void {
    if (line === '') return this.#addBlank();
    const heading = parseHeading(line);
    if (heading) return this.#addHeading(heading);
    if (this.#castList !== undefined && this.#addCastEntry(line)) return;
    const { text: spoken, directions } = splitDirections(line);
    const cue = spoken === '' ? undefined : readCue(line);
    if (spoken === '' || cue !== undefined) this.close();
    if (cue !== undefined) return this.#addCue(cue, sourceLine);
    for (const text of directions) this.#builder.addDirection(sourceLine, text);
    if (spoken === '') return;
    this.#open ??= { speaker: null, sourceLine, parts: [] };
    this.#open.parts.push(spoken);
  }

  close(): void {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined) return;
    const { speaker, sourceLine, parts } = open;
    this.#builder.addLine({ speaker, sourceLine, text: parts.join(' ') });
  }

  #addBlank(): void {
    this.close();
    if (this.#castList === 'begun') this.#castList = undefined;
  }

  /** @returns false if the list has ended */
  #addCastEntry(line: string): boolean {
    const entry = readCastEntry(line);
    this.#castList = entry && 'begun';
    if (entry) this.#builder.describe(entry.name, entry.description);
    return entry !== undefined;
  }

  #addHeading({ level, text }: { level: number; text: string }): void {
    this.close();
    this.#castList = announcesCast(text) && this.#builder.isInHead() ? 'announced' : undefined;
    if (this.#castList !== undefined) return;
    if (level === 1 && this.#builder.addTitle(text)) return;
    this.#builder.addScene(text);
  }

  #addCue(cue: NonNullable<ReturnType<typeof readCue>>, sourceLine: number): void {
    if (cue.kind === 'staging') return this.#addStaging(cue, sourceLine);
    if (cue.kind === 'scene') return this.#builder.addScene(cue.text);
    if (cue.kind === 'title') {
      this.#builder.addTitle(cue.text);
      return;
    }
    const { speaker, text, isBare, about, directions } = cue;
    for (const words of about) this.#builder.describe(speaker, words);
    for (const direction of [...about, ...directions]) this.#builder.addDirection(sourceLine, direction);
    if (text !== '') this.#builder.addLine({ speaker, sourceLine, text });
    else if (isBare) this.#open = { speaker, sourceLine, parts: [] };
  }

  #addStaging(
    { label, text, line }: { label: string; text: string; line: string },
    sourceLine: number,
  ): void {
    if (!announcesCast(label) || !this.#builder.isInHead())
      return this.#builder.addDirection(sourceLine, line);
    for (const { name, description } of readCastLine(text)) this.#builder.describe(name, description);
    if (text === '') this.#castList = 'announced';
  }
}

function parseHeading(line: string): { level: number; text: string } | undefined {
  if (!line.startsWith('#')) return undefined;
  let level = 0;
  while (line[level] === '#') level += 1;
  const text = line.slice(level);
  if (level > 6 || (text !== '' && !/^\s/.test(text))) return undefined;
  return { level, text: text.trim() };
}
