/** Inputs that several workflows share: texts, titles, languages. Checked before anything is enqueued. */
import type { Language } from 'playhead';
import { z } from 'zod';

const TITLE_LIMIT_CHARS = 200;

const LANGUAGE_TAGS: ReadonlyMap<string, Language> = new Map([
  ['en', 'en'],
  ['en-us', 'en'],
  ['en-gb', 'en'],
  ['ko', 'ko'],
  ['ko-kr', 'ko'],
]);

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const CONTROL_EXCEPT_TAB_LINE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/u;

/** Why a text of several lines is not acceptable as free text; undefined when it is. */
export function textFault(text: string): string | undefined {
  if (CONTROL_EXCEPT_TAB_LINE.test(text))
    return 'expected no control characters other than line ends and tabs';
  if (!text.isWellFormed()) return 'expected well-formed Unicode text';
  return undefined;
}

/** A title in one line, trimmed; null when nothing is left. */
export const titleSchema = z
  .string({ error: 'expected the title as text' })
  .max(TITLE_LIMIT_CHARS, { error: 'expected at most 200 characters', abort: true })
  .refine((text) => !CONTROL.test(text), { error: 'expected no control characters' })
  .refine((text) => text.isWellFormed(), { error: 'expected well-formed Unicode text' })
  .transform((text) => text.trim() || null);

/** The expected value of a language field. */
export const LANGUAGE_TAGS_EXPECTED = 'one of the tags `en`, `en-US`, `en-GB`, `ko`, `ko-KR`';

/** A language tag as one of LANGUAGES. */
export const languageSchema = z
  .string({ error: 'expected a language tag as text' })
  .transform((tag, context): Language => {
    const known = LANGUAGE_TAGS.get(tag.toLowerCase());
    if (known !== undefined) return known;
    context.addIssue({ code: 'custom', message: 'expected one of en, en-US, en-GB, ko, ko-KR' });
    return z.NEVER;
  });

/** The field for the spoken language; `en` by default. */
export const spokenLanguage = languageSchema
  .nullish()
  .transform((value) => value ?? 'en')
  .meta({
    title: 'Language',
    examples: ['en', 'ko'],
    description: `Language of speech, captions and events: ${LANGUAGE_TAGS_EXPECTED}; default \`en\`.`,
  });
