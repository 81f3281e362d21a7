import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { JobFileStore } from '../../src/jobs/files.ts';
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

test('a job whose steps use no files leaves nothing on the disk', async () => {
  const path = await createJobPath();
  await path.startWorker();
  const { id } = await path.enqueue();
  expect((await path.ended(id)).status).toBe('COMPLETED');
  expect(await readdir(path.dataDir)).toEqual([]);
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
