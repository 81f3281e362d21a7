/**
 * Whose half-made files lie in a data folder that several workers, in containers or on machines, may share: a worker has an id
 * of its own and holds a lock by that name while it lives (core/file-lock.ts).
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

  /** Before the first folder is made. Where files can't be locked, what this worker may leave is not removed by others. */
  take(): void {
    if (this.#held !== null) return;
    try {
      mkdirSync(this.#locks, { recursive: true });
      this.#held = tryLock(this.#path(this.id));
    } catch {
      // The folder itself, which is made next, says what is wrong with the disk.
    }
  }

  release(): void {
    if (this.#held === null) return;
    rmSync(this.#path(this.id), { force: true });
    this.#held.release();
    this.#held = null;
  }

  /** Removes the folders of owners whose lock is there, and free. */
  async sweep(scratch: string): Promise<void> {
    const names = await readdir(scratch).catch(() => []);
    const owners = Map.groupBy(names, (name) => name.split('.').at(-1) ?? '');
    for (const [owner, folders] of owners) {
      const path = this.#path(owner);
      if (owner === this.id || !existsSync(path)) continue;
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
