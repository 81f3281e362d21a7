/**
 * The store in S3-compatible object storage. The SDK signs, retries transient failures (5xx, broken connections, three calls in
 * all) and cuts big files into parts; what it does not do is here: time limits on silence, and fetching a file whole.
 */
import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Secret } from '../core/secret.ts';
import { storageFailure } from '../core/storage-failure.ts';
import { describeFault, isMissing, isReplaced, type StorePlace, toStorageError } from './s3-fault.ts';
import type { FileFacts, FileStore, ReadRequest, StoreFault } from './store.ts';

export interface S3Settings {
  readonly bucket: string;
  /** In front of every key, without a slash at its ends; empty: none. */
  readonly prefix: string;
  /** Undefined: Amazon's. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Undefined: as the SDK finds them (the environment's AWS_…, the machine's role). */
  readonly credentials: { readonly accessKey: Secret; readonly secretKey: Secret } | undefined;
  /** The bucket in the path instead of the host's name. */
  readonly pathStyle: boolean;
}

export interface S3Limits {
  readonly connectMs: number;
  /** Until an answer begins, including the sending of a part, and between two pieces of a body. */
  readonly silenceMs: number;
  /** Calls for one thing, including the first. */
  readonly tries: number;
}

const LIMITS: S3Limits = { connectMs: 5_000, silenceMs: 60_000, tries: 3 };
/** How much of a file is read ahead of its upload: the parts at once times this. */
const PART_BYTES = 8 * 1_024 * 1_024;
const PARTS_AT_ONCE = 3;
/** Every client of the API that reads a file holds one; the SDK's 50 would let a few slow ones shut out all others. */
const MAX_CONNECTIONS = 2_000;
const REMOVED_AT_ONCE = 1_000;

export class S3Store implements FileStore {
  readonly isLocal = false;
  readonly #client: S3Client;
  readonly #settings: S3Settings;
  readonly #limits: S3Limits;
  readonly #place: StorePlace;

  constructor(settings: S3Settings, limits: Partial<S3Limits> = {}) {
    this.#settings = settings;
    this.#limits = { ...LIMITS, ...limits };
    this.#place = { bucket: settings.bucket, where: settings.endpoint ?? settings.region };
    this.#client = createClient(settings, this.#limits);
  }

