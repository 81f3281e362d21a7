/** How each workflow parses its input. Apart from the workflows, so that the API does not load their tools. */
import { briefInputSchema } from '../../media/brief-input.ts';
import { lipSyncInputSchema } from '../../media/lip-sync-input.ts';
import { narrationInputSchema } from '../../media/narration-input.ts';
import { scriptInputSchema } from '../../media/script-input.ts';

export const workflowInputs = {
  DIRECTOR: scriptInputSchema,
  AUDIO: narrationInputSchema,
  WRITER: briefInputSchema,
  LIPSYNC: lipSyncInputSchema,
} as const;
