import type { Language } from 'playhead';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { displayWidth, readingSeconds } from '../../../media/captions/caption-rules.ts';
import { paceLine } from '../../../media/captions/line-pacing.ts';
import { breakCaption } from '../../../media/captions/phrase.ts';
import { timeWords } from '../../../media/captions/spoken-word.ts';
import { writeWebVtt } from '../../../media/captions/webvtt.ts';
import { splitWords } from '../../../media/captions/word.ts';
import { type ClipPlan, FRAMES_PER_SECOND } from '../../../media/clip-plan.ts';
import { planClip } from '../../../media/clip-planning.ts';
import { planFilm } from '../../../media/film.ts';
import { createMedia, type Media } from '../../../media/media.ts';
import { speakScene } from '../../../media/scene-speech.ts';
import { parseScript } from '../../../media/script.ts';
import { splitSentences } from '../../../media/sentence.ts';
import { SPEECH_RATE_HZ, type SpeechProvider } from '../../../media/speech.ts';
import { wordsToSpeak } from '../../../media/words-to-speak.ts';
import { createMetronome } from '../metronome.ts';
import { SCRIPTS } from './scripts.ts';

let media: Media;
beforeAll(() => {
  media = createMedia({ workers: 2 });
});
afterAll(() => media.close());

/** A caption as a player reads it from the file. */
interface Shown {
  readonly from: number;
  readonly to: number;
  readonly lines: readonly string[];
}

async function filmOf(
  script: string,
  provider: SpeechProvider,
): Promise<{ shown: Shown[]; plans: ClipPlan[] }> {
  const film = planFilm(parseScript(script), null, languageOf(script), []);
  const [shown, plans]: [Shown[], ClipPlan[]] = [[], []];
  let startSeconds = 0;
  for (const [index, scene] of film.scenes.entries()) {
    const spoken = await speakScene(film, scene, {
      ...{ provider, signal: new AbortController().signal, onSpoken: () => {}, warn: () => {} },
    });
    const plan = planClip(film, index, scene, spoken);
    plans.push(plan);
    for (const { from, to, lines } of readVtt(writeWebVtt(plan.cues, film.language))) {
      shown.push({ from: from + startSeconds, to: to + startSeconds, lines });
    }
    startSeconds += plan.frames / FRAMES_PER_SECOND;
  }
  return { shown, plans };
}

function languageOf(script: string): Language {
  return /\p{Script=Hangul}/u.test(script) ? 'ko' : 'en';
}

function readVtt(text: string): Shown[] {
  const seconds = (time: string): number => time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return text
    .split('\n\n')
    .filter((block) => block.includes(' --> '))
    .map((block) => {
      const [, times = '', ...lines] = block.trim().split('\n');
      const [from = '', to = ''] = times.split(' --> ');
      const plain = lines.map((line) =>
        line
          .replaceAll(/<[^>]*>/g, '')
          .replaceAll('&lt;', '<')
          .replaceAll('&gt;', '>')
          .replaceAll('&amp;', '&'),
      );
      return { from: seconds(from), to: seconds(to), lines: plain };
    });
}

function faultsOf(shown: readonly Shown[]): string[] {
  return shown.flatMap(({ from, to, lines }, index) => {
    const seconds = to - from;
    const text = lines.join(' ');
    const gap = (shown[index + 1]?.from ?? Number.POSITIVE_INFINITY) - to;
    const faults = [
      lines.length > 2 && 'more than two lines',
      lines.some((line) => displayWidth(line) > 42) && 'a line over 42 characters',
      seconds < 0.8299 && `only ${seconds.toFixed(2)} s`,
      seconds > 7.0001 && `as long as ${seconds.toFixed(2)} s`,
      displayWidth(text) / seconds > 17.01 &&
        `${(displayWidth(text) / seconds).toFixed(1)} characters a second`,
      gap < 0.0799 && `${gap.toFixed(3)} s to the next`,
      splitSentences(text).length > 2 && 'more than two sentences',
    ];
    return faults.filter((fault) => fault !== false).map((fault) => `${fault}: ${text}`);
  });
}

/** What is written is all there, once and in order. */
function expectWhole(script: string, shown: readonly Shown[]): void {
  const film = planFilm(parseScript(script), null, languageOf(script), []);
  const written = film.scenes.flatMap(({ lines }) => lines.flatMap(({ sentences }) => sentences));
  const bare = (texts: readonly string[]): string => texts.join('').replaceAll(/\s/g, '');
  expect(bare(shown.flatMap(({ lines }) => lines))).toBe(bare(written));
}

test('there are fifty scripts', () => {
  expect(new Set(SCRIPTS).size).toBe(50);
});

test.each(SCRIPTS.map((script) => [script.slice(0, 40), script]))(
  '%j keeps the rules, said slowly, as usual, and fast',
  async (_, script) => {
    for (const lettersPerSecond of [8, 12, 15]) {
      const { shown } = await filmOf(script, createMetronome(lettersPerSecond));
      expect(faultsOf(shown)).toEqual([]);
      expectWhole(script, shown);
    }
  },
);

