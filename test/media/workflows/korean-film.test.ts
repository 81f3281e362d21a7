/** A Korean script with a configured voice, through the real runner: real Redis, speech over real HTTP, real ffmpeg. */

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { ClipPlan } from '../../../media/clip-plan.ts';
import { createMedia } from '../../../media/media.ts';
import { createOpenAiSpeech } from '../../../media/providers/openai-speech.ts';
import { SPEECH_RATE_HZ } from '../../../media/speech.ts';
import { encodeWav } from '../../../media/wav.ts';
import type { VideoResult } from '../../../media/workflows/director/definition.ts';
import { director } from '../../../media/workflows/director/index.ts';
import { createRunnable } from '../../../src/jobs/start-workflows.ts';
import { hasEnded } from '../../../src/progress/state.ts';
import { PATIENCE_MS, until } from '../../setup/deadline.ts';
import { createJobPath, type JobPath } from '../../setup/job-harness.ts';
import { WORKFLOWS } from '../../setup/workflows.ts';
import { type Answer, bytes, fakeTiming, key, startFakeApi } from '../providers/fake-api.ts';

const SCRIPT = '# 안녕\n지수: 안녕하세요, 여러분!\n민호: 반갑습니다 👋.';

/** A tenth of a second of sound for every character, quiet at its edges. */
const speaks: Answer = (response, request) => {
  const { input } = JSON.parse(request.body.toString()) as { input: string };
  const length = Math.round(input.length * 0.1 * SPEECH_RATE_HZ);
  const samples = Int16Array.from({ length }, (_, index) =>
    Math.round(9_000 * Math.sin((Math.PI * index) / length) ** 2 * Math.sin(index / 6)),
  );
  return bytes(encodeWav({ samples, sampleRateHz: SPEECH_RATE_HZ }), 'audio/wav')(response, request);
};

async function filmPath(speech: Answer) {
  const api = await startFakeApi(speech);
  const free = { inputPerMillionTokens: 0, outputPerMillionTokens: 0, perMinute: 0, perSecond: 0 };
  const prices = { voice: { ...free, perMillionCharacters: 1_000_000 } };
  const settings = { baseUrl: api.baseUrl, key, timeoutMs: PATIENCE_MS, model: 'voice', prices };
  const media = createMedia({ workers: 2, speech: createOpenAiSpeech(settings, fakeTiming()) });
  const path = await createJobPath({
    workflows: WORKFLOWS,
    runnables: { DIRECTOR: createRunnable(director, { media, providers: {} }) },
  });
  onTestFinished(() => media.close());
  await path.startWorker();
  return { api, path, media };
}

const over = (path: JobPath, jobId: string) =>
  until(async () => (await path.load(jobId).then((state) => hasEnded(state.status) && state)) || undefined, {
    what: 'the film is over',
  });

test('is heard in Korean, moves mouths by loudness, and is told of in Korean', async () => {
  const { api, path, media } = await filmPath(speaks);
  const { id } = await path.enqueue({ workflow: 'DIRECTOR', input: { script: SCRIPT, language: 'ko' } });
  // Kept until the job is done.
  const plan = await until(() => readFile(path.stored(id, 'steps/clips/0001.json'), 'utf8'));
  const { turns } = JSON.parse(plan) as ClipPlan;
  for (const { phonemes } of turns) {
    const symbols = phonemes.map(({ symbol }) => symbol);
    expect(symbols.slice(Math.floor(symbols.length / 2))[0]).toBe('aa');
    expect(['pau', 'n']).toContain(symbols[0]);
  }
  const state = await over(path, id);
  expect(state).toMatchObject({ status: 'COMPLETED', message: '완료' });
  const said = api.received.map(({ body }) => (JSON.parse(body.toString()) as { input: string }).input);
  expect(said.toSorted()).toEqual(['반갑습니다 .', '안녕하세요, 여러분!']);
  const result = state.result as unknown as VideoResult;
  // $1 a character.
  expect(result.totalCostUsd).toBe(said.join('').length);

  const events = (await path.events(id)).filter((event) => event.type === 'ProgressEvent');
  for (const event of events) expect(event.message).toMatch(/\p{Script=Hangul}/u);
  expect(events.some(({ metadata }) => metadata !== null && 'warnings' in metadata)).toBe(false);

  const video = path.stored(id, 'video.mp4');
  const { ffmpegPath } = await media.tools();
  const { stderr } = await promisify(execFile)(ffmpegPath, [
    '-i',
    video,
    '-af',
    'volumedetect',
    '-f',
    'null',
    '-',
  ]);
  expect(Number(/max_volume: (-?[\d.]+) dB/.exec(stderr)?.[1])).toBeGreaterThan(-12);
  expect(await readFile(path.stored(id, 'subtitles.vtt'), 'utf8')).toContain(
    '<v 지수>안녕하세요, 여러분!</v>',
  );
});
