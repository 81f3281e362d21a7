/**
 * A script's outline, for the preview: scenes, who speaks, what is said. The server's own grammar decides what a script is;
 * this one is held against it by a test.
 *
 *     ## Scene           a scene begins (`#` alone: the title, the first time)
 *     NAME: text         NAME says the text; `NAME:` alone gives NAME the paragraph below it
 *     [direction]        not spoken, also inside a line; (parentheses) likewise
 *     plain text         the narrator says it; lines without a blank line between them are one paragraph
 */
export interface Line {
  /** Null: the narrator. */
  readonly speaker: string | null;
  readonly text: string;
}

export interface Scene {
  /** Empty: it has none. */
  readonly heading: string;
  /** Never empty. */
  readonly lines: readonly Line[];
}

const CUE = /^(?<name>[^:：]{1,120})[:：](?![\d/\\])(?<said>.*)$/su;
const NAME = /^(?=.*\p{L})[\p{L}\p{N}][\p{L}\p{N}\p{M} .'’_&-]{0,39}$/u;
const MAX_NAME_WORDS = 4;
const HEADING = /^(?<marks>#{1,6})(?:\s+(?<text>.*))?$/su;

export function outlineScript(source: string): readonly Scene[] {
  const outline = new Outline();
  for (const line of source.split(/\r\n|\r|\n/u)) outline.add(line.trim());
  return outline.scenes;
}

class Outline {
  readonly #scenes: { heading: string; lines: Line[] }[] = [{ heading: '', lines: [] }];
  #hasTitle = false;
  /** That the next plain line goes on. */
  #paragraph: { speaker: string | null; parts: string[] } | null = null;

  get scenes(): readonly Scene[] {
    this.#close();
    return this.#scenes.filter(({ lines }) => lines.length > 0);
  }

  add(line: string): void {
    const heading = HEADING.exec(line)?.groups;
    if (heading !== undefined) {
      this.#close();
      this.#addHeading(heading['marks'] === '#', heading['text']?.trim() ?? '');
      return;
    }
    const spoken = withoutDirections(line);
    const cue = spoken === '' ? null : readCue(line);
    if (spoken === '' || cue !== null) this.#close();
    if (cue !== null) this.#addCue(cue);
    else if (spoken !== '') {
      this.#paragraph ??= { speaker: null, parts: [] };
      this.#paragraph.parts.push(spoken);
    }
  }

  #addHeading(mayBeTitle: boolean, text: string): void {
    if (mayBeTitle && !this.#hasTitle) this.#hasTitle = text !== '';
    else this.#scenes.push({ heading: text, lines: [] });
  }

  #addCue({ speaker, text, isBare }: Cue): void {
    if (text !== '') this.#scenes.at(-1)?.lines.push({ speaker, text });
    else if (isBare) this.#paragraph = { speaker, parts: [] };
  }

  #close(): void {
    const { speaker = null, parts = [] } = this.#paragraph ?? {};
    if (parts.length > 0) this.#scenes.at(-1)?.lines.push({ speaker, text: parts.join(' ') });
    this.#paragraph = null;
  }
}

interface Cue {
  readonly speaker: string;
  /** Empty: nothing is said in this line. */
  readonly text: string;
  /** Nothing stands behind the colon. */
  readonly isBare: boolean;
}

function readCue(line: string): Cue | null {
  const { name = '', said = '' } = CUE.exec(line)?.groups ?? {};
  const speaker = withoutDirections(name);
  if (!NAME.test(speaker) || speaker.split(' ').length > MAX_NAME_WORDS) return null;
  return { speaker: inSmallLetters(speaker), text: withoutDirections(said), isBare: said.trim() === '' };
}

/** `MIRA` as `Mira`. */
function inSmallLetters(name: string): string {
  if (name.length < 2 || name !== name.toUpperCase()) return name;
  return name.toLowerCase().replace(/(^|[\s-])(\p{L})/gu, (found) => found.toUpperCase());
}

/** Cuts what stands in brackets, also nested ones, in one pass; a bracket that is never closed is text. */
function withoutDirections(text: string): string {
  const kept: string[] = [];
  const open: { readonly closer: string; readonly at: number }[] = [];
  for (const char of text) {
    kept.push(char);
    const closer = CLOSERS[char];
    if (closer !== undefined) open.push({ closer, at: kept.length - 1 });
    else if (open.at(-1)?.closer === char) kept.splice(open.pop()?.at ?? 0, Number.POSITIVE_INFINITY, ' ');
  }
  return kept.join('').replaceAll(/\s+/gu, ' ').trim();
}

const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '(': ')' };
