/** The model of a script, whatever format it is written in. */

/** `plain` is the grammar of `script-formats/plain.ts`, which also covers prose. */
export const SCRIPT_FORMATS = ['plain', 'markdown', 'fountain', 'srt', 'vtt', 'html'] as const;
export type ScriptFormat = (typeof SCRIPT_FORMATS)[number];

/** One spoken line. */
export interface ScriptLine {
  /** 1-based line of the script's text where it stands. */
  readonly sourceLine: number;
  /** As written, except that `MIRA` becomes `Mira`; null for the narrator. */
  readonly speaker: string | null;
  /** The text to show and speak, with directions removed and white space collapsed. Never empty. */
  readonly text: string;
  /** When a subtitle file wants it said, in seconds from the film's start; observed if the speech leaves room. */
  readonly wishSeconds?: number;
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
  /** In order; not spoken, but part of the prompts for remote clips. */
  readonly directions: readonly ScriptDirection[];
  /** Never empty: scenes without a spoken line are dropped. */
  readonly lines: readonly ScriptLine[];
}

/**
 * What could not be read: `code` in Markdown, `chatter` of a chat model around the script, an `unclosed` comment, the
 * `times` of a subtitle.
 */
export type WarningKind = 'code' | 'chatter' | 'unclosed' | 'times';

export interface ScriptWarning {
  /** 1-based line of the script's text. */
  readonly sourceLine: number;
  readonly kind: WarningKind;
}

/** What a script says about a speaker, in its head or in brackets after a name: `ANNA (female, 60): Hello.` */
export interface CastNote {
  /** In the same form as a speaker's. */
  readonly name: string;
  readonly description: string;
}

export interface Script {
  /** Empty when the script has none. */
  readonly title: string;
  /** In order; a name may have several notes. */
  readonly cast: readonly CastNote[];
  readonly scenes: readonly ScriptScene[];
  /** What was left out of the script. */
  readonly warnings: readonly ScriptWarning[];
}
