/** Lip sync of a real audio job's files: cues and a talking head whose mouth moves. */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runFfmpeg } from '../../../media/ffmpeg.ts';
import { createMedia, type Media } from '../../../media/media.ts';
import { createVoiceStudio } from '../../../media/narration/voice-studio.ts';
import { probeMedia } from '../../../media/probe.ts';
import { cutSpeech, planHead } from '../../../media/talking-head/head-clip.ts';
import { cuesOfPhonemes, type MouthCue } from '../../../media/talking-head/mouth-cue.ts';
import type { steps as audioSteps } from '../../../media/workflows/audio/definition.ts';
import { type NarrationInput, narrationInputSchema } from '../../../media/workflows/audio/input.ts';
import { run as runAudio } from '../../../media/workflows/audio/run.ts';
import type { steps as lipsyncSteps } from '../../../media/workflows/lipsync/definition.ts';
import { lipsync } from '../../../media/workflows/lipsync/index.ts';
import { type LipSyncInput, lipSyncInputSchema } from '../../../media/workflows/lipsync/input.ts';
import { run as runLipsync } from '../../../media/workflows/lipsync/run.ts';
import { createAdmission } from '../../../src/jobs/admission.ts';
import type { JobState } from '../../../src/progress/state.ts';
import { tableOf } from '../../setup/workflows.ts';
import { createTestRun, processesIn, type TestRun } from '../workflow-run.ts';

type AudioStep = (typeof audioSteps)[number]['name'];
type LipsyncStep = (typeof lipsyncSteps)[number]['name'];
type LipsyncRun = TestRun<LipSyncInput, LipsyncStep>;

let media: Media;
let speech: TestRun<NarrationInput, AudioStep>;
const folders: string[] = [];

