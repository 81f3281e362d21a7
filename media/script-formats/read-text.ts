/**
 * Reads a script in any format but HTML, whose parser is large. This folder imports nothing from outside, because the
 * dashboard reads scripts with the same code to show a script's outline while it is typed.
 */
import { readFountain } from './fountain.ts';
import { cleanMarkdown } from './markdown.ts';
import type { ScriptFormat } from './model.ts';
import { linesOf, readPlain } from './plain.ts';
import type { ScriptBuilder } from './script-builder.ts';
import { readSubtitles } from './subtitles.ts';

/** Reads a text into a script; never fails. */
export function readText(
  source: string,
  format: Exclude<ScriptFormat, 'html'>,
  builder: ScriptBuilder,
): void {
  switch (format) {
    case 'fountain':
      return readFountain(source, builder);
    case 'srt':
    case 'vtt':
      return readSubtitles(source, builder);
    case 'markdown':
      return readPlain(cleanMarkdown(source, builder), builder);
    case 'plain':
      return readPlain(linesOf(source), builder);
  }
}
