/** Fetches the files of a job. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Api } from './api.ts';
import { Failure, usageFailure } from './failure.ts';
import type { Artifact, Job, WholeJob } from './operations.ts';
import { artifactUrl } from './outcome.ts';
import { plain } from './text.ts';

/** A file to fetch, and where to put it. */
export interface Fetch {
  readonly file: Artifact;
  readonly path: string;
}

interface DownloadRequest {
  readonly api: Api;
  readonly fetches: readonly Fetch[];
  /** Whether to overwrite existing files. */
  readonly force: boolean;
  readonly signal: AbortSignal;
  /** Receives the bytes of one file so far. */
  readonly onProgress: (fetch: Fetch, bytes: number) => void;
  readonly onFile: (fetch: Fetch) => void;
}

/** The files of a job, or those of a batch's items, prefixed with the item's number. @throws Failure when there are none */
export function planFetches(job: WholeJob, folder: string): readonly Fetch[] {
  const filesOf = ({ result }: Job, prefix = ''): readonly Fetch[] =>
    (result?.artifacts ?? []).map((file) => ({ file, path: join(folder, `${prefix}${nameOf(file)}`) }));
  const own = filesOf(job);
  const ofItems = job.items.flatMap((item, index) => filesOf(item, `${index + 1}-`));
  const all = [...own, ...ofItems];
  if (all.length > 0) return all;
  throw new Failure('NO_FILES', `The job is ${job.status} and has no files`, {
    fix: job.status === 'COMPLETED' ? undefined : 'Files are available once it is COMPLETED; see `watch`.',
  });
}

/**
 * Fetches the files one after another. Each is written to a temporary file, and moved into place when it is complete.
 * @throws Failure USAGE, before anything is fetched, when a file exists already
 */
export async function download(request: DownloadRequest): Promise<void> {
  const { fetches, force, onFile } = request;
  const there = force ? [] : await existing(fetches.map(({ path }) => path));
  if (there.length > 0) {
    throw usageFailure(
      `Would overwrite ${there.join(', ')}`,
      'Choose another folder with --to, or replace the files with --force.',
    );
  }
  for (const one of fetches) {
    await fetchOne(request, one);
    onFile(one);
  }
}

async function fetchOne({ api, signal, onProgress }: DownloadRequest, fetched: Fetch): Promise<void> {
  const { file, path } = fetched;
  const url = artifactUrl(api, file);
  const aside = `${path}.${randomUUID()}.part`;
  try {
    await mkdir(join(path, '..'), { recursive: true });
    const response = await fetch(url, { headers: api.headersFor(url), signal });
    if (!response.ok || response.body === null) {
      throw new Failure('DOWNLOAD', `${plain(url)} answered with HTTP ${response.status}`, {
        fix: 'Links expire: try again.',
      });
    }
    let bytes = 0;
    const count = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        onProgress(fetched, bytes);
        yield chunk;
      }
    };
    await pipeline(response.body, count, createWriteStream(aside), { signal });
    // The size of a linked file may be unknown, or may have changed.
    if (file.path !== '' && bytes !== file.sizeBytes) {
      throw new Failure('DOWNLOAD', `${path}: expected ${file.sizeBytes} bytes, received ${bytes}`, {
        fix: 'Try again.',
      });
    }
    await rename(aside, path);
  } catch (error) {
    if (error instanceof Failure || signal.aborted) throw error;
    throw new Failure('DOWNLOAD', `${path} cannot be downloaded (${reasonOf(error)})`, { cause: error });
  } finally {
    await rm(aside, { force: true });
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as { code?: string; message?: string };
  if (code === 'ENOSPC') return 'the disk is full';
  return code ?? message ?? String(error);
}

async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return found.flat();
}

/** The artifact's name as a local file name. It comes from the server, so it must not lead out of the folder. */
function nameOf({ name }: Artifact): string {
  const safe = plain(name.replaceAll(/[\\/:]/g, '_'));
  if (safe === '' || safe === '.' || safe === '..') {
    throw new Failure('DOWNLOAD', `The server gave an unusable file name: ${JSON.stringify(name)}`);
  }
  return safe;
}
