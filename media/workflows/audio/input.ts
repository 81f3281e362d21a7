/** The input of a verified-audio job, checked before anything is enqueued. */
import type { Language } from 'playhead';
import { z } from 'zod';
import { VOICE_NAMES, type Voice } from '../../character.ts';
import { spokenLanguage, textFault } from '../../text-input.ts';

const TEXT_LIMIT_CHARS = 20_000;
const TRIES_LIMIT = 10;
const DEFAULT_TRIES = 3;
const DEFAULT_VOICE: Voice['name'] = 'slt';
/** How similar the recognised speech must be to the text, unless the request specifies it. */
export const DEFAULT_MIN_SIMILARITY = 0.85;

/** Input of the Audio workflow after parsing. */
export interface NarrationInput {
  /** Line ends are `\n`. */
  readonly text: string;
  readonly voice: Voice['name'];
  readonly language: Language;
  /** 0..1; null: DEFAULT_MIN_SIMILARITY, and unverified speech is accepted if the language has no recogniser. */
  readonly minSimilarity: number | null;
  /** 1..10 */
  readonly maxTries: number;
}

const text = z
  .string({ error: 'expected the text as text' })
  .max(TEXT_LIMIT_CHARS, { error: 'expected at most 20,000 characters', abort: true })
  .transform((value) => value.replaceAll('\r\n', '\n').replaceAll('\r', '\n'))
  .superRefine((value, context) => {
    const fault =
      textFault(value) ?? (/[\p{L}\p{N}]/u.test(value) ? undefined : 'expected a text with words in it');
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

const VOICES_EXPECTED = `expected one of ${VOICE_NAMES.join(', ')}`;
const SIMILARITY_EXPECTED = 'expected a number from 0 to 1';
const TRIES_EXPECTED = `expected a whole number from 1 to ${TRIES_LIMIT}`;

/**
 * Parses `{ text, voice?, language?, minSimilarity?, maxTries? }`; null counts as omitted. Issue messages read
 * `expected …`.
 */
export const narrationInputSchema: z.ZodType<NarrationInput> = z.object(
  {
    text: text.meta({
      title: 'Text',
      multiline: true,
      examples: ['Good morning, everybody.', 'The train leaves at 8:30.'],
      description:
        'The text to speak: words in it, at most 20,000 characters; no control characters other than line ends and tabs.',
    }),
    voice: z
      .enum(VOICE_NAMES, { error: VOICES_EXPECTED })
      .nullish()
      .transform((value) => value ?? DEFAULT_VOICE)
      .meta({
        title: 'Voice',
        default: DEFAULT_VOICE,
        description:
          'Name of the voice, one of `slt`, `rms`, `awb`, `kal16`; default `slt`. Later takes use other voices.',
      }),
    language: spokenLanguage,
    minSimilarity: z
      .number({ error: SIMILARITY_EXPECTED })
      .min(0, { error: SIMILARITY_EXPECTED })
      .max(1, { error: SIMILARITY_EXPECTED })
      .nullish()
      .transform((value) => value ?? null)
      .meta({
        title: 'Minimum similarity',
        default: DEFAULT_MIN_SIMILARITY,
        description:
          'How similar the text and what is heard back must be, 0..1; default 0.85. If omitted, speech in a language without a recogniser is accepted unverified.',
      }),
    maxTries: z
      .int({ error: TRIES_EXPECTED })
      .min(1, { error: TRIES_EXPECTED })
      .max(TRIES_LIMIT, { error: TRIES_EXPECTED })
      .nullish()
      .transform((value) => value ?? DEFAULT_TRIES)
      .meta({
        title: 'Tries',
        default: DEFAULT_TRIES,
        description: 'Maximum number of takes until the speech is similar enough: 1..10, default 3.',
      }),
  },
  { error: 'expected an object with a text' },
);
