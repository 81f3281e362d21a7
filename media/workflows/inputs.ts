/** How each workflow parses its input. Apart from the workflows, so that the API does not load their tools. */
import { briefInputSchema } from '../brief-input.ts';
import { lipSyncInputSchema } from '../lip-sync-input.ts';
import { narrationInputSchema } from '../narration-input.ts';
import { scriptInputSchema } from '../script-input.ts';

export const workflowInputs = {
  DIRECTOR: scriptInputSchema,
  AUDIO: narrationInputSchema,
  WRITER: briefInputSchema,
  LIPSYNC: lipSyncInputSchema,
} as const;
