/** The Director with clips of a video API: real HTTP, real ffmpeg, no Redis. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FfmpegTools } from '../../media/ffmpeg.ts';
import { createMedia, type Media } from '../../media/media.ts';
import { type MediaProbe, probeMedia } from '../../media/probe.ts';
import type { VideoResult } from '../../media/workflows/director/definition.ts';
import { scriptInputSchema } from '../../media/workflows/director/input.ts';
import { run as runDirector } from '../../media/workflows/director/run.ts';
import { Stopped } from '../../src/jobs/attempt.ts';
import { PATIENCE_MS, within } from '../setup/deadline.ts';
import { createFilmRun, type FilmRun, stepsBefore } from './film-run.ts';
import { makeFootage, startVideoServer, type VideoServer } from './video-server.ts';

const SCRIPT =
  '# Far\n## The lab\n[Rain outside.]\nMIRA: [waves] Ah, papa!\nTHEO: Mama.\n## The park\nIt was a day.';
const SHORT = scriptInputSchema.parse({ script: '## A\nMIRA: Ah!\n## B\nTHEO: Oh!' });
const signal = new AbortController().signal;

let media: Media;
let tools: FfmpegTools;
let footage: Buffer;
let server: VideoServer;
const runs: FilmRun[] = [];

beforeAll(async () => {
  media = createMedia({ workers: 2 });
  tools = await media.tools();
  footage = await makeFootage(tools);
});
afterAll(async () => {
  await media.close();
  for (const { folder } of runs) await rm(folder, { recursive: true, force: true });
});

async function startRun(options: Parameters<typeof createFilmRun>[0]): Promise<FilmRun> {
  const run = await createFilmRun(options);
  runs.push(run);
  return run;
}

const direct = (run: FilmRun): Promise<VideoResult> =>
  runDirector(run, { media, providers: { clips: server.clips } });

/** Runs up to the lip sync. @returns what the clips cost */
async function makeClips(run: FilmRun): Promise<number> {
  await expect(direct(run)).rejects.toMatchObject({ code: 'CANCELLED' });
  const { costUsd } = run.outputs.get('generate_videos') as { costUsd: number };
  return costUsd;
}

/** The next attempt, which is stopped behind the clips. */
function retryOf(run: FilmRun): Promise<FilmRun> {
  const stop = new AbortController();
  return startRun({
    ...{ input: SHORT, signal: stop.signal },
    after: { run, steps: stepsBefore('generate_videos') },
    onUpdate: ({ step }) => {
      if (step === 'lipsync') stop.abort(new Stopped('shutdown'));
    },
  });
}

