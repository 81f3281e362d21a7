/** Everything that workflows need to make media: tools, voices, cast, media processes. One per worker. */
import { availableParallelism } from 'node:os';
import { loadCast } from './cast.ts';
import type { Character } from './character.ts';
import { type FfmpegSettings, type FfmpegTools, locateFfmpeg } from './ffmpeg.ts';
import { createLocalSpeech } from './local-speech.ts';
import { createProcessPool, type ProcessPool } from './process-pool.ts';
import type { SpeechProvider } from './speech.ts';

export interface MediaSettings extends FfmpegSettings {
  /** Absolute path of a folder with *.json cast files; default: only the built-in cast. */
  readonly castFolder?: string | undefined;
  /** Media processes at once; default: one per core, at least 2 and at most 8. */
  readonly workers?: number | undefined;
  /** The speech provider; default: flite, and eSpeak NG for Korean. */
  readonly speech?: SpeechProvider | undefined;
}

export interface Media {
  readonly pool: ProcessPool;
  readonly speech: SpeechProvider;
  /** @throws PlayheadError TOOL_MISSING */
  tools(): Promise<FfmpegTools>;
  /** @throws PlayheadError INVALID_INPUT, STORAGE_FAILED */
  cast(): Promise<readonly Character[]>;
  /** Ends the media processes. They also end by themselves when unused, and never keep this process alive. */
  close(): Promise<void>;
}

/** Sets up media work; nothing is started before it is used. */
export function createMedia(settings: MediaSettings = {}): Media {
  let tools: Promise<FfmpegTools> | undefined;
  /** Found tools are remembered; missing ones may be installed later. */
  const findTools = (): Promise<FfmpegTools> => {
    tools ??= locateFfmpeg(settings).catch((error: unknown) => {
      tools = undefined;
      throw error;
    });
    return tools;
  };
  const pool = createProcessPool(settings.workers ?? Math.max(2, Math.min(8, availableParallelism())));
  return {
    pool,
    speech: settings.speech ?? createLocalSpeech(pool),
    tools: findTools,
    cast: () => loadCast(settings.castFolder),
    close: () => pool.close(),
  };
}
