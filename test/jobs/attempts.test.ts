/** What one attempt of a job says, keeps and leaves, beside the ordinary course of it (runner.test.ts). */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../../src/core/clock.ts';
import { PlayheadError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { Durations } from '../../src/eta/durations.ts';
import { LOCAL_SETUP } from '../../src/eta/run-predictor.ts';
import type { RunnableWorkflow } from '../../src/jobs/attempt.ts';
import { JobLines } from '../../src/log/job-lines.ts';
import { until } from '../setup/deadline.ts';
import { range } from '../setup/harness.ts';
import { away, createJobPath, type JobPath, progressEvents, RESULT } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';
import { tableOf, WORKFLOWS, withInput } from '../setup/workflows.ts';

function durationsOf({ keys, redis }: JobPath): Durations {
  return new Durations({ redis, keys, clock: systemClock, logger: silentLogger, workflows: WORKFLOWS });
}

test('Playhead’s own messages are in the language of the input', async () => {
  const path = await createJobPath({ workflows: withInput('LIPSYNC', z.looseObject({})) });
  await path.startWorker();
  path.stage.fail('load_media', away());
  const { id } = await path.enqueue({ input: { language: 'ko' } });
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', message: '완료' });
  const messages = (await progressEvents(path, id)).map(({ message }) => message);
  expect(messages.filter((message) => !message.startsWith('Doing'))).toEqual([
    ...['작업자를 기다리는 중', '시작하는 중', '2번째 시도'],
  ]);
  expect(messages).toContain('Doing start (이전에 완료)');
});

test('the end of a step is told also when the workflow goes on to something else', async () => {
  const goOn = Promise.withResolvers<void>();
  const runnable: RunnableWorkflow = {
    run: async (run) => {
      await run.step('start', 'Doing start', async (step) => step.update(0.5, 'half', { at: 1 }) ?? null);
      await goOn.promise;
      await run.step('load_media', 'Doing load_media', async () => null);
      return RESULT;
    },
  };
  const path = await createJobPath();
  await path.startWorker({ runnables: { LIPSYNC: runnable } });
  const { id } = await path.enqueue();
  const end = tableOf('LIPSYNC')[0]?.to;
  await until(async () => (await path.load(id)).progress === end);
  const told = { status: 'processing', progress: end, step: 'start', message: 'half', metadata: { at: 1 } };
  expect((await path.events(id)).at(-1)).toMatchObject(told);
  goOn.resolve();
  await path.ended(id);
  // What a step said of itself does not stand beside the next one.
  expect((await progressEvents(path, id)).at(-1)).toMatchObject({ step: 'load_media', metadata: null });
});

test('steps may be left out, and a retry goes on behind those that were walked', async () => {
  const walked: string[] = [];
  const leavesOut: RunnableWorkflow = {
    run: async (run) => {
      for (const name of ['start', 'analyze_audio', 'save_file']) {
        await run.step(name, name, async () => {
          walked.push(`${name}#${run.attempt}`);
          if (walked.length === 3) throw away();
          return null;
        });
      }
      return RESULT;
    },
  };
  const path = await createJobPath();
  await path.startWorker({ runnables: { LIPSYNC: leavesOut } });
  const { id } = await path.enqueue();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  expect(walked).toEqual(['start#1', 'analyze_audio#1', 'save_file#1', 'save_file#2']);
});

test('a warning stands beside what a step says of itself, and is a line of no step before the first', async () => {
  const warns: RunnableWorkflow = {
    run: async (run) => {
      run.warn('It is loud');
      await run.step('start', 'Doing start', async (step) => step.update(0.5, 'half', { at: 1 }) ?? null);
      return RESULT;
    },
  };
  const path = await createJobPath();
  await path.startWorker({ runnables: { LIPSYNC: warns } });
  const { id } = await path.enqueue();
  expect((await path.ended(id)).metadata).toEqual({ at: 1, warnings: ['It is loud'] });
  const lines = new JobLines(path.redis, path.keys);
  expect(await lines.read({ projectId: path.projectId, jobId: id, after: null, limit: 10 })).toMatchObject([
    { level: 'warn', step: '', text: 'It is loud' },
  ]);
});

test('a step that is over does not use up its time limit behind its end', async () => {
  const limitMs = 50;
  const walks: RunnableWorkflow = {
    run: async (run) => {
      await run.step('start', 'Doing start', async () => null);
      // Timers of one length fire in the order in which they were set: the step's, and this one.
      await new Promise((resolve) => setTimeout(resolve, limitMs));
      run.signal.throwIfAborted();
      return RESULT;
    },
  };
  const path = await createJobPath();
  await path.startWorker({ stepTimeoutMs: limitMs, runnables: { LIPSYNC: walks } });
  const { id } = await path.enqueue({ maxAttempts: 1 });
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', error: null });
});

test('what a step reports when it has been stopped is not told, and what it returns is not kept', async () => {
  const path = await createJobPath();
  const logger = keepLog();
  await path.startWorker({ stepTimeoutMs: 200, logger });
  path.stage.plan('start', async (step, { files }) => {
    const picture = join(files.scratch, 'a.jpg');
    await writeFile(picture, 'picture');
    if (!step.signal.aborted) await new Promise((resolve) => step.signal.addEventListener('abort', resolve));
    step.update(0.9, 'too late');
    await step.preview(picture);
    return { made: 'too late' };
  });
  const { id } = await path.enqueue({ maxAttempts: 1 });
  expect(await path.ended(id)).toMatchObject({
    ...{ status: 'FAILED', progress: 0, steps: { start: { status: 'FAILED' } } },
  });
  expect((await path.jobs.loadForAttempt(path.projectId, id))?.outputs).toEqual({});
  // Nothing was tried in vain either.
  expect(logger.lines).toMatchObject([{ text: 'attempt started' }, { text: 'attempt failed' }]);
});

test('a step can open what another job of its project has made, and nothing of its steps', async () => {
  const path = await createJobPath();
  await path.startWorker();
  path.stage.plan('start', async (_step, { files }) => {
    for (const name of ['made.csv', 'steps/part.csv']) {
      await writeFile(join(files.scratch, 'made'), name);
      await files.save(name, join(files.scratch, 'made'));
    }
    return null;
  });
  const made = await path.enqueue();
  await path.ended(made.id);
  path.stage.plan('start', async (_step, { files }) =>
    readFile(await files.openArtifact(made.id, 'made.csv'), 'utf8'),
  );
  const reading = await path.enqueue();
  await path.ended(reading.id);
  expect(path.stage.outputs.get('start#1')).toBe('made.csv');
  path.stage.plan('start', (_step, { files }) => files.openArtifact(made.id, 'steps/part.csv'));
  const failing = await path.enqueue();
  expect((await path.ended(failing.id)).error).toMatchObject({ code: 'INVALID_INPUT' });
});

test('an unexpected error that has no stack is shown like any other, and keeps no line', async () => {
  const path = await createJobPath();
  await path.startWorker({ showsErrors: true });
  path.stage.fail('start', Object.assign(new Error('broken'), { stack: undefined }));
  const { id } = await path.enqueue({ maxAttempts: 1 });
  expect((await path.ended(id)).error).toMatchObject({ code: 'INTERNAL', message: 'Error: broken' });
  expect(await path.redis.exists(path.keys.project(path.projectId).lines(id))).toBe(0);
});

test('the first wait of a new run is as short as that of the first run', async () => {
  const path = await createJobPath();
  await path.startWorker();
  path.stage.fail('start', new PlayheadError('INVALID_INPUT', 'Line 3 cannot be spoken'));
  const { id } = await path.enqueue({ maxAttempts: 2 });
  await path.ended(id);
  path.stage.fail('start', new PlayheadError('PROVIDER_FAILED', 'away'));
  await path.commands.retry(path.projectId, id);
  const { attempt, retryAfterSeconds } = await until(async () =>
    (await path.events(id)).filter((event) => event.type === 'ErrorEvent').find(({ willRetry }) => willRetry),
  );
  expect(attempt).toBe(2);
  expect(retryAfterSeconds).toBeGreaterThanOrEqual(0.5);
  expect(retryAfterSeconds).toBeLessThanOrEqual(1);
  await path.commands.cancel(path.projectId, id);
});

test('a later attempt leaves nothing behind either of what an earlier one saved outside of its steps', async () => {
  const path = await createJobPath();
  const savesOnce: RunnableWorkflow = {
    run: async ({ attempt, files }) => {
      if (attempt > 1) return RESULT;
      await writeFile(join(files.scratch, 'made'), 'part');
      await files.save('steps/part.wav', join(files.scratch, 'made'));
      throw away();
    },
  };
  await path.startWorker({ runnables: { LIPSYNC: savesOnce } });
  const { id } = await path.enqueue();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  await until(async () => !(await path.exists(path.stored(id, 'steps/part.wav'))));
  await until(async () => (await path.usage.of(path.projectId)) === 0);
});

test('only a run that one attempt has made from beginning to end is remembered for predictions', async () => {
  const path = await createJobPath();
  const remembered: unknown[] = [];
  const record: Durations['record'] = (workflow, setup, run) =>
    void remembered.push([workflow, setup, Object.keys(run.steps)]);
  const { runner } = await path.startWorker({ durations: Object.assign(durationsOf(path), { record }) });
  for (const step of ['start', 'load_media']) {
    path.stage.fail(step, away());
    const { id } = await path.enqueue();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  }
  await until(() => runner.running.length === 0);
  expect(remembered).toEqual([]);
  const { id } = await path.enqueue();
  await path.ended(id);
  await until(() => runner.running.length === 0);
  expect(remembered).toEqual([['LIPSYNC', LOCAL_SETUP, tableOf('LIPSYNC').map(({ name }) => name)]]);
});

test('a worker that knows such runs tells with each event how long this one will take', async () => {
  const path = await createJobPath();
  const durations = durationsOf(path);
  const steps = { start: 1, load_media: 1, analyze_audio: 6, apply_lipsync: 20, save_file: 2 };
  for (const _ of range(1, 10)) durations.record('LIPSYNC', LOCAL_SETUP, { steps, size: {} });
  expect((await durations.freshModel('LIPSYNC', LOCAL_SETUP)).runs).toBe(10);
  await path.startWorker({ durations });
  const held = path.stage.hold('apply_lipsync');
  const { id } = await path.enqueue();
  const { step } = await held.entered();
  step.update(0.5, 'half');
  await until(async () => (await path.load(id)).message === 'half');
  const { eta } = await path.load(id);
  expect(eta?.remainingSeconds).toBeGreaterThan(2);
  expect(eta?.remainingSeconds).toBeLessThanOrEqual(22);
  held.release();
  await path.ended(id);
  expect((await progressEvents(path, id)).filter((event) => event.eta === undefined)).toHaveLength(1);
});

test('previews of an attempt whose worker was lost go with the next attempt', async () => {
  const path = await createJobPath();
  await path.startWorker();
  path.stage.fail('start', away());
  path.stage.plan('start', async (_step, { jobId }) => {
    const left = path.stored(jobId, 'previews/1-1/preview.jpg');
    await mkdir(dirname(left), { recursive: true });
    await writeFile(left, 'left');
    return null;
  });
  const { id } = await path.enqueue();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  expect(await path.exists(path.stored(id, 'previews'))).toBe(false);
});

test('a preview that is still on its way when the attempt ends is not stored behind it', async () => {
  const path = await createJobPath();
  await path.startWorker();
  const folder = await mkdtemp(join(tmpdir(), 'playhead-preview-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'a.jpg'), 'picture');
  let shown: Promise<void> | undefined;
  path.stage.plan('save_file', async (step) => {
    shown = step.preview(join(folder, 'a.jpg'));
    return null;
  });
  const { id } = await path.enqueue();
  expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', preview: null });
  await shown;
  expect(await path.exists(path.stored(id, 'previews'))).toBe(false);
  expect(await path.usage.of(path.projectId)).toBe(0);
});