  async put(
    key: string,
    path: string,
    { contentType, signal }: { contentType: string; signal: AbortSignal },
  ): Promise<void> {
    await this.#guarded(signal, async (stop) => {
      const body = createReadStream(path);
      const upload = new Upload({
        client: this.#client,
        params: { ...this.#object(key), Body: body, ContentType: contentType },
        partSize: PART_BYTES,
        queueSize: PARTS_AT_ONCE,
      });
      const onAbort = (): void => void upload.abort();
      stop.addEventListener('abort', onAbort);
      try {
        stop.throwIfAborted();
        await upload.done();
      } finally {
        stop.removeEventListener('abort', onAbort);
        body.destroy();
      }
    });
  }

  async localPath(key: string, target: string, signal: AbortSignal): Promise<string | null> {
    const aside = `${target}.${randomBytes(6).toString('hex')}.part`;
    try {
      await onDisk(() => mkdir(dirname(target), { recursive: true }));
      for (let tries = 1; ; tries += 1) {
        try {
          if (!(await this.#fetch(key, aside, signal))) return null;
          await onDisk(() => rename(aside, target));
          return target;
        } catch (error) {
          // The SDK retries what fails before the body; a body that breaks off is fetched again here.
          if (signal.aborted || tries >= this.#limits.tries || !(error instanceof BrokenOff)) throw error;
        }
      }
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw error instanceof BrokenOff ? toStorageError(error.cause, this.#place) : error;
    } finally {
      await rm(aside, { force: true });
    }
  }

  async facts(key: string, signal?: AbortSignal): Promise<FileFacts | null> {
    return this.#guarded(signal, async (abortSignal) => {
      const command = new HeadObjectCommand(this.#object(key));
      const head = await this.#client.send(command, { abortSignal }).catch(missingIsNull);
      if (head === null) return null;
      return {
        sizeBytes: head.ContentLength ?? 0,
        modifiedAt: head.LastModified ?? new Date(0),
        etag: head.ETag ?? '""',
      };
    });
  }

  async read(key: string, request: ReadRequest = {}): Promise<Readable | null> {
    return (await this.#get(key, request))?.body ?? null;
  }

  async removeAll(folder: string): Promise<void> {
    const Prefix = `${this.#key(folder)}/`;
    const Bucket = this.#settings.bucket;
    await this.#guarded(undefined, async () => {
      // Always the first page: what was listed is gone by the next look. The older list command will do, which every server
      // has.
      for (;;) {
        const page = await this.#client.send(
          new ListObjectsCommand({ Bucket, Prefix, MaxKeys: REMOVED_AT_ONCE }),
        );
        const Objects = (page.Contents ?? []).map(({ Key }) => ({ Key }));
        if (Objects.length === 0) return;
        const gone = await this.#client.send(
          new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
        );
        const [failed] = gone.Errors ?? [];
        if (failed !== undefined) throw Object.assign(new Error('not removed'), { name: failed.Code });
        if (page.IsTruncated !== true) return;
      }
    });
  }

  async findFault(signal: AbortSignal): Promise<StoreFault | null> {
    try {
      const { bucket, prefix } = this.#settings;
      // A list request says why it fails; a HEAD of the bucket has no body to say it in.
      const command = new ListObjectsCommand({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 });
      await this.#client.send(command, { abortSignal: signal });
      return null;
    } catch (error) {
      return describeFault(signal.aborted ? { name: 'Timeout' } : error, this.#place);
    }
  }

  close(): void {
    this.#client.destroy();
  }

  /** @returns false when there is no such file @throws BrokenOff when the body ends early or falls silent */
  async #fetch(key: string, path: string, signal: AbortSignal): Promise<boolean> {
    const found = await this.#get(key, { signal });
    if (found === null) return false;
    const { body, sizeBytes } = found;
    let received = 0;
    const { silenceMs } = this.#limits;
    const silent = setTimeout(() => body.destroy(new Error('ETIMEDOUT')), silenceMs);
    body.on('data', (piece: Uint8Array) => {
      received += piece.length;
      silent.refresh();
    });
    try {
      await pipeline(body, createWriteStream(path), { signal });
      if (received !== sizeBytes) throw new Error(`expected ${sizeBytes} bytes, received ${received}`);
    } catch (error) {
      // A full disk of this machine is not the store's fault, and the disk would be full the next time too.
      if (isLocalFault(error)) throw storageFailure(NOT_WRITTEN, error);
      throw new BrokenOff(error);
    } finally {
      clearTimeout(silent);
    }
    return true;
  }

  async #get(key: string, { range, signal, etag }: ReadRequest) {
    return this.#guarded(signal, async (abortSignal) => {
      const command = new GetObjectCommand({
        ...this.#object(key),
        ...(range && { Range: `bytes=${range.start}-${range.end}` }),
        ...(etag !== undefined && { IfMatch: etag }),
      });
      const got = await this.#client.send(command, { abortSignal }).catch(missingIsNull);
      if (got === null) return null;
      const body = got.Body;
      if (!(body instanceof Readable)) throw new TypeError('expected a stream');
      return { body, sizeBytes: got.ContentLength ?? 0 };
    });
  }

  #key(path: string): string {
    const { prefix } = this.#settings;
    return prefix === '' ? path : `${prefix}/${path}`;
  }

  #object(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#settings.bucket, Key: this.#key(key) };
  }

  async #guarded<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      signal?.throwIfAborted();
      return await work(signal ?? NEVER);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw toStorageError(error, this.#place);
    }
  }
}

const NEVER = new AbortController().signal;

/** A body that did not arrive whole. */
class BrokenOff extends Error {
  override readonly name = 'BrokenOff';
  constructor(cause: unknown) {
    super('broken off', { cause });
  }
}

function createClient(settings: S3Settings, { connectMs, silenceMs, tries }: S3Limits): S3Client {
  const { endpoint, region, credentials, pathStyle } = settings;
  const agent = { keepAlive: true, maxSockets: MAX_CONNECTIONS };
  return new S3Client({
    region,
    forcePathStyle: pathStyle,
    maxAttempts: tries,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials && {
      credentials: {
        accessKeyId: credentials.accessKey.reveal(),
        secretAccessKey: credentials.secretKey.reveal(),
      },
    }),
    requestHandler: new NodeHttpHandler({
      connectionTimeout: connectMs,
      requestTimeout: silenceMs,
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    }),
    // Not every compatible server knows the newer checksums; TLS and the signature protect the transfer.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

function missingIsNull(error: unknown): null {
  if (isMissing(error) || isReplaced(error)) return null;
  throw error;
}

const LOCAL_FAULTS = ['ENOSPC', 'EDQUOT', 'EACCES', 'EROFS', 'EMFILE', 'ENOENT'];

function isLocalFault(error: unknown): boolean {
  return LOCAL_FAULTS.includes((error as NodeJS.ErrnoException).code ?? '');
}

const NOT_WRITTEN = 'The data folder could not be written';

async function onDisk(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw storageFailure(NOT_WRITTEN, error);
  }
}
