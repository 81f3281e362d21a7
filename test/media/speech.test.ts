import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMedia, type Media } from '../../media/media.ts';
import { type MouthShape, REST_MOUTH, trackMouth } from '../../media/mouth-shape.ts';
import { SPEECH_RATE_HZ } from '../../media/speech.ts';
import { prepareEnglish } from '../../media/spoken-text.ts';
import { decodeWav, encodeWav, resample } from '../../media/wav.ts';
import { PlayheadError } from '../../src/core/errors.ts';

let media: Media;
beforeAll(() => {
  media = createMedia({ workers: 1 });
});
afterAll(() => media.close());

const signal = new AbortController().signal;

test.each(['slt', 'rms', 'awb', 'kal16'] as const)(
  'the phonemes of %s cover its audio without a gap',
  async (name) => {
    const speech = await media.speech.speak('Hello, progress!', { name, pitch: 1.1, pace: 1 }, 'en', signal);
    expect(speech.costUsd).toBe(0);
    const seconds = speech.samples.length / SPEECH_RATE_HZ;
    expect(seconds).toBeGreaterThan(0.8);
    expect(speech.phonemes[0]?.startSeconds).toBe(0);
    expect(speech.phonemes.at(-1)?.endSeconds).toBeCloseTo(seconds, 2);
    for (const [index, phoneme] of speech.phonemes.slice(1).entries()) {
      expect(phoneme.startSeconds).toBe(speech.phonemes[index]?.endSeconds);
    }
    const symbols = speech.phonemes.map(({ symbol }) => symbol).join(' ');
    expect(symbols).toContain('hh');
    expect(symbols).toContain('g r eh s');
  },
);

test('pitch does not change how long a text takes, pace does', async () => {
  const secondsOf = async (pitch: number, pace: number): Promise<number> => {
    const { samples } = await media.speech.speak(
      'One two three four.',
      { name: 'slt', pitch, pace },
      'en',
      signal,
    );
    return samples.length / SPEECH_RATE_HZ;
  };
  const plain = await secondsOf(1, 1);
  expect(await secondsOf(1.25, 1)).toBeCloseTo(plain, 0);
  expect((await secondsOf(1, 1.3)) / plain).toBeCloseTo(1 / 1.3, 1);
});

test.each(['-o /etc/passwd', '--help', '<speak>hi</speak>', 'x'.repeat(240), '9'.repeat(200), '$ 5/3 "\''])(
  'odd text is spoken or refused, never obeyed: %j',
  async (text) => {
    const spoken = media.speech.prepare(text, 'en').text;
    const speech = await media.speech
      .speak(spoken, { name: 'kal16', pitch: 1, pace: 1 }, 'en', signal)
      .catch((error: unknown) => error);
    if (speech instanceof Error) expect((speech as PlayheadError).code).toBe('INVALID_INPUT');
    else expect(speech).toHaveProperty('samples');
  },
);

test('speech that is not wanted any more ends with CANCELLED and the threads go on working', async () => {
  const stop = new AbortController();
  const speaking = media.speech.speak(
    'word '.repeat(48),
    { name: 'slt', pitch: 1, pace: 1 },
    'en',
    stop.signal,
  );
  stop.abort();
  await expect(speaking).rejects.toMatchObject({ code: 'CANCELLED' });
  const again = await media.speech.speak('Hi.', { name: 'slt', pitch: 1, pace: 1 }, 'en', signal);
  expect(again.samples.length).toBeGreaterThan(0);
});

test.each([
  ['Caf\u00e9 & \u201ctea\u201d \u2014 5%', 'Cafe and "tea" , 5 percent', undefined],
  ['안녕 hello', 'hello', 'flite cannot speak Korean text'],
  ['Go 🎬🇰🇷!', 'Go !', 'flite cannot speak emoji'],
  ['שלום 你好', '', 'flite cannot speak letters of other scripts'],
  ['안녕 👋', '', 'flite cannot speak Korean text and emoji'],
  ['<b>{\\an8}</b> `x`', 'b an8 /b x', undefined],
  ['...!?', '', undefined],
  ['\u202eabc\u200f', 'abc', undefined],
])('of %j it speaks %j', (text, spoken, omitted) => {
  expect(prepareEnglish(text, 'flite')).toMatchObject({ text: spoken, omitted });
});

test('lips close for m, open wide for aa, purse for uw and rest in silence', () => {
  const sound = (symbol: string, index: number) => ({
    symbol,
    startSeconds: index * 0.2,
    endSeconds: index * 0.2 + 0.2,
  });
  const track = trackMouth(['pau', 'm', 'aa', 'm', 'uw', 'pau'].map(sound));
  const middle = (index: number): MouthShape => track.at(index * 0.2 + 0.1);
  expect(middle(1).open).toBeLessThan(0.1);
  expect(middle(2).open).toBeGreaterThan(0.7);
  expect(middle(3).open).toBeLessThan(0.1);
  expect(middle(4).wide).toBeLessThan(-0.5);
  expect(track.at(3)).toEqual(REST_MOUTH);
  expect(trackMouth([]).at(0)).toEqual(REST_MOUTH);
});

test('mouths move smoothly: no jump between frames', () => {
  const symbols = ['hh', 'ax', 'l', 'ow', 'w', 'er', 'l', 'd', 'b', 'aa', 'p'];
  const track = trackMouth(
    symbols.map((symbol, index) => ({ symbol, startSeconds: index * 0.08, endSeconds: index * 0.08 + 0.08 })),
  );
  for (let frame = 1; frame < 30; frame += 1) {
    expect(Math.abs(track.at(frame / 25).open - track.at((frame - 1) / 25).open)).toBeLessThan(0.62);
  }
});

test('a WAV file is read back as it was written, and resampling keeps a tone', () => {
  const samples = Int16Array.from({ length: 1600 }, (_, index) => 10_000 * Math.sin((index / 16_000) * 6283));
  const read = decodeWav(encodeWav({ samples, sampleRateHz: 16_000 }));
  expect(read).toEqual({ samples, sampleRateHz: 16_000 });
  const { samples: faster } = resample(read, 24_000);
  expect(faster.length).toBe(2400);
  for (const index of [300, 777, 1500]) {
    expect(Math.abs((faster[index] ?? 0) - 10_000 * Math.sin((index / 24_000) * 6283))).toBeLessThan(120);
  }
  expect(() => decodeWav(new Uint8Array(100))).toThrow(PlayheadError);
});
