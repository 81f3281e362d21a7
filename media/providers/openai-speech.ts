/**
 * Speech over `POST /audio/speech` as OpenAI publishes it and Kokoro-FastAPI, LocalAI, Speaches and others serve it.
 * The audio is requested as WAV. Mouths follow its loudness, since it comes without phonemes.
 */
import type { Voice } from '../character.ts';
import { SPEECH_RATE_HZ, type Speech, type SpeechProvider } from '../speech.ts';
import { decodeWav, levelSpeech, resample } from '../wav.ts';
import { badAnswer } from './call-failure.ts';
import { type HttpTiming, ProviderHttp } from './http-client.ts';
import { guessPhonemes } from './loudness-mouth.ts';
import type { OpenAiSettings } from './openai-chat.ts';
import { costOf } from './prices.ts';

/** The provider's voice for each of ours; an unlisted name is sent unchanged. */
export type VoiceMap = Readonly<Record<string, string>>;

export interface OpenAiSpeechSettings extends OpenAiSettings {
  /** Default: OpenAI voices of the same kind as ours. */
  readonly voices?: VoiceMap | undefined;
}

const DEFAULT_VOICES: VoiceMap = { slt: 'nova', rms: 'onyx', awb: 'fable', kal16: 'alloy' };
/** A sentence is at most 240 characters, half a minute or so; at 48 kHz that is 3 MB. */
const AUDIO_LIMIT_BYTES = 20_000_000;
const SHORTEST_SECONDS = 0.05;
const NAME = 'TTS';

/** Makes the speech provider for one model. */
export function createOpenAiSpeech(
  settings: OpenAiSpeechSettings,
  timing: Partial<HttpTiming> = {},
): SpeechProvider {
  const http = new ProviderHttp(NAME, settings, timing);
  const voices = { ...DEFAULT_VOICES, ...settings.voices };
  return {
    name: settings.model,
    guessesPhonemes: true,
    prepare: (text) => {
      const spoken = text.replaceAll(UNSPOKEN, ' ').replaceAll(/\s+/gu, ' ').trim();
      return { text: /[\p{L}\p{N}]/u.test(spoken) ? spoken : '', omitted: undefined };
    },
    // The model infers the language from the text; the interface has no field for it.
    speak: (text, voice, _language, signal) =>
      http.run(
        {
          method: 'POST',
          path: '/audio/speech',
          body: speechBody(settings.model, text, voice, voices),
          signal,
          limitBytes: AUDIO_LIMIT_BYTES,
        },
        async (answer) => toSpeech(await answer.bytes(), text, settings),
      ),
  };
}

/** Emoji and invisible controls, which models read out as words or stumble over. */
const UNSPOKEN = /[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\p{Cf}]|\ufe0f|\u20e3/gu;

function speechBody(model: string, text: string, voice: Voice, voices: VoiceMap): object {
  return {
    model,
    input: text,
    voice: voices[voice.name] ?? voice.name,
    response_format: 'wav',
    ...(voice.pace !== 1 && { speed: Math.round(voice.pace * 100) / 100 }),
  };
}

function toSpeech(file: Uint8Array, text: string, settings: OpenAiSettings): Speech {
  const pcm = decodeWav(file);
  const samples = pcm.sampleRateHz === SPEECH_RATE_HZ ? pcm.samples : resample(pcm, SPEECH_RATE_HZ).samples;
  const seconds = samples.length / SPEECH_RATE_HZ;
  if (seconds < SHORTEST_SECONDS)
    throw badAnswer(NAME, `audio of the sentence, received ${seconds.toFixed(3)} s`);
  levelSpeech(samples);
  return {
    samples,
    phonemes: guessPhonemes(samples),
    costUsd: costOf(settings.prices ?? {}, settings.model, {
      characters: text.length,
      audioSeconds: seconds,
    }),
  };
}
