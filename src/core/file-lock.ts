/**
 * Locks on files that the kernel holds for as long as some process has the file open. A lock ends with its last holder,
 * however that dies, and it holds between containers, whose process ids mean nothing to each other, and over NFS. What is
 * written in the file does not matter; the file is never removed, since a lock on a removed file excludes nobody.
 */
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import { PlayheadError } from './errors.ts';
import { pause } from './pause.ts';
import { storageFailure } from './storage-failure.ts';

const POLL_MS = 25;

export interface FileLock {
  /** A child process that inherits this descriptor holds the lock as well, even after this one has released it. */
  readonly fd: number;
  /** Whether nobody else holds the lock, which was taken as a shared one. */
  isOnlyHolder(): boolean;
  release(): void;
}

/**
 * Takes a lock if it is free: for this caller alone, or shared with others who share it.
 * @returns null when it is held
 * @throws PlayheadError STORAGE_FAILED when the file cannot be opened or its file system has no locks, TOOL_MISSING
 */
export function tryLock(path: string, { shared = false } = {}): FileLock | null {
  const { tryLock: tryLockFile } = native();
  let fd: number;
  try {
    // Closed on exec: only a child that is handed the descriptor gets it.
    fd = openSync(path, 'a+', 0o600);
  } catch (cause) {
    throw storageFailure(`cannot open ${path}`, cause);
  }
  try {
    if (!tryLockFile(fd, { shared })) {
      closeSync(fd);
      return null;
    }
  } catch (cause) {
    closeSync(fd);
    throw storageFailure(`cannot lock ${path}, which takes a file system with file locks`, cause);
  }
  return {
    fd,
    isOnlyHolder: () => {
      const only = tryLockFile(fd);
      tryLockFile(fd, { shared: true });
      return only;
    },
    // By closing, not by unlocking, which would take the lock from a child as well.
    release: () => closeSync(fd),
  };
}

/**
 * Takes a lock, waiting for its holder up to the limit.
 * @throws PlayheadError UNAVAILABLE when it is held past the limit, else as `tryLock`; the signal's reason when it aborts
 */
export async function waitForLock(
  path: string,
  limitMs: number,
  { shared = false, signal }: { readonly shared?: boolean; readonly signal?: AbortSignal } = {},
): Promise<FileLock> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    signal?.throwIfAborted();
    const held = tryLock(path, { shared });
    if (held !== null) return held;
    if (performance.now() > deadline) {
      throw new PlayheadError(
        'UNAVAILABLE',
        `expected ${path} to be free within ${limitMs} ms; another process holds it`,
      );
    }
    await pause(POLL_MS, signal);
  }
}

/** Whether somebody holds a lock on the file, shared or not. */
export function isLocked(path: string): boolean {
  const probe = tryLock(path);
  probe?.release();
  return probe === null;
}

let loaded: typeof import('fs-native-extensions') | undefined;

/** Loaded when it is first needed, so that a platform without it can do everything that needs no lock. */
function native(): typeof import('fs-native-extensions') {
  try {
    loaded ??= createRequire(import.meta.url)(
      'fs-native-extensions',
    ) as typeof import('fs-native-extensions');
    return loaded;
  } catch (cause) {
    throw new PlayheadError(
      'TOOL_MISSING',
      `fs-native-extensions, which locks files, cannot be loaded on ${process.platform} ${process.arch}. ` +
        'Run npm ci; where there is none for this platform, set REDIS_URL to a Redis of your own',
      { cause },
    );
  }
}
