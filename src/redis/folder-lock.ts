/** A lock file, so that two processes do not start a server on the same folder. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { PlayheadError } from '../core/errors.ts';
import { pause } from '../core/pause.ts';
import { isProgram } from './server-process.ts';

const POLL_MS = 25;

/**
 * Takes a lock file, waiting for a living holder up to the limit; one whose holder died is removed.
 * @returns the function that gives it back
 * @throws PlayheadError UNAVAILABLE when the holder lives on past the limit, STORAGE_FAILED
 */
export async function lock(path: string, limitMs: number): Promise<() => Promise<void>> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    try {
      await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => rm(path, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new PlayheadError('STORAGE_FAILED', `cannot write ${path}: ${String(cause)}`, { cause });
      }
    }
    if (await isStale(path)) await rm(path, { force: true });
    else if (Date.now() > deadline) {
      throw new PlayheadError('UNAVAILABLE', `another start holds ${path}. Wait for it, or remove the file.`);
    } else await pause(POLL_MS);
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const holder = Number(await readFile(path, 'utf8'));
    if (holder > 0) return !(await isProgram(holder, /node|playhead/));
    return Date.now() - (await stat(path)).mtimeMs > 2000; // Empty: its writer died, or is just writing.
  } catch {
    return false; // Gone meanwhile: the next round takes it.
  }
}
