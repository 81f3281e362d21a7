/** Where programs may be started, so that nobody can go around argument vectors, limits and the protocol list. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');

function filesWith(pattern: RegExp): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && pattern.test(readFileSync(join(SRC, file), 'utf8')))
    .toSorted();
}

test('only these files start programs, and none by a shell', () => {
  expect(filesWith(/node:child_process/)).toEqual([
    'demo.ts',
    'media/tool-guard.ts',
    'media/tool.ts',
    'redis/server-process.ts',
    'start.ts',
  ]);
  expect(filesWith(/\bexec(Sync)?\b[^}]*\} from 'node:child_process'|\bshell: true/)).toEqual([]);
});

test('tools are run by their own adapters only; ffmpeg and ffprobe where the protocol list is added', () => {
  expect(filesWith(/\brunTool\(/)).toEqual([
    'media/ffmpeg.ts',
    'media/recognition/pocketsphinx.ts',
    'media/tool.ts',
  ]);
  expect(filesWith(/\.ff(mpeg|probe)Path/)).toEqual(['media/ffmpeg.ts', 'worker.ts']);
});
