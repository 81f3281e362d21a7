/** A script's outline for the preview: scenes, speakers and lines, read by the Director's own code. */
import { detectFormat } from '../../media/script-formats/detect.ts';
import type { ScriptScene } from '../../media/script-formats/model.ts';
import { readText } from '../../media/script-formats/read-text.ts';
import { ScriptBuilder } from '../../media/script-formats/script-builder.ts';

/** The scenes of a script; null for HTML, which only the server reads. */
export function outlineScript(source: string): readonly ScriptScene[] | null {
  const format = detectFormat(source);
  if (format === 'html') return null;
  const builder = new ScriptBuilder();
  readText(source, format, builder);
  return builder.finish().scenes;
}