describe('a script of two scenes', () => {
  let run: FilmRun;
  let result: VideoResult;
  let probe: MediaProbe;

  test('becomes one film of remote clips and our speech', async () => {
    server = await startVideoServer(footage);
    run = await startRun({ input: scriptInputSchema.parse({ script: SCRIPT }) });
    result = await direct(run);
    await run.end();
    probe = await probeMedia(tools, join(run.folder, 'video.mp4'), signal);
    const [video, audio] = ['video', 'audio'].map((type) =>
      probe.streams.find((one) => one.codec_type === type),
    );
    expect(video).toMatchObject({ codec_name: 'h264', width: 1280, height: 720, pix_fmt: 'yuv420p' });
    expect(video?.avg_frame_rate).toBe('25/1');
    expect(Math.abs((video?.duration ?? 0) - (audio?.duration ?? 9))).toBeLessThan(0.1);
    expect(result).toMatchObject({ clips: 2, totalCostUsd: 1 });
    expect(server.created).toHaveLength(2);
  });

  test('asks for each scene in words: place, directions, looks and lines', () => {
    const [lab, park] = server.created.toSorted((one, other) => (one.key < other.key ? -1 : 1));
    expect(lab?.prompt.split('\n')).toEqual([
      'Place: The lab.',
      'Action: Rain outside. waves',
      expect.stringMatching(/^In the picture: Mira \(.* face, .* skin, .*\); Theo \(/) as string,
      'Said, in this order: Mira: “Ah, papa!” Theo: “Mama.”',
      expect.stringContaining('No text, captions or logos') as string,
    ]);
    expect(park?.prompt).toContain('A narrator, unseen: “It was a day.”');
    expect([lab, park].map((one) => `${one?.key} ${one?.seconds}`)).toEqual([
      'job-clip-1-1 8',
      'job-clip-2-1 4',
    ]);
  });

  test('has clips exactly as long as their speech, the title card in front', async () => {
    for (const name of ['0001', '0002']) {
      const plan = JSON.parse(await readFile(join(run.folder, `steps/clips/${name}.json`), 'utf8')) as {
        frames: number;
      };
      const clip = await probeMedia(tools, join(run.folder, `steps/clips/${name}.mp4`), signal);
      expect(clip.format.duration).toBeCloseTo(plan.frames / 25, 2);
      expect(clip.streams).toHaveLength(1);
    }
  });

  test('says which model is waited for, and that its mouths are its own', () => {
    const clips = run.updates.filter(({ step }) => step === 'generate_videos');
    const waiting = clips.map(({ metadata }) => metadata?.['waiting_for']);
    expect(clips[0]?.metadata).toMatchObject({ current_clip: 1, total_clips: 2, model: 'camera' });
    expect(waiting.flat()).toContainEqual({ clip: 2, progress: 0.4 });
    expect(waiting.at(-1)).toEqual([]);
    const shares = clips.map(({ progress }) => progress);
    expect(shares.toSorted((a, b) => a - b)).toEqual(shares);
    expect(run.warnings).toEqual([
      expect.stringContaining('The clips of camera keep their own mouth movements'),
    ]);
    const lips = run.updates.filter(({ step }) => step === 'lipsync');
    expect(lips.at(-1)?.metadata).toEqual({ total_clips: 2, clips_not_synced: 2 });
  });
});

describe('when something goes wrong', () => {
  beforeEach(async () => {
    server = await startVideoServer(footage);
  });

  test('a rate limit is told with its wait', async () => {
    server.faults.limits = 99;
    await expect(direct(await startRun({ input: SHORT }))).rejects.toMatchObject({
      code: 'PROVIDER_FAILED',
      retryAfterSeconds: 7,
      details: { error_code: '429' },
    });
    expect(server.created).toEqual([]);
  });

  test('a clip that is made and one that is under way are not paid for again by a retry', async () => {
    server.faults.stuck = new Set([2]);
    const stop = new AbortController();
    const run = await startRun({
      input: SHORT,
      signal: stop.signal,
      onUpdate: ({ metadata }) => {
        // The first clip is done, the second one under way.
        if (metadata?.['current_clip'] === 2) stop.abort(new Stopped('shutdown'));
      },
    });
    await expect(direct(run)).rejects.toMatchObject({ code: 'CANCELLED' });
    server.faults.stuck.clear();
    const retry = await retryOf(run);
    expect(await makeClips(retry)).toBe(1);
    expect(retry.worked[0]).toBe('generate_videos');
    expect(server.created.map(({ key }) => key).toSorted()).toEqual(['job-clip-1-1', 'job-clip-2-1']);
    expect(server.deleted).toEqual([]);
    expect(server.received.filter(({ path }) => path.endsWith('/content'))).toHaveLength(2);
  });

  test('a clip that failed is asked for anew, under a new key', async () => {
    server.faults.failing = new Set([1]);
    const run = await startRun({ input: SHORT });
    await expect(direct(run)).rejects.toMatchObject({
      code: 'PROVIDER_FAILED',
      message: 'Video API: expected a clip, received status failed: GPU lost',
    });
    server.faults.failing.clear();
    await makeClips(await retryOf(run));
    const keys = server.created.map(({ key }) => key);
    expect(keys.toSorted()).toEqual(['job-clip-1-1', 'job-clip-1-2', 'job-clip-2-1']);
  });

  test('a file that cannot be shown is no clip', async () => {
    server.faults.broken = new Set([1]);
    const run = await startRun({ input: SHORT });
    await expect(direct(run)).rejects.toMatchObject({
      code: 'PROVIDER_FAILED',
      details: { error_code: 'bad_footage' },
    });
    const record = JSON.parse(
      await readFile(join(run.folder, 'steps/clips/0001.record.json'), 'utf8'),
    ) as object;
    expect(record).toMatchObject({ started: null, generation: 2, made: null });
  });

  test('cancelling ends the wait within 2 s and gives the clips up at the provider', async () => {
    const asked = Promise.withResolvers<void>();
    const waits = new Set<string>();
    server = await startVideoServer(footage, {
      notices: {
        callbackUrl: 'https://example.org/hook',
        // Nobody wakes it: only the abort ends the wait.
        wait: (clipId, _timeoutMs, stop) =>
          new Promise((_resolve, reject) => {
            if (waits.add(clipId).size === 2) asked.resolve();
            stop.addEventListener('abort', () => reject(stop.reason as Error), { once: true });
          }),
      },
    });
    server.faults.stuck = new Set([1, 2]);
    const stop = new AbortController();
    const run = await startRun({ input: SHORT, signal: stop.signal });
    const ending = direct(run).catch((error: unknown) => error);
    await within(asked.promise, PATIENCE_MS, 'both clips are waited for');
    stop.abort(new Stopped('ended'));
    expect(await within(ending, PATIENCE_MS, 'the end of a cancelled job')).toMatchObject({
      code: 'CANCELLED',
    });
    expect(server.deleted.toSorted()).toEqual(['job-clip-1-1', 'job-clip-2-1']);
    const record = JSON.parse(
      await readFile(join(run.folder, 'steps/clips/0001.record.json'), 'utf8'),
    ) as object;
    expect(record).toMatchObject({ started: null, generation: 2 });
  });
});
