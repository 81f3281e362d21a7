/** The input of a lip-sync job, checked before anything is enqueued. */
import { jobId } from 'playhead';
import { z } from 'zod';

/** Input of the Lipsync workflow after parsing. */
export interface LipSyncInput {
  /** A finished job of the Audio workflow in the same project, which is checked when this job is enqueued. */
  readonly audioJobId: string;
  /** Name of the character that speaks, as in the cast; null: the one that has this voice. */
  readonly character: string | null;
}

const CHARACTER_EXPECTED = 'expected 1 to 40 characters in one line';

/** Parses `{ audioJobId, character? }`; null counts as omitted. Issue messages read `expected …`. */
export const lipSyncInputSchema: z.ZodType<LipSyncInput> = z.object(
  {
    audioJobId: jobId('AUDIO').meta({
      title: 'Audio job',
      description: 'Id of a COMPLETED job of the workflow AUDIO in the same project, whose speech is used.',
    }),
    character: z
      .string({ error: CHARACTER_EXPECTED })
      .trim()
      .min(1, { error: CHARACTER_EXPECTED })
      .max(40, { error: CHARACTER_EXPECTED })
      .refine((name) => !/\p{Cc}/u.test(name) && name.isWellFormed(), { error: CHARACTER_EXPECTED })
      .nullish()
      .transform((value) => value ?? null)
      .meta({
        title: 'Character',
        description:
          'Name of the character that speaks, as in the cast: 1 to 40 characters in one line; an unknown name gets its own look. Default: the character whose voice it is.',
      }),
  },
  { error: 'expected an object with an audioJobId' },
);
