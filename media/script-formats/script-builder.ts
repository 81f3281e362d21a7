/** Assembles a script from what a format's reader finds. */
import type { CastNote, Script, ScriptDirection, ScriptLine, ScriptWarning, WarningKind } from './model.ts';

const HEADING_LIMIT_CHARS = 200;
/** A word, or a picture that a caption can show. */
const SHOWN = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;

/** Cuts a heading without splitting a character. */
function limit(heading: string): string {
  return heading.length <= HEADING_LIMIT_CHARS
    ? heading
    : Array.from(heading).slice(0, HEADING_LIMIT_CHARS).join('');
}

export class ScriptBuilder {
  #title = '';
  readonly #scenes: { heading: string; directions: ScriptDirection[]; lines: ScriptLine[] }[] = [
    { heading: '', directions: [], lines: [] },
  ];
  readonly #cast: CastNote[] = [];
  readonly #warnings: ScriptWarning[] = [];

  /** Only the first title counts. @returns whether this one was used */
  addTitle(text: string): boolean {
    if (this.#title !== '') return false;
    this.#title = limit(text);
    return true;
  }

  addScene(heading: string): void {
    this.#scenes.push({ heading: limit(heading), directions: [], lines: [] });
  }

  addDirection(sourceLine: number, text: string): void {
    if (text !== '') this.#scenes.at(-1)?.directions.push({ sourceLine, text });
  }

  /** A line that consists only of marks is ignored. */
  addLine(line: ScriptLine): void {
    if (SHOWN.test(line.text)) this.#scenes.at(-1)?.lines.push(line);
  }

  /** Records a note about a speaker. */
  describe(name: string, description: string): void {
    if (name !== '' && description !== '') this.#cast.push({ name, description });
  }

  /** Whether nothing has been spoken yet. */
  isInHead(): boolean {
    return this.#scenes.every(({ lines }) => lines.length === 0);
  }

  warn(sourceLine: number, kind: WarningKind): void {
    this.#warnings.push({ sourceLine, kind });
  }

  finish(): Script {
    return {
      title: this.#title,
      cast: this.#cast,
      scenes: this.#scenes.filter((scene) => scene.lines.length > 0),
      warnings: this.#warnings,
    };
  }
}
