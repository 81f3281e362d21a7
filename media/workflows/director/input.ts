/** What a script-to-video job takes, checked before anything is enqueued. */
import type { Language } from 'playhead';
import { z } from 'zod';
import { countLines, parseScript } from '../../script.ts';
import { LANGUAGE_TAGS_EXPECTED, languageSchema, textFault, titleSchema } from '../../text-input.ts';

const SCRIPT_LIMIT_CHARS = 100_000;
const SCRIPT_LIMIT_LINES = 500;

/** Input of the Director after parsing. */
export interface ScriptInput {
  /** Line ends are `\n`. */
  readonly script: string;
  /** Null: the script's own title, if any. */
  readonly title: string | null;
  readonly language: Language;
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

/** Parses `{ script, title?, language? }`; null counts as left out. Issue messages read `expected …`. */
export const scriptInputSchema: z.ZodType<ScriptInput> = z.object(
  {
    script: script.meta({
      title: 'Script',
      multiline: true,
      examples: [
        '## A short scene\nMIRA: Hello! I am rendered while you watch.\nTHEO: And every step of it is streamed to you.\n',
        'MIRA: Hello. I am rendered while you watch.',
      ],
      description:
        'The script: lines `NAME: text`, scene headings `## Scene`, stage directions in brackets, plain text for a narrator. At least one spoken line, at most 500 of them and 100,000 characters; no control characters other than line ends and tabs.',
    }),
    title: titleSchema
      .nullish()
      .transform((value) => value ?? null)
      .meta({
        title: 'Title',
        description:
          'Title shown at the start: at most 200 characters in one line. Default: the script’s own, if any.',
      }),
    language: languageSchema
      .nullish()
      .transform((value) => value ?? 'en')
      .meta({
        title: 'Language',
        examples: ['en', 'ko'],
        description: `Language of speech, captions and events: ${LANGUAGE_TAGS_EXPECTED}; default \`en\`.`,
      }),
  },
  { error: 'expected an object with a script' },
);
