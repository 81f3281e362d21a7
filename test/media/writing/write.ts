/** Writes a script without a job. */
import { type BriefInput, briefInputSchema } from '../../../media/workflows/writer/input.ts';
import { createExtractiveWriter } from '../../../media/writing/extractive-writer.ts';
import { printScript, type WritingStep, type WrittenScene } from '../../../media/writing/script-parts.ts';

const step: WritingStep = { signal: new AbortController().signal, onProgress() {} };

export interface Written {
  readonly input: BriefInput;
  readonly title: string;
  readonly scenes: readonly WrittenScene[];
  readonly text: string;
  /** The lines that state something. */
  readonly statements: readonly string[];
}

export async function writeFrom(raw: object): Promise<Written> {
  const input = briefInputSchema.parse(raw);
  const writer = createExtractiveWriter();
  const analysis = await writer.analyze(input, step);
  const outline = await writer.outline(input, analysis, step);
  const drafts = await writer.draft(input, outline, step);
  const spoken = await writer.speak(input, outline, drafts, step);
  const { scenes } = await writer.review(input, analysis, spoken, step);
  const lines = scenes.flatMap((scene) => scene.lines.map(({ text }) => text));
  return {
    input,
    title: analysis.title,
    scenes,
    text: printScript(analysis.title, scenes),
    statements: lines.filter((line) => !line.endsWith('?')),
  };
}
