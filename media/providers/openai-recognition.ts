/**
 * Recognition over `POST /audio/transcriptions` as OpenAI publishes it (whisper-1) and Speaches, LocalAI and
 * whisper.cpp's server serve it: multipart, answered as `verbose_json` with the times of words.
 */
import { PlayheadError } from 'playhead';
import { z } from 'zod';
import { encodeWav, type Pcm } from '../wav.ts';
import { badAnswer } from './call-failure.ts';
import { type HttpAnswer, type HttpTiming, ProviderHttp } from './http-client.ts';
import type { OpenAiSettings } from './openai-chat.ts';
import { costOf } from './prices.ts';
import type { Recognition, RecognitionProvider } from './recognition.ts';

/** OpenAI's limit for one upload. */
const UPLOAD_LIMIT_BYTES = 25 * 1024 * 1024;
const ANSWER_LIMIT_BYTES = 10_000_000;
const NAME = 'STT';

const seconds = z.number().nonnegative();
const answerSchema = z.object({
  text: z.string(),
  words: z.array(z.object({ word: z.string(), start: seconds, end: seconds })).nullish(),
});

/** Makes the recognition provider for one model. */
export function createOpenAiRecognition(
  settings: OpenAiSettings,
  timing: Partial<HttpTiming> = {},
): RecognitionProvider {
  const http = new ProviderHttp(NAME, settings, timing);
  return {
    name: settings.model,
    recognize: async (speech, language, signal) => {
      const call = { method: 'POST', path: '/audio/transcriptions', signal } as const;
      const body = transcriptionForm(settings.model, speech, language);
      return http.run({ ...call, body, limitBytes: ANSWER_LIMIT_BYTES }, async (answer) =>
        toRecognition(await readAnswer(answer), speech, settings),
      );
    },
  };
}

function transcriptionForm(model: string, speech: Pcm, language: string): FormData {
  const wav = encodeWav(speech);
  if (wav.byteLength > UPLOAD_LIMIT_BYTES) {
    throw new PlayheadError(
      'INVALID_INPUT',
      `${NAME} API: expected at most ${UPLOAD_LIMIT_BYTES} bytes of audio, received ${wav.byteLength}`,
    );
  }
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array(wav)], { type: 'audio/wav' }), 'speech.wav');
  form.set('model', model);
  form.set('language', language);
  form.set('response_format', 'verbose_json');
  form.set('timestamp_granularities[]', 'word');
  form.set('temperature', '0');
  return form;
}

async function readAnswer(answer: HttpAnswer): Promise<z.infer<typeof answerSchema>> {
  const text = await answer.text();
  try {
    return answerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw badAnswer(NAME, 'a verbose_json transcription', { cause });
  }
}

function toRecognition(
  { text, words }: z.infer<typeof answerSchema>,
  speech: Pcm,
  { prices, model }: OpenAiSettings,
): Recognition {
  const audioSeconds = speech.samples.length / speech.sampleRateHz;
  return {
    text: text.trim(),
    words: (words ?? []).map(({ word, start, end }) => ({
      text: word.trim(),
      startSeconds: start,
      endSeconds: Math.max(start, end),
    })),
    costUsd: costOf(prices ?? {}, model, { audioSeconds }),
  };
}
