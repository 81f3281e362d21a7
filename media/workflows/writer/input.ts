/** The input of a script-writing job, checked before anything is enqueued. */
import type { Language } from 'playhead';
import { z } from 'zod';
import { LANGUAGE_TAGS_EXPECTED, languageSchema, textFault, titleSchema } from '../../text-input.ts';

export const BRIEF_LIMIT_CHARS = 20_000;
export const SCENE_LIMIT = 20;

/** Input of the Writer after parsing. */
export interface BriefInput {
  /** A topic, notes or an article. Line ends are `\n`; trimmed. */
  readonly brief: string;
  /** Null: the writer makes one. */
  readonly title: string | null;
  readonly language: Language;
  /** 1..20; null: depends on the brief's length. */
  readonly scenes: number | null;
}

const brief = z
  .string({ error: 'expected the brief as text' })
  .max(BRIEF_LIMIT_CHARS, { error: 'expected at most 20,000 characters', abort: true })
  .transform((text) => text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').trim())
  .superRefine((text, context) => {
    const fault =
      textFault(text) ?? (/[\p{L}\p{N}]/u.test(text) ? undefined : 'expected a brief with words in it');
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  });

const sceneCount = z
  .int({ error: 'expected a whole number from 1 to 20' })
  .min(1, { error: 'expected a whole number from 1 to 20' })
  .max(SCENE_LIMIT, { error: 'expected a whole number from 1 to 20' });

/**
 * Parses `{ brief, title?, language?, scenes? }`; null counts as omitted. Without a language, a brief that is mostly
 * Hangul counts as Korean, any other as English. Issue messages read `expected …`.
 */
export const briefInputSchema: z.ZodType<BriefInput> = z
  .object(
    {
      brief: brief.meta({
        title: 'Brief',
        multiline: true,
        examples: ['A lighthouse is a tower with a light. It shows ships where the coast is.'],
        description:
          'What the script should be about: a topic, notes or an article with words in it, at most 20,000 characters; no control characters other than line ends and tabs. A topic alone needs a language model.',
      }),
      title: titleSchema
        .nullish()
        .transform((value) => value ?? null)
        .meta({
          title: 'Title',
          description:
            'Title of the script: at most 200 characters in one line. Default: one is made from the brief.',
        }),
      language: languageSchema.nullish().meta({
        title: 'Language',
        examples: ['en', 'ko'],
        description: `Language of the script and of events: ${LANGUAGE_TAGS_EXPECTED}. Default: \`ko\` for a brief that is mostly Hangul, otherwise \`en\`.`,
      }),
      scenes: sceneCount
        .nullish()
        .transform((value) => value ?? null)
        .meta({
          title: 'Scenes',
          description:
            'Number of scenes, 1..20; the brief may have enough material for fewer only. Default: what suits the brief.',
        }),
    },
    { error: 'expected an object with a brief' },
  )
  .transform((input) => ({ ...input, language: input.language ?? languageOf(input.brief) }));

function languageOf(text: string): Language {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const hangul = text.match(/\p{Script=Hangul}/gu)?.length ?? 0;
  return hangul * 2 > letters ? 'ko' : 'en';
}
