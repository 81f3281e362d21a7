/** The Director: turns a script into a film. */
import { defineWorkflow } from 'playhead';
import { firstWords } from '../../first-words.ts';
import { parseScript } from '../../script.ts';
import { MEDIA_SETTINGS } from '../../settings.ts';
import { loadServices } from '../load-services.ts';
import { result, steps } from './definition.ts';
import { scriptInputSchema } from './input.ts';

export const director = defineWorkflow({
  name: 'DIRECTOR',
  label: 'Video',
  description: 'Makes a video from a script.',
  mutation: 'generateVideo',
  taskName: 'video_generation',
  command: 'video',
  batch: { itemType: 'VideoItemInput' },
  steps,
  input: scriptInputSchema,
  result,
  resultType: 'VideoResult',
  settings: MEDIA_SETTINGS,
  title: ({ script, title, format }) => {
    const parsed = parseScript(script, format);
    return title ?? (parsed.title || firstWords(parsed.scenes[0]?.lines[0]?.text ?? ''));
  },
  worker: loadServices,
  run: () => import('./run.ts'),
});
