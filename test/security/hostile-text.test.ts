/** Every text that a job takes, with what a hostile author would write: refused in words that help, or only text. */
import { expect, test } from 'vitest';
import { narrationInputSchema } from '../../media/workflows/audio/input.ts';
import { scriptInputSchema } from '../../media/workflows/director/input.ts';
import { lipSyncInputSchema } from '../../media/workflows/lipsync/input.ts';
import { briefInputSchema } from '../../media/workflows/writer/input.ts';

const INPUTS = {
  script: (text: string) => scriptInputSchema.safeParse({ script: `MIRA: ${text}` }),
  'title of a script': (title: string) => scriptInputSchema.safeParse({ script: 'MIRA: Hi.', title }),
  'language of a script': (language: string) =>
    scriptInputSchema.safeParse({ script: 'MIRA: Hi.', language }),
  text: (text: string) => narrationInputSchema.safeParse({ text: `Hi. ${text}` }),
  voice: (voice: string) => narrationInputSchema.safeParse({ text: 'Hi.', voice }),
  'language of a text': (language: string) => narrationInputSchema.safeParse({ text: 'Hi.', language }),
  brief: (brief: string) => briefInputSchema.safeParse({ brief: `Rain. ${brief}` }),
  'title of a brief': (title: string) => briefInputSchema.safeParse({ brief: 'Rain.', title }),
  'language of a brief': (language: string) => briefInputSchema.safeParse({ brief: 'Rain.', language }),
  character: (character: string) => lipSyncInputSchema.safeParse({ audioJobId: 'a', character }),
  'audio job': (audioJobId: string) => lipSyncInputSchema.safeParse({ audioJobId }),
};
const NAMES = Object.keys(INPUTS) as (keyof typeof INPUTS)[];
/** Taken from a list, or by a pattern: no free text. */
const LISTED = ['language of a script', 'voice', 'language of a text', 'language of a brief', 'audio job'];

const BROKEN: Readonly<Record<string, string>> = {
  'a null byte': 'a\u0000b',
  'an escape sequence': '\u001b[2J',
  'half a character': '\ud800',
  '1 MB in one line': 'x'.repeat(1_048_576),
};
const ONLY_TEXT: Readonly<Record<string, string>> = {
  'a filter of ffmpeg': "a',drawtext=textfile=/etc/x",
  'codes of ASS': '{\\b1\\p1}m 0 0{\\p0}\\N',
  'a path upwards': '../../etc/passwd',
  'marks of direction': '\u202Eevil\u202C \u2066rtl\u2069',
  zalgo: `Z${'\u0351\u0363'.repeat(10)}algo`,
};

test.each(NAMES)('%s: what is no text is refused with what is expected', (name) => {
  for (const [what, text] of Object.entries(BROKEN)) {
    const { success, error } = INPUTS[name](text);
    expect(success, what).toBe(false);
    expect(error?.issues[0]?.message, what).toMatch(/^expected/);
    expect(JSON.stringify(error?.issues[0]?.message).length, what).toBeLessThan(300);
  }
});

test.each(NAMES)(
  '%s: syntax of tools is only text, and nothing at all where words come from a list',
  (name) => {
    for (const [what, text] of Object.entries(ONLY_TEXT)) {
      expect(INPUTS[name](text).success, what).toBe(!LISTED.includes(name));
    }
  },
);
