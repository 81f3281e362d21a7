/** The Director: a script becomes a film. Every step stores its files, so a retry goes on from the first unfinished one. */
import { join } from 'node:path';
import type { Character } from '../../media/character.ts';
import { FRAMES_PER_SECOND } from '../../media/clip-plan.ts';
import { type Film, planFilm, speechWarnings } from '../../media/film.ts';
import {
  type ClipFiles,
  gatherCues,
  makeClips,
  readStoredJson,
  storeContent,
  syncLips,
} from '../../media/film-making.ts';
import { checkTools, createMedia, type Media, type MediaSettings } from '../../media/media.ts';
import { probeMedia } from '../../media/probe.ts';
import { renderFilm, takeThumbnail } from '../../media/render.ts';
import { countLines, parseScript } from '../../media/script.ts';
import { type ScriptInput, scriptInputSchema } from '../../media/script-input.ts';
import { writeWebVtt } from '../../media/webvtt.ts';
import type { StepName } from '../../progress/steps.ts';
import type { StepRun, VideoResult, WorkflowDefinition, WorkflowRun } from '../contract.ts';

export type DirectorInput = ScriptInput;
type DirectorRun = WorkflowRun<DirectorInput, StepName<'DIRECTOR'>>;

const CAST_FILE = 'steps/cast.json';
const FILM_FILE = 'steps/film.json';
const CAPTIONS_FILE = 'steps/captions.ass';

/**
 * Makes the Director workflow. Its result's artifacts are `video.mp4`, `subtitles.vtt` and `thumbnail.jpg`.
 * Errors by code: TOOL_MISSING, INVALID_INPUT (a broken cast file), PROVIDER_FAILED, STORAGE_FAILED, TIMED_OUT, CANCELLED.
 * @param media where tools, voices and cast come from: settings (each may be left out), or a Media made elsewhere
 */
export function createDirector(
  media: MediaSettings | Media = {},
): WorkflowDefinition<'DIRECTOR', DirectorInput, VideoResult> {
  const studio = 'pool' in media ? media : createMedia(media);
  return { workflow: 'DIRECTOR', input: scriptInputSchema, run: (run) => direct(studio, run) };
}

async function direct(media: Media, run: DirectorRun): Promise<VideoResult> {
  await run.step('start', 'Checking the tools', async ({ signal }) =>
    checkTools(await media.tools(), signal),
  );
  await run.step('load_character', 'Loading the characters', () => loadCharacters(media, run));
  const film = await run.step('parse_script', 'Reading the script', () => readScript(media, run));
  const { clips, costUsd } = await run.step(
    'generate_videos',
    `Generating clips (1/${film.scenes})`,
    (step) => generateVideos(media, run, step),
  );
  const { videos } = await run.step('lipsync', 'Syncing lips', async (step) => ({
    videos: await syncLips(clips, {
      media,
      files: run.files,
      signal: step.signal,
      onProgress: (share) => step.update(share, 'Syncing lips'),
    }),
  }));
  const captions = await run.step('subtitles', 'Making subtitles', (step) =>
    makeSubtitles(media, run, step, clips, film.language),
  );
  const rendered = await run.step('render', 'Rendering', (step) =>
    render(media, run, step, {
      ...{ clips, videos, title: film.title, language: film.language },
      pictureSeconds: captions.pictureSeconds,
    }),
  );
  await run.step('complete', 'Done', async () => null);
  return {
    type: 'VideoResult',
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

async function readScript(media: Media, run: DirectorRun) {
  const { script, title, language } = run.input;
  const parsed = parseScript(script);
  const cast = await readStoredJson<Character[]>(run.files, CAST_FILE);
  const film = planFilm(parsed, title, language, cast);
  for (const warning of speechWarnings(film, media.speech)) run.warn(warning);
  await storeContent(run.files, FILM_FILE, JSON.stringify(film));
  return {
    film: FILM_FILE,
    title: film.title,
    language,
    scenes: film.scenes.length,
    lines: countLines(parsed),
    characters: film.characters.map(({ name }) => name),
  };
}

async function generateVideos(media: Media, run: DirectorRun, step: StepRun) {
  const film = await readStoredJson<Film>(run.files, FILM_FILE);
  const total = film.scenes.length;
  return makeClips(film, {
    media,
    files: run.files,
    signal: step.signal,
    warn: run.warn.bind(run),
    onProgress: (share, finished) => {
      const current = Math.min(finished + 1, total);
      const metadata = { current_clip: current, total_clips: total };
      step.update(share, `Generating clips (${current}/${total})`, metadata);
    },
  });
}

async function makeSubtitles(
  media: Media,
  run: DirectorRun,
  step: StepRun,
  clips: readonly ClipFiles[],
  language: string,
) {
  const { cues, pictureSeconds } = await gatherCues(clips, run.files);
  step.update(0.3, `Laying out ${cues.length} captions`);
  const { ass } = await media.pool.run('layOutCaptions', { cues }, { signal: step.signal });
  step.update(0.8, `Writing ${cues.length} captions`);
  await storeContent(run.files, CAPTIONS_FILE, ass);
  const subtitles = await storeContent(run.files, 'subtitles.vtt', writeWebVtt(cues, language));
  return { captions: CAPTIONS_FILE, subtitles: { ...subtitles }, pictureSeconds };
}

interface Footage {
  readonly clips: readonly ClipFiles[];
  readonly videos: readonly string[];
  readonly title: string;
  readonly language: string;
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
    videoPaths: await Promise.all(footage.videos.map((name) => files.open(name))),
    audioPaths: await Promise.all(footage.clips.map(({ audio }) => files.open(audio))),
    captionsPath: await files.open(CAPTIONS_FILE),
    scratch: files.scratch,
    outputPath: videoPath,
    durationSeconds: frames / FRAMES_PER_SECOND,
    title: footage.title,
    language: footage.language,
  };
  await renderFilm(tools, input, {
    signal,
    onProgress: (share) => step.update(share * 0.98, `Rendering (${Math.floor(share * 100)}%)`),
  });
  const { format } = await probeMedia(tools, videoPath, signal);
  await takeThumbnail(tools, videoPath, footage.pictureSeconds, picturePath, signal);
  const thumbnail = await files.save('thumbnail.jpg', picturePath);
  const video = await files.save('video.mp4', videoPath);
  return { video: { ...video }, thumbnail: { ...thumbnail }, durationSeconds: format.duration };
}
