/** Hostile text all the way to finished files: verified speech by the local voice, a talking head, a written script. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { locateFfmpeg } from '../../media/ffmpeg.ts';
import { createMedia, type Media } from '../../media/media.ts';
import { createVoiceStudio } from '../../media/narration/voice-studio.ts';
import { probeMedia } from '../../media/probe.ts';
import { narrationInputSchema } from '../../media/workflows/audio/input.ts';
import { run as runAudio } from '../../media/workflows/audio/run.ts';
import { scriptInputSchema } from '../../media/workflows/director/input.ts';
import { lipSyncInputSchema } from '../../media/workflows/lipsync/input.ts';
import { run as runLipsync } from '../../media/workflows/lipsync/run.ts';
import { briefInputSchema } from '../../media/workflows/writer/input.ts';
import { run as runWriter } from '../../media/workflows/writer/run.ts';
import { createTestRun } from '../media/workflow-run.ts';

const HOSTILE =
  "It's a',drawtext=textfile=/etc/passwd[v] {\\b1} --> <script>x</script> ../../y $(id) \u202Eevil\u202C.";

let media: Media;
let folder: string;
const folders: string[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'playhead-hostile-'));
  folders.push(folder);
  const { ffmpegPath: real } = await locateFfmpeg({});
  const ffmpegPath = join(folder, 'ffmpeg');
  // Writes down every call.
  const recorder = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${join(folder, 'calls')}'\nexec '${real}' "$@"\n`;
  await writeFile(ffmpegPath, recorder, { mode: 0o755 });
  media = createMedia({ workers: 1, ffmpegPath });
});
afterAll(async () => {
  await media.close();
  for (const made of folders) await rm(made, { recursive: true, force: true });
});

test('speech of it, and a talking head of that speech, are whole, and no filter or path is made of it', async () => {
  const speech = await createTestRun({
    input: narrationInputSchema.parse({ text: HOSTILE, title: HOSTILE.slice(0, 40), minSimilarity: 0 }),
  });
  folders.push(speech.folder);
  const recognition = {
    name: 'scripted',
    recognize: async () => ({ text: `heard ${HOSTILE}`, words: [], costUsd: 0 }),
  };
  const spoken = await runAudio(speech, { media, studio: createVoiceStudio(media, { recognition }) });
  const audio = await probeMedia(await media.tools(), join(speech.folder, spoken.audio.name), speech.signal);
  expect(Number(audio.format.duration)).toBeGreaterThan(1);

  const head = await createTestRun({
    input: lipSyncInputSchema.parse({ audioJobId: 'talk', character: "../../x',drawtext=text=a" }),
    jobs: { talk: speech.folder },
  });
  folders.push(head.folder);
  const { video } = await runLipsync(head, { media });
  const { streams } = await probeMedia(await media.tools(), join(head.folder, video.name), head.signal);
  expect(streams.map(({ codec_type: type }) => type).toSorted()).toEqual(['audio', 'video']);

  const calls = (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
  expect(calls.length).toBeGreaterThan(2);
  // But for the film's title: one argument of its own, of which ffmpeg reads nothing.
  for (const call of calls.map((line) => line.replace(/-metadata title=.* -metadata:s/, '')))
    expect(call).not.toMatch(/drawtext|passwd|script>|\$\(id\)|\.\.\/|evil/);
});

test('a script is written of it that the Director takes, and that says what stood there', async () => {
  const run = await createTestRun({
    input: briefInputSchema.parse({ brief: `Rain falls on the hills. ${HOSTILE}`, title: "t':{\\b1}../" }),
  });
  folders.push(run.folder);
  const result = await runWriter(run, { providers: {} });
  const script = await readFile(join(run.folder, result.script.name), 'utf8');
  expect(scriptInputSchema.parse({ script }).script).toBe(script);
  expect(script).toContain('/etc/passwd');
  expect(script).not.toContain('root:');
});
