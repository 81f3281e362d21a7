import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import type { RunnableWorkflow } from '../../src/jobs/attempt.ts';
import { JobLines } from '../../src/log/job-lines.ts';
import { hasEnded } from '../../src/progress/state.ts';
import { until } from '../setup/deadline.ts';
import { JobWriter, OwnRedis, range } from '../setup/harness.ts';
import { createJobPath, progressEvents, RESULT } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';
import { startLossyProxy } from '../setup/lossy-proxy.ts';
import { tableOf } from '../setup/workflows.ts';

const STEPS = tableOf('LIPSYNC').map(({ name }) => name);

function providerFailed(retryAfterSeconds = 0.01): PlayheadError {
  return new PlayheadError('PROVIDER_FAILED', 'The speech service is away', {
    retryAfterSeconds,
    details: { errorCode: '429' },
  });
}

describe('the runner', () => {
  test('walks the steps and publishes each, with the job’s progress, and the result', async () => {
    const path = await createJobPath();
    await path.startWorker();
    const held = STEPS.map((step) => path.stage.hold(step));
    const { id } = await path.enqueue();
    for (const [at, { name, from, to }] of tableOf('LIPSYNC').entries()) {
      const { step } = (await held[at]?.entered()) ?? {};
      await until(async () => (await path.load(id)).step === name);
      expect(await path.load(id)).toMatchObject({
        status: 'RUNNING',
        progress: from,
        message: `Doing ${name}`,
      });
      step?.update(0.5, `half of ${name}`, { at });
      await until(async () => (await path.load(id)).message === `half of ${name}`);
      const state = await path.load(id);
      expect(state.progress).toBeCloseTo((from + to) / 2, 6);
      expect(state.metadata).toEqual({ at });
      held[at]?.release();
    }
    const state = await path.ended(id);
    expect(state).toMatchObject({
      status: 'COMPLETED',
      progress: 1,
      attempt: 1,
      result: RESULT,
      error: null,
    });
    expect(Object.keys(state.steps)).toEqual(STEPS);
    expect(Object.values(state.steps).map(({ status }) => status)).toEqual(STEPS.map(() => 'COMPLETED'));
    const events = await path.events(id);
    expect(events.at(-1)).toMatchObject({ type: 'CompletionEvent', taskName: 'lipsync', result: RESULT });
    const progress = (await progressEvents(path, id)).map((event) => event.progress);
    expect(progress).toEqual(progress.toSorted((one, other) => one - other));
  });

  test('keeps progress inside a step from going back or beyond its end (G5)', async () => {
    const path = await createJobPath();
    await path.startWorker();
    const held = path.stage.hold('analyze_audio');
    const { id } = await path.enqueue();
    const { step } = await held.entered();
    for (const [at, progress] of [0.5, 0.2, -1, 7].entries()) {
      step.update(progress, `report ${at}`);
      await until(async () => (await path.load(id)).message === `report ${at}`);
    }
    const reported = (await progressEvents(path, id)).filter(({ message }) => message.startsWith('report'));
    expect(reported.map(({ progress }) => progress)).toEqual([0.3, 0.3, 0.3, 0.45]);
    for (const { status } of reported) expect(status).toBe('processing');
    held.release();
    await path.ended(id);
  });

  test('leaves nothing behind of a completed job but its snapshot and its artifacts (G9)', async () => {
    const path = await createJobPath();
    await path.startWorker();
    let scratch = '';
    path.stage.plan('load_media', async (_step, run) => {
      scratch = run.files.scratch;
      for (const name of ['video.mp4', 'steps/part.wav']) {
        await writeFile(join(scratch, 'made'), name);
        await run.files.save(name, join(scratch, 'made'));
      }
      return { name: 'steps/part.wav' };
    });
    const { id } = await path.enqueue();
    await path.ended(id);
    await until(async () => (await path.queue.stateOf(id)) === 'missing');
    await until(async () => {
      const job = await path.jobs.loadForAttempt(path.projectId, id);
      return job !== null && Object.keys(job.outputs).length === 0;
    });
    expect(await path.exists(scratch)).toBe(false);
    expect(await path.load(id)).toMatchObject({ status: 'COMPLETED' });
    expect(await path.exists(path.stored(id, 'video.mp4'))).toBe(true);
    await until(async () => !(await path.exists(path.stored(id, 'steps/part.wav'))));
  });

  test('leaves no intermediate file behind either that was saved outside of its steps', async () => {
    const path = await createJobPath();
    const walksNoStep: RunnableWorkflow = {
      run: async ({ files }) => {
        await writeFile(join(files.scratch, 'made'), 'part');
        await files.save('steps/part.wav', join(files.scratch, 'made'));
        return RESULT;
      },
    };
    await path.startWorker({ runnables: { LIPSYNC: walksNoStep } });
    const { id } = await path.enqueue();
    await path.ended(id);
    await until(async () => !(await path.exists(path.stored(id, 'steps/part.wav'))));
    await until(async () => (await path.redis.exists(path.keys.project(path.projectId).files(id))) === 0);
  });

  test('completes a job, or says why it failed, also when its half-made files cannot be removed', async () => {
    const path = await createJobPath();
    path.files.closeJob = () => Promise.reject(new PlayheadError('STORAGE_FAILED', 'The disk is read-only'));
    await path.startWorker();
    const done = await path.enqueue({ maxAttempts: 1 });
    expect((await path.ended(done.id)).status).toBe('COMPLETED');
    path.stage.fail('start', new PlayheadError('INVALID_INPUT', 'Line 3 cannot be spoken'));
    const failed = await path.enqueue({ maxAttempts: 1 });
    expect((await path.ended(failed.id)).error?.code).toBe('INVALID_INPUT');
  });
});

