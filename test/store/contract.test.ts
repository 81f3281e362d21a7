/** What every store does, shown on each: a folder, and S3-compatible object storage by its own protocol. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FolderStore } from '../../src/store/folder-store.ts';
import type { FileStore, ReadRequest } from '../../src/store/store.ts';
import { startObjectStorage } from '../setup/object-storage.ts';

interface Bench {
  readonly store: FileStore;
  /** A folder of the test's own. */
  readonly folder: string;
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'playhead-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function deviceOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.dev;
}
const hasOtherFileSystem = ![undefined, deviceOf(tmpdir())].includes(deviceOf('/dev/shm'));

const STORES: Record<string, () => Promise<Bench>> = {
  folder: async () => {
    const folder = await makeFolder();
    return { store: new FolderStore(join(folder, 'artifacts')), folder };
  },
  // Memory is a file system of its own on every Linux: files are copied to it, as to a mount.
  ...(hasOtherFileSystem && {
    'folder on another file system': async () => {
      const root = await mkdtemp('/dev/shm/playhead-store-');
      onTestFinished(() => rm(root, { recursive: true, force: true }));
      return { store: new FolderStore(root), folder: await makeFolder() };
    },
  }),
  'object storage': async () => ({
    store: (await startObjectStorage()).open({ prefix: 'a/prefix' }),
    folder: await makeFolder(),
  }),
};

const signal = new AbortController().signal;
const contentType = 'video/mp4';

async function put({ store, folder }: Bench, key: string, content: string | Uint8Array): Promise<void> {
  const path = join(folder, `new-${randomBytes(4).toString('hex')}`);
  await writeFile(path, content);
  await store.put(key, path, { contentType, signal });
}

async function textOf(store: FileStore, key: string, request?: ReadRequest): Promise<string | null> {
  const stream = await store.read(key, request);
  return stream === null ? null : Buffer.concat(await stream.toArray()).toString();
}

async function digest(source: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(source, hash);
  return hash.digest('hex');
}

describe.each(Object.entries(STORES))('%s', (_, open) => {
  test('what was put is there: facts, content, ranges, a local path', async () => {
    const bench = await open();
    const { store, folder } = bench;
    await put(bench, 'p/job/video.mp4', '0123456789');
    const facts = await store.facts('p/job/video.mp4');
    expect(facts).toMatchObject({ sizeBytes: 10, etag: expect.stringMatching(/^".+"$/) });
    expect(Math.abs(Date.now() - Number(facts?.modifiedAt))).toBeLessThan(60_000);
    expect(await textOf(store, 'p/job/video.mp4')).toBe('0123456789');
    expect(await textOf(store, 'p/job/video.mp4', { range: { start: 2, end: 4 } })).toBe('234');
    expect(await textOf(store, 'p/job/video.mp4', { range: { start: 9, end: 9 } })).toBe('9');
    const local = await store.localPath('p/job/video.mp4', join(folder, 'deep/copy.mp4'), signal);
    expect(await readFile(String(local), 'utf8')).toBe('0123456789');
  });

  test('a file that is not there is null, and its absence leaves nothing behind', async () => {
    const { store, folder } = await open();
    expect(await store.facts('p/job/none.mp4')).toBeNull();
    expect(await store.read('p/job/none.mp4')).toBeNull();
    expect(await store.localPath('p/job/none.mp4', join(folder, 'copies/none.mp4'), signal)).toBeNull();
    expect(await readdir(join(folder, 'copies')).catch(() => [])).toEqual([]);
  });

  test('a file takes another’s place; what is asked of the old one by its etag is not answered', async () => {
    const bench = await open();
    await put(bench, 'p/job/a.txt', 'old');
    const old = await bench.store.facts('p/job/a.txt');
    await put(bench, 'p/job/a.txt', 'the new one');
    const facts = await bench.store.facts('p/job/a.txt');
    expect(facts?.etag).not.toBe(old?.etag);
    expect(await textOf(bench.store, 'p/job/a.txt', { etag: String(facts?.etag) })).toBe('the new one');
  });

  test('names of every allowed form, an empty file, and a key that is the beginning of others', async () => {
    const bench = await open();
    const keys = [
      'p/j/-_.Z..txt',
      'p/j/steps/clips/0001.record.json',
      `p/j/${'x'.repeat(101)}.mp4`,
      'p/j/a.txt',
    ];
    for (const key of keys) await put(bench, key, key);
    await put(bench, 'p/j/empty.txt', '');
    for (const key of keys) expect(await textOf(bench.store, key), key).toBe(key);
    expect(await bench.store.facts('p/j/empty.txt')).toMatchObject({ sizeBytes: 0 });
    const copy = await bench.store.localPath('p/j/empty.txt', join(bench.folder, 'empty'), signal);
    expect(await readFile(String(copy), 'utf8')).toBe('');
  });

  test('removing takes a folder with everything in it, page by page, and nothing else', async () => {
    const bench = await open();
    await Promise.all(
      Array.from({ length: 13 }, async (_, lane) => {
        for (let index = 0; index < 80; index += 1) await put(bench, `p/job/steps/${lane}/${index}.txt`, 'x');
      }),
    );
    await put(bench, 'p/job/video.mp4', 'kept');
    await put(bench, 'p/job2/video.mp4', 'another job');
    await bench.store.removeAll('p/job/steps');
    expect(await bench.store.facts('p/job/steps/0/0.txt')).toBeNull();
    expect(await bench.store.facts('p/job/steps/12/79.txt')).toBeNull();
    expect(await textOf(bench.store, 'p/job/video.mp4')).toBe('kept');
    await bench.store.removeAll('p/job');
    expect(await bench.store.facts('p/job/video.mp4')).toBeNull();
    expect(await textOf(bench.store, 'p/job2/video.mp4')).toBe('another job');
    await bench.store.removeAll('p/job');
  });

  test('a big file goes up in parts and comes back the same, streaming', async () => {
    const bench = await open();
    const piece = randomBytes(1_048_576);
    const path = join(bench.folder, 'big');
    await writeFile(
      path,
      Array.from({ length: 41 }, () => piece),
    );
    const sent = await digest(createReadStream(path));
    await bench.store.put('p/job/big.mp4', path, { contentType, signal });
    expect(await bench.store.facts('p/job/big.mp4')).toMatchObject({ sizeBytes: 41 * 1_048_576 });
    const local = await bench.store.localPath('p/job/big.mp4', join(bench.folder, 'copy.mp4'), signal);
    expect(await digest(createReadStream(String(local)))).toBe(sent);
  });

  test('an aborted put leaves no file, or the one from before', async () => {
    const bench = await open();
    await put(bench, 'p/job/a.mp4', 'before');
    for (const key of ['p/job/a.mp4', 'p/job/new.mp4']) {
      const path = join(bench.folder, 'late');
      await writeFile(path, randomBytes(20 * 1_048_576));
      const stop = new AbortController();
      const putting = bench.store.put(key, path, { contentType, signal: stop.signal });
      stop.abort(new Error('stopped here'));
      // A folder renames in one step, so it may have been done before.
      const outcome = await putting.then(
        () => 'put',
        (error: Error) => error.message,
      );
      if (bench.store.isLocal) continue;
      expect(outcome).toBe('stopped here');
    }
    if (bench.store.isLocal) return;
    expect(await textOf(bench.store, 'p/job/a.mp4')).toBe('before');
    expect(await bench.store.facts('p/job/new.mp4')).toBeNull();
  });

  test('it finds no fault with itself', async () => {
    const { store } = await open();
    expect(await store.findFault(new AbortController().signal)).toBeNull();
  });
});
