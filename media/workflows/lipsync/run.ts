/**
 * Lipsync: turns the speech of a finished audio job into mouth cues and a talking head. The cues come from the sounds that
 * the voice was asked to make if they are known, otherwise from the audio alone.
 */

import { join } from 'node:path';
import { type StepRun, startOf } from 'playhead';
import { castSpeaker } from '../../cast.ts';
import type { Character } from '../../character.ts';
import { FRAMES_PER_SECOND } from '../../clip-plan.ts';
import { checkTools } from '../../ffmpeg.ts';
import { clipNumber, readStoredJson, storeContent } from '../../film-making.ts';
import type { Media } from '../../media.ts';
import { foldName } from '../../name.ts';
import { AUDIO_FILE, SPEECH_FILE, type SpokenTake, storeCopy } from '../../narration/publication.ts';
import { runParallel } from '../../parallel.ts';
import { showClip } from '../../preview.ts';
import { probeMedia } from '../../probe.ts';
import { renderFilm } from '../../render.ts';
import type { TimedSentence } from '../../sentence.ts';
import type { MediaServices } from '../../services.ts';
import type { Phoneme } from '../../speech.ts';
import { cutSpeech, planHead, type SpeechPiece } from '../../talking-head/head-clip.ts';
import { cuesOfPhonemes, type MouthCue, phonemesOfCues, tidyCues } from '../../talking-head/mouth-cue.ts';
import { encodeWav, resample } from '../../wav.ts';
import { readWavPart } from '../../wav-file.ts';
import type { LipsyncResult, LipsyncRun } from './definition.ts';
import { message } from './messages.ts';

const CUES_FILE = 'cues.json';
const STORED_AUDIO = 'steps/audio.wav';
const STORED_SPEECH = 'steps/speech.json';
const STORED_PHONEMES = 'steps/phonemes.json';
/** The only sample rate that the mouth-shape recogniser accepts. */
const HEARING_RATE_HZ = 16_000;

/** What `load_media` keeps: the speech and its speaker. */
type LoadedSpeech = Omit<SpokenTake, 'voice'> & { readonly character: Character };

/**
 * Makes a talking head. Its artifacts are `video.mp4` (1280x720, 25 frames/s) and `cues.json` (the format of Rhubarb Lip Sync:
 * `{ metadata: { soundFile, duration }, mouthCues: [{ start, end, value }] }`, values A..H and X).
 * Errors by code: INVALID_INPUT (the audio job's files are gone), TOOL_MISSING, PROVIDER_FAILED, STORAGE_FAILED, TIMED_OUT,
 * CANCELLED.
 */
export function run(run: LipsyncRun, { media }: Pick<MediaServices, 'media'>): Promise<LipsyncResult> {
  return sync(media, run);
}

async function sync(media: Media, run: LipsyncRun): Promise<LipsyncResult> {
  await run.step('start', message('en', 'lipsync.start'), async ({ signal }) =>
    checkTools(await media.tools(), signal),
  );
  const { language } = await run.step('load_media', message('en', 'lipsync.load'), () => load(media, run));
  const speech = await readStoredJson<LoadedSpeech>(run.files, STORED_SPEECH);
  run.measure({ seconds: speech.durationSeconds });
  const { cues } = await run.step('analyze_audio', message(language, 'lipsync.analyze'), (step) =>
    analyse(media, run, speech, step),
  );
  const { videos } = await run.step('apply_lipsync', message(language, 'lipsync.apply'), (step) =>
    draw(media, run, speech, step),
  );
  const saved = await run.step('save_file', message(language, 'lipsync.save'), (step) =>
    save(media, run, speech, videos, step),
  );
  return {
    video: saved.video,
    cues,
    totalDuration: saved.durationSeconds,
    totalCostUsd: 0,
  };
}

async function load(media: Media, { files, input, warn }: LipsyncRun) {
  const audio = await files.openArtifact(input.audioJobId, AUDIO_FILE);
  const spoken = await files.openArtifact(input.audioJobId, SPEECH_FILE);
  const { voice, ...speech } = await readStoredJson<SpokenTake>({ ...files, open: async () => spoken }, '');
  const cast = await media.cast();
  const own = cast.find((character) => character.voice.name === voice.name) ?? cast[0];
  const character =
    input.character === null && own !== undefined ? own : castSpeaker(input.character ?? 'Speaker', cast);
  const invented = input.character !== null && !cast.some((one) => isNamed(one, input.character ?? ''));
  if (invented) warn(message(speech.language, 'lipsync.invented', { name: character.name }));
  await storeCopy(files, STORED_AUDIO, audio);
  await storeContent(files, STORED_SPEECH, JSON.stringify({ ...speech, character } satisfies LoadedSpeech));
  return { language: speech.language, character: character.name };
}

async function analyse(media: Media, run: LipsyncRun, speech: LoadedSpeech, step: StepRun) {
  const { language, durationSeconds } = speech;
  const known = speech.phonemes.length > 0;
  const mouthCues = known ? cuesOfPhonemes(speech.phonemes) : await hear(media, run, speech, step);
  const phonemes = known ? speech.phonemes : phonemesOfCues(mouthCues);
  await storeContent(run.files, STORED_PHONEMES, JSON.stringify(phonemes));
  const content = { metadata: { soundFile: AUDIO_FILE, duration: durationSeconds }, mouthCues };
  const cues = await storeContent(run.files, CUES_FILE, JSON.stringify(content, null, 1));
  step.update(1, message(language, 'lipsync.analyze'), {
    cues: mouthCues.length,
    source: known ? 'phonemes' : 'audio',
  });
  return { cues: { ...cues } };
}