describe('an attempt that fails', () => {
  test('is followed by another that does not repeat finished steps and gets their output (G5)', async () => {
    const path = await createJobPath();
    await path.startWorker();
    const warnings = range(1, 51).map((number) => `picture ${number} was skipped`);
    path.stage.plan('load_media', async (_step, run) => {
      for (const warning of [...warnings.slice(0, 2), ...warnings]) run.warn(warning);
      return { media: ['a', 1, null] };
    });
    path.stage.fail('apply_lipsync', providerFailed());
    const { id } = await path.enqueue();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    expect(path.stage.calls).toEqual([
      ...['start', 'load_media', 'analyze_audio', 'apply_lipsync'].map((step) => `${step}#1`),
      ...['apply_lipsync', 'save_file'].map((step) => `${step}#2`),
    ]);
    expect(path.stage.outputs.get('load_media#2')).toEqual({ media: ['a', 1, null] });
    expect(path.stage.outputs.get('analyze_audio#2')).toEqual({ by: 'analyze_audio#1' });
    const second = await progressEvents(path, id, 2);
    expect(second[0]).toMatchObject({ status: 'retrying', progress: 0, message: 'Attempt 2' });
    // It stands at the end of such a step.
    const earlier = { message: 'Doing analyze_audio (done earlier)', step: 'analyze_audio', progress: 0.45 };
    expect(second).toContainEqual(expect.objectContaining(earlier));
    expect(second.at(-1)).toMatchObject({ metadata: { warnings: warnings.slice(0, 50) } });
    const progress = second.map((event) => event.progress);
    expect(progress).toEqual(progress.toSorted((one, other) => one - other));
  });

  test('says when the next one comes, and how long the failed party asked to wait', async () => {
    const path = await createJobPath();
    await path.startWorker();
    path.stage.fail('start', providerFailed(0.25));
    const { id } = await path.enqueue();
    await path.ended(id);
    const errors = (await path.events(id)).filter((event) => event.type === 'ErrorEvent');
    expect(errors).toMatchObject([
      {
        error: 'The speech service is away',
        code: 'PROVIDER_FAILED',
        details: { errorCode: '429' },
        willRetry: true,
        retryAfterSeconds: 0.25,
        attempt: 1,
      },
    ]);
  });

  test('waits between half a second and a second before the second attempt when nobody asked for more', async () => {
    const path = await createJobPath();
    path.stage.fail('start', new PlayheadError('PROVIDER_FAILED', 'away'));
    const other = path.stage.hold('start');
    const { id } = await path.enqueue();
    await path.enqueue();
    await path.startWorker({ concurrency: 1 });
    // From then on nobody is there for the second attempt, also once its wait is over.
    await other.entered();
    const state = await path.load(id);
    expect(state.status).toBe('RETRYING');
    const seconds = state.error?.retryAfterSeconds ?? 0;
    expect(seconds).toBeGreaterThanOrEqual(0.5);
    expect(seconds).toBeLessThanOrEqual(1);
    const entry = await path.bull.getJob(id);
    expect(entry?.delay).toBe(seconds * 1000);
    await path.commands.cancel(path.projectId, id);
  });

  test('for the last time fails the job: one ending, with the last error (G3)', async () => {
    const path = await createJobPath();
    await path.startWorker();
    for (const _ of range(1, 3)) path.stage.fail('start', providerFailed());
    const { id } = await path.enqueue({ maxAttempts: 3 });
    expect(await path.ended(id)).toMatchObject({
      status: 'FAILED',
      attempt: 3,
      error: { code: 'PROVIDER_FAILED' },
    });
    const errors = (await path.events(id)).filter((event) => event.type === 'ErrorEvent');
    expect(
      errors.map(({ attempt, retryAfterSeconds, willRetry }) => [attempt, willRetry, retryAfterSeconds]),
    ).toEqual([
      [1, true, 0.01],
      [2, true, 0.01],
      [3, false, null],
    ]);
    expect(path.stage.calls).toEqual(['start#1', 'start#2', 'start#3']);
  });

  test('is not followed by another when trying again cannot help', async () => {
    const path = await createJobPath();
    await path.startWorker();
    path.stage.fail('load_media', new PlayheadError('INVALID_INPUT', 'Line 3 cannot be spoken'));
    const { id } = await path.enqueue({ maxAttempts: 5 });
    expect(await path.ended(id)).toMatchObject({
      status: 'FAILED',
      attempt: 1,
      error: { code: 'INVALID_INPUT' },
    });
    expect(await path.endings(id)).toHaveLength(1);
    expect((await path.load(id)).steps['load_media']?.status).toBe('FAILED');
  });

  test('by an unexpected error tells the client nothing but INTERNAL', async () => {
    const path = await createJobPath();
    await path.startWorker();
    path.stage.fail('load_media', new Error('password is swordfish at /home/secret'));
    const { id } = await path.enqueue({ maxAttempts: 1 });
    expect(await path.ended(id)).toMatchObject({
      status: 'FAILED',
      error: {
        code: 'INTERNAL',
        message: 'An unexpected error in the worker; its log has the details',
        details: null,
      },
    });
    expect(JSON.stringify([await path.events(id), await path.load(id)])).not.toMatch(/swordfish|secret/);
    expect(await path.redis.exists(path.keys.project(path.projectId).lines(id))).toBe(0);
  });

  test('by an unexpected error tells what it is, and where, where errors are shown; without secrets', async () => {
    const path = await createJobPath();
    await path.startWorker({ showsErrors: true });
    path.stage.fail('load_media', new TypeError('no answer from https://me:swordfish@example.org/'));
    const { id } = await path.enqueue({ maxAttempts: 1 });
    expect(await path.ended(id)).toMatchObject({
      error: {
        code: 'INTERNAL',
        message: 'TypeError: no answer from https://me:[secret]@example.org/',
      },
    });
    const lines = new JobLines(path.redis, path.keys);
    const [line] = await lines.read({ projectId: path.projectId, jobId: id, after: null, limit: 10 });
    expect(line).toMatchObject({ level: 'error', step: 'load_media', attempt: 1 });
    expect(line?.text).toMatch(
      /^TypeError: no answer from https:\/\/me:\[secret\]@.*\n +at .*runner\.test\.ts/,
    );
  });

  test('by an error that is ours keeps no stack, also where errors are shown', async () => {
    const path = await createJobPath();
    await path.startWorker({ showsErrors: true });
    path.stage.fail('load_media', new PlayheadError('INVALID_INPUT', 'The script is empty'));
    const { id } = await path.enqueue({ maxAttempts: 1 });
    expect(await path.ended(id)).toMatchObject({
      error: { code: 'INVALID_INPUT', message: 'The script is empty' },
    });
    const lines = new JobLines(path.redis, path.keys);
    expect(await lines.read({ projectId: path.projectId, jobId: id, after: null, limit: 10 })).toEqual([]);
  });

  test('by something thrown that is no error tells what it is, and keeps no line of it', async () => {
    const path = await createJobPath();
    await path.startWorker({ showsErrors: true });
    path.stage.plan('load_media', () => Promise.reject('no answer' as unknown as Error));
    const { id } = await path.enqueue({ maxAttempts: 1 });
    expect(await path.ended(id)).toMatchObject({ error: { code: 'INTERNAL', message: 'no answer' } });
    const lines = new JobLines(path.redis, path.keys);
    expect(await lines.read({ projectId: path.projectId, jobId: id, after: null, limit: 10 })).toEqual([]);
  });
});

