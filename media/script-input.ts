/** What a script-to-video job takes, checked before anything is enqueued. */
import { z } from 'zod';
import { countLines, parseScript } from './script.ts';

const SCRIPT_LIMIT_CHARS = 100_000;
const SCRIPT_LIMIT_LINES = 500;
const TITLE_LIMIT_CHARS = 200;

/** Languages of titles, captions and messages. The local voices speak English; Korean text is shown, not spoken. */
export const LANGUAGES = ['en', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];

const LANGUAGE_TAGS: ReadonlyMap<string, Language> = new Map([
  ['en', 'en'],
  ['en-us', 'en'],
  ['en-gb', 'en'],
  ['ko', 'ko'],
  ['ko-kr', 'ko'],
]);

/** Input of the Director after parsing. */
export interface ScriptInput {
  /** Line ends are `\n`. */
  readonly script: string;
  /** Null: the script's own title, if any. */
  readonly title: string | null;
  readonly language: Language;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const CONTROL_EXCEPT_TAB_LINE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/u;

/** Why a text of several lines is not acceptable as free text: undefined when it is. */
export function textFault(text: string): string | undefined {
  if (CONTROL_EXCEPT_TAB_LINE.test(text))
    return 'expected no control characters other than line ends and tabs';
  if (!text.isWellFormed()) return 'expected well-formed Unicode text';
  return undefined;
}

const script = z
  .string({ error: 'expected the script as text' })
  .max(SCRIPT_LIMIT_CHARS, { error: 'expected at most 100,000 characters', abort: true })
  .transform((text) => text.replaceAll('\r\n', '\n').replaceAll('\r', '\n'))
  .superRefine((text, context) => {
    const expected = scriptFault(text);
    if (expected !== undefined) context.addIssue({ code: 'custom', message: expected });
  });

function scriptFault(text: string): string | undefined {
  if (text.trim() === '') return 'expected a script that is not empty';
  const fault = textFault(text);
  if (fault !== undefined) return fault;
  const lines = countLines(parseScript(text));
  if (lines === 0) return 'expected at least one spoken line, such as `MIRA: Hello.`';
  if (lines > SCRIPT_LIMIT_LINES) return `expected at most ${SCRIPT_LIMIT_LINES} spoken lines`;
  return undefined;
}

/** A title in one line, trimmed; null when nothing is left. */
export const titleSchema = z
  .string({ error: 'expected the title as text' })
  .max(TITLE_LIMIT_CHARS, { error: 'expected at most 200 characters', abort: true })
  .refine((text) => !CONTROL.test(text), { error: 'expected no control characters' })
  .refine((text) => text.isWellFormed(), { error: 'expected well-formed Unicode text' })
  .transform((text) => text.trim() || null);

/** A language tag as one of LANGUAGES. */
export const languageSchema = z
  .string({ error: 'expected a language tag as text' })
  .transform((tag, context): Language => {
    const known = LANGUAGE_TAGS.get(tag.toLowerCase());
    if (known !== undefined) return known;
    context.addIssue({ code: 'custom', message: 'expected one of en, en-US, en-GB, ko, ko-KR' });
    return z.NEVER;
  });

/** Parses `{ script, title?, language? }`; null counts as left out. Issue messages read `expected …`. */
export const scriptInputSchema: z.ZodType<ScriptInput> = z.object(
  {
    script,
    title: titleSchema.nullish().transform((value) => value ?? null),
    language: languageSchema.nullish().transform((value) => value ?? 'en'),
  },
  { error: 'expected an object with a script' },
);
