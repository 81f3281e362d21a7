import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { artifactKey, contentTypeOf, JobFileStore } from '../../src/jobs/files.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { PATIENCE_MS, within } from '../setup/deadline.ts';
import { createJobPath } from '../setup/job-harness.ts';

async function openFiles() {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-files-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const store = new JobFileStore(new FolderStore(join(dataDir, 'artifacts')), dataDir);
  onTestFinished(() => store.close());
  return { dataDir, store, attempts: () => readdir(join(dataDir, 'scratch')).catch(() => []) };
}

test('a scratch folder is made when it is first asked for, and removed when the attempt ends', async () => {
  const { store, attempts } = await openFiles();
  const files = store.openJob('p', 'j', 1);
  expect(await attempts()).toEqual([]);
  await writeFile(join(files.scratch, 'half'), 'half');
  expect(await readdir(files.scratch)).toEqual(['half']);
  expect(await attempts()).toHaveLength(1);
  await store.closeJob(files);
  expect(await attempts()).toEqual([]);
});

test('a scratch folder is empty, also where one of the same name was left', async () => {
  const { store } = await openFiles();
  await writeFile(join(store.openJob('p', 'j', 1).scratch, 'left'), 'left');
  expect(await readdir(store.openJob('p', 'j', 1).scratch)).toEqual([]);
});

test('work that goes on behind the end of its attempt makes no folder that nobody removes', async () => {
  const { store, attempts } = await openFiles();
  const files = store.openJob('p', 'j', 1);
  await store.closeJob(files);
  await expect(writeFile(join(files.scratch, 'late'), 'late')).rejects.toThrow('ENOENT');
  expect(await attempts()).toEqual([]);
});

test('what cannot be saved is said with what to do, not blamed on the disk', async () => {
  const { store } = await openFiles();
  const files = store.openJob('p', 'j', 1);
  await writeFile(join(files.scratch, 'page.html'), '<p>');
  await expect(files.save('page.html', join(files.scratch, 'page.html'))).rejects.toThrow(
    /endings .*\.csv .*page\.html/,
  );
  await expect(files.save('../x.csv', join(files.scratch, 'page.html'))).rejects.toThrow('expected letters');
  await expect(files.save('x.csv', join(files.scratch, 'x.csv'))).rejects.toThrow('there is none at');
  await expect(files.save('x.csv', files.scratch)).rejects.toThrow('there is none at');
  await store.closeJob(files);
});

test('a worker ends also when its folder is gone', async () => {
  const { dataDir, store } = await openFiles();
  expect(store.openJob('p', 'j', 1).scratch).toContain(dataDir);
  await rm(dataDir, { recursive: true });
  store.close();
  await expect(readdir(dataDir)).rejects.toThrow('ENOENT');
});

test.each([
  ['p', 'j', 'a.mp4'],
  ['P_1-', 'x'.repeat(64), 'scenes/1/take-2/a.b.mp4'],
  ['p', 'j', `_${'x'.repeat(100)}`],
  ['p', 'j', `a/-${'x'.repeat(100)}/0${'x'.repeat(100)}`],
  ['p', 'j', 'steps.mp4'],
])('a file of project %s, job %s and name %s may be asked for from outside', (project, job, name) => {
  expect(artifactKey(project, job, name)).toBe(`${project}/${job}/${name}`);
});

test.each([
  ['', 'j', 'a.mp4'],
  ['..', 'j', 'a.mp4'],
  ['p/q', 'j', 'a.mp4'],
  ['x'.repeat(65), 'j', 'a.mp4'],
  ['p', '..', 'a.mp4'],
  ['p', '', 'a.mp4'],
  ['p', 'j', ''],
  ['p', 'j', '.a.mp4'],
  ['p', 'j', '/a.mp4'],
  ['p', 'j', 'a/../b.mp4'],
  ['p', 'j', 'a..mp4'],
  ['p', 'j', 'a/b/c/d/e.mp4'],
  ['p', 'j', 'x'.repeat(102)],
  ['p', 'j', `a/${'x'.repeat(102)}`],
  ['p', 'j', 'a/.b.mp4'],
  ['p', 'j', 'a/b c.mp4'],
  ['p', 'j', 'a//b.mp4'],
  ['p', 'j', 'a/'],
  ['p', 'j', 'a b.mp4'],
  ['p', 'j', 'a.mp4\n'],
  ['p', 'j', 'steps/a.mp4'],
])('no file of project %j, job %j and name %j may be asked for from outside', (project, job, name) => {
  expect(artifactKey(project, job, name)).toBeNull();
});

test('a content type follows from the ending alone, and there is none for what no browser may be given', () => {
  expect(contentTypeOf('scenes/1.MP4')).toBe('video/mp4');
  expect(contentTypeOf('page.html')).toBeNull();
  expect(contentTypeOf('mp4')).toBeNull();
});

