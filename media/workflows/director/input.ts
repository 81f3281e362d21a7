/** The input of a script-to-video job, checked before anything is enqueued. */
import type { Language } from 'playhead';
import { z } from 'zod';
import { findUndrawable } from '../../drawing/fonts.ts';
import { countLines, hasWords, parseScript, SCRIPT_FORMATS, type ScriptFormat } from '../../script.ts';
import { MUSIC_MOODS } from '../../sound-bed/music.ts';
import { spokenLanguage, textFault, titleSchema } from '../../text-input.ts';

const SCRIPT_LIMIT_CHARS = 100_000;
const SCRIPT_LIMIT_LINES = 500;

const MUSIC = ['none', ...MUSIC_MOODS] as const;
type Music = (typeof MUSIC)[number];

/** Input of the Director after parsing. */
export interface ScriptInput {
  /** Line ends are `\n`. */
  readonly script: string;
  /** Null: the script's own title, if any. */
  readonly title: string | null;
  readonly language: Language;
  /** Null: detected. */
  readonly format: ScriptFormat | null;
  readonly music: Music;
}

const script = z
  .string({ error: 'expected the script as text' })
  .max(SCRIPT_LIMIT_CHARS, { error: 'expected at most 100,000 characters', abort: true })
  .transform((text) => text.replaceAll('\r\n', '\n').replaceAll('\r', '\n'))
  .superRefine((text, context) => {
    const expected = text.trim() === '' ? 'expected a script that is not empty' : textFault(text);
    if (expected !== undefined) context.addIssue({ code: 'custom', message: expected });
  });

/** Describes the first character that captions and title cards cannot show, if any. */
function drawingFault(text: string): string | undefined {
  const char = findUndrawable(text);
  if (char === undefined) return undefined;
  const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const line = text.slice(0, text.indexOf(char)).split('\n').length;
  return `expected Latin, Greek, Cyrillic, Devanagari, Korean, Japanese or Chinese letters, which the fonts have; received ${char} (U+${code}) in line ${line}`;
}

function scriptFault(text: string, format: ScriptFormat | null): string | undefined {
  const script = parseScript(text, format);
  const lines = countLines(script);
  if (!hasWords(script)) return 'expected at least one spoken line, such as `MIRA: Hello.`';
  if (lines > SCRIPT_LIMIT_LINES) return `expected at most ${SCRIPT_LIMIT_LINES} spoken lines`;
  return drawingFault(text);
}

const FORMATS_EXPECTED = `expected one of ${SCRIPT_FORMATS.join(', ')}`;

/** Parses `{ script, title?, language?, format?, music? }`; null counts as omitted. Issue messages read `expected …`. */
export const scriptInputSchema: z.ZodType<ScriptInput> = z
  .object(
    {
      script: script.meta({
        title: 'Script',
        multiline: true,
        examples: [
          '## A short scene\nMIRA: Hello! I am rendered while you watch.\nTHEO: And every step of it is streamed to you.\n',
          'MIRA: Hello. I am rendered while you watch.',
        ],
        description:
          'The script: lines `NAME: text`, scene headings `## Scene`, stage directions in brackets, plain text for a narrator, at its head `Cast: NAME (female, 60)` for looks and voices; or Fountain, Markdown, SRT, WebVTT or HTML. At least one spoken line, at most 500 of them and 100,000 characters; no control characters other than line ends and tabs.',
      }),
      title: titleSchema
        .nullish()
        .transform((value) => value ?? null)
        .meta({
          title: 'Title',
          description:
            'Title shown at the start: at most 200 characters in one line. Default: the script’s own, if any.',
        }),
      language: spokenLanguage,
      format: z
        .enum(SCRIPT_FORMATS, { error: FORMATS_EXPECTED })
        .nullish()
        .transform((value) => value ?? null)
        .meta({
          title: 'Format',
          description:
            'Format of the script, one of `plain`, `markdown`, `fountain`, `srt`, `vtt`, `html`; default: detected.',
        }),
      music: z
        .enum(MUSIC, { error: `expected one of ${MUSIC.join(', ')}` })
        .nullish()
        .transform((value) => value ?? 'none')
        .meta({
          title: 'Music',
          description:
            'Music below the speech, made here, 18 LU quieter: one of `none`, `calm`, `bright`; default: `none`.',
        }),
    },
    { error: 'expected an object with a script' },
  )
  .superRefine(({ script: text, title, format }, context) => {
    const isReadable = text.trim() !== '' && textFault(text) === undefined;
    const fault = isReadable ? scriptFault(text, format) : undefined;
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault, path: ['script'] });
    const titleFault = drawingFault(title ?? '');
    if (titleFault !== undefined) context.addIssue({ code: 'custom', message: titleFault, path: ['title'] });
  });
