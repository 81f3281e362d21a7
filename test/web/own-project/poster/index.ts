/** The Poster: a title becomes a picture. Its input has a field of every kind that a form can draw. */
import { artifact, defineWorkflow, jobId, PlayheadError } from 'playhead';
import { z } from 'zod';

export const poster = defineWorkflow({
  name: 'POSTER',
  description: 'Makes a picture from a title.',
  mutation: 'makePoster',
  batch: true,
  steps: { choose_colours: 0.2, draw: 0.6, save_file: 0.2 },
  input: z.object({
    title: z.string().trim().min(1).max(80).describe('What is written on it.'),
    notes: z
      .string()
      .max(500)
      .optional()
      .meta({ title: 'Notes for the printer', multiline: true, examples: ['On thick paper.'] }),
    palette: z.enum(['dawn', 'sea']).default('dawn'),
    width: z.int().min(16).max(640).default(320).describe('In pixels.'),
    scale: z.number().gt(0).optional(),
    framed: z.boolean().default(false),
    tags: z.array(z.string()).max(3).default([]),
    printer: z.unknown().optional().describe('What is handed on to the printer as it is.'),
    sequelOf: jobId('POSTER').optional().describe('The poster that comes before it.'),
  }),
  result: z.object({
    picture: artifact('image/jpeg'),
    order: artifact('application/json'),
    colours: z.array(z.string()),
    framed: z.boolean(),
    imprint: z.string().meta({ title: 'In small print' }),
  }),
  admit: async ({ title }) => {
    if (title === 'Nothing') throw new PlayheadError('TOOL_MISSING', 'there is no ink for nothing');
  },
  run: () => import('./run.ts'),
});
