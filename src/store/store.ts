/**
 * Where a job's files are kept: a folder, or object storage. Machines that share it, and Redis, need share nothing else.
 *
 * A key is `projectId/jobId/name`, made by src/jobs/files.ts from checked parts; adapters take no other. Every call that fails
 * throws PlayheadError STORAGE_FAILED, whose message says what to do and holds no secret; an aborted one throws the signal's
 * reason.
 */
import type { Readable } from 'node:stream';

/** What is known about a stored file without reading it. */
export interface FileFacts {
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  /** Changes with the content; quoted, as in the HTTP header. */
  readonly etag: string;
}

/** Bytes from `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface ReadRequest {
  /** Undefined: the whole file. */
  readonly range?: ByteRange | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The file must still be this one. */
  readonly etag?: string | undefined;
}

export interface FileStore {
  /** Whether files lie on this machine, so that `localPath` fetches nothing. */
  readonly isLocal: boolean;

  /**
   * Stores a finished file under a key, replacing what was there. Nobody sees it half-written: it is there whole, or not at
   * all. A folder store moves the file away from `path`.
   */
  put(key: string, path: string, options: { contentType: string; signal: AbortSignal }): Promise<void>;

  /**
   * The file on this machine. A folder store returns its own; object storage streams it aside and renames it to `target`.
   * @returns null when there is no such file
   */
  localPath(key: string, target: string, signal: AbortSignal): Promise<string | null>;

  /** @returns null when there is no such file */
  facts(key: string, signal?: AbortSignal): Promise<FileFacts | null>;

  /**
   * The content as a stream, which `destroy` stops at its source.
   * @returns null when there is no such file, or its `etag` is a different one
   */
  read(key: string, request?: ReadRequest): Promise<Readable | null>;

  /** Removes every file whose key begins with `folder/`; if there is none, that is no failure. */
  removeAll(folder: string): Promise<void>;

  /**
   * Why the store cannot be used.
   * @param signal ends the check; a store that has not answered by then counts as away
   * @returns null when it can
   */
  findFault(signal: AbortSignal): Promise<StoreFault | null>;

  close(): void;
}

export interface StoreFault {
  /** `settings`: waiting does not help. `away`: it does not answer now. */
  readonly kind: 'settings' | 'away';
  /** What is wrong and what to do, in words. */
  readonly message: string;
}