beforeAll(async () => {
  media = createMedia();
  speech = await createTestRun({ input: narrationInputSchema.parse({ text: 'Mama, look: I am here.' }) });
  folders.push(speech.folder);
  const recognition = {
    name: 'scripted',
    recognize: async () => ({ text: 'mama look i am here', words: [], costUsd: 0 }),
  };
  await runAudio(speech, { media, studio: createVoiceStudio(media, { recognition }) });
});
afterAll(async () => {
  await media.close();
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function prepare(
  input: object = {},
  options: Omit<Parameters<typeof createTestRun<LipSyncInput, LipsyncStep>>[0], 'input'> = {},
): Promise<LipsyncRun> {
  const run = await createTestRun<LipSyncInput, LipsyncStep>({
    jobs: { talk: speech.folder },
    ...options,
    input: lipSyncInputSchema.parse({ audioJobId: 'talk', ...input }),
  });
  folders.push(run.folder);
  return run;
}

async function cuesIn(run: LipsyncRun): Promise<MouthCue[]> {
  const { mouthCues } = JSON.parse(await readFile(join(run.folder, 'cues.json'), 'utf8')) as {
    mouthCues: MouthCue[];
  };
  return mouthCues;
}

function expectGapless(cues: readonly MouthCue[]): void {
  expect(cues.length).toBeGreaterThan(5);
  for (const [index, { start, end }] of cues.entries()) {
    expect(end).toBeGreaterThan(start);
    if (index > 0) expect(start).toBe(cues[index - 1]?.end);
  }
}

/** Grey values of the middle of the picture, a byte each. */
async function mouthAt(path: string, atSeconds: number, folder: string): Promise<Buffer> {
  const output = join(folder, 'mouth.gray');
  await runFfmpeg(await media.tools(), {
    signal: new AbortController().signal,
    args: [
      ...['-ss', atSeconds.toFixed(3), '-i', path, '-frames:v', '1'],
      ...['-vf', 'crop=220:160:530:320,format=gray', '-f', 'rawvideo', '-y', output],
    ],
  });
  return readFile(output);
}

function difference(one: Buffer, other: Buffer): number {
  let sum = 0;
  for (const [index, value] of one.entries()) sum += Math.abs(value - (other[index] ?? 0));
  return sum / one.length;
}

function brightness(picture: Buffer): number {
  return picture.reduce((sum, value) => sum + value, 0) / picture.length;
}

test('known sounds become cues and a talking head as long as the speech, whose mouth moves', async () => {
  const run = await prepare();
  const result = await runLipsync(run, { media });
  expect(run.worked).toEqual(tableOf('LIPSYNC').map(({ name }) => name));
  const cues = await cuesIn(run);
  expectGapless(cues);
  expect(new Set(cues.map(({ value }) => value))).toContain('A');
  expect(run.updates.find(({ step }) => step === 'analyze_audio')?.metadata).toMatchObject({
    source: 'phonemes',
  });

  const path = join(run.folder, result.video.name);
  const { format, streams } = await probeMedia(await media.tools(), path, run.signal);
  const spoken = cues.at(-1)?.end ?? 0;
  expect(format.duration).toBeGreaterThanOrEqual(spoken - 0.1);
  expect(format.duration).toBeLessThan(spoken + 1);
  expect(streams.map(({ codec_name }) => codec_name)).toEqual(['h264', 'aac']);
  const open = cues.find(({ value, start, end }) => value === 'D' && end - start > 0.05);
  const closed = cues.find(({ value, start, end }) => value === 'A' && end - start > 0.03);
  const middle = (cue: MouthCue | undefined): number => ((cue?.start ?? 0) + (cue?.end ?? 0)) / 2;
  const [wide, shut] = [
    await mouthAt(path, middle(open), run.folder),
    await mouthAt(path, middle(closed), run.folder),
  ];
  expect(difference(wide, shut)).toBeGreaterThan(1);
});

test('where no sounds are known they are found in the audio', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-heard-'));
  folders.push(folder);
  const spoken = JSON.parse(await readFile(join(speech.folder, 'speech.json'), 'utf8')) as object;
  await writeFile(join(folder, 'speech.json'), JSON.stringify({ ...spoken, phonemes: [] }));
  await writeFile(join(folder, 'audio.wav'), await readFile(join(speech.folder, 'audio.wav')));
  const run = await prepare({ character: 'Nobody Known' }, { jobs: { talk: folder } });
  await runLipsync(run, { media });
  expectGapless(await cuesIn(run));
  expect(run.updates.find(({ metadata }) => metadata !== undefined)?.metadata).toMatchObject({
    source: 'audio',
  });
  expect(run.warnings.join()).toContain('Nobody Known');
});

test('a part of the speech is drawn as it would be in the whole: not dark at its ends, of its own length', async () => {
  const signal = new AbortController().signal;
  const [character] = await media.cast();
  if (character === undefined) throw new Error('expected a cast');
  const phonemes = [{ symbol: 'aa', startSeconds: 0, endSeconds: 4 }];
  const plan = planHead(character, 100, phonemes);
  const tools = await media.tools();
  // The first frame is what players show before they play: it is no darker than the others.
  for (const from of [0, 50]) {
    const part = { from, to: from + 5 };
    const clipPath = join(speech.folder, `part-${from}.mp4`);
    const outputPath = join(speech.folder, `part-${from}-lips.mp4`);
    const input = { plan, part, tools };
    await media.pool.run('drawClip', { ...input, withMouths: false, outputPath: clipPath }, { signal });
    await media.pool.run('drawClip', { ...input, withMouths: true, outputPath }, { signal });
    expect((await probeMedia(tools, outputPath, signal)).format.duration).toBeCloseTo(5 / 25, 2);
    for (const frame of [0, 4]) {
      const drawn = await mouthAt(outputPath, frame / 25, speech.folder);
      expect(brightness(drawn)).toBeGreaterThan(90);
      // It opens by and by.
      const least = from === 0 ? 0 : 5;
      expect(difference(drawn, await mouthAt(clipPath, frame / 25, speech.folder))).toBeGreaterThan(least);
    }
  }
});

test('a cancelled job ends its tools', async () => {
  const abort = new AbortController();
  const run = await prepare(
    {},
    {
      signal: abort.signal,
      onUpdate: ({ step }) => step === 'apply_lipsync' && abort.abort(new Error('stop')),
    },
  );
  await expect(runLipsync(run, { media })).rejects.toThrow();
  await run.end();
  expect(await processesIn(run.folder)).toEqual([]);
});

test('an audio job that is gone, foreign or unfinished is refused when it is asked for; of a good one the length is known', async () => {
  const states: Record<string, Partial<JobState>> = {
    film: { workflow: 'DIRECTOR', status: 'COMPLETED', itemCount: 0 },
    talking: { workflow: 'AUDIO', status: 'RUNNING', itemCount: 0 },
    batch: { workflow: 'AUDIO', status: 'COMPLETED', itemCount: 2 },
    good: { workflow: 'AUDIO', status: 'COMPLETED', itemCount: 0, result: { totalDuration: 12.5 } },
    old: { workflow: 'AUDIO', status: 'COMPLETED', itemCount: 0, result: null },
  };
  const load = async (_projectId: string, id: string) => (states[id] as JobState | undefined) ?? null;
  const admission = createAdmission({ redis: undefined as never, keys: undefined as never, jobs: { load } });
  const ask = (audioJobId: string) =>
    admission({
      projectId: 'p',
      workflow: lipsync,
      inputs: [{ field: 'input', input: lipSyncInputSchema.parse({ audioJobId }) }],
    });
  expect(await ask('good')).toEqual([{ seconds: 12.5 }]);
  expect(await ask('old')).toEqual([{}]);
  for (const id of ['unknown', 'film', 'batch', 'talking']) {
    await expect(ask(id)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { field: 'input.audioJobId' },
    });
  }
  await expect(ask('talking')).rejects.toThrow(/COMPLETED.*RUNNING/);
});

test('cues of phonemes and pieces of speech cover the time without gaps', () => {
  const cues = cuesOfPhonemes([
    { symbol: 'pau', startSeconds: 0, endSeconds: 0.2 },
    { symbol: 'm', startSeconds: 0.2, endSeconds: 0.22 },
    { symbol: 'ay', startSeconds: 0.22, endSeconds: 0.6 },
  ]);
  expect(cues.map(({ value }) => value)).toEqual(['X', 'A', 'D', 'B']);
  const sentences = Array.from({ length: 30 }, (_, index) => ({
    text: `s${index}`,
    startSeconds: index * 3.01,
    endSeconds: index * 3.01 + 2.7,
  }));
  const pieces = cutSpeech(sentences, 90);
  expect(pieces.length).toBeGreaterThan(3);
  expect(pieces[0]?.from).toBe(0);
  for (const [index, { from, to }] of pieces.entries()) {
    expect(to).toBeGreaterThan(from);
    if (index > 0) expect(from).toBe(pieces[index - 1]?.to);
  }
  expect(pieces.at(-1)?.to).toBeGreaterThanOrEqual(90 * 25);
  expect(cutSpeech([], 2)).toEqual([{ from: 0, to: 62, text: '' }]);
});
