/**
 * The script's grammar. One pass over the lines, every check linear in the text's length:
 *
 *     # Title            the film's title (the first such line)
 *     ## Scene           a scene begins
 *     NAME: text         NAME says the text; `NAME:` alone gives NAME the paragraph below it
 *     [direction]        not spoken, also inside a line; (parentheses) likewise
 *     plain text         the narrator says it; lines without a blank line between them are one paragraph
 */
import { startOf } from 'playhead';

/** One spoken line. */
export interface ScriptLine {
  /** 1-based line of the script's text where it stands. */
  readonly sourceLine: number;
  /** As written, capitals calmed (`MIRA` becomes `Mira`); null for the narrator. */
  readonly speaker: string | null;
  /** What is shown and spoken, directions removed, white space collapsed. Never empty. */
  readonly text: string;
}

/** A stage direction, without its brackets. */
export interface ScriptDirection {
  /** 1-based line of the script's text where it stands. */
  readonly sourceLine: number;
  readonly text: string;
}

export interface ScriptScene {
  /** Empty when the scene has no heading. */
  readonly heading: string;
  /** In order; not spoken, but clips made from words are told of them. */
  readonly directions: readonly ScriptDirection[];
  /** Never empty: scenes without a spoken line are dropped. */
  readonly lines: readonly ScriptLine[];
}

export interface Script {
  /** Empty when the script has none. */
  readonly title: string;
  readonly scenes: readonly ScriptScene[];
}

const NAME_LIMIT_CHARS = 40;
const NAME_LIMIT_WORDS = 4;
const NAME_PATTERN = /^[\p{L}\p{N}][\p{L}\p{N}\p{M} .'’_&-]*$/u;
const HEADING_LIMIT_CHARS = 200;

/** Parses a script. Never fails: what is no other form is narration. */
export function parseScript(source: string): Script {
  const builder = new ScriptBuilder();
  for (const [index, raw] of source.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split('\n').entries()) {
    builder.add(raw.trim(), index + 1);
  }
  return builder.finish();
}

/** How many spoken lines a script has. */
export function countLines(script: Script): number {
  return script.scenes.reduce((sum, scene) => sum + scene.lines.length, 0);
}

class ScriptBuilder {
  #title = '';
  readonly #scenes: { heading: string; directions: ScriptDirection[]; lines: ScriptLine[] }[] = [
    { heading: '', directions: [], lines: [] },
  ];
  /** The paragraph that the next plain line would continue. */
  #open: { speaker: string | null; sourceLine: number; parts: string[] } | undefined;

  add(line: string, sourceLine: number): void {
    if (line === '') return this.#close();
    const heading = parseHeading(line);
    if (heading) return this.#addHeading(heading);
    const { text: spoken, directions } = splitDirections(line);
    for (const text of directions) this.#scenes.at(-1)?.directions.push({ sourceLine, text });
    if (spoken === '') return this.#close();
    const cue = parseCue(line);
    if (cue) {
      this.#close();
      if (cue.text !== '') this.#addLine({ speaker: cue.speaker, sourceLine, text: cue.text });
      else if (cue.bare) this.#open = { speaker: cue.speaker, sourceLine, parts: [] };
      return;
    }
    this.#open ??= { speaker: null, sourceLine, parts: [] };
    this.#open.parts.push(spoken);
  }

  finish(): Script {
    this.#close();
    return { title: this.#title, scenes: this.#scenes.filter((scene) => scene.lines.length > 0) };
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    const text = open?.parts.join(' ') ?? '';
    if (open && text !== '') this.#addLine({ speaker: open.speaker, sourceLine: open.sourceLine, text });
  }

  #addHeading(heading: { level: number; text: string }): void {
    this.#close();
    if (heading.level === 1 && this.#title === '') this.#title = heading.text;
    else this.#scenes.push({ heading: heading.text, directions: [], lines: [] });
  }

  #addLine(line: ScriptLine): void {
    this.#scenes.at(-1)?.lines.push(line);
  }
}

function parseHeading(line: string): { level: number; text: string } | undefined {
  if (!line.startsWith('#')) return undefined;
  let level = 0;
  while (line[level] === '#') level += 1;
  const text = line.slice(level);
  if (level > 6 || (text !== '' && !/^\s/.test(text))) return undefined;
  return { level, text: startOf(text.trim(), HEADING_LIMIT_CHARS) };
}

/** `NAME: text`. A web address, a time (10:30) and a path (C:\x) are no speakers. Bare: nothing behind the colon. */
function parseCue(line: string): { speaker: string; text: string; bare: boolean } | undefined {
  const colon = line.slice(0, NAME_LIMIT_CHARS * 3).search(/[:：]/u);
  if (colon < 0) return undefined;
  const after = line[colon + 1];
  if (after !== undefined && /[\d/\\]/.test(after)) return undefined;
  const name = removeDirections(line.slice(0, colon));
  if (name.length > NAME_LIMIT_CHARS || !NAME_PATTERN.test(name) || !/\p{L}/u.test(name)) return undefined;
  if (name.split(' ').length > NAME_LIMIT_WORDS) return undefined;
  const said = line.slice(colon + 1);
  return { speaker: calmCapitals(name), text: removeDirections(said), bare: said.trim() === '' };
}

function calmCapitals(name: string): string {
  if (name.length < 2 || name !== name.toUpperCase()) return name;
  return name
    .toLowerCase()
    .replace(/(^|[\s-])(\p{L})/gu, (_, gap: string, letter: string) => gap + letter.toUpperCase());
}

const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '(': ')' };

/** Cuts [directions] and (directions), nested ones too; a bracket that is never closed is text. */
export function removeDirections(text: string): string {
  return splitDirections(text).text;
}

/** A line's text and its directions; one that stands in another comes before it. */
function splitDirections(text: string): { text: string; directions: readonly string[] } {
  const directions: string[] = [];
  const kept: string[] = [];
  /** Open brackets: what closes them, and how much was kept before them. */
  const open: { closer: string; keptLength: number }[] = [];
  for (const char of text) {
    kept.push(char);
    const closer = CLOSERS[char];
    if (closer !== undefined) open.push({ closer, keptLength: kept.length - 1 });
    else if (open.at(-1)?.closer === char) {
      const from = open.pop()?.keptLength ?? kept.length;
      const direction = collapse(kept.slice(from + 1, -1));
      if (direction !== '') directions.push(direction);
      kept.length = from;
      kept.push(' ');
    }
  }
  return { text: collapse(kept), directions };
}

function collapse(chars: readonly string[]): string {
  return chars.join('').replace(/\s+/gu, ' ').trim();
}
