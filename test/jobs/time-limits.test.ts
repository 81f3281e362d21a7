/** Attempts and steps that take longer than they may. */
import { describe, expect, test } from 'vitest';
import { locateFfmpeg, runFfmpeg } from '../../media/ffmpeg.ts';
import { type RunnableWorkflow, Stopped } from '../../src/jobs/attempt.ts';
import { telling } from '../media/telling-guard.ts';
import { until, within } from '../setup/deadline.ts';
import { createJobPath, RESULT } from '../setup/job-harness.ts';
import { keepLog } from '../setup/kept-log.ts';

/** Walks no step, so that no step's limit ends it. */
function heldWorkflow() {
  const entered = Promise.withResolvers<void>();
  const released = Promise.withResolvers<typeof RESULT>();
  const workflow: RunnableWorkflow = {
    run: ({ signal }) => {
      entered.resolve();
      signal.addEventListener('abort', () => released.reject(signal.reason as Error));
      return released.promise;
    },
  };
  return {
    workflow,
    entered: () => within(entered.promise),
    release: () => released.resolve(RESULT),
  };
}

describe('an attempt that fails', () => {
  test('by its time limit is TIMED_OUT, and its work is aborted', async () => {
    const path = await createJobPath();
    const logger = keepLog();
    await path.startWorker({ jobTimeoutMs: 500, logger });
    const held = path.stage.hold('start');
    const { id } = await path.enqueue({ maxAttempts: 1 });
    const { step, run } = await held.entered();
    expect(await path.ended(id)).toMatchObject({
      status: 'FAILED',
      error: {
        code: 'TIMED_OUT',
        message: 'The job took longer than its limit of 0.5 s (PLAYHEAD_JOB_TIMEOUT_MINUTES)',
        details: { step: 'start', limitSeconds: 0.5 },
      },
    });
    expect(step.signal.aborted).toBe(true);
    await until(async () => !(await path.exists(run.files.scratch)));
    expect(logger.lines).toContainEqual({
      ...{ level: 'warn', text: 'attempt failed', projectId: path.projectId, jobId: id, attempt: 1 },
      ...{ code: 'TIMED_OUT', err: new Stopped('timeout') },
    });
    expect(step.signal.reason).toMatchObject({ name: 'Stopped', message: 'stopped: timeout' });
  });

  test('by its time limit has no result, also where its workflow goes on to return one', async () => {
    const path = await createJobPath();
    const goesOn: RunnableWorkflow = {
      run: async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return RESULT;
      },
    };
    await path.startWorker({ jobTimeoutMs: 1, runnables: { LIPSYNC: goesOn } });
    const { id } = await path.enqueue({ maxAttempts: 1 });
    expect(await path.ended(id)).toMatchObject({
      ...{ status: 'FAILED', result: null },
      error: { code: 'TIMED_OUT', details: { step: null } },
    });
  });

  test('by the time limit of a step is TIMED_OUT with its name, and is followed by another', async () => {
    const path = await createJobPath();
    const held = path.stage.hold('load_media');
    const { id } = await path.enqueue({ maxAttempts: 2 });
    await path.enqueue({ workflow: 'WRITER', input: { brief: 'It rains.' } });
    const other = heldWorkflow();
    const runnables = { LIPSYNC: path.stage.workflow, WRITER: other.workflow };
    await path.startWorker({ stepTimeoutMs: 300, concurrency: 1, runnables });
    const { step } = await held.entered();
    // While the only worker is busy with it, the first job waits for its second attempt.
    await other.entered();
    const state = await path.load(id);
    expect(state.status).toBe('RETRYING');
    expect(state).toMatchObject({
      error: { code: 'TIMED_OUT', details: { step: 'load_media', limitSeconds: 0.3 } },
      steps: { start: { status: 'COMPLETED' }, load_media: { status: 'FAILED' } },
    });
    expect(state.error?.message).toBe(
      'The step load_media took longer than its limit of 0.3 s (PLAYHEAD_STEP_TIMEOUT_MINUTES)',
    );
    expect(step.signal.aborted).toBe(true);
    other.release();
    expect(await path.ended(id)).toMatchObject({ status: 'COMPLETED', attempt: 2 });
    const errors = (await path.events(id)).filter((event) => event.type === 'ErrorEvent');
    expect(errors).toMatchObject([{ code: 'TIMED_OUT', willRetry: true, attempt: 1 }]);
  });

  test('by its time limit names no step, also where the step that it stops outlasts its own limit too', async () => {
    const path = await createJobPath();
    const limitMs = 200;
    await path.startWorker({ jobTimeoutMs: limitMs, stepTimeoutMs: limitMs });
    // Timers of one length fire in the order in which they were set: the job's, the step's, and this one.
    path.stage.plan('start', () => new Promise((resolve) => setTimeout(resolve, limitMs, {})));
    const { id } = await path.enqueue({ maxAttempts: 1 });
    expect((await path.ended(id)).error).toMatchObject({
      code: 'TIMED_OUT',
      message: 'The job took longer than its limit of 0.2 s (PLAYHEAD_JOB_TIMEOUT_MINUTES)',
      details: { step: 'start', limitSeconds: 0.2 },
    });
  });

  test('by a rendering that does not end is TIMED_OUT, and ffmpeg is dead', async () => {
    const path = await createJobPath();
    await path.startWorker({ stepTimeoutMs: 1_500 });
    const tools = await locateFfmpeg({});
    const pids: (number | null)[] = [];
    path.stage.plan('apply_lipsync', async ({ signal }) => {
      const args = ['-re', '-f', 'lavfi', '-i', 'testsrc2', '-f', 'null', '-'];
      const guard = telling(
        (id) => pids.push(id),
        () => pids.push(null),
      );
      await runFfmpeg(tools, { args, signal, guard });
      return {};
    });
    const { id } = await path.enqueue({ maxAttempts: 1 });
    expect(await path.ended(id)).toMatchObject({
      status: 'FAILED',
      error: { code: 'TIMED_OUT', details: { step: 'apply_lipsync', limitSeconds: 1.5 } },
    });
    expect((await path.events(id)).at(-1)).toMatchObject({ type: 'ErrorEvent', willRetry: false });
    const [pid] = await until(() => pids.length === 2 && pids);
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  });
});
