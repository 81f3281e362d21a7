/** Moves a file to its place, whole or not at all, whether or not that is on the same file system. */
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * Renames a file, replacing what was there. If the target is on another file system (`artifacts/` may be a mount of its own),
 * it is copied aside there, renamed, and removed here.
 * @param signal stops the copying
 * @throws the system's error; the signal's reason when it aborts
 */
export async function moveFile(from: string, to: string, signal?: AbortSignal): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await copyInPlace(from, to, signal);
    await rm(from, { force: true });
  }
}

async function copyInPlace(from: string, to: string, signal: AbortSignal | undefined): Promise<void> {
  const aside = join(dirname(to), `.${basename(to)}.${randomBytes(6).toString('hex')}.part`);
  try {
    await pipeline(createReadStream(from), createWriteStream(aside, { flush: true }), {
      ...(signal && { signal }),
    });
    await rename(aside, to);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => {});
    throw signal?.aborted ? signal.reason : error;
  }
}
