/** The Director: turns a script into a film. Every step stores its files, so a retry resumes at the first unfinished step. */

import { join } from 'node:path';
import type { StepRun } from 'playhead';
import { writeWebVtt } from '../../captions/webvtt.ts';
import type { Character } from '../../character.ts';
import { makeClips } from '../../clip-making.ts';
import { type ClipPlan, FRAMES_PER_SECOND } from '../../clip-plan.ts';
import { planClip } from '../../clip-planning.ts';
import { checkTools } from '../../ffmpeg.ts';
import { type Film, findSpeechWarnings, planFilm } from '../../film.ts';
import {
  type ClipFiles,
  clipNumber,
  gatherCues,
  openMouths,
  readStoredJson,
  storeContent,
  syncLips,
} from '../../film-making.ts';
import type { Media } from '../../media.ts';
import { showClip } from '../../preview.ts';
import { probeMedia } from '../../probe.ts';
import type { Providers } from '../../providers/providers.ts';
import { renderFilm, takeThumbnail } from '../../render.ts';
import { countLines, parseScript } from '../../script.ts';
import { describeScriptWarning } from '../../script-warning.ts';
import type { MediaServices } from '../../services.ts';
import { type BedWish, makeSoundBed } from '../../sound-bed/bed-making.ts';
import { describeSpeechWarning } from '../../speech-warning.ts';
import type { DirectorRun, VideoResult } from './definition.ts';
import type { ScriptInput } from './input.ts';
import { type MessageKey, message } from './messages.ts';

const CAST_FILE = 'steps/cast.json';
const FILM_FILE = 'steps/film.json';
const CAPTIONS_FILE = 'steps/captions.ass';

/**
 * Makes a film. Its artifacts are `video.mp4`, `subtitles.vtt` and `thumbnail.jpg`.
 * Errors by code: TOOL_MISSING, INVALID_INPUT (a broken cast file), PROVIDER_FAILED, PROVIDER_REJECTED, STORAGE_FAILED,
 * TIMED_OUT, CANCELLED.
 */
export function run(
  run: DirectorRun,
  { media, providers }: Pick<MediaServices, 'media' | 'providers'>,
): Promise<VideoResult> {
  return direct({ media, clips: providers.clips }, run);
}

interface Studio {
  readonly media: Media;
  readonly clips: Providers['clips'];
}

/** The message in the job's language. */
function say(run: DirectorRun, key: MessageKey, values?: Readonly<Record<string, string | number>>): string {
  return message(run.input.language, key, values);
}

async function direct(studio: Studio, run: DirectorRun): Promise<VideoResult> {
  const { media } = studio;
  await run.step('start', say(run, 'director.start'), async ({ signal }) =>
    checkTools(await media.tools(), signal),
  );
  await run.step('load_character', say(run, 'director.cast'), () => loadCharacters(media, run));
  const film = await run.step('parse_script', say(run, 'director.script'), (step) =>
    readScript(media, run, step),
  );
  run.measure({ clips: film.scenes });
  const { clips, costUsd } = await run.step(
    'generate_videos',
    say(run, 'director.clips', { clip: 1, total: film.scenes }),
    (step) => generateVideos(studio, run, step),
  );
  run.measure({ seconds: clips.reduce((sum, clip) => sum + clip.frames, 0) / FRAMES_PER_SECOND });
  const { mouths } = await run.step('lipsync', say(run, 'director.lips'), (step) =>
    lipsync(studio, run, step, clips),
  );
  const captions = await run.step('subtitles', say(run, 'director.subtitles'), (step) =>
    makeSubtitles(media, run, step, clips, film.language),
  );
  // A job that was begun before music existed lacks this field.
  const rendered = await run.step('render', say(run, 'director.render'), (step) =>
    render(media, run, step, {
      ...{ clips, mouths, title: film.title, language: film.language, music: run.input.music ?? 'none' },
      pictureSeconds: captions.pictureSeconds,
    }),
  );
  await run.step('complete', say(run, 'director.done'), async () => null);
  return {
    finalVideoPath: rendered.video.path,
    video: rendered.video,
    subtitles: captions.subtitles,
    thumbnail: rendered.thumbnail,
    totalDuration: rendered.durationSeconds,
    totalCostUsd: costUsd,
    clips: clips.length,
  };
}

async function loadCharacters(media: Media, run: DirectorRun) {
  const cast = await media.cast();
  await storeContent(run.files, CAST_FILE, JSON.stringify(cast));
  return { cast: CAST_FILE, characters: cast.length };
}

async function readScript(media: Media, run: DirectorRun, step: StepRun) {
  const { script, title, language, format } = run.input;
  const parsed = parseScript(script, format);
  for (const warning of parsed.warnings) run.warn(describeScriptWarning(language, warning));
  const cast = await readStoredJson<Character[]>(run.files, CAST_FILE);
  const film = planFilm(parsed, title, language, cast);
  const unverified = (text: string): boolean => media.speech.isUnverified?.(text) ?? false;
  if (film.scenes.some(({ lines }) => lines.some(({ sentences }) => sentences.some(unverified)))) {
    run.warn(message(language, 'director.unverified'));
  }
  for (const warning of findSpeechWarnings(film, media.speech)) {
    run.warn(describeSpeechWarning(language, warning));
  }
  await storeContent(run.files, FILM_FILE, JSON.stringify(film));
  const [opening] = film.scenes;
  if (opening !== undefined) {
    const place = { scratch: run.files.scratch, step };
    await showClip(media, planClip(film, 0, opening, []), 'opening', place);
  }
  return {
    film: FILM_FILE,
    title: film.title,
    language,
    scenes: film.scenes.length,
    lines: countLines(parsed),
    characters: film.characters.map(({ name }) => name),
  };
}

