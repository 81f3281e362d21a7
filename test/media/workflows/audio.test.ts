/** Verified speech with real flite, PocketSphinx and ffmpeg. */

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { createMedia, type Media } from '../../../media/media.ts';
import { createVoiceStudio, type VoiceStudio } from '../../../media/narration/voice-studio.ts';
import { probeMedia } from '../../../media/probe.ts';
import type { RecognitionProvider } from '../../../media/providers/recognition.ts';
import type { AudioResult, AudioRun as Run } from '../../../media/workflows/audio/definition.ts';
import { audio } from '../../../media/workflows/audio/index.ts';
import { type NarrationInput, narrationInputSchema } from '../../../media/workflows/audio/input.ts';
import { run as runAudio } from '../../../media/workflows/audio/run.ts';
import { PlayheadError } from '../../../src/core/errors.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { createAdmission } from '../../../src/jobs/admission.ts';
import type { WorkflowRun } from '../../../src/jobs/contract.ts';
import { closeRedis, connectRedis } from '../../../src/redis/client.ts';
import { startHeartbeat } from '../../../src/redis/heartbeat.ts';
import { createKeys } from '../../../src/redis/keys.ts';
import { until } from '../../setup/deadline.ts';
import { unique } from '../../setup/harness.ts';
import { tableOf } from '../../setup/workflows.ts';
import { createTestRun, type TestRun } from '../workflow-run.ts';

type AudioStep = Run extends WorkflowRun<NarrationInput, infer Step> ? Step : never;
type AudioRun = TestRun<NarrationInput, AudioStep>;

let media: Media;
let studio: VoiceStudio;
const runs: AudioRun[] = [];

beforeAll(() => {
  media = createMedia();
  studio = createVoiceStudio(media);
});
afterAll(() => media.close());
afterEach(async () => {
  for (const run of runs.splice(0)) await rm(run.folder, { recursive: true, force: true });
});

async function prepare(
  input: Record<string, unknown>,
  options: Omit<Parameters<typeof createTestRun<NarrationInput, AudioStep>>[0], 'input'> = {},
): Promise<AudioRun> {
  const run = await createTestRun<NarrationInput, AudioStep>({
    ...options,
    input: narrationInputSchema.parse(input),
  });
  runs.push(run);
  return run;
}

const make = (run: AudioRun, by = studio): Promise<AudioResult> => runAudio(run, { media, studio: by });

/** A recogniser that hears what it is told, one answer for each call. */
function hears(...answers: string[]): RecognitionProvider {
  return {
    name: 'scripted',
    recognize: async () => ({ text: answers.shift() ?? '', words: [], costUsd: 0.25 }),
  };
}

const within = async (run: AudioRun, name: string): Promise<Buffer> => readFile(join(run.folder, name));

