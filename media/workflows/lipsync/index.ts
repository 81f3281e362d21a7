/** Lipsync: turns the speech of a finished audio job into a talking head. */
import { defineWorkflow } from 'playhead';
import { MEDIA_SETTINGS } from '../../settings.ts';
import { loadServices } from '../load-services.ts';
import { admitSpeech } from './admission.ts';
import { result, steps } from './definition.ts';
import { lipSyncInputSchema } from './input.ts';

export const lipsync = defineWorkflow({
  name: 'LIPSYNC',
  label: 'Lip sync',
  description: 'Makes a character speak finished audio.',
  mutation: 'syncLips',
  taskName: 'lipsync',
  command: 'lips',
  steps,
  input: lipSyncInputSchema,
  result,
  settings: MEDIA_SETTINGS,
  title: ({ character }) => character,
  admit: admitSpeech,
  worker: loadServices,
  run: () => import('./run.ts'),
});
