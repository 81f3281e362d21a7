/** The parts of a script being written, the steps' outputs (plain JSON), and the printing of a script. */
import type { BriefInput } from '../workflows/writer/input.ts';

export type WrittenLine = {
  readonly speaker: string;
  /** One line, no directions. */
  readonly text: string;
};
export type WrittenScene = { readonly heading: string; readonly lines: WrittenLine[] };

/** The cost of a writing step, in US dollars; 0 without a provider. */
type Priced = { readonly costUsd: number };
export type Analysis = Priced & {
  readonly title: string;
  /** The points that the script should make, in order. */
  readonly points: string[];
};
export type Outline = Priced & { readonly scenes: { readonly heading: string; readonly points: string[] }[] };
/** One text per scene. */
export type Drafts = Priced & { readonly drafts: string[] };
export type Dialogue = Priced & { readonly scenes: WrittenScene[] };

/** What a writer is given while it works on a step. */
export interface WritingStep {
  readonly signal: AbortSignal;
  /** @param share 0..1 of the step @param scene the scene under way, from 1 */
  readonly onProgress: (share: number, scene?: number) => void;
}

/** Writes a script in five steps; each receives the results of earlier ones. */
export interface ScriptWriter {
  readonly kind: 'extractive' | 'chat';
  /** The language model; null for the extractive writer. */
  readonly model: string | null;
  /** @throws PlayheadError INVALID_INPUT if no script can be made from the brief; or as a chat provider does */
  analyze(input: BriefInput, step: WritingStep): Promise<Analysis>;
  outline(input: BriefInput, analysis: Analysis, step: WritingStep): Promise<Outline>;
  draft(input: BriefInput, outline: Outline, step: WritingStep): Promise<Drafts>;
  speak(input: BriefInput, outline: Outline, drafts: Drafts, step: WritingStep): Promise<Dialogue>;
  review(input: BriefInput, analysis: Analysis, dialogue: Dialogue, step: WritingStep): Promise<Dialogue>;
}

/** The two speakers, from the built-in cast. */
export const SPEAKERS = { en: ['MIRA', 'THEO'], ko: ['지수', '민호'] } as const;

/** Prints a script in the Director's format (the grammar is in script-formats/plain.ts). */
export function printScript(title: string, scenes: readonly WrittenScene[]): string {
  const blocks = scenes.map(({ heading, lines }) =>
    [`## ${heading}`, ...lines.map(({ speaker, text }) => `${speaker}: ${text}`)].join('\n'),
  );
  return `${[`# ${title}`, ...blocks].join('\n\n')}\n`;
}
