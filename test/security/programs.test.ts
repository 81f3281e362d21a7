/** Where programs may be started, so that nobody can go around argument vectors, limits and the protocol list. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');

function filesWith(pattern: RegExp): string[] {
  return ['src', 'media']
    .flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => file.endsWith('.ts') && pattern.test(readFileSync(join(ROOT, file), 'utf8')))
    .toSorted();
}

test('only these files start programs, and none by a shell', () => {
  expect(filesWith(/node:child_process/)).toEqual([
    'media/process-pool.ts',
    'media/tool-guard.ts',
    'media/tool.ts',
    'src/core/supervised.ts',
    'src/operator/init.ts',
    'src/operator/provision.ts',
    'src/operator/type-check.ts',
    'src/operator/watched-project.ts',
    'src/redis/server-process.ts',
    'src/settings/programs.ts',
  ]);
  expect(filesWith(/\bexec(Sync)?\b[^}]*\} from 'node:child_process'|\bshell: /)).toEqual([]);
});

test('tools are run by their own adapters only; ffmpeg and ffprobe where the protocol list is added', () => {
  expect(filesWith(/\brunTool\(/)).toEqual([
    'media/ffmpeg.ts',
    'media/recognition/pocketsphinx.ts',
    'media/tool.ts',
  ]);
  expect(filesWith(/\.ff(mpeg|probe)Path/)).toEqual(['media/ffmpeg.ts', 'media/services.ts']);
});
