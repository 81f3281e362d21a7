/** Speech and recognition. */
import { expect, test } from 'vitest';
import { createOpenAiRecognition } from '../../../media/providers/openai-recognition.ts';
import { createOpenAiSpeech } from '../../../media/providers/openai-speech.ts';
import { SPEECH_RATE_HZ } from '../../../media/speech.ts';
import { decodeWav, encodeWav } from '../../../media/wav.ts';
import { PATIENCE_MS } from '../../setup/deadline.ts';
import { type Answer, anySignal, bytes, failureOf, fakeTiming, json, key, startFakeApi } from './fake-api.ts';

const voice = { name: 'slt', pitch: 1, pace: 1.1 } as const;
const price = {
  inputPerMillionTokens: 0,
  outputPerMillionTokens: 0,
  perMillionCharacters: 0,
  perMinute: 0,
  perSecond: 0,
};

/** Half a second of silence, half a second of sound. */
function tone(sampleRateHz: number): Uint8Array {
  const samples = Int16Array.from({ length: sampleRateHz }, (_, index) =>
    index < sampleRateHz / 2 ? 0 : Math.round(8_000 * Math.sin(index / 5)),
  );
  return encodeWav({ samples, sampleRateHz });
}

async function speechOf(...answers: Answer[]) {
  const api = await startFakeApi(...answers);
  const prices = { speaker: { ...price, perMillionCharacters: 1_000_000 } };
  const settings = { baseUrl: api.baseUrl, key, timeoutMs: PATIENCE_MS, model: 'speaker', prices };
  const provider = createOpenAiSpeech({ ...settings, voices: { slt: 'coral' } }, fakeTiming());
  return { api, provider, speak: () => provider.speak('Hi all.', voice, 'en', anySignal()) };
}

test.each([24_000, 44_100, 16_000])(
  'speech at %i Hz comes at our rate, with gapless sounds and its cost',
  async (rate) => {
    const { speak, api } = await speechOf(bytes(tone(rate), 'audio/wav'));
    const speech = await speak();
    expect(Math.abs(speech.samples.length - SPEECH_RATE_HZ)).toBeLessThanOrEqual(1);
    expect(speech.costUsd).toBe(7);
    let end = 0;
    for (const sound of speech.phonemes) {
      expect(sound.startSeconds).toBeCloseTo(end, 6);
      end = sound.endSeconds;
    }
    expect(end).toBeCloseTo(speech.samples.length / SPEECH_RATE_HZ, 6);
    expect(JSON.parse(api.received[0]?.body.toString() ?? '')).toEqual({
      model: 'speaker',
      input: 'Hi all.',
      voice: 'coral',
      response_format: 'wav',
      speed: 1.1,
    });
  },
);

test('the mouth rests in silence and opens where it is loud', async () => {
  const { speak } = await speechOf(bytes(tone(SPEECH_RATE_HZ)));
  const { phonemes } = await speak();
  expect(phonemes.at(1)?.symbol).toBe('pau');
  expect(phonemes.at(-3)?.symbol).toBe('aa');
});

test('a WAV file in a Buffer is copied out of the memory that buffers share', () => {
  const { samples } = decodeWav(Buffer.from(tone(1_000)));
  expect(samples).toHaveLength(1_000);
  expect(samples).toEqual(decodeWav(tone(1_000)).samples);
  expect(samples.buffer.byteLength).toBe(2_000);
});

test.each([
  ['an error page', new TextEncoder().encode('<html>busy</html>')],
  ['nothing', new Uint8Array()],
  ['a WAV file without sound', encodeWav({ samples: new Int16Array(3), sampleRateHz: 24_000 })],
])('%s in place of audio is asked for again, then PROVIDER_FAILED', async (_, body) => {
  const { speak, api } = await speechOf(bytes(body));
  expect(await failureOf(speak())).toMatchObject({ code: 'PROVIDER_FAILED' });
  expect(api.received).toHaveLength(3);
});

test('Korean is spoken, emoji are not', async () => {
  const { provider } = await speechOf(json({}));
  expect(provider.prepare('안녕 🌋 여러분', 'ko')).toEqual({ text: '안녕 여러분', omitted: undefined });
  expect(provider.prepare('🌋!', 'en').text).toBe('');
});

async function recognizerOf(...answers: Answer[]) {
  const api = await startFakeApi(...answers);
  const prices = { hearer: { ...price, perMinute: 6 } };
  const settings = { baseUrl: api.baseUrl, key, timeoutMs: PATIENCE_MS, model: 'hearer', prices };
  const provider = createOpenAiRecognition(settings, fakeTiming());
  const speech = { samples: new Int16Array(SPEECH_RATE_HZ * 10).fill(5), sampleRateHz: SPEECH_RATE_HZ };
  return { api, recognize: () => provider.recognize(speech, 'ko', anySignal()) };
}

test('recognition sends a WAV file and reads words with their times', async () => {
  const words = [
    { word: ' Hello', start: 0.1, end: 0.5 },
    { word: 'all', start: 0.5, end: 0.4 },
  ];
  const { api, recognize } = await recognizerOf(
    json({ text: ' Hello all ', words, duration: 10, task: 'transcribe' }),
  );
  expect(await recognize()).toEqual({
    text: 'Hello all',
    words: [
      { text: 'Hello', startSeconds: 0.1, endSeconds: 0.5 },
      { text: 'all', startSeconds: 0.5, endSeconds: 0.5 },
    ],
    costUsd: 1,
  });
  const [request] = api.received;
  const form = await new Response(new Uint8Array(request?.body ?? []), {
    headers: { 'content-type': String(request?.headers['content-type']) },
  }).formData();
  expect(Object.fromEntries([...form].filter(([name]) => name !== 'file'))).toEqual({
    model: 'hearer',
    language: 'ko',
    response_format: 'verbose_json',
    'timestamp_granularities[]': 'word',
    temperature: '0',
  });
  const file = form.get('file') as File;
  expect(decodeWav(new Uint8Array(await file.arrayBuffer())).samples).toHaveLength(SPEECH_RATE_HZ * 10);
});

test('recognition without word times gives none', async () => {
  const { recognize } = await recognizerOf(json({ text: 'Hello' }));
  expect((await recognize()).words).toEqual([]);
});

test.each([['{"text": 5}'], ['not JSON'], ['{"words": []}']])(
  'the answer %s is PROVIDER_FAILED',
  async (body) => {
    const { recognize } = await recognizerOf(bytes(new TextEncoder().encode(body)));
    expect(await failureOf(recognize())).toMatchObject({
      code: 'PROVIDER_FAILED',
      details: { error_code: 'bad_answer' },
    });
  },
);

test('audio longer than an upload may be is not sent', async () => {
  const { api } = await recognizerOf(json({ text: '' }));
  const provider = createOpenAiRecognition({ baseUrl: api.baseUrl, timeoutMs: PATIENCE_MS, model: 'hearer' });
  const speech = { samples: new Int16Array(14_000_000), sampleRateHz: SPEECH_RATE_HZ };
  expect(await failureOf(provider.recognize(speech, 'en', anySignal()))).toMatchObject({
    code: 'INVALID_INPUT',
  });
  expect(api.received).toHaveLength(0);
});
