/** The settings of the media workflows: tools, cast, providers, prices. */
import { resolve } from 'node:path';
import { type SettingsTable, secretText, wholeNumber } from 'playhead';
import { z } from 'zod';
import { priceTableSchema } from './providers/prices.ts';
import type { ProviderSettings, RemoteModel } from './providers/providers.ts';

const optionalPath = z
  .string()
  .min(1)
  .transform((path) => resolve(path))
  .optional();

/** A base URL must not contain credentials or a query: both would appear in logs. */
const providerUrl = z
  .url({ protocol: /^https?$/ })
  .refine((url) => {
    const { username, password, search, hash } = new URL(url);
    return username === '' && password === '' && search === '' && hash === '';
  })
  .optional();

const providerKey = secretText(1);

const modelName = (byDefault: string) => z.string().trim().min(1).max(200).default(byDefault);

/** JSON checked by a schema. */
const json = <T>(schema: z.ZodType<T>) =>
  z.string().transform((text, context): T => {
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      context.addIssue({ code: 'custom', message: 'expected other JSON' });
      return z.NEVER;
    }
  });

const SPEECH_WORKFLOWS = ['director', 'audio'] as const;
const speechWorkflows = z
  .string()
  .default(SPEECH_WORKFLOWS.join(','))
  .transform((text) => text.split(',').map((name) => name.trim().toLowerCase()))
  .pipe(z.array(z.enum(SPEECH_WORKFLOWS)).min(1));

const URL_FORM = 'an http:// or https:// URL without credentials or query';
const KEY_FORM = 'printable ASCII characters without spaces';

export const MEDIA_SETTINGS = {
  PLAYHEAD_FFMPEG: {
    schema: optionalPath,
    expected: 'the path of an ffmpeg with libx264, aac and libass',
    default: '—',
    meaning: 'The ffmpeg to use, version 5 or later. Unset: the one on PATH.',
  },
  PLAYHEAD_FFPROBE: {
    schema: optionalPath,
    expected: 'the path of an ffprobe',
    default: '—',
    meaning: 'The ffprobe to use. Unset: the one beside ffmpeg.',
  },
  PLAYHEAD_POCKETSPHINX: {
    schema: optionalPath,
    expected: 'the path of pocketsphinx_continuous or pocketsphinx',
    default: '—',
    meaning: 'Local speech recogniser that verifies speech. Unset: the one on PATH, if there is one.',
  },
  PLAYHEAD_CAST_DIR: {
    schema: optionalPath,
    expected: 'a folder of JSON cast files',
    default: '—',
    meaning: 'Characters of your own; see examples/cast.json. Unset: the built-in ones only.',
  },
  PLAYHEAD_CHAT_URL: {
    schema: providerUrl,
    expected: URL_FORM,
    default: '—',
    meaning:
      'Base URL, up to and including /v1, of an OpenAI-compatible API whose language model writes scripts (…/chat/completions). Unset: the extractive writer.',
  },
  PLAYHEAD_CHAT_KEY: {
    schema: providerKey,
    expected: KEY_FORM,
    default: '—',
    meaning: 'Key for PLAYHEAD_CHAT_URL; self-hosted servers often need none.',
    secret: true,
  },
  PLAYHEAD_CHAT_MODEL: {
    schema: modelName('gpt-4o-mini'),
    expected: '1 to 200 characters',
    default: 'gpt-4o-mini',
    meaning: 'Model that writes scripts.',
  },
  PLAYHEAD_SPEECH_URL: {
    schema: providerUrl,
    expected: URL_FORM,
    default: '—',
    meaning:
      'Base URL, up to and including /v1, of an OpenAI-compatible API that speaks (…/audio/speech). Unset: the local voices.',
  },
  PLAYHEAD_SPEECH_KEY: {
    schema: providerKey,
    expected: KEY_FORM,
    default: '—',
    meaning: 'Key for PLAYHEAD_SPEECH_URL.',
    secret: true,
  },
  PLAYHEAD_SPEECH_MODEL: {
    schema: modelName('gpt-4o-mini-tts'),
    expected: '1 to 200 characters',
    default: 'gpt-4o-mini-tts',
    meaning: 'Model that speaks.',
  },
  PLAYHEAD_SPEECH_VOICES: {
    schema: json(z.record(z.string(), z.string().min(1))).optional(),
    expected: 'JSON such as {"slt": "nova", "rms": "onyx"}',
    default: '—',
    meaning: 'The remote voice to use for each local one (slt, rms, awb, kal16).',
  },
  PLAYHEAD_SPEECH_WORKFLOWS: {
    schema: speechWorkflows,
    expected: 'director, audio or both, separated by a comma',
    default: 'director,audio',
    meaning: 'Workflows that use PLAYHEAD_SPEECH_URL; the others keep the local voices.',
  },
  PLAYHEAD_RECOGNITION_URL: {
    schema: providerUrl,
    expected: URL_FORM,
    default: '—',
    meaning:
      'Base URL, up to and including /v1, of an OpenAI-compatible API that turns speech into text (…/audio/transcriptions). Unset: the local recogniser.',
  },
  PLAYHEAD_RECOGNITION_KEY: {
    schema: providerKey,
    expected: KEY_FORM,
    default: '—',
    meaning: 'Key for PLAYHEAD_RECOGNITION_URL.',
    secret: true,
  },
  PLAYHEAD_RECOGNITION_MODEL: {
    schema: modelName('whisper-1'),
    expected: '1 to 200 characters',
    default: 'whisper-1',
    meaning: 'Model that recognises speech.',
  },
  PLAYHEAD_VIDEO_URL: {
    schema: providerUrl,
    expected: URL_FORM,
    default: '—',
    meaning:
      'Base URL, up to and including /v1, of a video API (POST …/videos, GET …/videos/ID). Unset: clips are drawn locally.',
  },
  PLAYHEAD_VIDEO_KEY: {
    schema: providerKey,
    expected: KEY_FORM,
    default: '—',
    meaning: 'Key for PLAYHEAD_VIDEO_URL.',
    secret: true,
  },
  PLAYHEAD_VIDEO_MODEL: {
    schema: modelName('sora-2'),
    expected: '1 to 200 characters',
    default: 'sora-2',
    meaning: 'Model that makes clips.',
  },
  PLAYHEAD_PROVIDER_TIMEOUT_SECONDS: {
    schema: wholeNumber(1, 3_600, 120),
    expected: 'a whole number of seconds from 1 to 3600',
    default: '120',
    meaning: 'How long a remote provider may be silent before the call fails.',
  },
  PLAYHEAD_PRICES: {
    schema: json(priceTableSchema).default({}),
    expected:
      'JSON such as {"gpt-4o-mini": {"inputPerMillionTokens": 0.15, "outputPerMillionTokens": 0.6}}; also perMillionCharacters, perMinute, perSecond',
    default: '{}',
    meaning: 'What models cost in US dollars, for totalCostUsd. A model without a price counts as free.',
  },
} as const satisfies SettingsTable;

