/** What a lip-sync job takes, checked before anything is enqueued. */
import { z } from 'zod';

/** Input of the Lipsync workflow after parsing. */
export interface LipSyncInput {
  /** A finished job of the Audio workflow in the same project; that it is one is checked when the job is enqueued. */
  readonly audioJobId: string;
  /** Name of the character that speaks, as in the cast; null: the one whose voice it is. */
  readonly character: string | null;
}

const CHARACTER_EXPECTED = 'expected 1 to 40 characters in one line';

/** Parses `{ audioJobId, character? }`; null counts as left out. Issue messages read `expected …`. */
export const lipSyncInputSchema: z.ZodType<LipSyncInput> = z.object(
  {
    audioJobId: z
      .string({ error: 'expected the id of an audio job' })
      .regex(/^[A-Za-z0-9_-]{1,64}$/, { error: 'expected the id of an audio job' }),
    character: z
      .string({ error: CHARACTER_EXPECTED })
      .trim()
      .min(1, { error: CHARACTER_EXPECTED })
      .max(40, { error: CHARACTER_EXPECTED })
      .refine((name) => !/\p{Cc}/u.test(name) && name.isWellFormed(), { error: CHARACTER_EXPECTED })
      .nullish()
      .transform((value) => value ?? null),
  },
  { error: 'expected an object with an audioJobId' },
);
