/** Finished steps are done again when the files that they stored are gone, and not otherwise. */
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import type { WorkflowRun } from '../../src/jobs/contract.ts';
import { until } from '../setup/deadline.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { startObjectStorage } from '../setup/object-storage.ts';

const PART = 'steps/part.wav';

function providerFailed(): PlayheadError {
  return new PlayheadError('PROVIDER_FAILED', 'the provider failed', { retryAfterSeconds: 0.01 });
}

async function save({ files }: WorkflowRun<unknown, string>, content = 'sound'): Promise<{ name: string }> {
  const made = join(files.scratch, 'made');
  await writeFile(made, content);
  await files.save(PART, made);
  return { name: PART };
}

/** Plans a job whose second step stores a file, and whose fourth fails once, after `before` has been done to the file. */
function planFailure(path: JobPath, before: (run: WorkflowRun<unknown, string>) => Promise<void>): void {
  path.stage.plan('load_media', (_, run) => save(run));
  path.stage.plan('apply_lipsync', async (_, run) => {
    await before(run);
    throw providerFailed();
  });
  // Where it is done again: the file has to be there for the steps behind it.
  path.stage.plan('load_media', (_, run) => save(run));
  path.stage.plan('apply_lipsync', async (_, run) => {
    await run.files.open(PART);
    return null;
  });
}

function callsOfSecond(path: JobPath): readonly string[] {
  return path.stage.calls.filter((call) => call.endsWith('#2')).map((call) => call.replace('#2', ''));
}

const REMAINDER = ['apply_lipsync', 'save_file'];
const FROM_LOAD_MEDIA = ['load_media', 'analyze_audio', ...REMAINDER];

describe('in a folder', () => {
  test.each([
    ['is still there', async () => {}, REMAINDER],
    ['is gone', (file: string) => rm(file), FROM_LOAD_MEDIA],
    [
      'is gone with its whole job',
      (file: string) => rm(join(file, '../..'), { recursive: true }),
      FROM_LOAD_MEDIA,
    ],
    ['has been cut off', (file: string) => truncate(file, 2), FROM_LOAD_MEDIA],
  ])('a step whose file %s', async (_, change, expected) => {
    const path = await createJobPath();
    planFailure(path, (run) => change(path.stored(run.jobId, PART)));
    await path.startWorker();
    const { id } = await path.enqueue();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    expect(callsOfSecond(path)).toEqual(expected);
  });

  test('a step that stored its file twice, with another size, is not done again', async () => {
    const path = await createJobPath();
    path.stage.plan('load_media', async (_, run) => {
      await save(run, 'the first part');
      return save(run);
    });
    path.stage.fail('apply_lipsync', providerFailed());
    await path.startWorker();
    const { id } = await path.enqueue();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    expect(callsOfSecond(path)).toEqual(REMAINDER);
  });

  test.each(['steps/a.wav', 'steps/b.wav'])(
    'a step of whose two files %s is gone is done again',
    async (gone) => {
      const path = await createJobPath();
      path.stage.plan('load_media', async (_, { files }) => {
        for (const name of ['steps/a.wav', 'steps/b.wav']) {
          await writeFile(join(files.scratch, 'made'), name);
          await files.save(name, join(files.scratch, 'made'));
        }
        return null;
      });
      path.stage.plan('apply_lipsync', async (_, { jobId }) => {
        await rm(path.stored(jobId, gone));
        throw providerFailed();
      });
      await path.startWorker();
      const { id } = await path.enqueue();
      expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
      expect(callsOfSecond(path)).toEqual(FROM_LOAD_MEDIA);
    },
  );

  test('a later attempt finds out too that a file is gone, and knows the warnings, whichever steps were done again', async () => {
    const path = await createJobPath();
    const saves = (name: string) => async (_: unknown, run: WorkflowRun<unknown, string>) => {
      run.warn('It is loud');
      await writeFile(join(run.files.scratch, 'made'), name);
      await run.files.save(name, join(run.files.scratch, 'made'));
      return null;
    };
    path.stage.plan('start', saves('steps/first.wav'));
    path.stage.plan('load_media', saves('steps/second.wav'));
    path.stage.plan('apply_lipsync', async (_, { jobId }) => {
      await rm(path.stored(jobId, 'steps/second.wav'));
      throw providerFailed();
    });
    // The second attempt goes on behind the first step, and keeps nothing of its own.
    path.stage.plan('load_media', async (_, { jobId }) => {
      await rm(path.stored(jobId, 'steps/first.wav'));
      throw providerFailed();
    });
    await path.startWorker();
    const { id } = await path.enqueue({ maxAttempts: 3 });
    expect(await path.ended(id)).toMatchObject({
      ...{ status: 'COMPLETED', attempt: 3, metadata: { warnings: ['It is loud'] } },
    });
    const calls = ['load_media#2', ...['start', ...FROM_LOAD_MEDIA].map((step) => `${step}#3`)];
    expect(path.stage.calls.filter((call) => !call.endsWith('#1'))).toEqual(calls);
  });

  test('what was made from a step that is done again is not taken by a later attempt either', async () => {
    const path = await createJobPath();
    planFailure(path, (run) => rm(path.stored(run.jobId, PART)));
    // The second attempt does the step again, and fails in the one behind it.
    path.stage.plan('analyze_audio', async () => ({ by: 'the first attempt' }));
    path.stage.fail('analyze_audio', providerFailed());
    await path.startWorker();
    const { id } = await path.enqueue({ maxAttempts: 3 });
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 3 });
    expect(path.stage.calls.filter((call) => call.endsWith('#3'))).toEqual([
      'analyze_audio#3',
      'apply_lipsync#3',
      'save_file#3',
    ]);
    expect(path.stage.outputs.get('analyze_audio#3')).toEqual({ by: 'analyze_audio#3' });
  });
});

test('in object storage, a step whose file is gone is done again, and a retry of the failed job heals', async () => {
  const store = (await startObjectStorage()).open();
  const path = await createJobPath({ store });
  planFailure(path, (run) => store.removeAll(`${run.projectId}/${run.jobId}`));
  await path.startWorker();
  const { id } = await path.enqueue({ maxAttempts: 1 });
  expect((await path.ended(id)).status).toBe('FAILED');
  await path.commands.retry(path.projectId, id);
  await until(async () => (await path.load(id)).status === 'COMPLETED');
  expect(callsOfSecond(path)).toEqual(FROM_LOAD_MEDIA);
});

test('a disk that is full, also where a workflow writes itself, is said to be full', async () => {
  const path = await createJobPath();
  path.stage.plan('start', async () => {
    await writeFile('/dev/full', 'x');
    return null;
  });
  await path.startWorker();
  const { id } = await path.enqueue({ maxAttempts: 1 });
  expect((await path.ended(id)).error).toMatchObject({
    code: 'STORAGE_FAILED',
    message: expect.stringMatching(
      /^A file could not be written or read: the disk is full \(ENOSPC\). Make room/,
    ),
  });
});
