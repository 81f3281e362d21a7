/** Reads scripts in common formats into scenes of spoken lines. */
import { detectFormat } from './script-formats/detect.ts';
import { readHtml } from './script-formats/html.ts';
import type { Script, ScriptFormat } from './script-formats/model.ts';
import { readPlain } from './script-formats/plain.ts';
import { readText } from './script-formats/read-text.ts';
import { ScriptBuilder } from './script-formats/script-builder.ts';

export {
  SCRIPT_FORMATS,
  type Script,
  type ScriptDirection,
  type ScriptFormat,
  type ScriptWarning,
} from './script-formats/model.ts';

/** Parses a script in time linear in its length; never fails. @param format null: detected */
export function parseScript(source: string, format: ScriptFormat | null = null): Script {
  const builder = new ScriptBuilder();
  const chosen = format ?? detectFormat(source);
  if (chosen === 'html') readPlain(readHtml(source), builder);
  else readText(source, chosen, builder);
  return builder.finish();
}

/** How many spoken lines a script has. */
export function countLines(script: Script): number {
  return script.scenes.reduce((sum, scene) => sum + scene.lines.length, 0);
}

/** Whether anything in a script can be said. */
export function hasWords(script: Script): boolean {
  return script.scenes.some(({ lines }) => lines.some(({ text }) => /[\p{L}\p{N}]/u.test(text)));
}
