/** Failures of this machine's disk, in words that say what to do. */
import { PlayheadError } from './errors.ts';

/** The failures that an operator can do something about, by the system's code. */
const REASONS = {
  ENOSPC: 'the disk is full (ENOSPC). Make room, or move PLAYHEAD_DATA_DIR to a larger disk',
  EDQUOT: 'the disk quota of this user is used up (EDQUOT). Raise it, or move PLAYHEAD_DATA_DIR',
  EROFS: 'the file system is read-only (EROFS). Mount it writable, or move PLAYHEAD_DATA_DIR',
  EMFILE: 'too many files are open in this process (EMFILE). Raise its limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine (ENFILE). Raise the limit of the system (fs.file-max)',
} as const;
type Known = keyof typeof REASONS;

/** What to say about one of these codes. */
export function describeStorage(code: Known): string {
  return REASONS[code];
}

/** Why a file could not be used: for the codes above what to do, for others the system's own words. */
export function storageReason(cause: unknown): string {
  const code = codeOf(cause);
  if (code !== null) return describeStorage(code);
  return cause instanceof Error ? cause.message : String(cause);
}

/** @param what what could not be done, a whole clause: `The data folder could not be written` */
export function storageFailure(what: string, cause: unknown): PlayheadError {
  return new PlayheadError('STORAGE_FAILED', `${what}: ${storageReason(cause)}`, { cause });
}

/** Whether an error is the disk's and not the program's, wherever it was thrown. */
export function isStorageFailure(error: unknown): boolean {
  return codeOf(error) !== null;
}

function codeOf(error: unknown): Known | null {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' && Object.hasOwn(REASONS, code) ? (code as Known) : null;
}
