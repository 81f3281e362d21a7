/** The artifact store in a folder: files per project and job, written aside and renamed. */
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, extname, join, resolve, sep } from 'node:path';
import { PlayheadError } from '../core/errors.ts';
import type { JobFiles, StoredFile } from './contract.ts';

/** The types that artifacts may have; a name with another ending is refused. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.ass': 'text/plain; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.json': 'application/json; charset=utf-8',
  '.m4a': 'audio/mp4',
  '.md': 'text/markdown; charset=utf-8',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.png': 'image/png',
  '.srt': 'application/x-subrip; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.vtt': 'text/vtt; charset=utf-8',
  '.wav': 'audio/wav',
};

const INTERMEDIATE = 'steps';
/** The folder may be shared by several machines. */
const HOST = hostname().replaceAll(/[^A-Za-z0-9-]/g, '-');
const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}(\/[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}){0,3}$/;
const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** The content type of a stored file's name; null when such a file may not be stored or served. */
export function contentTypeOf(name: string): string | null {
  return CONTENT_TYPES[extname(name).toLowerCase()] ?? null;
}

export class FolderStore {
  /** Absolute path of the folder that holds `projectId/jobId/name`. */
  readonly root: string;
  readonly #scratch: string;

  /** @param dataDir the data folder; files go under `artifacts/` and `scratch/` in it, on one file system */
  constructor(dataDir: string) {
    this.root = resolve(dataDir, 'artifacts');
    this.#scratch = resolve(dataDir, 'scratch');
  }

  /** The files of one attempt; `scratch` exists and is empty. */
  async openJob(projectId: string, jobId: string, attempt: number): Promise<JobFiles> {
    const scratch = join(this.#scratch, `${jobId}.${attempt}.${HOST}.${process.pid}`);
    await guarded(async () => {
      await rm(scratch, { recursive: true, force: true });
      await mkdir(scratch, { recursive: true });
    });
    return {
      scratch,
      save: (name, path) => this.#save(projectId, jobId, name, path),
      open: async (name) => this.#existing(projectId, jobId, name),
      openArtifact: (otherJobId, name) => this.#artifact(projectId, otherJobId, name),
    };
  }

  /** Removes an attempt's half-made files. */
  async closeJob(files: JobFiles): Promise<void> {
    await guarded(() => rm(files.scratch, { recursive: true, force: true, maxRetries: 3 }));
  }

  /** Removes what only the steps of a job needed; its artifacts stay. */
  async dropIntermediate(projectId: string, jobId: string): Promise<void> {
    const folder = this.#locate(projectId, jobId, INTERMEDIATE);
    if (folder !== null) await guarded(() => rm(folder, { recursive: true, force: true }));
  }

  /** Removes every file of a job. */
  async removeJob(projectId: string, jobId: string): Promise<void> {
    const folder = this.#locate(projectId, jobId, INTERMEDIATE);
    if (folder !== null) await guarded(() => rm(dirname(folder), { recursive: true, force: true }));
  }

  /** Removes half-made files of workers on this machine that are gone. */
  async sweepScratch(isAlive: (pid: number) => boolean): Promise<void> {
    const names = await readdir(this.#scratch).catch(() => []);
    for (const name of names) {
      const [pid, host] = name.split('.').reverse();
      if (host === HOST && !isAlive(Number(pid))) {
        await rm(join(this.#scratch, name), { recursive: true, force: true });
      }
    }
  }

  /** Whether such a file may be asked for from outside; says nothing about whether it is there. */
  isArtifact(projectId: string, jobId: string, name: string): boolean {
    return this.#locate(projectId, jobId, name) !== null && !name.startsWith(`${INTERMEDIATE}/`);
  }

  /**
   * The absolute path for a project, job and name; every part is checked against a list of allowed characters, so that no
   * path from outside leads out of the store.
   * @returns null when a part is not allowed
   */
  #locate(projectId: string, jobId: string, name: string): string | null {
    if (!ID.test(projectId) || !ID.test(jobId) || !NAME.test(name) || name.includes('..')) return null;
    const path = resolve(this.root, projectId, jobId, name);
    return path.startsWith(this.root + sep) ? path : null;
  }

  async #save(projectId: string, jobId: string, name: string, source: string): Promise<StoredFile> {
    const target = this.#locate(projectId, jobId, name);
    const contentType = contentTypeOf(name);
    if (target === null || contentType === null) {
      throw new RangeError(`name: expected letters, digits, . _ - / and a known ending, received ${name}`);
    }
    return guarded(async () => {
      await mkdir(dirname(target), { recursive: true });
      await rename(source, target);
      const { size } = await stat(target);
      return { name, path: `${projectId}/${jobId}/${name}`, contentType, sizeBytes: size };
    });
  }

  async #artifact(projectId: string, jobId: string, name: string): Promise<string> {
    const path = this.isArtifact(projectId, jobId, name) ? this.#locate(projectId, jobId, name) : null;
    const found = path !== null && (await stat(path).catch(() => null));
    if (path !== null && found) return path;
    const message = `expected the file ${name} of job ${jobId}, which is gone or never was`;
    throw new PlayheadError('INVALID_INPUT', message);
  }

  async #existing(projectId: string, jobId: string, name: string): Promise<string> {
    const path = this.#locate(projectId, jobId, name);
    const found = path !== null && (await stat(path).catch(() => null));
    if (!found || path === null) {
      throw new PlayheadError('STORAGE_FAILED', `The file ${name} of job ${jobId} is missing from the store`);
    }
    return path;
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PlayheadError('STORAGE_FAILED', `The data folder could not be written: ${reason}`, {
      cause: error,
    });
  }
}
