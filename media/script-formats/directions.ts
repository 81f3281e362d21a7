/** Tells stage directions from speech: `[rain]`, `(laughs)`, but `the tower (which is old) fell`. */

const CLOSERS: Readonly<Record<string, string>> = { '[': ']', '(': ')', '（': '）', '【': '】' };

const MANNERS =
  "beat|(?:long |short )?pauses?|silence|aside|off|off-?screen|off-?camera|cont(?:'|’)?d\\.?|continued|continuing|o\\.?s\\.?|v\\.?o\\.?|o\\.?c\\.?|voice-?over|quiet|soft|loud|angry|happy|sad|excited|nervous|sarcastic|confused|surprised|amused|annoyed|deadpan|music|applause|cheers?|cheering|then|to (?:self|himself|herself|themselves|camera|audience|the (?:camera|audience)|\\p{Lu}\\p{L}+)";
const ACTS =
  'laugh|sigh|smile|whisper|shout|yell|scream|cr(?:y|ie)|sob|grin|nod|wave|turn|look|point|enter|exit|stand|sit|walk|run|lean|pick|take|hold|open|close|cough|gasp|yawn|chuckle|giggle|snort|shrug|frown|wink|pause|read|sing|clap|knock|jump|drink|eat|shake|raise|hug|blink|stare|glance|gesture|roll|clear|think|hesitate|leave|stop|freeze|step|reach|kneel|bow|groan|moan|mumble|mutter|sniff|swallow|gulp';
/** `smile` in all its forms: smiles, smiling. */
const ACTED = ACTS.split('|')
  .map((act) => `${act.replace(/e$/, '')}\\p{L}?(?:e|es|s|ing)?`)
  .join('|');
const STAGE = new RegExp(
  `^(?:(?:${MANNERS})(?:[\\s,.;!].*)?|(?:\\p{L}+ )?(?:${ACTED})(?:[\\s,.;!].*)?|in an? .*(?:voice|tone|whisper|accent)|with an? .*|under (?:his|her|their) breath|(?:on|over|into) the (?:phone|radio)|(?!only|early|daily|family|july|italy|reply|supply|formerly|nearly|hardly|barely|mostly|mainly|monthly|weekly|yearly|friendly|likely|fly|apply|assembly|anomaly)\\p{L}+ly(?:[,;] .*)?)$`,
  'iu',
);
/** `She waves.` */
const SOMEBODY_ACTS =
  /^(?:She|He|They|(?!It |This |That |There |What |Who )\p{Lu}\p{L}+) (?!is\b|was\b|has\b|does\b|always\b|means\b)\p{Ll}+s\b/u;
const NO_STAGE =
  /^(?:especially|usually|approximately|roughly|previously|originally|including|excluding|meaning|according|depending|typically|generally|officially|commonly|namely|technically|literally|basically|actually|possibly|probably|currently|recently|really|namely|exactly|partly|with an? (?:average|total|population))\b/i;
const KOREAN_STAGE =
  /^[\p{Script=Hangul}\s,]{1,20}(?:며|면서|게|히|한숨|웃음|침묵|박수|기침|울음|으로|목소리|다)$/u;
const STAGE_LIMIT_WORDS = 9;

/** Whether words in round brackets describe a manner or an action. */
export function isStageDirection(words: string): boolean {
  const text = words.trim();
  if (text === '' || text.split(/\s+/).length > STAGE_LIMIT_WORDS || NO_STAGE.test(text)) return false;
  return STAGE.test(text) || SOMEBODY_ACTS.test(text) || KOREAN_STAGE.test(text);
}

export interface SplitText {
  /** The spoken text. */
  readonly text: string;
  /** Without their brackets, in order; a nested one comes before the one around it. */
  readonly directions: readonly string[];
}

/**
 * Splits a line into its text and its directions, in one pass. Square brackets hold directions. Round ones do at a line's
 * beginning, and elsewhere if their words are those of a direction. A bracket that is never closed is text.
 * @param all true: nothing in brackets is text, as in a speaker's name
 */
export function splitDirections(text: string, all = false): SplitText {
  const directions: string[] = [];
  const kept: string[] = [];
  /** Open brackets: what closes each, and how much was kept before it. */
  const open: { closer: string; keptLength: number }[] = [];
  for (const char of text) {
    kept.push(char);
    const closer = CLOSERS[char];
    if (closer !== undefined) open.push({ closer, keptLength: kept.length - 1 });
    else if (open.at(-1)?.closer === char) {
      const from = open.pop()?.keptLength ?? kept.length;
      if (!all && isSpoken(kept, from)) continue;
      const direction = collapse(kept.slice(from + 1, -1));
      if (direction !== '') directions.push(direction);
      kept.length = from;
      kept.push(' ');
    }
  }
  return { text: collapse(kept), directions };
}

/** Longer text in brackets is not examined. */
const DIRECTION_LIMIT_CHARS = 120;

/** Whether the text of the bracket that has just been closed is part of the sentence. */
function isSpoken(kept: readonly string[], from: number): boolean {
  if (kept[from] !== '(' && kept[from] !== '（') return false;
  if (kept.length - from > DIRECTION_LIMIT_CHARS) return true;
  const words = collapse(kept.slice(from + 1, -1));
  if (/^[\d.,%]+$/.test(words)) return true;
  // `401(k)`, `f(x)`; Korean directions follow without a space.
  if (/[\p{L}\p{N}]/u.test(kept[from - 1] ?? '')) return !KOREAN_STAGE.test(words);
  const isFirst = !kept.slice(Math.max(0, from - 8), from).some((char) => char.trim() !== '');
  return !isFirst && !isStageDirection(words);
}

function collapse(chars: readonly string[]): string {
  return chars.join('').replace(/\s+/gu, ' ').trim();
}
