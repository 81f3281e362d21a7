/** What a worker process's media workflows share: tools, processes, voices and remote providers. */
import type { WorkerContext, WorkerServices, Workflow } from 'playhead';
import { ClipNoticeBoard } from './clip-notices.ts';
import { createMedia, type Media } from './media.ts';
import { createVoiceStudio, type VoiceStudio } from './narration/voice-studio.ts';
import { createProviders, type Providers } from './providers/providers.ts';
import { toMediaConfig } from './settings.ts';
import { setToolSilenceLimit } from './tool-guard.ts';

export interface MediaServices {
  readonly media: Media;
  /** Work without a provider is done here. */
  readonly providers: Partial<Providers>;
  /** The voices and recognisers of audio jobs. */
  readonly studio: VoiceStudio;
}

export const TOOL_GRACE_MS = 1_000;

/** Which providers may do parts of which workflow. */
const USED: Readonly<Record<Workflow, Readonly<Record<string, keyof Providers>>>> = {
  DIRECTOR: { clips: 'clips', speech: 'filmSpeech' },
  AUDIO: { recognition: 'recognition', speech: 'audioSpeech' },
  WRITER: { chat: 'chat' },
};

/** The `worker` of the media workflows; nothing is started before a job needs it. */
export async function start(context: WorkerContext): Promise<WorkerServices<MediaServices>> {
  const config = toMediaConfig(context.settings);
  // Once their locks have expired, jobs belong to other workers, and their tools must not keep running here.
  setToolSilenceLimit(context.lockMs + TOOL_GRACE_MS);
  const notices = context.noticeUrl === undefined ? undefined : new ClipNoticeBoard(context.noticeUrl);
  const providers = createProviders(config.providers, notices && { notices });
  const media = createMedia({
    ffmpegPath: config.ffmpegPath,
    ffprobePath: config.ffprobePath,
    searchPath: context.searchPath,
    castFolder: config.castDir,
    toolTimeLimitMs: context.stepTimeoutMs,
    toolLimits: context.toolLimits,
    speech: providers.filmSpeech,
  });
  const studio = createVoiceStudio(media, {
    speech: providers.audioSpeech,
    recognition: providers.recognition,
    pocketSphinx: { path: config.pocketSphinxPath, searchPath: context.searchPath },
  });
  return {
    services: { media, providers, studio },
    abilities: () => studio.abilities(),
    setupOf: (workflow) => setupOf(USED[workflow] ?? {}, providers),
    onNotice: (id) => notices?.announce(id),
    close: () => media.close(),
  };
}

/** The name of a provider combination: what is done remotely, or `local`. */
function setupOf(used: Readonly<Record<string, keyof Providers>>, providers: Partial<Providers>): string {
  const names = Object.keys(used).filter((name) => providers[used[name] ?? 'chat'] !== undefined);
  return names.length === 0 ? 'local' : names.sort().join('+');
}
