/** A script written by somebody who knows ffmpeg, ASS, WebVTT and paths: a correct video, or a clear refusal. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { locateFfmpeg, runFfmpeg } from '../../media/ffmpeg.ts';
import { createMedia, type Media } from '../../media/media.ts';
import { probeMedia } from '../../media/probe.ts';
import { runTool } from '../../media/tool.ts';
import { scriptInputSchema } from '../../media/workflows/director/input.ts';
import { run as runDirector } from '../../media/workflows/director/run.ts';
import { createFilmRun } from '../media/film-run.ts';

const signal = new AbortController().signal;
const MIB = 1_048_576;
const LIMITS = { memoryBytes: 2_048 * MIB, fileBytes: 64 * MIB };

/** Spoken lines, as short as they can be. */
const HOSTILE = [
  "a',drawtext=textfile=/etc/passwd:x=1[v];[v]null",
  '%{pict_type} %{metadata:x}',
  '{\\b1\\p1}m 0 0 l 9 9{\\p0}\\N\\h{\\fs999}',
  '../../../etc/passwd',
  'concat:/etc/passwd|http://127.0.0.1:1/x',
  '--> 00:00:00.000 <script>alert(1)</script> &amp;',
  '\u202Eevil\u202C \u2066rtl\u2069 \u200Fmark',
  `Z${'\u0351\u0363\u0328'.repeat(40)}algo`,
  '$(touch /tmp/playhead-owned) `id` ; rm -rf /',
];
const SCRIPT = `# ../x'[in]\n## {\\an8} ../../lab\n${HOSTILE.map((line, index) => `${index % 2 ? 'MIRA' : 'THEO'}: ${line}`).join('\n')}`;

let media: Media;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playhead-hostile-'));
  const { ffmpegPath: real } = await locateFfmpeg({});
  // Writes down every call.
  const recorder = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${join(folder, 'calls')}'\nexec '${real}' "$@"\n`;
  const ffmpegPath = join(folder, 'ffmpeg');
  await writeFile(ffmpegPath, recorder, { mode: 0o755 });
  media = createMedia({ workers: 2, toolLimits: LIMITS, ffmpegPath });
});
afterAll(async () => {
  await media.close();
  await rm(folder, { recursive: true, force: true });
});

test('becomes a video whose subtitles say what stood there, and touches nothing else', async () => {
  const run = await createFilmRun({ input: scriptInputSchema.parse({ script: SCRIPT, title: "t':{\\b1}" }) });
  onTestFinished(() => rm(run.folder, { recursive: true, force: true }));
  const result = await runDirector(run, { media, providers: {} });
  await run.end();
  const probe = await probeMedia(await media.tools(), join(run.folder, 'video.mp4'), signal);
  expect(probe.streams.map(({ codec_type: type }) => type).toSorted()).toEqual(['audio', 'video']);
  expect(Math.abs(Number(probe.format.duration) - result.totalDuration)).toBeLessThan(0.2);
  const subtitles = await readFile(join(run.folder, 'subtitles.vtt'), 'utf8');
  // Markup is written as text, and no line ends a cue early.
  expect(subtitles).not.toContain('<script>');
  expect(subtitles.match(/-->/g)?.length).toBe(subtitles.match(/^\d\d:\d\d.* --> /gm)?.length);
  expect(subtitles).toContain('drawtext=textfile');
  expect(subtitles).toContain('/etc/passwd');
  expect(subtitles).not.toContain('root:');
  expect((await readdir(tmpdir())).includes('playhead-owned')).toBe(false);
  const calls = (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
  expect(calls.length).toBeGreaterThan(5);
  for (const call of calls.filter((line) => !line.endsWith('-version'))) {
    expect(call).toContain('-nostdin');
    const inputs = call.match(/(?<= )-i /g)?.length;
    expect(call.match(/-protocol_whitelist file,pipe -i /g)?.length, call).toBe(inputs);
    // Texts go by files and canvas calls.
    expect(call).not.toMatch(/drawtext|passwd|touch|MIRA|THEO/);
  }
});

test.each([
  ['a null byte', 'MIRA: a\u0000b'],
  ['escape sequences of a terminal', 'MIRA: \u001b[2J'],
  ['half a character', 'MIRA: \ud800'],
  ['a line of 1 MB', `MIRA: ${'x'.repeat(MIB)}`],
  ['nothing to say', '## ../..'],
])('with %s is refused before anything is enqueued', (_name, script) => {
  expect(scriptInputSchema.safeParse({ script }).success).toBe(false);
});

test('ffmpeg reads nothing over the network and no list of files, whatever a name says', async () => {
  const tools = await media.tools();
  for (const input of ['http://127.0.0.1:1/a.mp4', 'concat:/etc/hostname|/etc/hosts', 'tcp://127.0.0.1:1']) {
    await expect(probeMedia(tools, input, signal)).rejects.toMatchObject({
      code: 'PROVIDER_FAILED',
      details: { stderr: expect.stringMatching(/not on whitelist|Protocol not found/i) as string },
    });
  }
});

test.runIf(process.platform === 'linux')('a tool that writes or takes too much is ended', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-limits-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const tools = { ...(await media.tools()), limits: { memoryBytes: 2_048 * MIB, fileBytes: MIB } };
  const args = [
    '-f',
    'lavfi',
    '-i',
    'nullsrc=s=1280x720',
    '-t',
    '60',
    '-f',
    'rawvideo',
    join(folder, 'out.yuv'),
  ];
  await expect(runFfmpeg(tools, { args, signal })).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' });
  const greedy = runTool({
    name: 'node',
    path: process.execPath,
    args: ['-e', 'const kept = []; for (;;) kept.push(Buffer.alloc(16 * 1048576, 1))'],
    signal,
    limits: { memoryBytes: 256 * MIB, fileBytes: MIB },
  });
  await expect(greedy).rejects.toMatchObject({ code: 'PROVIDER_FAILED' });
});
