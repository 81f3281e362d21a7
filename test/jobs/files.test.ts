import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { JobFileStore } from '../../src/jobs/files.ts';
import { FolderStore } from '../../src/store/folder-store.ts';
import { createJobPath } from '../setup/job-harness.ts';

async function openFiles() {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-files-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const store = new JobFileStore(new FolderStore(join(dataDir, 'artifacts')), dataDir);
  return { store, attempts: () => readdir(join(dataDir, 'scratch')).catch(() => []) };
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

test('a job whose steps use no files leaves nothing on the disk', async () => {
  const path = await createJobPath();
  await path.startWorker();
  const { id } = await path.enqueue();
  expect((await path.ended(id)).status).toBe('COMPLETED');
  expect(await readdir(path.dataDir)).toEqual([]);
});
