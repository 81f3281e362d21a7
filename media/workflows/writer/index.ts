/** The Writer: turns a brief into a script for the Director. */
import { defineWorkflow } from 'playhead';
import { firstWords } from '../../first-words.ts';
import { MEDIA_SETTINGS } from '../../settings.ts';
import { loadServices } from '../load-services.ts';
import { result, steps } from './definition.ts';
import { briefInputSchema } from './input.ts';

export const writer = defineWorkflow({
  name: 'WRITER',
  label: 'Script',
  description: 'Writes a script from a brief.',
  mutation: 'writeScript',
  taskName: 'script_writing',
  command: 'write',
  steps,
  input: briefInputSchema,
  result,
  resultType: 'ScriptResult',
  settings: MEDIA_SETTINGS,
  title: ({ brief, title }) => title ?? firstWords(brief),
  measure: ({ brief, scenes }) => ({
    characters: brief.length,
    ...(scenes !== null && { clips: scenes }),
  }),
  worker: loadServices,
  run: () => import('./run.ts'),
});