async function generateVideos({ media, clips }: Studio, run: DirectorRun, step: StepRun) {
  const film = await readStoredJson<Film>(run.files, FILM_FILE);
  const total = film.scenes.length;
  return makeClips(film, {
    ...{ media, clips, files: run.files, signal: step.signal, jobId: run.jobId },
    isGivenUp: () => run.isGivenUp(),
    onPlanned: (plan) =>
      showClip(media, plan, `clip-${clipNumber(plan.index)}`, { scratch: run.files.scratch, step }),
    warn: (warning) => run.warn(describeSpeechWarning(run.input.language, warning)),
    onProgress: ({ share, finished, waiting }) => {
      const current = Math.min(finished + 1, total);
      step.update(share, say(run, 'director.clips', { clip: current, total }), {
        current_clip: current,
        total_clips: total,
        ...(clips !== undefined && { model: clips.name, waiting_for: [...waiting] }),
      });
    },
  });
}

/** The step's last metadata report how many clips were left unsynced. */
async function lipsync(
  { media, clips: provider }: Studio,
  run: DirectorRun,
  step: StepRun,
  clips: ClipFiles[],
) {
  const remote = clips.filter(({ footage }) => footage === 'remote').length;
  if (remote > 0) run.warn(say(run, 'director.remoteLips', { model: provider?.name ?? 'remote' }));
  const metadata = remote === 0 ? undefined : { total_clips: clips.length, clips_not_synced: remote };
  const mouths = await syncLips(clips, {
    ...{ media, files: run.files, signal: step.signal },
    onProgress: (share) => step.update(share, say(run, 'director.lips'), metadata),
  });
  return { mouths };
}

async function makeSubtitles(
  media: Media,
  run: DirectorRun,
  step: StepRun,
  clips: readonly ClipFiles[],
  language: string,
) {
  const { cues, pictureSeconds } = await gatherCues(clips, run.files);
  step.update(0.3, say(run, 'director.subtitlesLayout', { count: cues.length }));
  const { ass } = await media.pool.run('layOutCaptions', { cues }, { signal: step.signal });
  step.update(0.8, say(run, 'director.subtitlesWrite', { count: cues.length }));
  await storeContent(run.files, CAPTIONS_FILE, ass);
  const subtitles = await storeContent(run.files, 'subtitles.vtt', writeWebVtt(cues, language));
  return { captions: CAPTIONS_FILE, subtitles: { ...subtitles }, pictureSeconds };
}

interface Footage {
  readonly clips: readonly ClipFiles[];
  readonly mouths: readonly (string | null)[];
  readonly title: string;
  readonly language: string;
  readonly music: ScriptInput['music'];
  readonly pictureSeconds: number;
}

async function render(media: Media, run: DirectorRun, step: StepRun, footage: Footage) {
  const { files } = run;
  const { signal } = step;
  const tools = await media.tools();
  const frames = footage.clips.reduce((sum, clip) => sum + clip.frames, 0);
  const videoPath = join(files.scratch, 'video.mp4');
  const picturePath = join(files.scratch, 'thumbnail.jpg');
  const input = {
    videoPaths: await Promise.all(footage.clips.map(({ video }) => files.open(video))),
    mouths: await Promise.all(
      footage.clips.map((clip, index) => openMouths(files, footage.mouths[index] ?? null, clip)),
    ),
    audioPaths: await Promise.all(footage.clips.map(({ audio }) => files.open(audio))),
    bed: await makeSoundBed(media, tools, await soundOf(files, footage), { scratch: files.scratch, signal }),
    captionsPath: await files.open(CAPTIONS_FILE),
    scratch: files.scratch,
    outputPath: videoPath,
    durationSeconds: frames / FRAMES_PER_SECOND,
    title: footage.title,
    language: footage.language,
  };
  media.pool.endIdle();
  await renderFilm(tools, input, {
    signal,
    onProgress: (share) =>
      step.update(share * 0.98, say(run, 'director.renderShare', { percent: Math.floor(share * 100) })),
  });
  const { format } = await probeMedia(tools, videoPath, signal);
  await takeThumbnail(tools, videoPath, footage.pictureSeconds, picturePath, signal);
  const thumbnail = await files.save('thumbnail.jpg', picturePath);
  const video = await files.save('video.mp4', videoPath);
  return { video: { ...video }, thumbnail: { ...thumbnail }, durationSeconds: format.duration };
}

/** Where each clip takes place, for its room tone. */
async function soundOf(files: DirectorRun['files'], { clips, music }: Footage): Promise<BedWish> {
  const places = clips.map(async ({ plan, frames }) => {
    const { backdrop } = await readStoredJson<ClipPlan>(files, plan);
    return { frames, backdrop };
  });
  return { clips: await Promise.all(places), music };
}
