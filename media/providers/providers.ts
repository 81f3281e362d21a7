/** The providers named in the settings. One that is not set is undefined: the workflow then works locally. */
import type { Secret } from 'playhead';
import type { SpeechProvider } from '../speech.ts';
import type { ChatProvider } from './chat.ts';
import type { ClipNotices, ClipProvider } from './clip.ts';
import type { HttpTiming } from './http-client.ts';
import { createOpenAiChat } from './openai-chat.ts';
import { createOpenAiRecognition } from './openai-recognition.ts';
import { createOpenAiSpeech, type VoiceMap } from './openai-speech.ts';
import type { PriceTable } from './prices.ts';
import type { RecognitionProvider } from './recognition.ts';
import { createVideoApi } from './video-api.ts';

/** One remote model. */
export interface RemoteModel {
  readonly baseUrl: string;
  readonly key: Secret | undefined;
  readonly model: string;
}

export interface ProviderSettings {
  readonly chat: RemoteModel | undefined;
  readonly speech: RemoteModel | undefined;
  readonly recognition: RemoteModel | undefined;
  readonly video: RemoteModel | undefined;
  readonly voices: VoiceMap | undefined;
  /** Workflows whose speech comes from the remote model. */
  readonly speechWorkflows: readonly ('director' | 'audio')[];
  readonly prices: PriceTable;
  readonly timeoutMs: number;
}

export interface Providers {
  /** Writes scripts; undefined: the extractive writer does. */
  readonly chat: ChatProvider | undefined;
  /** Speaks in films; undefined: flite does. */
  readonly filmSpeech: SpeechProvider | undefined;
  /** Speaks in audio jobs; undefined: flite does. */
  readonly audioSpeech: SpeechProvider | undefined;
  readonly recognition: RecognitionProvider | undefined;
  /** Makes film clips; undefined: they are drawn here. */
  readonly clips: ClipProvider | undefined;
}

export interface ProviderParts {
  /** Where notices of the video API arrive; without it the API is only polled. */
  readonly notices?: ClipNotices;
  readonly timing?: Partial<HttpTiming>;
}

/** Makes the providers. No provider is called before it is used. */
export function createProviders(settings: ProviderSettings, parts: ProviderParts = {}): Providers {
  const { timeoutMs, prices, speechWorkflows, voices } = settings;
  const make = <T>(
    remote: RemoteModel | undefined,
    from: (full: RemoteModel & Common) => T,
  ): T | undefined => (remote === undefined ? undefined : from({ ...remote, timeoutMs, prices }));
  const speech = make(settings.speech, (full) => createOpenAiSpeech({ ...full, voices }, parts.timing));
  return {
    chat: make(settings.chat, (full) => createOpenAiChat(full, parts.timing)),
    filmSpeech: speechWorkflows.includes('director') ? speech : undefined,
    audioSpeech: speechWorkflows.includes('audio') ? speech : undefined,
    recognition: make(settings.recognition, (full) => createOpenAiRecognition(full, parts.timing)),
    clips: make(settings.video, (full) => createVideoApi({ ...full, notices: parts.notices }, parts.timing)),
  };
}

interface Common {
  readonly timeoutMs: number;
  readonly prices: PriceTable;
}