test('speech is made, heard back and found alike; its files are complete', async () => {
  const run = await prepare({ text: 'The weather is good today. We have 3 cats and a dog.' });
  const result = await make(run);
  expect(result.similarity).toBeGreaterThan(0.85);
  expect(result).toMatchObject({ tries: 1, totalCostUsd: 0 });
  expect(run.worked).toEqual(tableOf('AUDIO').map(({ name }) => name));

  const tools = await media.tools();
  const { format, streams } = await probeMedia(tools, join(run.folder, result.audio.name), run.signal);
  expect(streams.map(({ codec_name }) => codec_name)).toEqual(['aac']);
  expect(format.duration).toBeCloseTo(result.totalDuration, 1);
  expect((await within(run, 'audio.wav')).subarray(0, 4).toString()).toBe('RIFF');

  const transcript = JSON.parse((await within(run, 'transcript.json')).toString()) as {
    words: { text: string; startSeconds: number; endSeconds: number }[];
    said: string;
    verified: boolean;
  };
  expect(transcript).toMatchObject({ verified: true });
  expect(transcript.said.toLowerCase()).toContain('three cats');
  expect(transcript.words.map(({ text }) => text)).toContain('good');
  const times = transcript.words.flatMap(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(times.at(-1)).toBeLessThanOrEqual(result.totalDuration + 0.2);
});

test('it is said again, each time otherwise, until it is understood; the best take is kept', async () => {
  const run = await prepare({ text: 'Good morning.', maxTries: 4 });
  const by = createVoiceStudio(media, { recognition: hears('food', 'good', 'good morning') });
  const result = await make(run, by);
  expect(result).toMatchObject({ tries: 3, similarity: 1, transcript: 'good morning', totalCostUsd: 0.75 });
  const tries = run.updates.filter(({ step }) => step === 'retry_loop').at(-1)?.metadata?.['tries'];
  const takes = tries as { voice: string; pace: number; similarity: number }[];
  expect(new Set(takes.map(({ voice, pace }) => `${voice} ${pace}`)).size).toBe(3);
  expect(takes.map(({ similarity }) => similarity)).toEqual(
    takes.map(({ similarity }) => similarity).toSorted(),
  );
});

test('speech that nobody understands fails as NOT_VERIFIED, and its best take is kept', async () => {
  const run = await prepare({ text: 'Good morning.', maxTries: 2 });
  const by = createVoiceStudio(media, { recognition: hears('good', 'food') });
  const failure = await make(run, by).then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(PlayheadError);
  const { code, retryable, details } = failure as PlayheadError;
  expect({ code, retryable }).toEqual({ code: 'NOT_VERIFIED', retryable: false });
  expect(details).toMatchObject({ best_try: 1, min_similarity: 0.85, audio: 'film/job/audio.m4a' });
  expect((await within(run, 'audio.m4a')).length).toBeGreaterThan(1000);
  const takes = [1, 2].map((number) => `steps/takes/${number}.wav`);
  const sizes = await Promise.all(takes.map(async (name) => (await within(run, name)).length));
  expect(details?.['files']).toEqual(
    takes.map((name, at) => ({
      ...{ name, path: `film/job/${name}`, contentType: 'audio/wav', sizeBytes: sizes[at] },
    })),
  );
});

test('a retry goes on behind the finished steps and speaks nothing again', async () => {
  const first = await prepare({ text: 'Good morning.' });
  const by = createVoiceStudio(media, { recognition: hears('good morning') });
  await make(first, by);
  const steps = ['start', 'normalize_text', 'tts_generation', 'stt_verification'] as const;
  const second = await prepare({ text: 'Good morning.' }, { after: { run: first, steps } });
  expect(await make(second, createVoiceStudio(media, { recognition: hears() }))).toMatchObject({
    similarity: 1,
  });
  expect(second.worked).toEqual(['similarity_check', 'retry_loop', 'save_file']);
});

test('a cancelled job stops speaking', async () => {
  const abort = new AbortController();
  const text = Array.from({ length: 40 }, (_, index) => `This is sentence number ${index}.`).join(' ');
  const run = await prepare(
    { text },
    {
      signal: abort.signal,
      onUpdate: ({ step }) => step === 'tts_generation' && abort.abort(new Error('stop')),
    },
  );
  await expect(make(run)).rejects.toThrow();
  expect(run.worked.at(-1)).toBe('tts_generation');
});

test('Korean is spoken unverified and says so; with minSimilarity it is refused', async () => {
  const run = await prepare({ text: '안녕하세요.', language: 'ko' });
  const result = await make(run);
  expect(result).toMatchObject({ similarity: 0, tries: 1 });
  expect(run.warnings.length).toBeGreaterThan(0);
  const strict = await prepare({ text: '안녕하세요.', language: 'ko', minSimilarity: 0.9 });
  await expect(make(strict)).rejects.toMatchObject({ code: 'TOOL_MISSING' });
});

test.each([
  [{ text: '  ' }, 'text'],
  [{ text: '!!!' }, 'text'],
  [{ text: 'a\u0000b' }, 'text'],
  [{ text: 'x'.repeat(20_001) }, 'text'],
  [{ text: 'hi', voice: 'nobody' }, 'voice'],
  [{ text: 'hi', language: 'xx' }, 'language'],
  [{ text: 'hi', minSimilarity: 1.5 }, 'minSimilarity'],
  [{ text: 'hi', maxTries: 0 }, 'maxTries'],
])('bad input names its field (%#)', (input, field) => {
  const parsed = narrationInputSchema.safeParse(input);
  expect(parsed.error?.issues[0]?.path).toEqual([field]);
  expect(parsed.error?.issues[0]?.message).toMatch(/^expected /);
});

test('what no worker can verify is refused when it is asked for, with what to install', async () => {
  const redis = connectRedis(inject('redisUrl'), () => {});
  const keys = createKeys(unique('abilities'));
  const admission = createAdmission({ redis, keys, jobs: { load: async () => null } });
  const admit = () => admission({ projectId: 'p', workflow: audio, inputs: [{ field: 'input', input }] });
  const input = narrationInputSchema.parse({ text: 'hello' });
  // Nobody can say while no worker is there.
  await admit();
  const deaf = startHeartbeat({
    redis,
    keys,
    logger: silentLogger,
    abilities: async () => ['speech:en'],
    offer: { slots: 1, setups: {} },
  });
  await until(() => redis.zcard(keys.workers));
  await expect(admit()).rejects.toMatchObject({
    code: 'TOOL_MISSING',
    message: expect.stringMatching(/apt-get install pocketsphinx|PLAYHEAD_RECOGNITION_URL/),
  });
  const all = startHeartbeat({
    redis,
    keys,
    logger: silentLogger,
    abilities: () => studio.abilities(),
    offer: { slots: 1, setups: {} },
  });
  await until(() => redis.zscore(keys.abilities, 'recognition:en'));
  await admit();
  await Promise.all([deaf.close(), all.close()]);
  await closeRedis(redis);
});