test('the log of a worker says what has become of each attempt, and why', async () => {
  const path = await createJobPath();
  const logger = keepLog();
  const { runner } = await path.startWorker({ logger });
  const cause = new Error('out of memory');
  path.stage.fail('start', providerFailed());
  path.stage.fail('load_media', cause);
  const { id: jobId } = await path.enqueue({ maxAttempts: 2 });
  await path.ended(jobId);
  const held = path.stage.hold('start');
  const { id: cancelled } = await path.enqueue();
  await held.entered();
  await path.commands.cancel(path.projectId, cancelled);
  await until(() => runner.running.length === 0);
  path.files.closeJob = () => Promise.reject(cause);
  const { id: done } = await path.enqueue();
  await path.ended(done);
  await until(() => runner.running.length === 0);
  const { projectId } = path;
  const of = (id: string, attempt = 1) => ({ projectId, jobId: id, attempt });
  expect(logger.lines).toEqual([
    { level: 'info', text: 'attempt started', ...of(jobId) },
    { level: 'warn', text: 'attempt failed', ...of(jobId), code: 'PROVIDER_FAILED', err: providerFailed() },
    { level: 'info', text: 'attempt started', ...of(jobId, 2) },
    { level: 'warn', text: 'attempt failed', ...of(jobId, 2), code: 'INTERNAL', err: cause },
    { level: 'info', text: 'attempt started', ...of(cancelled) },
    { level: 'info', text: 'attempt stopped', ...of(cancelled), reason: 'ended' },
    { level: 'info', text: 'attempt started', ...of(done) },
    { level: 'warn', text: 'removing unfinished files failed', ...of(done), err: cause },
    { level: 'info', text: 'job completed', ...of(done) },
  ]);
});