type Values = {
  readonly [Name in keyof typeof MEDIA_SETTINGS]: z.infer<(typeof MEDIA_SETTINGS)[Name]['schema']>;
};

export interface MediaConfig {
  readonly ffmpegPath: string | undefined;
  readonly ffprobePath: string | undefined;
  readonly pocketSphinxPath: string | undefined;
  readonly castDir: string | undefined;
  readonly providers: ProviderSettings;
}

/** @param settings the values of MEDIA_SETTINGS, read and checked by the server */
export function toMediaConfig(settings: Readonly<Record<string, unknown>>): MediaConfig {
  const values = settings as Values;
  const remote = (kind: 'CHAT' | 'SPEECH' | 'RECOGNITION' | 'VIDEO'): RemoteModel | undefined => {
    const baseUrl = values[`PLAYHEAD_${kind}_URL`];
    const access = { key: values[`PLAYHEAD_${kind}_KEY`], model: values[`PLAYHEAD_${kind}_MODEL`] };
    return baseUrl === undefined ? undefined : { baseUrl, ...access };
  };
  return {
    ffmpegPath: values.PLAYHEAD_FFMPEG,
    ffprobePath: values.PLAYHEAD_FFPROBE,
    pocketSphinxPath: values.PLAYHEAD_POCKETSPHINX,
    castDir: values.PLAYHEAD_CAST_DIR,
    providers: {
      chat: remote('CHAT'),
      speech: remote('SPEECH'),
      recognition: remote('RECOGNITION'),
      video: remote('VIDEO'),
      voices: values.PLAYHEAD_SPEECH_VOICES,
      speechWorkflows: values.PLAYHEAD_SPEECH_WORKFLOWS,
      prices: values.PLAYHEAD_PRICES,
      timeoutMs: values.PLAYHEAD_PROVIDER_TIMEOUT_SECONDS * 1_000,
    },
  };
}
