/**
 * How much damage the verification of speech finds, and how much good speech it rejects: reads what
 * `bench/verification-hear.ts` has written: `node bench/verification.ts heard.jsonl`. `before` compares characters of the
 * words, as similarity was computed until November 2026.
 */
import { readFileSync } from 'node:fs';
import { compareCharacters, compareTexts, toWords } from '../media/text-normalisation/comparison.ts';
import { DEFAULT_MIN_SIMILARITY } from '../media/workflows/audio/input.ts';

interface Heard {
  readonly expected: string;
  readonly said: string;
  readonly heard: string;
  readonly isDamaged: boolean;
}

function byCharacters(expected: string, heard: string): number {
  const { distance, length } = compareCharacters(toWords(expected, 'en'), toWords(heard, 'en'));
  return 1 - distance / Math.max(1, length);
}

const bySound = (expected: string, heard: string): number => compareTexts(expected, heard, 'en').similarity;

const lines = process.argv.slice(2).flatMap((path) => readFileSync(path, 'utf8').trim().split('\n'));
const heard = lines.filter((line) => line !== '').map((line): Heard => JSON.parse(line));
for (const [name, measure] of Object.entries({ before: byCharacters, now: bySound })) {
  const refused = (isDamaged: boolean) => {
    const all = heard.filter((one) => one.isDamaged === isDamaged);
    const below = all.filter((one) => measure(one.expected, one.heard) < DEFAULT_MIN_SIMILARITY);
    return `${below.length} of ${all.length} (${Math.round((100 * below.length) / all.length)} %)`;
  };
  console.log(`${name}: damage found ${refused(true)}, good speech refused ${refused(false)}`);
}
if (process.env['VERBOSE'] !== undefined) {
  for (const one of heard) {
    const similarity = bySound(one.expected, one.heard);
    if (similarity < DEFAULT_MIN_SIMILARITY !== one.isDamaged)
      console.log(one.isDamaged ? 'missed' : 'refused', similarity, one.said, '=>', one.heard);
  }
}
