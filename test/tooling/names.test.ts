/** The core and the clients know no workflow: whoever adds one, or has only others, changes nothing there. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const NAMES = 'DIRECTOR|AUDIO|WRITER|LIPSYNC|generateVideo|generateAudio|syncLips|writeScript';

/** What may name one: views that are registered for it and optional. */
const ALLOWED = ['web/views/'];

test('no file of src, client, web and cli names a workflow, but for registered views', async () => {
  const found = await filesNaming(NAMES, ['src', 'client', 'web', 'cli']);
  const wrong = found.filter((file) => !ALLOWED.some((allowed) => file.startsWith(allowed)));
  expect(wrong).toEqual([]);
});

test('the search finds what there is', async () => {
  expect(await filesNaming(NAMES, ['media'])).toContain('media/workflows/audio/index.ts');
});

async function filesNaming(pattern: string, folders: readonly string[]): Promise<readonly string[]> {
  const git = ['grep', '-lwE', '--untracked', pattern, '--', ...folders];
  const { stdout } = await promisify(execFile)('git', git, {
    cwd: resolve(import.meta.dirname, '../..'),
  }).catch(
    // It ends with 1 where it finds nothing.
    (error: { stdout: string }) => error,
  );
  return stdout.split('\n').filter((file) => file !== '');
}
