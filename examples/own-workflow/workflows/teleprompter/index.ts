import { artifact, defineWorkflow } from 'playhead';
import { z } from 'zod';

export const teleprompter = defineWorkflow({
  name: 'TELEPROMPTER',
  description: 'Breaks a script into short lines.',
  steps: { wrap: 0.8, save_file: 0.2 },
  input: z.object({
    script: z.string().min(1).max(10_000).meta({ description: 'The script', multiline: true }),
  }),
  result: z.object({ lines: artifact('text/plain') }),
  run: () => import('./run.ts'),
});