describe('an attempt that loses its job (G4)', () => {
  test('with its lock is aborted, another goes on from the last finished step, and the job ends once', async () => {
    const path = await createJobPath();
    const options = { leaseMs: 30_000, renewMs: 100, lossCheckMs: 50 };
    const first = await path.startWorker(options);
    const held = path.stage.hold('analyze_audio');
    const { id } = await path.enqueue();
    const { step, run } = await held.entered();
    await path.redis.del(path.bull.toKey(`${id}:lock`));
    await until(() => step.signal.aborted);
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    await until(() => first.runner.running.length === 0);
    expect(path.stage.calls.filter((call) => call.startsWith('load_media'))).toEqual(['load_media#1']);
    expect(await path.endings(id)).toHaveLength(1);
    expect(await path.exists(run.files.scratch)).toBe(false);
  });

  test('without noticing is stopped by its first refused event, and cannot end the job', async () => {
    const path = await createJobPath();
    // Never renews its lock, so it does not learn that it lost it.
    await path.startWorker({
      leaseMs: 60,
      renewMs: 3_600_000,
      lossCheckMs: 30,
      concurrency: 1,
    });
    const held = path.stage.hold('apply_lipsync');
    const { id } = await path.enqueue();
    const { step } = await held.entered();
    const again = path.stage.hold('apply_lipsync');
    await path.startWorker({ lossCheckMs: 30, maxLosses: 3, leaseMs: 3_600_000 });
    await again.entered();
    step.update(0.9, 'from the grave');
    await until(() => step.signal.aborted);
    again.release();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    expect(await path.endings(id)).toHaveLength(1);
    expect(JSON.stringify(await path.events(id))).not.toContain('from the grave');
    await until(async () => (await path.queue.stateOf(id)) === 'missing');
  });

  test('leaves the queue entry to its successor, also while its own lock still holds', async () => {
    const path = await createJobPath();
    const hourMs = 3_600_000;
    const { runner } = await path.startWorker({
      ...{ leaseMs: hourMs, renewMs: hourMs, lossCheckMs: 50, maxLosses: 99 },
    });
    const held = path.stage.hold('load_media');
    const { id } = await path.enqueue();
    const { step } = await held.entered();
    const successor = new JobWriter(path.log, path.projectId, id);
    successor.state = await path.load(id);
    expect((await successor.begin(2)).code).toBe('OK');
    step.update(0.5, 'fenced');
    await until(() => step.signal.aborted);
    // The successor dies; the entry is still there, so its stalls bring another attempt.
    const ended = await until(async () => {
      if (runner.running.length === 0) await path.loseLock(id);
      const now = await path.load(id);
      return hasEnded(now.status) && now;
    });
    expect(ended.status).toBe('COMPLETED');
    expect(ended.attempt).toBeGreaterThan(2);
    expect(await path.endings(id)).toHaveLength(1);
  });

  test('when the same process takes the entry twice, the older attempt is stopped and the newer can be cancelled', async () => {
    const path = await createJobPath();
    const worker = await path.startWorker({
      leaseMs: 30_000,
      renewMs: 3_600_000,
      lossCheckMs: 30,
    });
    const held = path.stage.hold('start');
    const again = path.stage.hold('start');
    const { id } = await path.enqueue();
    const { step: old } = await held.entered();
    await path.redis.del(path.bull.toKey(`${id}:lock`));
    const { step: young } = await again.entered();
    await until(() => old.signal.aborted);
    await path.commands.cancel(path.projectId, id);
    await until(() => young.signal.aborted);
    await until(() => worker.runner.running.length === 0);
    expect(await path.endings(id)).toMatchObject([{ code: 'CANCELLED' }]);
  });
});

