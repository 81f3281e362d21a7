/** An attempt's copies of files in a remote store: those it has stored, and those it has fetched. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { JobFileStore } from '../../src/jobs/files.ts';
import { interrupted } from '../setup/interrupted.ts';
import { startObjectStorage } from '../setup/object-storage.ts';

async function openRemote() {
  const dataDir = await mkdtemp(join(tmpdir(), 'playhead-copies-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  let fetches = 0;
  let fault: Error | null = null;
  const remote = interrupted((await startObjectStorage()).open(), 'localPath', 'before', async () => {
    fetches += 1;
    if (fault !== null) throw fault;
  });
  const open = (): JobFileStore => {
    const store = new JobFileStore(remote, dataDir);
    onTestFinished(() => store.close());
    return store;
  };
  const store = open();
  /** What another worker has stored. */
  const make = async (project: string, job: string, name: string): Promise<void> => {
    const other = open();
    const files = other.openJob(project, job, 1);
    await writeFile(join(files.scratch, 'made'), name);
    await files.save(name, join(files.scratch, 'made'));
    await other.closeJob(files);
    other.close();
  };
  return {
    ...{ dataDir, make, store },
    fetches: () => fetches,
    setFault: (error: Error | null) => {
      fault = error;
    },
    attempts: () => readdir(join(dataDir, 'scratch')).catch(() => []),
  };
}

test('lie apart from what it is making, and go with it', async () => {
  const { attempts, fetches, store } = await openRemote();
  // Projects may have any name, also that of the folder for what is being made.
  const files = store.openJob('work', 'j', 1);
  await writeFile(join(files.scratch, 'half'), 'half');
  await writeFile(join(files.scratch, 'x'), 'x');
  await files.save('a.csv', join(files.scratch, 'x'));
  expect(await readFile(await files.open('a.csv'), 'utf8')).toBe('x');
  // It was kept when it was stored.
  expect(fetches()).toBe(0);
  expect(await readdir(files.scratch)).toEqual(['half']);
  await store.closeJob(files);
  expect(await attempts()).toEqual([]);
});

test('are fetched once each, and go also where the attempt has made nothing', async () => {
  const { attempts, fetches, make, store } = await openRemote();
  await make('p', 'made', 'a.csv');
  await make('p', 'made', 'b.csv');
  const files = store.openJob('p', 'j', 1);
  const paths = await Promise.all([1, 2, 3].map(() => files.openArtifact('made', 'a.csv')));
  expect(await files.openArtifact('made', 'a.csv')).toBe(paths[0]);
  expect(new Set(paths).size).toBe(1);
  expect(fetches()).toBe(1);
  expect(await readFile(await files.openArtifact('made', 'b.csv'), 'utf8')).toBe('b.csv');
  expect(fetches()).toBe(2);
  expect(await attempts()).toHaveLength(1);
  await store.closeJob(files);
  expect(await attempts()).toEqual([]);
});

test('are asked for again where there was none, or it could not be fetched', async () => {
  const { make, setFault, store } = await openRemote();
  const files = store.openJob('p', 'j', 1);
  await expect(files.openArtifact('made', 'a.csv')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await make('p', 'made', 'a.csv');
  setFault(new Error('away'));
  await expect(files.openArtifact('made', 'a.csv')).rejects.toThrow('away');
  setFault(null);
  expect(await readFile(await files.openArtifact('made', 'a.csv'), 'utf8')).toBe('a.csv');
  await store.closeJob(files);
});

test('are told whose they are before the first of them is there, and an attempt that has none ends like any other', async () => {
  const { dataDir, store } = await openRemote();
  const files = store.openJob('p', 'j', 1);
  expect(await readdir(join(dataDir, 'workers'))).toHaveLength(1);
  await store.closeJob(files);
  store.close();
  expect(await readdir(join(dataDir, 'workers'))).toEqual([]);
});
