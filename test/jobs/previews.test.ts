import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import type { StepRun, WorkflowRun } from '../../src/jobs/contract.ts';
import type { ProgressEvent } from '../../src/progress/events.ts';
import { until } from '../setup/deadline.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';

/** Shows some bytes. */
async function show(
  { step, run }: { step: StepRun; run: WorkflowRun<unknown, string> },
  name: string,
  bytes: number,
): Promise<void> {
  const path = join(run.files.scratch, name);
  await writeFile(path, new Uint8Array(bytes));
  await step.preview(path);
}

async function previewsTold(path: JobPath, jobId: string): Promise<ProgressEvent['preview'][]> {
  const events = await path.events(jobId);
  return events.filter((event) => event.type === 'ProgressEvent').map(({ preview }) => preview);
}

test('the newest preview is told of by every event, two are kept, and they go with the attempt', async () => {
  const path = await createJobPath();
  await path.startWorker();
  const held = path.stage.hold('load_media');
  const { id } = await path.enqueue();
  const inside = await held.entered();
  expect((await path.load(id)).preview).toBeNull();
  for (const number of [1, 2, 3]) {
    await show(inside, `a${number}.jpg`, number * 100);
    expect(await path.exists(path.stored(id, `previews/1-${number}/preview.jpg`))).toBe(true);
  }
  const folder = `previews/1-`;
  const preview = {
    name: `${folder}3/preview.jpg`,
    path: `${path.projectId}/${id}/${folder}3/preview.jpg`,
    contentType: 'image/jpeg',
    sizeBytes: 300,
  };
  await until(async () => (await path.load(id)).preview?.sizeBytes === 300);
  expect(await path.usage.of(path.projectId)).toBe(500);
  expect((await path.load(id)).preview).toEqual(preview);
  expect(await path.exists(path.stored(id, `${folder}1/preview.jpg`))).toBe(false);
  expect(await path.exists(path.stored(id, `${folder}2/preview.jpg`))).toBe(true);
  expect(await path.exists(path.stored(id, preview.name))).toBe(true);
  inside.step.update(0.5, 'half');
  await until(async () => (await path.load(id)).message === 'half');
  expect((await previewsTold(path, id)).at(-1)).toEqual(preview);
  await writeFile(join(inside.run.files.scratch, 'made'), new Uint8Array(7));
  await inside.run.files.save('made.txt', join(inside.run.files.scratch, 'made'));
  held.release();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', preview: null });
  await until(async () => !(await path.exists(path.stored(id, 'previews'))));
  await until(async () => (await path.usage.of(path.projectId)) === 7);
});

test('a preview is told of at once, and not again by the next attempt', async () => {
  const path = await createJobPath();
  await path.startWorker();
  const first = path.stage.hold('load_media');
  const { id } = await path.enqueue({ maxAttempts: 2 });
  await show(await first.entered(), 'a.wav', 10);
  await until(async () => (await path.load(id)).preview?.contentType === 'audio/wav');
  const second = path.stage.hold('load_media');
  first.fail(new PlayheadError('PROVIDER_FAILED', 'down', { retryAfterSeconds: 0.01 }));
  await second.entered();
  expect(await path.load(id)).toMatchObject({ attempt: 2, preview: null });
  expect(await path.exists(path.stored(id, 'previews'))).toBe(false);
  second.release();
  await path.ended(id);
});

test('what is no preview is refused; one that cannot be stored is left out, and the job goes on', async () => {
  const path = await createJobPath({ diskLimits: { maxJobBytes: 1_000, maxProjectBytes: 10_000 } });
  await path.startWorker();
  const held = path.stage.hold('load_media');
  const { id } = await path.enqueue();
  const inside = await held.entered();
  const endings = '.jpg .jpeg .png .webp .avif .gif .wav .mp3 .ogg .m4a .txt';
  await expect(show(inside, 'a.mp4', 10)).rejects.toThrow(
    new RangeError(
      `path: expected one of the endings ${endings}, received ${join(inside.run.files.scratch, 'a.mp4')}`,
    ),
  );
  await expect(show(inside, 'a.jpg', 200_001)).rejects.toThrow(
    new RangeError('path: expected at most 200000 bytes, received 200001'),
  );
  await show(inside, 'b.jpg', 2_000);
  held.release();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED' });
  expect((await previewsTold(path, id)).filter((preview) => preview !== undefined)).toEqual([]);
});

test('a preview may be as large as a preview may be, with an ending in capitals', async () => {
  const path = await createJobPath();
  await path.startWorker();
  const held = path.stage.hold('load_media');
  const { id } = await path.enqueue();
  await show(await held.entered(), 'A.JPG', 200_000);
  expect(await path.exists(path.stored(id, 'previews/1-1/preview.jpg'))).toBe(true);
  held.release();
  await path.ended(id);
});

test('a preview that cannot be removed is said in the log, and the job is done', async () => {
  const path = await createJobPath();
  const logger = keepLog();
  const { runner } = await path.startWorker({ logger });
  const held = path.stage.hold('load_media');
  const { id } = await path.enqueue();
  await show(await held.entered(), 'a.jpg', 10);
  path.files.removeFolder = () => Promise.reject(new Error('read-only'));
  held.release();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED' });
  // A job that has shown nothing has nothing to remove, and waits for no store.
  await path.ended((await path.enqueue()).id);
  await until(() => runner.running.length === 0);
  const text = 'storing or removing a preview failed';
  expect(logger.lines.filter((line) => 'err' in line && 'text' in line && line.text === text)).toEqual([
    {
      ...{ level: 'warn', text, projectId: path.projectId, jobId: id, attempt: 1 },
      err: new Error('read-only'),
    },
  ]);
});
