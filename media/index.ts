/** The media workflows: a script becomes a film, text becomes verified speech, a brief becomes a script, speech a talking head. */
import type { WorkflowDefinition } from 'playhead';
import { audio } from './workflows/audio/index.ts';
import { director } from './workflows/director/index.ts';
import { lipsync } from './workflows/lipsync/index.ts';
import { writer } from './workflows/writer/index.ts';

/** @example export default defineConfig({ workflows: [...media()] }) */
export function media(): readonly WorkflowDefinition[] {
  return [director, audio, writer, lipsync];
}
