/** Jobs whose files are in object storage: away and back, cancelled on the way, removed with their job. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WorkflowRun } from '../../src/jobs/contract.ts';
import type { ErrorEvent } from '../../src/progress/events.ts';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import { createJobPath } from '../setup/job-harness.ts';
import { startObjectStorage, startWire } from '../setup/object-storage.ts';

async function save({ files }: WorkflowRun<unknown, string>, name: string, content: string): Promise<void> {
  const path = join(files.scratch, 'made');
  await writeFile(path, content);
  await files.save(name, path);
}

test('a storage that is away fails the attempt as STORAGE_FAILED; the retry goes on with what was stored', async () => {
  const storage = await startObjectStorage();
  const store = storage.open();
  const path = await createJobPath({ store });
  path.stage.plan('start', async (_, run) => {
    await save(run, 'steps/first.txt', 'kept');
    await storage.stop();
    return null;
  });
  path.stage.plan('load_media', async (_, run) => {
    await save(run, 'steps/second.txt', 'lost');
    return null;
  });
  const back = Promise.withResolvers<void>();
  path.stage.plan('load_media', async (_, run) => {
    await back.promise;
    expect(await run.files.open('steps/first.txt')).toContain('first.txt');
    await save(run, 'video.mp4', 'made');
    return null;
  });
  await path.startWorker();
  const { id } = await path.enqueue();
  const failed = await until(
    async () => (await path.events(id)).find((event): event is ErrorEvent => event.type === 'ErrorEvent'),
    { what: 'it failed' },
  );
  expect(failed).toMatchObject({ code: 'STORAGE_FAILED', willRetry: true });
  await storage.start();
  back.resolve();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  expect(path.stage.calls).not.toContain('start#2');
  const key = (name: string): string => `${path.projectId}/${id}/${name}`;
  expect(await store.facts(key('video.mp4'))).toMatchObject({ sizeBytes: 4 });
  await until(async () => (await store.facts(key('steps/first.txt'))) === null, { what: 'steps are gone' });

  path.clock.time += 2 * 3_600_000;
  await path.reconciler.sweep();
  expect(await store.facts(key('video.mp4'))).toBeNull();
});

test('cancelling ends a fetch from a storage that says nothing', async () => {
  const storage = await startObjectStorage();
  const direct = storage.open();
  const wire = await startWire(storage);
  const path = await createJobPath({ store: storage.open({ endpoint: wire.endpoint }) });
  const opening = Promise.withResolvers<{ readonly ended: Promise<unknown> }>();
  path.stage.plan('start', async (_, run) => {
    const source = join(run.files.scratch, 'made');
    await writeFile(source, 'x'.repeat(100_000));
    const key = `${run.projectId}/other/audio.wav`;
    await direct.put(key, source, { contentType: 'audio/wav', signal: run.signal });
    wire.hold();
    const opened = run.files.openArtifact('other', 'audio.wav');
    opening.resolve({ ended: opened.catch((error: unknown) => error) });
    await opened;
    return null;
  });
  await path.startWorker();
  const { id } = await path.enqueue();
  const { ended } = await opening.promise;
  await until(() => wire.sentBytes() > 0, { what: 'the storage has answered' });
  await path.commands.cancel(path.projectId, id);
  await within(ended, PATIENCE_MS, 'the fetch ends');
  expect(await path.ended(id)).toMatchObject({ status: 'CANCELLED' });
  await until(() => wire.open() === 0, { what: 'the connection is closed' });
});
