/** How each workflow parses its input. Apart from the workflows, so that the API does not load their tools. */
import { scriptInputSchema } from '../../media/script-input.ts';

export const workflowInputs = { DIRECTOR: scriptInputSchema } as const;
