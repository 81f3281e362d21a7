/** Inputs of varying size for the recording; the same seed gives the same inputs. */
const SENTENCES = [
  'The rain came early this year.',
  'Nobody at the harbour had seen a ship like that before.',
  'We counted 340 birds on the first morning, and fewer every day after.',
  'She opened the letter twice.',
  'It cost $12.50 and it was worth every cent.',
  'On March 3rd the bridge was closed for repairs.',
  'The old clock in the square stopped at noon.',
  'Did you hear the wind last night?',
  'A small team built the first engine in a garage, with borrowed tools.',
  'He laughed.',
  'The river turns south behind the mill, where the water is deep.',
  'Every evening the lights go on, one after the other.',
  'There were 48 seats, and only two of them were free.',
  'The teacher drew a long line and asked what it was.',
  'Bread, salt, and a little oil are all that you need.',
  'I can wait.',
  'The snow had covered the road, the fence and the lower windows of the house.',
  'Tell them that the train leaves at seven.',
  'An owl sat on the roof and watched the street.',
  'What a strange day it has been!',
];
const PLACES = [
  'The kitchen, at night',
  'A park in spring',
  'The office',
  'The beach, early morning',
  'The train',
];
const NAMES = ['MIRA', 'THEO', 'ANNA', 'JONAS'];

/** Mulberry32 (public domain). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Random = () => number;

/** A log-uniform size: many are small, few large. */
function size(random: Random, low: number, high: number): number {
  return low * (high / low) ** random();
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

/** Whole sentences, at least one, of about `length` characters in total. */
function write(random: Random, length: number): string {
  let text = pick(random, SENTENCES);
  while (text.length < length) text += ` ${pick(random, SENTENCES)}`;
  return text;
}

/** @param most approximate maximum number of characters */
export function makeText(random: Random, most = 300): string {
  return write(random, size(random, 15, most));
}

export function makeScript(random: Random, most = 4): string {
  const scenes = Math.max(1, Math.round(size(random, 0.7, most)));
  let script = '';
  for (let scene = 0; scene < scenes; scene += 1) {
    script += `## ${pick(random, PLACES)}\n\n`;
    const lines = Math.max(1, Math.round(size(random, 0.7, 2)));
    for (let line = 0; line < lines; line += 1) {
      script += `${pick(random, NAMES)}: ${write(random, size(random, 5, 30))}\n`;
    }
    script += '\n';
  }
  return script;
}

const WHO = [
  'The harbour',
  'A young engineer',
  'The old mill',
  'The council',
  'A flock of cranes',
  'The night train',
];
const WHAT = ['changed', 'saved', 'followed', 'measured', 'forgot', 'rebuilt', 'crossed', 'described'];
const WHICH = ['a narrow', 'the longest', 'a forgotten', 'the only', 'a wooden', 'the northern', 'a noisy'];
const THING = ['bridge', 'valley', 'letter', 'engine', 'river', 'garden', 'lighthouse', 'market', 'school'];
const WHEN = ['in winter', 'before the war', 'last year', 'at low tide', 'without a map', 'for 40 years'];

/** No two sentences are alike, as in an article: the writer spends its time comparing them. */
function makeSentence(random: Random): string {
  const rest = `${pick(random, WHAT)} ${pick(random, WHICH)} ${pick(random, THING)} ${pick(random, WHEN)}`;
  return `${pick(random, WHO)} ${rest}, and ${pick(random, SENTENCES).toLowerCase()}`;
}

/** An article of up to the maximum length, and the number of scenes for it. */
export function makeBrief(random: Random): { brief: string; scenes: number } {
  const characters = size(random, 400, 19_500);
  let brief = makeSentence(random);
  while (brief.length < characters) brief += `${random() < 0.2 ? '\n\n' : ' '}${makeSentence(random)}`;
  return { brief, scenes: Math.round(size(random, 1, 20)) };
}