describe('a worker that shuts down', () => {
  test('hands its job back, and another goes on from the last finished step without losing a try', async () => {
    const path = await createJobPath();
    const first = await path.startWorker();
    const held = path.stage.hold('analyze_audio');
    const { id } = await path.enqueue({ maxAttempts: 1 });
    const { step, run } = await held.entered();
    await first.shutDown();
    expect(step.signal.aborted).toBe(true);
    expect(run.isGivenUp()).toBe(false);
    expect(await path.exists(run.files.scratch)).toBe(false);
    expect(await path.queue.stateOf(id)).toBe('waiting');
    expect(await path.load(id)).toMatchObject({ status: 'RUNNING' });
    expect(await path.endings(id)).toEqual([]);

    await path.startWorker();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    expect(path.stage.calls).toEqual([
      'start#1',
      'load_media#1',
      'analyze_audio#1',
      'analyze_audio#2',
      'apply_lipsync#2',
      'save_file#2',
    ]);
    const [retrying] = await progressEvents(path, id, 2);
    expect(retrying).toMatchObject({ status: 'retrying' });
    expect(await path.endings(id)).toHaveLength(1);
  });

  test('takes nothing that it is told of when it closes already, least of all what it hands back', async () => {
    const proxy = await startLossyProxy(inject('redisUrl'));
    const path = await createJobPath({ url: proxy.url });
    const held = path.stage.hold('analyze_audio');
    const { id } = await path.enqueue({ maxAttempts: 1 });
    // BullMQ wakes a worker once more after each entry that was taken.
    const waking = proxy.holdAnswersTo('bzpopmin');
    const { shutDown } = await path.startWorker();
    await held.entered();
    await until(() => waking.answered);
    const closing = shutDown();
    await until(async () => (await path.queue.stateOf(id)) === 'waiting');
    waking.release();
    await closing;
    expect(await path.queue.stateOf(id)).toBe('waiting');
    expect(await path.bull.getJob(id)).toMatchObject({ attemptsStarted: 1 });
  });

  test('hands back untouched what it had fetched when it was to stop', async () => {
    const path = await createJobPath();
    const { runner, shutDown } = await path.startWorker();
    await shutDown();
    const { id } = await path.enqueue({ maxAttempts: 1 });
    const outcomes: unknown[] = [];
    const taker = path.queue.take(
      async (entry) => {
        const outcome = await runner.carryOut(entry);
        outcomes.push(outcome);
        // Only this worker is closing: left to itself, the entry would come back here for ever.
        return outcomes.length === 1 ? { kind: 'retry', reason: 'seen', delayMs: 60_000 } : outcome;
      },
      { concurrency: 1 },
    );
    onTestFinished(() => taker.close());
    await until(() => outcomes.length > 0);
    expect(outcomes).toEqual([{ kind: 'handed-back' }]);
    expect(await path.load(id)).toMatchObject({ status: 'QUEUED', attempt: 1 });
    expect(await path.events(id)).toHaveLength(1);
  });
});

describe('a job during which Redis is away (G6)', () => {
  test('does its work meanwhile, and its newest state and its ending go out afterwards', async () => {
    const own = await OwnRedis.launch();
    const path = await createJobPath({ url: own.url });
    await path.startWorker();
    const held = path.stage.hold('load_media');
    const last = path.stage.hold('save_file');
    const { id } = await path.enqueue();
    const { step } = await held.entered();
    step.update(0.5, 'before');
    await until(async () => (await path.load(id)).message === 'before');
    await own.stop();
    step.update(0.9, 'while away');
    held.release();
    // Two more steps are done before Redis is there again.
    await last.entered();
    await own.start();
    await until(async () => (await path.load(id)).step === 'save_file');
    last.release();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
    expect(await path.endings(id)).toHaveLength(1);
    await until(async () => (await path.queue.stateOf(id)) === 'missing');
    // The worker goes on taking jobs.
    const next = await path.enqueue();
    expect((await path.ended(next.id)).status).toBe('COMPLETED');
  });
});
