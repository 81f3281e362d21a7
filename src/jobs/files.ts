/**
 * The files of jobs: what may be stored under which name, the scratch folder of each attempt, and the local copies of stored
 * files. Where the files are kept is up to the store (src/store).
 */
import { mkdirSync, rmSync } from 'node:fs';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve } from 'node:path';
import { PlayheadError } from '../core/errors.ts';
import { moveFile } from '../core/move-file.ts';
import { storageFailure } from '../core/storage-failure.ts';
import type { FileStore } from '../store/store.ts';
import type { JobFiles, StoredFile } from './contract.ts';
import { ScratchOwner } from './scratch-owner.ts';

/**
 * The types that artifacts may have; a name with another ending is refused. None of them is a type that browsers execute, as
 * they do HTML and SVG.
 */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.aac': 'audio/aac',
  '.ass': 'text/plain; charset=utf-8',
  '.avif': 'image/avif',
  '.bin': 'application/octet-stream',
  '.csv': 'text/csv; charset=utf-8',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  '.epub': 'application/epub+zip',
  '.flac': 'audio/flac',
  '.gif': 'image/gif',
  '.gz': 'application/gzip',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json; charset=utf-8',
  '.jsonl': 'application/jsonl; charset=utf-8',
  '.log': 'text/plain; charset=utf-8',
  '.m4a': 'audio/mp4',
  '.md': 'text/markdown; charset=utf-8',
  '.mkv': 'video/matroska',
  '.mov': 'video/quicktime',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
  '.parquet': 'application/vnd.apache.parquet',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.pptx': 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  '.srt': 'application/x-subrip; charset=utf-8',
  '.tar': 'application/x-tar',
  '.tsv': 'text/tab-separated-values; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.vtt': 'text/vtt; charset=utf-8',
  '.wav': 'audio/wav',
  '.webm': 'video/webm',
  '.webp': 'image/webp',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.yaml': 'application/yaml; charset=utf-8',
  '.zip': 'application/zip',
};

const INTERMEDIATE = 'steps';
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}(\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}){0,3}$/;
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const NEVER = new AbortController().signal;

/** The content type of a stored file's name; null when such a file may not be stored or served. */
export function contentTypeOf(name: string): string | null {
  return CONTENT_TYPES[extname(name).toLowerCase()] ?? null;
}

/**
 * The key in the store for a project, a job and a file name. Every part is checked against a list of allowed characters, so
 * that no path from outside leads out of the store or into another project.
 * @returns null when a part is not allowed
 */
function keyOf(projectId: string, jobId: string, name: string): string | null {
  if (!ID.test(projectId) || !ID.test(jobId) || !NAME.test(name) || name.includes('..')) return null;
  return `${projectId}/${jobId}/${name}`;
}

/**
 * The key of a file that may be requested from outside, whether or not it exists.
 * @returns null when there can be no such artifact
 */
export function artifactKey(projectId: string, jobId: string, name: string): string | null {
  return name.startsWith(`${INTERMEDIATE}/`) ? null : keyOf(projectId, jobId, name);
}

export class JobFileStore {
  readonly #scratch: string;
  readonly #store: FileStore;
  readonly #owner: ScratchOwner;

  /**
   * @param dataDir this machine's data folder; half-made files go under `scratch/` in it. A folder store is best on the same
   *   file system
   */
  constructor(store: FileStore, dataDir: string) {
    this.#store = store;
    this.#scratch = resolve(dataDir, 'scratch');
    this.#owner = new ScratchOwner(dataDir);
  }

