/**
 * Tells whose half-made files lie in a data folder, which several workers in containers or on machines may share: each worker
 * has an id of its own and holds a lock of that name while it lives (core/file-lock.ts).
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type FileLock, tryLock } from '../core/file-lock.ts';

export class ScratchOwner {
  /** The last part of the names of this worker's folders. */
  readonly id: string = randomUUID();
  readonly #locks: string;
  #held: FileLock | null = null;

  constructor(dataDir: string) {
    this.#locks = resolve(dataDir, 'workers');
  }

  /** Call this before the first folder is made. Where files can't be locked, other workers do not remove what this one leaves. */
  take(): void {
    if (this.#held !== null) return;
    try {
      mkdirSync(this.#locks, { recursive: true });
      this.#held = tryLock(this.#path(this.id));
    } catch {
      // Making the folder itself, which comes next, reports what is wrong with the disk.
    }
  }

  release(): void {
    if (this.#held === null) return;
    rmSync(this.#path(this.id), { force: true });
    this.#held.release();
    this.#held = null;
  }

  /** Removes the folders of owners whose lock exists and is free; this worker's own is held. */
  async sweep(scratch: string): Promise<void> {
    const names = await readdir(scratch).catch(() => []);
    const owners = Map.groupBy(names, (name) => name.split('.').at(-1) ?? '');
    for (const [owner, folders] of owners) {
      const path = this.#path(owner);
      if (!existsSync(path)) continue;
      const gone = tryLock(path);
      if (gone === null) continue;
      for (const folder of folders) await rm(join(scratch, folder), { recursive: true, force: true });
      await rm(path, { force: true });
      gone.release();
    }
  }

  #path(owner: string): string {
    return join(this.#locks, `${owner}.lock`);
  }
}
