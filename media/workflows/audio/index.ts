/** Audio: turns a text into speech that has been verified by speech recognition. */
import { defineWorkflow, PlayheadError } from 'playhead';
import { firstWords } from '../../first-words.ts';
import { MEDIA_SETTINGS } from '../../settings.ts';
import { describeMissing, neededAbilities } from '../../speech-ability.ts';
import { loadServices } from '../load-services.ts';
import { result, steps } from './definition.ts';
import { narrationInputSchema } from './input.ts';

export const audio = defineWorkflow({
  name: 'AUDIO',
  label: 'Audio',
  description: 'Speaks a text and verifies what was spoken.',
  mutation: 'generateAudio',
  taskName: 'verified_audio',
  command: 'audio',
  batch: { itemType: 'AudioItemInput' },
  steps,
  input: narrationInputSchema,
  result,
  settings: MEDIA_SETTINGS,
  title: ({ text }) => firstWords(text),
  admit: async (input, { missingAbility }) => {
    const missing = await missingAbility(neededAbilities(input));
    if (missing === undefined) return;
    throw new PlayheadError('TOOL_MISSING', describeMissing(missing), { details: { ability: missing } });
  },
  worker: loadServices,
  run: () => import('./run.ts'),
});