  /**
   * The files of one attempt.
   * @param signal aborts transfers to and from the store
   */
  openJob(projectId: string, jobId: string, attempt: number, signal: AbortSignal = NEVER): AttemptFiles {
    // Files fetched from a remote store lie in the folder as well.
    if (!this.#store.isLocal) this.#owner.take();
    const folder = join(this.#scratch, `${jobId}.${attempt}.${this.#owner.id}`);
    const onScratch = (): void => this.#owner.take();
    return new AttemptFiles(this.#store, folder, { projectId, jobId, signal, onScratch });
  }

  /** Removes an attempt's half-made files, and its copies of stored ones. */
  async closeJob(files: AttemptFiles): Promise<void> {
    await files.close();
  }

  /** Removes what only the steps of a job needed; its artifacts stay. @throws PlayheadError STORAGE_FAILED */
  async dropIntermediate(projectId: string, jobId: string): Promise<void> {
    await this.removeFolder(projectId, jobId, INTERMEDIATE);
  }

  /** Removes the files of a job whose names begin with `folder/`. @throws PlayheadError STORAGE_FAILED */
  async removeFolder(projectId: string, jobId: string, folder: string): Promise<void> {
    const key = keyOf(projectId, jobId, folder);
    if (key !== null) await this.#store.removeAll(key);
  }

  /** Removes every file of a job. @throws PlayheadError STORAGE_FAILED */
  async removeJob(projectId: string, jobId: string): Promise<void> {
    const folder = keyOf(projectId, jobId, INTERMEDIATE);
    if (folder !== null) await this.#store.removeAll(`${projectId}/${jobId}`);
  }

  /** Removes half-made files of workers that are gone. */
  async sweepScratch(): Promise<void> {
    await this.#owner.sweep(this.#scratch);
  }

  /** Call this when the worker has ended and has no attempts left. */
  close(): void {
    this.#owner.release();
  }
}

interface OpenJob {
  readonly projectId: string;
  readonly jobId: string;
  readonly signal: AbortSignal;
  /** Called before a scratch folder is made. */
  readonly onScratch: () => void;
}

/** What an attempt may do with its job's files. */
class AttemptFiles implements JobFiles {
  readonly #store: FileStore;
  readonly #folder: string;
  readonly #job: OpenJob;
  readonly #local: LocalCopies;
  #hasScratch = false;
  #hasSaved = false;
  #isClosed = false;

  constructor(store: FileStore, folder: string, job: OpenJob) {
    this.#store = store;
    this.#folder = folder;
    this.#job = job;
    this.#local = new LocalCopies(store, join(folder, 'kept'), job.signal);
  }

  get hasSaved(): boolean {
    return this.#hasSaved;
  }

  /**
   * Made on first use: making and removing an empty folder took a quarter of the worker's time for a job that does nothing.
   * Work that continues after the attempt's end makes none.
   */
  get scratch(): string {
    const scratch = join(this.#folder, 'work');
    if (this.#hasScratch || this.#isClosed) return scratch;
    this.#hasScratch = true;
    this.#job.onScratch();
    try {
      const isNew = mkdirSync(scratch, { recursive: true }) !== undefined;
      if (!isNew) {
        rmSync(scratch, { recursive: true, force: true });
        mkdirSync(scratch);
      }
    } catch (error) {
      throw unwritable(error);
    }
    return scratch;
  }

  /** The one place where a job's file enters the store. */
  async save(name: string, path: string): Promise<StoredFile> {
    const { projectId, jobId, signal } = this.#job;
    const key = keyOf(projectId, jobId, name);
    const contentType = contentTypeOf(name);
    if (key === null) throw new RangeError(`name: expected letters, digits, . _ - and /, received ${name}`);
    if (contentType === null) {
      const endings = Object.keys(CONTENT_TYPES).join(' ');
      throw new RangeError(`name: expected one of the endings ${endings}, received ${name}`);
    }
    const sizeBytes = await guarded(() => sizeOf(path));
    if (sizeBytes === null)
      throw new RangeError(`path: expected a file to save as ${name}, there is none at ${path}`);
    this.#hasSaved = true;
    await this.#store.put(key, path, { contentType, signal });
    await this.#local.keep(key, path);
    return { name, path: key, contentType, sizeBytes };
  }

  async open(name: string): Promise<string> {
    const { projectId, jobId } = this.#job;
    const path = await this.#find(keyOf(projectId, jobId, name));
    if (path !== null) return path;
    throw new PlayheadError('STORAGE_FAILED', `The file ${name} of job ${jobId} is missing from the store`);
  }

  async openArtifact(jobId: string, name: string): Promise<string> {
    const path = await this.#find(artifactKey(this.#job.projectId, jobId, name));
    if (path !== null) return path;
    const message = `expected the file ${name} of job ${jobId}, which is gone or never was`;
    throw new PlayheadError('INVALID_INPUT', message);
  }

  /** Whether the store has this file of the job, complete. @throws PlayheadError STORAGE_FAILED when the store cannot tell */
  async isStored({ name, sizeBytes }: Pick<StoredFile, 'name' | 'sizeBytes'>): Promise<boolean> {
    const { projectId, jobId, signal } = this.#job;
    const key = keyOf(projectId, jobId, name);
    const facts = key === null ? null : await this.#store.facts(key, signal);
    return facts?.sizeBytes === sizeBytes;
  }

  /** Removes what the attempt has on this machine. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (!this.#hasScratch && this.#store.isLocal) return;
    await guarded(() => rm(this.#folder, { recursive: true, force: true, maxRetries: 3 }));
  }

  async #find(key: string | null): Promise<string | null> {
    return key === null ? null : this.#local.path(key);
  }
}

/**
 * An attempt's local copies of files in a remote store, both those it stored and those it fetched; each once. They are removed
 * when the attempt ends. A folder store needs none.
 */
class LocalCopies {
  readonly #store: FileStore;
  readonly #folder: string;
  readonly #signal: AbortSignal;
  readonly #paths = new Map<string, Promise<string | null>>();

  constructor(store: FileStore, folder: string, signal: AbortSignal) {
    this.#store = store;
    this.#folder = folder;
    this.#signal = signal;
  }

  /** Keeps a file that has just been stored, so that the next step need not fetch it. */
  async keep(key: string, path: string): Promise<void> {
    if (this.#store.isLocal) return;
    const target = join(this.#folder, key);
    await guarded(async () => {
      await mkdir(dirname(target), { recursive: true });
      await moveFile(path, target, this.#signal);
    });
    this.#paths.set(key, Promise.resolve(target));
  }

  /** @returns null when there is no such file */
  path(key: string): Promise<string | null> {
    if (this.#store.isLocal) return this.#store.localPath(key, '', this.#signal);
    const known = this.#paths.get(key);
    if (known !== undefined) return known;
    const fetched = this.#store.localPath(key, join(this.#folder, key), this.#signal);
    this.#paths.set(key, fetched);
    // A fetch that failed may be tried again.
    const forget = (): void => void this.#paths.delete(key);
    fetched.then((path) => path === null && forget(), forget);
    return fetched;
  }
}

/** Null where there is no file. */
async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return found?.isFile() === true ? found.size : null;
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unwritable(error);
  }
}

function unwritable(error: unknown): PlayheadError {
  return storageFailure('The data folder could not be written', error);
}
