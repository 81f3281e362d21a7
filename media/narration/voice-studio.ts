/** The speech and recognition providers for each language: those named in the settings, otherwise local ones. */

import { LANGUAGES, type Language } from 'playhead';
import { createEspeak, hasEspeak } from '../espeak.ts';
import type { Media } from '../media.ts';
import type { RecognitionProvider } from '../providers/recognition.ts';
import {
  createPocketSphinx,
  locatePocketSphinx,
  type PocketSphinxSettings,
} from '../recognition/pocketsphinx.ts';
import type { SpeechProvider } from '../speech.ts';
import type { SpeechAbility } from '../speech-ability.ts';

export interface VoiceStudioSettings {
  /** Speaks every language; undefined: flite (English) and eSpeak NG (Korean). */
  readonly speech?: SpeechProvider | undefined;
  /** Hears every language; undefined: PocketSphinx (English), if it is installed. */
  readonly recognition?: RecognitionProvider | undefined;
  readonly pocketSphinx?: PocketSphinxSettings | undefined;
}

export interface VoiceStudio {
  /** Undefined if nothing here can speak the language. */
  speaker(language: Language): SpeechProvider | undefined;
  /** Looked up each time, so that a program installed in the meantime is found; undefined if there is none. */
  listener(language: Language): Promise<RecognitionProvider | undefined>;
  abilities(): Promise<readonly SpeechAbility[]>;
}

/** Sets up the studio; nothing is started before it is used. */
export function createVoiceStudio(
  media: Pick<Media, 'pool' | 'speech'>,
  settings: VoiceStudioSettings = {},
): VoiceStudio {
  const { speech, recognition, pocketSphinx = {} } = settings;
  const local = createPocketSphinx(pocketSphinx);
  const korean = createEspeak(media.pool);
  const studio: VoiceStudio = {
    speaker: (language) => {
      if (speech !== undefined) return speech;
      if (language === 'en') return media.speech;
      return hasEspeak() ? korean : undefined;
    },
    listener: async (language) => {
      if (recognition !== undefined) return recognition;
      if (language !== 'en') return undefined;
      return (await locatePocketSphinx(pocketSphinx)) === undefined ? undefined : local;
    },
    abilities: async () => {
      const abilities: SpeechAbility[] = [];
      for (const language of LANGUAGES) {
        if (studio.speaker(language) !== undefined) abilities.push(`speech:${language}`);
        if ((await studio.listener(language)) !== undefined) abilities.push(`recognition:${language}`);
      }
      return abilities;
    },
  };
  return studio;
}
