import { expect, test } from 'vitest';
import { planFilm } from '../../media/film.ts';
import { preparePassage } from '../../media/narration/passage.ts';
import { speakScene } from '../../media/scene-speech.ts';
import { parseScript } from '../../media/script.ts';
import type { SpeechProvider } from '../../media/speech.ts';
import { wordsToSpeak } from '../../media/words-to-speak.ts';

/** Speaks silence and remembers what it was given. */
function createListener(): SpeechProvider & { readonly given: string[] } {
  const given: string[] = [];
  return {
    name: 'listener',
    given,
    prepare: (text) => ({ text, omitted: undefined }),
    speak: async (text) => {
      given.push(text);
      return { samples: new Int16Array(240), phonemes: [], costUsd: 0 };
    },
  };
}

const WRITTEN = 'Dr. Lee drove 60 km/h. It cost £3.99.';
const SAID = ['Doctor Lee drove sixty kilometers per hour.', 'It cost three pounds and ninety nine pence.'];

test('a film says the words of what is written, and shows what is written', async () => {
  const film = planFilm(parseScript(`MIRA: ${WRITTEN}`), null, 'en', []);
  const provider = createListener();
  const [line] = await speakScene(film, film.scenes[0] ?? expect.fail('no scene'), {
    provider,
    signal: new AbortController().signal,
    onSpoken: () => {},
    warn: () => {},
  });
  expect(provider.given).toEqual(SAID);
  expect(line?.captions.flatMap(({ lines }) => lines).join(' ')).toBe(WRITTEN);
});

test('a passage has the same words', () => {
  expect(preparePassage(WRITTEN, 'en', createListener()).sentences).toEqual(SAID);
});

test('Hangul is read as Korean and Latin letters as English, whatever the language of the job', () => {
  const provider = createListener();
  expect(wordsToSpeak('3개', 'en', provider).text).toBe('세 개');
  expect(wordsToSpeak('3 dogs', 'ko', provider).text).toBe('three dogs');
  expect(wordsToSpeak('3', 'ko', provider).text).toBe('삼');
});