/** What a file may be stored as, and is served as. */
const TYPES = [
  ['audio/aac', '.aac'],
  ['text/plain; charset=utf-8', '.ass .log .txt'],
  ['image/avif', '.avif'],
  ['application/octet-stream', '.bin'],
  ['text/csv; charset=utf-8', '.csv'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', '.docx'],
  ['application/epub+zip', '.epub'],
  ['audio/flac', '.flac'],
  ['image/gif', '.gif'],
  ['application/gzip', '.gz'],
  ['image/jpeg', '.jpeg .jpg'],
  ['application/json; charset=utf-8', '.json'],
  ['application/jsonl; charset=utf-8', '.jsonl'],
  ['audio/mp4', '.m4a'],
  ['text/markdown; charset=utf-8', '.md'],
  ['video/matroska', '.mkv'],
  ['video/quicktime', '.mov'],
  ['audio/mpeg', '.mp3'],
  ['video/mp4', '.mp4'],
  ['audio/ogg', '.ogg .opus'],
  ['application/vnd.apache.parquet', '.parquet'],
  ['application/pdf', '.pdf'],
  ['image/png', '.png'],
  ['application/vnd.openxmlformats-officedocument.presentationml.presentation', '.pptx'],
  ['application/x-subrip; charset=utf-8', '.srt'],
  ['application/x-tar', '.tar'],
  ['text/tab-separated-values; charset=utf-8', '.tsv'],
  ['text/vtt; charset=utf-8', '.vtt'],
  ['audio/wav', '.wav'],
  ['video/webm', '.webm'],
  ['image/webp', '.webp'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', '.xlsx'],
  ['application/yaml; charset=utf-8', '.yaml'],
  ['application/zip', '.zip'],
] as const;

test('a file may have the endings of media, texts and archives, each of which has its type', async () => {
  const endings = TYPES.flatMap(([, names]) => names.split(' '));
  for (const [type, names] of TYPES) {
    for (const ending of names.split(' '))
      expect([ending, contentTypeOf(`a${ending}`)]).toEqual([ending, type]);
  }
  const { store } = await openFiles();
  const saving = store.openJob('p', 'j', 1).save('a.svg', 'a.svg');
  const listed = endings.toSorted().join(' ');
  await expect(saving).rejects.toThrow(`name: expected one of the endings ${listed}, received a.svg`);
});

test('a file that is gone is the store’s fault in its own job, and the input’s where another job has made it', async () => {
  const { store } = await openFiles();
  const files = store.openJob('p', 'j', 1);
  await expect(files.open('a.mp4')).rejects.toMatchObject({
    ...{ code: 'STORAGE_FAILED', message: 'The file a.mp4 of job j is missing from the store' },
  });
  const message = 'expected the file a.mp4 of job k, which is gone or never was';
  await expect(files.openArtifact('k', 'a.mp4')).rejects.toMatchObject({ code: 'INVALID_INPUT', message });
  await expect(files.openArtifact('..', 'a.mp4')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('another job’s artifacts can be opened, what only its own steps need cannot', async () => {
  const { store } = await openFiles();
  const made = store.openJob('p', 'made', 1);
  for (const name of ['a.csv', 'steps/a.csv']) {
    await writeFile(join(made.scratch, 'x'), 'x');
    await made.save(name, join(made.scratch, 'x'));
  }
  const files = store.openJob('p', 'j', 1);
  expect(await readFile(await files.openArtifact('made', 'a.csv'), 'utf8')).toBe('x');
  expect(await readFile(await made.open('steps/a.csv'), 'utf8')).toBe('x');
  await expect(files.openArtifact('made', 'steps/a.csv')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await store.closeJob(made);
});

test('a stored file is told with its type and size, and is there as long as it is whole', async () => {
  const { store } = await openFiles();
  const files = store.openJob('p', 'j', 1);
  expect(files.hasSaved).toBe(false);
  await writeFile(join(files.scratch, 'x'), 'four');
  const saved = await files.save('a.csv', join(files.scratch, 'x'));
  expect(saved).toEqual({
    ...{ name: 'a.csv', path: 'p/j/a.csv', contentType: 'text/csv; charset=utf-8', sizeBytes: 4 },
  });
  expect(files.hasSaved).toBe(true);
  expect(await files.isStored(saved)).toBe(true);
  expect(await files.isStored({ ...saved, sizeBytes: 5 })).toBe(false);
  expect(await files.isStored({ ...saved, name: 'b.csv' })).toBe(false);
  // As a damaged record may name it.
  expect(await files.isStored({ ...saved, name: '../j/a.csv' })).toBe(false);
});

test('nothing is stored for an attempt that has been stopped', async () => {
  const { store } = await openFiles();
  const stop = new AbortController();
  const files = store.openJob('p', 'j', 1, stop.signal);
  await writeFile(join(files.scratch, 'x'), 'x');
  stop.abort(new Error('stopped'));
  await expect(files.save('a.csv', join(files.scratch, 'x'))).rejects.toThrow('stopped');
  await expect(files.open('a.csv')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
});

test('what is wrong with the data folder is said where it stops an attempt', async () => {
  const { dataDir, store } = await openFiles();
  const files = store.openJob('p', 'j', 1);
  const failed = {
    code: 'STORAGE_FAILED',
    message: expect.stringContaining('The data folder could not be '),
  };
  await expect(files.save('a.csv', join(files.scratch, 'x'.repeat(300)))).rejects.toMatchObject(failed);
  await writeFile(join(dataDir, 'file'), 'no folder');
  const other = new JobFileStore(new FolderStore(join(dataDir, 'artifacts')), join(dataDir, 'file'));
  expect(() => other.openJob('p', 'j', 1).scratch).toThrow(expect.objectContaining(failed));
});

test('a job’s files are removed by folder, those that only its steps needed, or all; no other job’s are', async () => {
  const { dataDir, store } = await openFiles();
  for (const job of ['j', 'k']) {
    const files = store.openJob('p', job, 1);
    for (const name of ['a.csv', 'scenes/b.csv', 'steps/c.csv', 'steps/1/d.csv']) {
      await writeFile(join(files.scratch, 'x'), 'x');
      await files.save(name, join(files.scratch, 'x'));
    }
  }
  const left = (): Promise<string[]> => readdir(join(dataDir, 'artifacts', 'p', 'j'));
  await store.dropIntermediate('p', 'j');
  expect((await left()).sort()).toEqual(['a.csv', 'scenes']);
  await store.removeFolder('p', 'j', 'scenes');
  expect(await left()).toEqual(['a.csv']);
  await store.removeJob('p', 'j');
  expect(await readdir(join(dataDir, 'artifacts', 'p'))).toEqual(['k']);
  expect(await readdir(join(dataDir, 'artifacts', 'p', 'k'))).toHaveLength(3);
});

test('no name leads out of the store when files are removed', async () => {
  const { dataDir, store } = await openFiles();
  const kept = join(dataDir, 'kept');
  await mkdir(join(dataDir, 'artifacts'));
  await mkdir(kept);
  await store.removeJob('..', 'kept');
  await store.removeFolder('..', 'kept', '.');
  await store.removeFolder('p', 'j', '../../../kept');
  expect(await readdir(dataDir)).toEqual(['artifacts', 'kept']);
});

test('a job whose steps use no files leaves nothing on the disk', async () => {
  const path = await createJobPath();
  await path.startWorker();
  const { id } = await path.enqueue();
  expect((await path.ended(id)).status).toBe('COMPLETED');
  expect(await readdir(path.dataDir)).toEqual([]);
});

test('half-made files are left where nobody knows whether their worker lives, and by the one that makes them', async () => {
  const { attempts, dataDir, store } = await openFiles();
  // Nothing is there yet, nor is a folder made.
  await store.sweepScratch();
  expect(await readdir(dataDir)).toEqual([]);
  const [one, other] = [store.openJob('p', 'one', 1), store.openJob('p', 'other', 1)];
  for (const files of [one, other]) await writeFile(join(files.scratch, 'half'), 'half');
  const workers = await readdir(join(dataDir, 'workers'));
  await mkdir(join(dataDir, 'scratch', 'j.1.unlocked'));
  await store.sweepScratch();
  expect(await attempts()).toHaveLength(3);
  expect(await readdir(join(dataDir, 'workers'))).toEqual(workers);
  store.close();
  expect(await readdir(join(dataDir, 'workers'))).toEqual([]);
});

test('a worker that cannot make its folders says so', async () => {
  const { dataDir, store } = await openFiles();
  for (const name of ['workers', 'scratch']) await writeFile(join(dataDir, name), 'no folder');
  expect(() => store.openJob('p', 'j', 1).scratch).toThrow('The data folder could not be written');
});

test('half-made files of a worker that was killed are removed by the next; those of a living one are not', async () => {
  const { attempts, dataDir, store } = await openFiles();
  const living = store.openJob('p', 'living', 1);
  await writeFile(join(living.scratch, 'half'), 'half');
  // Another process, as in another container: its process id says nothing here.
  const source = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
  const program = `const { JobFileStore } = await import(${source('jobs/files.ts')});
    const { FolderStore } = await import(${source('store/folder-store.ts')});
    const store = new JobFileStore(new FolderStore(${JSON.stringify(join(dataDir, 'artifacts'))}), ${JSON.stringify(dataDir)});
    console.log(store.openJob('p', 'killed', 1).scratch);
    setInterval(() => {}, 1000);`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void other.kill('SIGKILL'));
  await within(once(other.stdout, 'data'), PATIENCE_MS, 'the other worker');
  const next = new JobFileStore(new FolderStore(join(dataDir, 'artifacts')), dataDir);
  await next.sweepScratch();
  expect(await attempts()).toHaveLength(2);

  other.kill('SIGKILL');
  await once(other, 'exit');
  await next.sweepScratch();
  expect(await attempts()).toEqual([expect.stringContaining('living.1.')]);
  await store.closeJob(living);
  store.close();
  expect(await readdir(join(dataDir, 'workers'))).toEqual([]);
});
