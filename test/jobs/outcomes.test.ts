/** What the queue is told of an entry that was carried out, and what traces and figures tell of its attempt. */
import { expect, onTestFinished, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { METERS } from '../../src/core/meters.ts';
import { type Attributes, installTracing, type Span } from '../../src/core/tracing.ts';
import type { RunnableWorkflow } from '../../src/jobs/attempt.ts';
import { itemId } from '../../src/progress/state.ts';
import type { EntryOutcome, TakenEntry } from '../../src/queue/job-queue.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { createBatchPath } from '../setup/batch-harness.ts';
import { until } from '../setup/deadline.ts';
import { unique } from '../setup/harness.ts';
import { interrupted } from '../setup/interrupted.ts';
import { createJobPath, type JobPath, RESULT } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';
import { STAGED_WORKFLOWS, tableOf } from '../setup/workflows.ts';

/** Too long to stand in the entry, so the job is read when the entry is taken. */
const LONG = { script: 'x'.repeat(2_000) };

/** A worker that learns nothing of cancellations, but from its own events. */
const UNTOLD = { lookIntervalMs: 3_600_000, controlKeys: createKeys(unique('nowhere')) };

/** What the workers that start from now on tell the queue, in order. */
function outcomesOf(
  path: JobPath,
  change = (entry: TakenEntry): TakenEntry => entry,
): readonly EntryOutcome[] {
  const outcomes: EntryOutcome[] = [];
  const take = path.queue.take.bind(path.queue);
  path.queue.take = (handler, options) =>
    take(async (entry) => {
      const outcome = await handler(change(entry));
      outcomes.push(outcome);
      return outcome;
    }, options);
  return outcomes;
}

function away(): PlayheadError {
  return new PlayheadError('PROVIDER_FAILED', 'The speech service is away', { retryAfterSeconds: 0.01 });
}

test('the queue is told when the next attempt comes, and why each has failed', async () => {
  const path = await createJobPath();
  const outcomes = outcomesOf(path);
  await path.startWorker();
  path.stage.fail('start', away());
  path.stage.fail('load_media', new PlayheadError('INVALID_INPUT', 'Line 3 cannot be spoken'));
  const { id } = await path.enqueue();
  await path.ended(id);
  await path.enqueue();
  await until(() => outcomes.length === 3);
  expect(outcomes).toEqual([
    { kind: 'retry', reason: 'PROVIDER_FAILED: The speech service is away', delayMs: 10 },
    { kind: 'failed', reason: 'INVALID_INPUT: Line 3 cannot be spoken' },
    { kind: 'done' },
  ]);
});

test('the queue is told that an attempt was stopped, with the reason', async () => {
  const path = await createJobPath();
  const outcomes = outcomesOf(path);
  await path.startWorker();
  const held = path.stage.hold('start');
  const { id } = await path.enqueue();
  const { step } = await held.entered();
  await path.commands.cancel(path.projectId, id);
  await until(() => outcomes.length === 1);
  expect(outcomes).toEqual([{ kind: 'failed', reason: 'stopped: ended' }]);
  expect(step.signal.reason).toMatchObject({ name: 'Stopped', message: 'stopped: ended', reason: 'ended' });
});

test.each(['completes', 'fails'])(
  'an attempt that %s when its job has ended is told so, and ends nothing',
  async (how) => {
    const path = await createJobPath();
    const outcomes = outcomesOf(path);
    const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const runnable: RunnableWorkflow = {
      run: async () => {
        begun.resolve();
        await goOn.promise;
        if (how === 'fails') throw away();
        return RESULT;
      },
    };
    await path.startWorker({ ...UNTOLD, runnables: { LIPSYNC: runnable } });
    const { id } = await path.enqueue();
    await begun.promise;
    await path.commands.cancel(path.projectId, id);
    goOn.resolve();
    await until(() => outcomes.length === 1);
    expect(outcomes).toEqual([{ kind: 'failed', reason: 'stopped: ended' }]);
    expect(await path.endings(id)).toMatchObject([{ code: 'CANCELLED' }]);
  },
);

test('an attempt that is stopped once more keeps its first reason', async () => {
  const path = await createJobPath();
  const outcomes = outcomesOf(path);
  const { shutDown } = await path.startWorker();
  const [begun, goOn] = [Promise.withResolvers<AbortSignal>(), Promise.withResolvers<null>()];
  path.stage.plan('start', (step) => {
    begun.resolve(step.signal);
    return goOn.promise;
  });
  const { id } = await path.enqueue();
  const signal = await begun.promise;
  await path.commands.cancel(path.projectId, id);
  await until(() => signal.aborted);
  const closing = shutDown();
  goOn.resolve(null);
  await closing;
  expect(outcomes).toEqual([{ kind: 'failed', reason: 'stopped: ended' }]);
});

/** A job that was cancelled and retried, with the entry of its first run left in the queue. */
async function leaveEntry(path: JobPath): Promise<void> {
  const first = await path.enqueue({ input: LONG });
  await path.commands.cancel(path.projectId, first.id);
  await path.queue.add(first);
  await path.commands.retry(path.projectId, first.id);
}

test('an entry that is left over from an earlier run is done, whether its worker knows the workflow or not', async () => {
  const path = await createJobPath();
  const outcomes = outcomesOf(path);
  await leaveEntry(path);
  const { shutDown } = await path.startWorker({ concurrency: 1 });
  await until(() => outcomes.length === 2);
  expect(outcomes).toEqual([{ kind: 'done' }, { kind: 'done' }]);
  expect(path.stage.calls).toEqual(tableOf('LIPSYNC').map(({ name }) => `${name}#2`));
  await shutDown();
  await leaveEntry(path);
  const workflows = new Map([...STAGED_WORKFLOWS].filter(([name]) => name !== 'LIPSYNC'));
  await path.startWorker({ concurrency: 1, workflows, runnables: { AUDIO: path.stage.workflow } });
  await until(() => outcomes.length === 4);
  const left = { kind: 'left-to-others', workflow: 'LIPSYNC' };
  expect(outcomes.slice(2)).toHaveLength(2);
  expect(outcomes.slice(2)).toEqual(expect.arrayContaining([left, { kind: 'done' }]));
});

test('an entry whose job has ended is done where its workflow is not run', async () => {
  const path = await createJobPath();
  const outcomes = outcomesOf(path);
  const job = await path.enqueue();
  await path.commands.cancel(path.projectId, job.id);
  await path.queue.add(job);
  await path.startWorker({ runnables: { AUDIO: path.stage.workflow } });
  await until(() => outcomes.length === 1);
  expect(outcomes).toEqual([{ kind: 'done' }]);
});

test('the entry of a batch that has ended is done', async () => {
  const path = await createBatchPath();
  const outcomes = outcomesOf(path);
  const batch = await path.enqueueBatch(1);
  await path.commands.cancel(path.projectId, batch.id);
  await path.queue.addBatch(batch, await path.items(batch));
  await path.startWorker({ concurrency: 1 });
  await until(() => outcomes.length === 2);
  expect(outcomes).toEqual([{ kind: 'failed', reason: 'stopped: ended' }, { kind: 'done' }]);
  expect(path.ran).toEqual([]);
});

test('a batch whose entry is woken before its items are done waits for them again, two seconds at most', async () => {
  const path = await createBatchPath();
  const outcomes = outcomesOf(path);
  const batch = await path.enqueueBatch(1);
  await path.queue.remove(itemId(batch.id, 0));
  await path.startWorker();
  await until(() => outcomes.length > 0);
  expect(outcomes[0]).toEqual({ kind: 'items-are-left', againMs: 2_000 });
});

test('a job that ends while its entry is taken is not begun', async () => {
  const path = await createJobPath();
  const outcomes = outcomesOf(path);
  const logger = keepLog();
  const cancel = (): Promise<unknown> => path.commands.cancel(path.projectId, id);
  const jobs = interrupted(path.jobs, 'loadForAttempt', 'after', cancel);
  const { id } = await path.enqueue({ input: LONG });
  await path.startWorker({ jobs, logger });
  await until(() => outcomes.length === 1);
  expect(outcomes).toEqual([{ kind: 'failed', reason: 'stopped: ended' }]);
  expect(logger.lines).toEqual([]);
  expect(path.stage.calls).toEqual([]);
});

test('an entry that is lost before its attempt begins is left to who has it, and no step is done', async () => {
  const path = await createJobPath();
  const outcomes = outcomesOf(path, (entry) => ({ ...entry, lost: AbortSignal.abort() }));
  await path.startWorker();
  await path.enqueue();
  await until(() => outcomes.length === 1);
  expect(outcomes).toEqual([{ kind: 'lost' }]);
  expect(path.stage.calls).toEqual([]);
});

test('an entry that is lost, whose job was retried meanwhile, fails: the present run has another', async () => {
  const path = await createJobPath();
  const lost = new AbortController();
  const outcomes = outcomesOf(path, (entry) => ({ ...entry, lost: lost.signal }));
  // Nothing else stops it.
  const { commands, projectId } = path;
  const worker = await path.startWorker({ ...UNTOLD, concurrency: 1 });
  const held = path.stage.hold('start');
  const { id, queueId } = await path.enqueue();
  await held.entered();
  await until(async () => (await path.load(id)).step === 'start');
  await commands.cancel(projectId, id);
  expect((await commands.retry(projectId, id)).queueId).not.toBe(queueId);
  lost.abort();
  await until(() => outcomes.length > 0);
  expect(outcomes[0]).toEqual({ kind: 'failed', reason: 'stopped: lost' });
  await worker.shutDown();
});

test('an entry whose job cannot be read fails with what is wrong', async () => {
  const path = await createJobPath();
  const outcomes = outcomesOf(path);
  const { id } = await path.enqueue({ input: LONG });
  await path.redis.hset(path.keys.project(path.projectId).job(id), 'attempt', 'two');
  await path.startWorker();
  await until(() => outcomes.length === 1);
  expect(outcomes).toEqual([{ kind: 'failed', reason: expect.stringMatching(/^RECORD_DAMAGED: .*attempt/) }]);
});

/** The spans that are made until the test ends. */
function keepSpans(): readonly object[] {
  const spans: object[] = [];
  installTracing({
    trace: async (name, kind, attributes, work) => {
      const told: Record<string, unknown> = { name, kind, attributes };
      spans.push(told);
      const span: Span = {
        set: (more: Attributes) => Object.assign(told, more),
        fail: (...failure) => Object.assign(told, { failure }),
      };
      return work(span);
    },
    place: () => null,
    within: (_place, work) => work(),
    ids: () => undefined,
    emit: () => {},
    line: () => {},
  });
  onTestFinished(() => installTracing(null));
  return spans;
}

test('an attempt is a span with its job, its outcome and its error, and so is each of its steps', async () => {
  const path = await createJobPath();
  await path.startWorker();
  path.stage.fail('load_media', away());
  const spans = keepSpans();
  const { id } = await path.enqueue({ maxAttempts: 1 });
  await path.ended(id);
  const ids = { 'playhead.project.id': path.projectId, 'playhead.job.id': id };
  const attributes = { ...ids, 'playhead.job.attempt': 1, 'playhead.workflow': 'LIPSYNC' };
  await until(() => spans.some((span) => 'failure' in span));
  expect(spans.filter((span) => 'kind' in span && span.kind === 'internal')).toEqual([
    {
      ...{ name: 'job lipsync', kind: 'internal', attributes, 'playhead.outcome': 'failed' },
      failure: ['PROVIDER_FAILED', 'The speech service is away'],
    },
    ...['start', 'load_media'].map((step) => ({
      ...{ name: `step ${step}`, kind: 'internal', attributes: { 'playhead.job.step': step } },
    })),
  ]);
});

test('the time of each step is measured in seconds, and how many jobs run', async () => {
  const running = async (): Promise<number> => (await METERS.runningJobs.read())[0]?.value.value ?? 0;
  const stepTimes = (name: string, outcome: string) => {
    const labels = ['LIPSYNC', name, outcome].join();
    const found = METERS.stepDuration.read().find((cell) => cell.labels.join() === labels);
    return { count: found?.value.count ?? 0, sum: found?.value.sum ?? 0 };
  };
  const path = await createJobPath();
  const { runner } = await path.startWorker();
  const before = {
    ...{ running: await running(), at: performance.now() },
    ...{ done: stepTimes('start', 'completed'), failed: stepTimes('load_media', 'failed') },
  };
  const held = path.stage.hold('load_media');
  const { id } = await path.enqueue({ maxAttempts: 1 });
  await held.entered();
  expect(await running()).toBe(before.running + 1);
  held.fail(new Error('broken'));
  await path.ended(id);
  await until(() => runner.running.length === 0);
  expect(await running()).toBe(before.running);
  expect(stepTimes('start', 'completed').count).toBe(before.done.count + 1);
  const failed = stepTimes('load_media', 'failed');
  expect(failed.count).toBe(before.failed.count + 1);
  const seconds = failed.sum - before.failed.sum;
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan((performance.now() - before.at) / 1_000);
});