/** One of each kind. */
const SPOKEN = [0, 3, 8, 10, 12, 20, 27, 30, 36, 40, 43, 46].map((index) => SCRIPTS[index] ?? '');

test.each(SPOKEN.map((script) => [script.slice(0, 40), script]))(
  '%j keeps the rules as it is spoken',
  async (_, script) => {
    const { shown } = await filmOf(script, media.speech);
    expect(faultsOf(shown)).toEqual([]);
    expectWhole(script, shown);
  },
);

test('speech that is far too fast for its captions: they come late by a second at most, and only then go by faster', async () => {
  const script =
    'He spoke and spoke and spoke without a breath and nobody could follow what he said about the price of bread in the town where he was born and where his mother still had the little shop beside the church and the mill';
  const { shown, plans } = await filmOf(script, createMetronome(40));
  const heard = plans[0]?.turns[0]?.from ?? 0;
  expect(faultsOf(shown).every((fault) => /characters a second|^only/.test(fault))).toBe(true);
  const last = shown.at(-1);
  const share = script.indexOf(last?.lines[0] ?? '?') / script.length;
  const lateSeconds = (last?.from ?? 0) - heard / 25 - share * (script.replaceAll(' ', '').length / 40);
  expect(lateSeconds).toBeLessThan(1.2);
});

test('a word is timed by its sounds: numbers take as long as they are said', async () => {
  const [before, after] = ['It cost $1,250,000 on 12/25/1999', 'and nobody knew why.'];
  const voice = { name: 'slt', pitch: 1, pace: 1 } as const;
  const say = async (text: string) =>
    media.speech.speak(
      wordsToSpeak(text, 'en', media.speech).text,
      voice,
      'en',
      new AbortController().signal,
    );
  const [whole, part] = [await say(`${before} ${after}`), await say(before)];
  const seconds = whole.samples.length / SPEECH_RATE_HZ;
  const sentence = { text: `${before} ${after}`, startSeconds: 0, endSeconds: seconds };
  const words = timeWords(sentence, 0, { phonemes: whole.phonemes, language: 'en', areExact: true });
  const and = words.find(({ text }) => text === 'and');
  expect(Math.abs((and?.startSeconds ?? 0) - part.samples.length / SPEECH_RATE_HZ)).toBeLessThan(0.4);
});

test('a voice waits in its pauses, and its sound stays whole', () => {
  const text =
    'Aaaa bbbb cccc dddd eeee ffff gggg hhhh iiii, jjjj kkkk llll mmmm nnnn oooo pppp qqqq rrrr ssss tttt uuuu.';
  const words = timeWords({ text, startSeconds: 0, endSeconds: 3 }, 0, {
    phonemes: [],
    language: 'en',
    areExact: false,
  });
  const middle = words.find(({ text: word }) => word === 'jjjj')?.startSeconds ?? 0;
  const samples = Int16Array.from({ length: 3 * SPEECH_RATE_HZ }, (_, index) => index % 1_000);
  const paced = paceLine([{ text, startSeconds: 0, endSeconds: 3 }], words, {
    phonemes: [
      { symbol: 'ah', startSeconds: 0, endSeconds: middle - 0.1 },
      { symbol: 'pau', startSeconds: middle - 0.1, endSeconds: middle },
      { symbol: 'ah', startSeconds: middle, endSeconds: 3 },
    ],
    sounds: [{ atSeconds: 0, samples }],
  });
  expect(paced.sounds).toHaveLength(2);
  expect(Int16Array.from(paced.sounds.flatMap((sound) => [...sound.samples]))).toEqual(samples);
  const [first, second] = paced.captions;
  // The second caption comes with its words, when the first has been read.
  expect(second?.from).toBe((first?.to ?? 0) + 2);
  const jSeconds =
    paced.phonemes.find(({ symbol, startSeconds }) => symbol === 'ah' && startSeconds > 0)?.startSeconds ?? 0;
  expect(Math.floor(jSeconds * FRAMES_PER_SECOND + 1e-6)).toBe(second?.from);
  for (const [index, { startSeconds }] of paced.phonemes.slice(1).entries()) {
    expect(startSeconds).toBeCloseTo(paced.phonemes[index]?.endSeconds ?? 0);
  }
});

test.each([
  ['Nobody had seen the wolf, and everybody was certain of it.', 'wolf,'],
  ['The keeper came back up the path with a lantern in one hand and a letter.', 'path'],
  ['She would never go back to the old house on the hill.', 'back'],
  ['호랑이는 떡을 아주 좋아해서 할머니를 기다렸습니다.', '좋아해서'],
])('%j breaks into lines at a phrase', (text, end) => {
  const lines = breakCaption(splitWords(text))?.lines;
  expect(lines).toHaveLength(2);
  expect(lines?.[0]?.endsWith(end)).toBe(true);
});

test('reading time has a floor and grows with the text', () => {
  expect(readingSeconds('hm')).toBe(1.4);
  expect(readingSeconds('가'.repeat(30))).toBe(4);
});