/** Mouth shapes from the audio alone, piece by piece. */
async function hear(
  media: Media,
  run: LipsyncRun,
  { sentences, durationSeconds, language }: LoadedSpeech,
  step: StepRun,
): Promise<MouthCue[]> {
  const audio = await run.files.open(STORED_AUDIO);
  const pieces = cutSpeech(sentences, durationSeconds);
  let heard = 0;
  const cues = await runParallel(pieces, media.pool.size, step.signal, async (piece, _, signal) => {
    const from = piece.from / FRAMES_PER_SECOND;
    const part = await readWavPart(audio, from, piece.to / FRAMES_PER_SECOND);
    const { samples } = resample(part, HEARING_RATE_HZ);
    const shapes = await media.pool.run('hearMouth', { samples, text: piece.text }, { signal });
    heard += piece.to - piece.from;
    step.update(heard / totalFrames(pieces), message(language, 'lipsync.analyze'));
    return shapes.map(({ start, end, value }) => ({ start: start + from, end: end + from, value }));
  });
  return tidyCues(cues.flat());
}

async function draw(media: Media, run: LipsyncRun, speech: LoadedSpeech, step: StepRun) {
  const { files } = run;
  const phonemes = await readStoredJson<Phoneme[]>(files, STORED_PHONEMES);
  const pieces = cutSpeech(speech.sentences, speech.durationSeconds);
  const plan = planHead(speech.character, totalFrames(pieces), phonemes);
  const tools = await media.tools();
  await showClip(media, plan, 'head', { scratch: files.scratch, step });
  const total = totalFrames(pieces);
  const done = pieces.map(() => 0);
  const report = (index: number, frames: number): void => {
    done[index] = frames;
    const drawn = done.reduce((sum, one) => sum + one, 0);
    step.update(drawn / total, message(speech.language, 'lipsync.applyCount', toSeconds(drawn, total)));
  };
  const videos = await runParallel(pieces, media.pool.size, step.signal, async (piece, index, signal) => {
    const part = { from: piece.from, to: piece.to };
    const outputPath = join(files.scratch, `lips-${clipNumber(index)}.mp4`);
    const drawing = { signal, onProgress: (frame: number) => report(index, frame) };
    await media.pool.run('drawClip', { plan, part, withMouths: true, tools, outputPath }, drawing);
    const name = `steps/lips/${clipNumber(index)}.mp4`;
    await files.save(name, outputPath);
    return name;
  });
  return { videos };
}

async function save(
  media: Media,
  { files }: LipsyncRun,
  { sentences, durationSeconds, language }: LoadedSpeech,
  videos: readonly string[],
  { signal, update }: StepRun,
) {
  const tools = await media.tools();
  const frames = totalFrames(cutSpeech(sentences, durationSeconds));
  const padded = await padAudio(await files.open(STORED_AUDIO), frames / FRAMES_PER_SECOND);
  const audioName = 'steps/padded.wav';
  await storeContent(files, audioName, padded);
  const outputPath = join(files.scratch, 'video.mp4');
  media.pool.endIdle();
  await renderFilm(
    tools,
    {
      videoPaths: await Promise.all(videos.map((name) => files.open(name))),
      mouths: [],
      bed: null,
      audioPaths: [await files.open(audioName)],
      captionsPath: null,
      scratch: files.scratch,
      outputPath,
      durationSeconds: frames / FRAMES_PER_SECOND,
      title: firstWords(sentences),
      language,
    },
    { signal, onProgress: (share) => update(share * 0.98, message(language, 'lipsync.save')) },
  );
  const { format } = await probeMedia(tools, outputPath, signal);
  const video = await files.save('video.mp4', outputPath);
  return { video: { ...video }, durationSeconds: format.duration };
}

/** The speech padded with silence to exactly the length of the pictures. */
async function padAudio(path: string, durationSeconds: number): Promise<Uint8Array> {
  const speech = await readWavPart(path, 0, durationSeconds);
  const samples = new Int16Array(Math.round(durationSeconds * speech.sampleRateHz));
  samples.set(speech.samples.subarray(0, samples.length));
  return encodeWav({ samples, sampleRateHz: speech.sampleRateHz });
}

/** Converts frames to whole seconds of the video. */
function toSeconds(drawn: number, total: number): { done: number; total: number } {
  return { done: Math.floor(drawn / FRAMES_PER_SECOND), total: Math.ceil(total / FRAMES_PER_SECOND) };
}

function isNamed(character: Character, name: string): boolean {
  return foldName(character.name) === foldName(name);
}

function totalFrames(pieces: readonly SpeechPiece[]): number {
  return pieces.at(-1)?.to ?? 0;
}

function firstWords(sentences: readonly TimedSentence[]): string {
  return startOf(sentences[0]?.text ?? '', 60);
}
