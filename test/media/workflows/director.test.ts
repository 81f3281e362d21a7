import { execFile } from 'node:child_process';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClipPlan, MouthPlace, Turn } from '../../../media/clip-plan.ts';
import type { FfmpegTools } from '../../../media/ffmpeg.ts';
import { createMedia, type Media } from '../../../media/media.ts';
import { MOUTH_HEIGHT_PX, MOUTH_WIDTH_PX } from '../../../media/mouth-drawing.ts';
import { trackMouth } from '../../../media/mouth-shape.ts';
import { type MediaProbe, probeMedia } from '../../../media/probe.ts';
import type { VideoResult } from '../../../media/workflows/director/definition.ts';
import { scriptInputSchema } from '../../../media/workflows/director/input.ts';
import { run as runDirector } from '../../../media/workflows/director/run.ts';
import { createFilmRun, type FilmRun, stepsBefore } from '../film-run.ts';
import { processesIn } from '../workflow-run.ts';

let media: Media;
let tools: FfmpegTools;
const runs: FilmRun[] = [];
const signal = new AbortController().signal;

beforeAll(async () => {
  media = createMedia({ workers: 2 });
  tools = await media.tools();
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

async function planOf(run: FilmRun, clip: number): Promise<ClipPlan> {
  const name = `steps/clips/${String(clip).padStart(4, '0')}.json`;
  return JSON.parse(await readFile(join(run.folder, name), 'utf8')) as ClipPlan;
}

describe('a script of two scenes', () => {
  let run: FilmRun;
  let result: VideoResult;
  let probe: MediaProbe;
  const script = '# Tiny\n## The lab\nMIRA: Ah, papa!\nTHEO: Mama.\n## The park\nIt was a day.\nMIRA: Aha!';

  beforeAll(async () => {
    run = await startRun({ input: scriptInputSchema.parse({ script }) });
    result = await runDirector(run, { media, providers: {} });
    await run.end();
    probe = await probeMedia(tools, join(run.folder, 'video.mp4'), signal);
  });

  test('becomes H.264 1280x720 at 25 frames/s with AAC sound of the same length', () => {
    const [video, audio] = ['video', 'audio'].map((type) =>
      probe.streams.find((one) => one.codec_type === type),
    );
    expect(video).toMatchObject({ codec_name: 'h264', width: 1280, height: 720, pix_fmt: 'yuv420p' });
    expect(video?.avg_frame_rate).toBe('25/1');
    expect(audio).toMatchObject({ codec_name: 'aac', sample_rate: 48_000 });
    expect(Math.abs((video?.duration ?? 0) - (audio?.duration ?? 9))).toBeLessThan(0.1);
  });

  test('has its index in front, so that it plays while it loads', async () => {
    const file = await readFile(join(run.folder, 'video.mp4'));
    expect(file.indexOf('moov')).toBeLessThan(file.indexOf('mdat'));
  });

  test('has the measured length, its clips and no cost in the result', async () => {
    expect(result).toMatchObject({
      clips: 2,
      totalCostUsd: 0,
      finalVideoPath: 'film/job/video.mp4',
    });
    expect(result.totalDuration).toBeCloseTo(probe.format.duration, 3);
    expect(result.video.sizeBytes).toBe((await stat(join(run.folder, 'video.mp4'))).size);
  });

  test('has subtitles for every line, in time with the speech', async () => {
    const vtt = await readFile(join(run.folder, 'subtitles.vtt'), 'utf8');
    const cues = [...vtt.matchAll(/([\d:.]+) --> ([\d:.]+)\n<v ([^>]*)>(.*)<\/v>/g)];
    expect(cues.map(([, , , speaker, text]) => `${speaker}: ${text}`)).toEqual([
      ...['Mira: Ah, papa!', 'Theo: Mama.', 'Narrator: It was a day.', 'Mira: Aha!'],
    ]);
    const seconds = (time = ''): number => time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    const first = await planOf(run, 1);
    for (const [index, turn] of first.turns.entries()) {
      const heard = turn.phonemes.find(({ symbol }) => symbol !== 'pau')?.startSeconds ?? 0;
      const lead = heard - seconds(cues[index]?.[1]);
      expect(lead).toBeGreaterThan(-0.001);
      expect(lead).toBeLessThan(1 / 25);
      const lastHeard = turn.phonemes.findLast(({ symbol }) => symbol !== 'pau')?.endSeconds ?? 0;
      expect(seconds(cues[index]?.[2])).toBeGreaterThan(lastHeard - 0.001);
      expect(seconds(cues[index]?.[2])).toBeLessThan(seconds(cues[index + 1]?.[1]));
    }
    expect(seconds(cues.at(-1)?.[2])).toBeLessThan(probe.format.duration);
  });

  test('has a thumbnail', async () => {
    const picture = await probeMedia(tools, join(run.folder, 'thumbnail.jpg'), signal).catch(() => null);
    const file = await readFile(join(run.folder, 'thumbnail.jpg'));
    expect(file.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    expect(picture?.streams[0]?.width ?? 1280).toBe(1280);
  });

  test('opens the mouth in a vowel and closes it in silence', async () => {
    const plan = await planOf(run, 1);
    const turn = plan.turns[0] as Turn;
    const track = trackMouth(turn.phonemes);
    const frames = Array.from({ length: turn.to - turn.from }, (_, index) => turn.from + index);
    const byOpening = frames.sort((a, b) => track.at(b / 25).open - track.at(a / 25).open);
    const open = await drawnPixels(run, byOpening[0] ?? 0);
    const closed = await drawnPixels(run, byOpening.at(-1) ?? 0);
    expect(open).toBeGreaterThan(300);
    expect(open).toBeGreaterThan(closed * 2);
    expect(closed).toBeGreaterThan(20);
    const silent = (plan.turns[1]?.from ?? 0) - 3;
    expect(await drawnPixels(run, silent)).toBe(0);
  });

  test('lays the mouths over the clips where the faces are', async () => {
    const plan = await planOf(run, 1);
    const places = JSON.parse(
      await readFile(join(run.folder, 'steps/lips/0001.json'), 'utf8'),
    ) as MouthPlace[];
    const [place] = places;
    const turn = plan.turns[0] as Turn;
    expect(place?.from).toBe(turn.from);
    const frame = Math.floor((turn.from + turn.to) / 2);
    const crop = `crop=${MOUTH_WIDTH_PX}:${MOUTH_HEIGHT_PX}:${place?.x}:${place?.y}`;
    const [without, film] = await Promise.all(
      ['steps/clips/0001.mp4', 'video.mp4'].map((name) => grayFrame(join(run.folder, name), frame, crop)),
    );
    const changed =
      film?.filter((value, index) => Math.abs(value - (without?.[index] ?? 0)) > 40).length ?? 0;
    expect(changed).toBeGreaterThan(20);
    expect(changed).toBeLessThan((film?.length ?? 0) / 8);
  });

  test('reports real progress: never backwards, through all of every long step, clips counted', () => {
    for (const step of ['generate_videos', 'lipsync', 'render'] as const) {
      const progress = run.updates.filter((update) => update.step === step).map((update) => update.progress);
      expect(progress.toSorted((a, b) => a - b)).toEqual(progress);
      expect(progress.at(-1)).toBeGreaterThan(0.9);
      expect(progress.at(-1)).toBeLessThanOrEqual(1);
      expect(progress.length).toBeGreaterThan(3);
    }
    const clips = run.updates.filter(({ step }) => step === 'generate_videos');
    expect(clips[0]).toMatchObject({
      message: 'Generating clips (1/2)',
      metadata: { current_clip: 1, total_clips: 2 },
    });
    expect(clips.at(-1)?.metadata).toEqual({ current_clip: 2, total_clips: 2 });
  });

  test('keeps small step outputs that name files', () => {
    expect(JSON.stringify([...run.outputs]).length).toBeLessThan(3000);
    expect(JSON.stringify([...run.outputs])).not.toContain(run.folder);
  });

  test('is not made again by a retry on another machine', async () => {
    const retry = await startRun({ input: run.input, after: { run, steps: stepsBefore('render') } });
    const again = await runDirector(retry, { media, providers: {} });
    expect(retry.worked).toEqual(['render', 'complete']);
    expect(again.totalDuration).toBe(result.totalDuration);
    expect(again.video.sizeBytes).toBe(result.video.sizeBytes);
  });

  test.each(['generate_videos', 'lipsync', 'render'] as const)(
    'an abort during %s leaves no process and no half-made file',
    async (step) => {
      const stop = new AbortController();
      const cancelled = await startRun({
        input: run.input,
        after: { run, steps: stepsBefore(step) },
        signal: stop.signal,
        onUpdate: (update) => {
          if (update.progress > 0.2) stop.abort();
        },
      });
      // Clips that are stored would not be made again.
      if (step === 'generate_videos') await rm(join(cancelled.folder, 'steps/clips'), { recursive: true });
      const before = await artifacts(cancelled);
      await expect(runDirector(cancelled, { media, providers: {} })).rejects.toMatchObject({
        code: 'CANCELLED',
      });
      expect(await processesIn(cancelled.folder)).toEqual([]);
      await cancelled.end();
      expect(cancelled.outputs.has(step)).toBe(false);
      expect(await artifacts(cancelled)).toEqual(before);
    },
  );
});

async function artifacts(run: FilmRun): Promise<number[]> {
  const names = ['video.mp4', 'subtitles.vtt', 'thumbnail.jpg'];
  return Promise.all(names.map(async (name) => (await stat(join(run.folder, name))).mtimeMs));
}

/** How many pixels of a mouth are drawn in one frame of the first clip. */
async function drawnPixels(run: FilmRun, frame: number): Promise<number> {
  const opacity = await grayFrame(join(run.folder, 'steps/lips/0001.mkv'), frame, 'alphaextract');
  return opacity.filter((value) => value > 128).length;
}

/** One frame as grey values, row by row. */
async function grayFrame(path: string, frame: number, filter: string): Promise<Uint8Array> {
  const args = [
    ...['-v', 'error', '-i', path, '-vf', `select=eq(n\\,${frame}),${filter},format=gray`],
    ...['-frames:v', '1', '-f', 'rawvideo', '-'],
  ];
  return (await promisify(execFile)(tools.ffmpegPath, args, { encoding: 'buffer' })).stdout;
}

describe('a script of hostile text', () => {
  const lines = [
    "scale=2:2,drawtext=text='%{pts}':fontfile=/etc/passwd;[0:v]null",
    '{\\an8}{\\fs200}top \\N second \\h third',
    '../../../etc/passwd $(touch /tmp/owned) `id` ; rm -rf ~ | cat',
    '안녕하세요, 여러분! 👋🎬',
    'Привет \u202eevil\u202c \u200fmark',
    '<b>bold</b> &amp; <script>alert(1)</script> --> 00:00',
  ];
  const script = `## ../../x: 'scene'; [a]\n${lines.map((line, index) => `${'AB'[index % 2]}: ${line}`).join('\n')}`;
  let run: FilmRun;
  let result: VideoResult;

  beforeAll(async () => {
    const title = "It's {\\an8} 100%: \\' 제목 🎬 [x]";
    run = await startRun({ input: scriptInputSchema.parse({ script, title, language: 'ko' }) });
    result = await runDirector(run, { media, providers: {} });
  });

  test('becomes a video like any other', async () => {
    const probe = await probeMedia(tools, join(run.folder, 'video.mp4'), signal);
    expect(probe.streams.map(({ codec_name }) => codec_name)).toEqual(['h264', 'aac']);
    expect(result.totalDuration).toBeGreaterThan(10);
  });

  test('stays in the subtitles to the letter', async () => {
    const vtt = await readFile(join(run.folder, 'subtitles.vtt'), 'utf8');
    const shown = vtt.replaceAll(/^\d+$|^.* --> [\d:.]+$|<\/?v[^>]*>/gm, '').replaceAll(/\s+/g, '');
    const text = shown.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    // Directions in brackets are no text.
    for (const line of lines.map((one) => one.replace('[0:v]', ''))) {
      expect(text).toContain(line.replaceAll(/\s+/g, ''));
    }
  });

  test('warns of what the voice leaves out, by line, in the job’s language', () => {
    expect(run.warnings).toEqual([
      expect.stringContaining('eSpeak NG'),
      '5행: flite이(가) 말할 수 없는 부분(이모지)은 자막에만 나옵니다',
      '6행: flite이(가) 말할 수 없는 부분(다른 문자)은 자막에만 나옵니다',
    ]);
  });
});

test('a script that no voice can speak becomes a silent film with captions', async () => {
  const run = await startRun({
    input: scriptInputSchema.parse({ script: 'Dana: Привет.\n\n👋' }),
  });
  const result = await runDirector(run, { media, providers: {} });
  expect(result.totalDuration).toBeGreaterThan(3);
  expect(run.warnings).toHaveLength(2);
  expect(await readFile(join(run.folder, 'subtitles.vtt'), 'utf8')).toContain('<v Dana>Привет.</v>');
});

test('a missing ffmpeg is TOOL_MISSING in the first step', async () => {
  const run = await startRun({ input: scriptInputSchema.parse({ script: 'A: x' }) });
  const without = createMedia({ ffmpegPath: '/nowhere/ffmpeg' });
  await expect(runDirector(run, { media: without, providers: {} })).rejects.toMatchObject({
    code: 'TOOL_MISSING',
  });
  expect(run.worked).toEqual(['start']);
});
