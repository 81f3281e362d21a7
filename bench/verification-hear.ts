/**
 * Speaks sentences intact and deliberately damaged (a word lost, a number changed), and writes down what is heard:
 * `node bench/verification-hear.ts > heard.jsonl`. `bench/verification.ts` judges it. `… 0 3` runs only the first third.
 */
import { readFileSync } from 'node:fs';
import { createMedia } from '../media/media.ts';
import { createPocketSphinx } from '../media/recognition/pocketsphinx.ts';
import { SPEECH_RATE_HZ } from '../media/speech.ts';
import { wordsToSpeak } from '../media/words-to-speak.ts';

const NUMBERS =
  'two three four five six seven eight nine ten twelve fifteen twenty thirty forty fifty sixty'.split(' ');
const NUMBER = new RegExp(`\\b(?:${NUMBERS.join('|')})\\b`);
/** The number of takes heard together, because starting a recogniser takes as long as several seconds of speech. */
const GROUP = 8;
const GAP_SECONDS = 0.8;

/** The spoken words with one number changed, or one long word lost. The choice is determined by the sentence. */
function damage(words: string, index: number): string {
  const number = NUMBER.exec(words)?.[0];
  if (number !== undefined) {
    const other = NUMBERS[(NUMBERS.indexOf(number) + 3 + (index % 3)) % NUMBERS.length] ?? '';
    return words.replace(number, other);
  }
  const long = words.match(/\b[a-z]{4,}\b/gi) ?? [];
  const lost = long[Math.floor(long.length / 2)] ?? words.split(' ')[0] ?? '';
  return words.replace(new RegExp(`\\b${lost}\\b`), ' ').replaceAll(/\s+/g, ' ');
}

const media = createMedia({ workers: 1 });
const listener = createPocketSphinx({});
const signal = new AbortController().signal;
const [part, parts] = [Number(process.argv[2] ?? 0), Number(process.argv[3] ?? 1)];
const takes = readFileSync(new URL('./verification-sentences.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .flatMap((sentence, index) => {
    const expected = wordsToSpeak(sentence, 'en', media.speech).text;
    const damaged = damage(expected, index);
    return [
      { expected, said: expected, isDamaged: false },
      ...(damaged === expected ? [] : [{ expected, said: damaged, isDamaged: true }]),
    ];
  })
  .filter((_, index) => index % parts === part);

for (let start = 0; start < takes.length; start += GROUP) {
  const group = takes.slice(start, start + GROUP);
  const starts: number[] = [];
  const samples: number[] = [];
  for (const { said } of group) {
    starts.push(samples.length / SPEECH_RATE_HZ);
    const speech = await media.speech.speak(said, { name: 'rms', pitch: 1, pace: 1 }, 'en', signal);
    for (const sample of speech.samples) samples.push(sample);
    for (let index = 0; index < GAP_SECONDS * SPEECH_RATE_HZ; index += 1) samples.push(0);
  }
  const pcm = { samples: Int16Array.from(samples), sampleRateHz: SPEECH_RATE_HZ };
  const { words } = await listener.recognize(pcm, 'en', signal);
  for (const [index, take] of group.entries()) {
    const [from, to] = [starts[index] ?? 0, starts[index + 1] ?? Number.POSITIVE_INFINITY];
    const heard = words.filter((word) => {
      const middle = (word.startSeconds + word.endSeconds) / 2;
      return middle >= from && middle < to;
    });
    process.stdout.write(`${JSON.stringify({ ...take, heard: heard.map(({ text }) => text).join(' ') })}\n`);
  }
}
await media.close();
