/** Finds the speaker of a line `NAME: text`, and tells apart what only looks like one. */
import { splitDirections } from './directions.ts';

const NAME_LIMIT_CHARS = 40;
const NAME_LIMIT_WORDS = 4;
const NAME_PATTERN = /^[\p{L}\p{N}][\p{L}\p{N}\p{M} .'’_&-]*$/u;
/** Small words within names: Ludwig van Beethoven, Tom and Ann. */
const PARTICLES = new Set(
  'of the and van von der den de da di del della la le el al bin ibn y zu af ter ten st'.split(' '),
);
/** Labels of the text itself; the narrator reads them with what follows. */
const LABELS =
  /^(?:note|notes|n\.?b\.?|tip|tips|pro tip|warning|remember|important|example|for example|summary|in short|in summary|conclusion|fact|fun fact|p\.? ?s\.?|update|disclaimer|definition|result|results|reason|ingredients|method|hint|caution|reminder|key takeaways?|takeaways?|bonus|spoiler|the moral|moral|lesson|next|finally|lastly|first|firstly|second|secondly|third|thirdly|today|also|plus|so|then|now|meanwhile|instead|listen|look|imagine|imagine this|picture this|guess what|wait|think|consider|consider this|namely|mind you|quote|sources?|rule|problem|solution|(?:step|rule|part|chapter|fact|tip|point|reason|lesson|day|item|option|number|no\.?|myth) (?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten))$/i;
/** Labels of what a script says about itself; such lines are not spoken. */
const STAGING =
  /^(?:setting|location|visuals?|music|background music|sfx|fx|sounds?|sound effects?|camera|b-?roll|on-?screen text|text on screen|on screen|cut to|fade (?:in|out|to(?: black)?)|smash cut|dissolve to|transition|action|stage directions?|duration|run(?:ning )?time|length|genre|tone|style|format|characters?|cast|logline|target audience|audience|author|written by|props|lighting|화면|음악|배경음악|효과음|장소|등장인물|분량|길이)$/i;

export type Cue =
  | {
      readonly kind: 'speech';
      readonly speaker: string;
      readonly text: string;
      readonly isBare: boolean;
      /** What is in brackets after the name. */
      readonly about: readonly string[];
      readonly directions: readonly string[];
    }
  | { readonly kind: 'staging'; readonly label: string; readonly text: string; readonly line: string }
  | { readonly kind: 'title'; readonly text: string }
  | { readonly kind: 'scene'; readonly text: string };

/** Reads `NAME: text`. A web address, a time (10:30), a path (C:\x) and a sentence before a colon are not speakers. */
export function readCue(line: string): Cue | undefined {
  const colon = line.slice(0, NAME_LIMIT_CHARS * 3).search(/[:：]/u);
  if (colon < 0) return undefined;
  const after = line[colon + 1];
  if (after !== undefined && /[\d/\\]/.test(after)) return undefined;
  const { text: name, directions } = splitDirections(line.slice(0, colon), true);
  if (!isName(name)) return undefined;
  const rest = line.slice(colon + 1);
  if (/^(?:title|제목)$/i.test(name)) return { kind: 'title', text: rest.trim() };
  if (/^(?:(?:scene|씬|장면)(?: ?\d{1,3})?)$/i.test(name)) return { kind: 'scene', text: rest.trim() };
  if (STAGING.test(name)) return { kind: 'staging', label: name, text: rest.trim(), line };
  const said = splitDirections(rest);
  return {
    kind: 'speech',
    speaker: calmCapitals(name),
    text: said.text,
    isBare: rest.trim() === '',
    about: directions,
    directions: said.directions,
  };
}

/** Whether words may be a speaker's name: capitalised, or a single word, and not a sentence. */
function isName(name: string): boolean {
  if (name.length > NAME_LIMIT_CHARS || !NAME_PATTERN.test(name) || !/\p{L}/u.test(name)) return false;
  if (LABELS.test(name)) return false;
  const words = name.split(' ');
  if (words.length > NAME_LIMIT_WORDS) return false;
  if (words.length === 1) return true;
  if (words.slice(0, -1).some((word) => /\p{Script=Hangul}[은는을를에]$/u.test(word))) return false;
  return words.every((word, index) => !/^\p{Ll}/u.test(word) || (index > 0 && PARTICLES.has(word)));
}

/** Turns `MIRA` into `Mira`. */
export function calmCapitals(name: string): string {
  if (name.length < 2 || name !== name.toUpperCase()) return name;
  return name
    .toLowerCase()
    .replace(/(^|[\s-])(\p{L})/gu, (_, gap: string, letter: string) => gap + letter.toUpperCase());
}
