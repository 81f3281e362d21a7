/** Small real media for the players: made once per test file. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFfmpeg } from '../../src/settings/ffmpeg.ts';

const SUBTITLES = `WEBVTT

00:00.500 --> 00:01.500
<v Theo>So I taught it to answer.

00:01.500 --> 00:03.000
<v Theo>Scene three of ten. Drawing mouths. Nearly there.
`;

/**
 * @param picture a picture of four frames, of which the third becomes the thumbnail; left out: a test picture
 * @returns paths by the names that showcase.ts uses
 */
export function makeMediaFiles(folder: string, picture?: string): Readonly<Record<string, string>> {
  const path = (name: string): string => join(folder, name);
  const make = (name: string, ...args: readonly string[]): void => {
    execFileSync(findFfmpeg(), ['-y', '-loglevel', 'error', ...args, path(name)]);
  };
  make(
    'video.mp4',
    '-f',
    'lavfi',
    '-i',
    'testsrc2=s=320x180:d=3',
    '-pix_fmt',
    'yuv420p',
    '-movflags',
    '+faststart',
  );
  const source =
    picture === undefined
      ? ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:d=1']
      : ['-i', picture, '-vf', 'crop=iw/2:ih/2:0:ih/2'];
  make('thumbnail.jpg', ...source, '-q:v', '3', '-frames:v', '1');
  make('speech.wav', '-f', 'lavfi', '-i', 'aevalsrc=sin(900*t)*abs(sin(3*t))*abs(sin(11*t)):d=3:s=16000');
  writeFileSync(path('subtitles.vtt'), SUBTITLES);
  const shapes = [...'ABCDEFGHX'];
  const cues = Array.from({ length: 40 }, (_, index) => ({
    start: index * 0.3,
    end: index * 0.3 + 0.3,
    value: shapes[(index * 7) % shapes.length],
  }));
  writeFileSync(path('cues.json'), JSON.stringify({ mouthCues: cues }));
  const names = ['video.mp4', 'thumbnail.jpg', 'speech.wav', 'subtitles.vtt', 'cues.json'];
  return Object.fromEntries(names.map((name) => [name, path(name)]));
}
