/** The store in a folder of this machine, or of a file system that machines share: files are renamed into place. */
import { createReadStream, type Stats } from 'node:fs';
import { access, constants, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { moveFile } from '../core/move-file.ts';
import { storageFailure, storageReason } from '../core/storage-failure.ts';
import type { FileFacts, FileStore, ReadRequest, StoreFault } from './store.ts';

export class FolderStore implements FileStore {
  readonly isLocal = true;
  readonly #root: string;

  /** @param root absolute path; on the file system that files come from, storing a file costs no copy */
  constructor(root: string) {
    this.#root = root;
  }

  async put(key: string, path: string, { signal }: { signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted();
    const target = this.#place(key);
    await guarded(async () => {
      await mkdir(dirname(target), { recursive: true });
      await moveFile(path, target, signal);
    }, signal);
  }

  async localPath(key: string): Promise<string | null> {
    return (await this.#stat(key)) === null ? null : this.#place(key);
  }

  async facts(key: string): Promise<FileFacts | null> {
    const found = await this.#stat(key);
    return found === null ? null : toFacts(found);
  }

  async read(key: string, { range, signal, etag }: ReadRequest = {}): Promise<Readable | null> {
    const handle = await guarded(() => open(this.#place(key)).catch(absentIsNull));
    if (handle === null) return null;
    const found = await handle.stat();
    if (!found.isFile() || (etag !== undefined && toFacts(found).etag !== etag)) {
      await handle.close();
      return null;
    }
    if (signal?.aborted) {
      // A stream that is aborted while it is being made leaves its handle open.
      await handle.close();
      throw signal.reason;
    }
    // The handle is closed with the stream, and stays on this file even if another takes its place.
    return createReadStream('', { fd: handle, ...range, ...(signal && { signal }) });
  }

  async removeAll(folder: string): Promise<void> {
    await guarded(() => rm(this.#place(folder), { recursive: true, force: true, maxRetries: 3 }));
  }

  async findFault(): Promise<StoreFault | null> {
    try {
      await mkdir(this.#root, { recursive: true });
      await access(this.#root, constants.R_OK | constants.W_OK | constants.X_OK);
      return null;
    } catch (error) {
      return {
        kind: 'settings',
        message: `PLAYHEAD_DATA_DIR: expected a folder for files: ${storageReason(error)}`,
      };
    }
  }

  close(): void {}

  /** Null unless it is a file. */
  async #stat(key: string): Promise<Stats | null> {
    const found = await guarded(() => stat(this.#place(key)).catch(absentIsNull));
    return found?.isFile() ? found : null;
  }

  /** A second check of what the caller has checked: nothing leads out of the store. */
  #place(key: string): string {
    const path = resolve(this.#root, key);
    if (!path.startsWith(this.#root + sep)) throw new RangeError('key: expected a place inside the store');
    return path;
  }
}

function toFacts({ size, mtime, mtimeMs, ino }: Stats): FileFacts {
  const etag = `"${size.toString(16)}-${Math.round(mtimeMs * 1_000).toString(16)}-${ino.toString(16)}"`;
  return { sizeBytes: size, modifiedAt: mtime, etag };
}

function absentIsNull(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}

async function guarded<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    throw storageFailure('The data folder could not be used', error);
  }
}
