/** What a workflow may not do with its steps. */
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/core/json.ts';
import type { RunnableWorkflow } from '../../src/jobs/attempt.ts';
import type { WorkflowRun } from '../../src/jobs/contract.ts';
import { createJobPath, RESULT } from '../setup/job-harness.ts';

describe('steps are walked in their order, each once', () => {
  const walk = (steps: (run: WorkflowRun<Json>) => Promise<unknown>): RunnableWorkflow => ({
    run: async (run) => {
      await steps(run);
      return RESULT;
    },
  });
  const nothing = async (): Promise<null> => null;
  const inTurn =
    (...names: readonly string[]) =>
    async (run: WorkflowRun<Json>): Promise<void> => {
      for (const name of names) await run.step(name, 'Doing it', nothing);
    };

  test.each([
    ['twice', inTurn('start', 'start'), /expected one of load_media, .* after start, received start/],
    [
      'back',
      inTurn('load_media', 'start'),
      /expected one of analyze_audio, .* after load_media, received start/,
    ],
    [
      'one that there is not, at first',
      inTurn('nowhere'),
      /expected one of start, load_media, .* first, received nowhere/,
    ],
    [
      'one that there is not, between the others',
      inTurn('start', 'nowhere'),
      /expected one of load_media, .* after start, received nowhere/,
    ],
    [
      'one behind the last',
      inTurn('save_file', 'start'),
      /expected no step after save_file, received start; steps are walked in their order, each once$/,
    ],
    [
      'at the same time',
      (run: WorkflowRun<Json>) =>
        Promise.all([run.step('start', 'one', nothing), run.step('load_media', 'two', nothing)]),
      /expected the end of start before the next step, received load_media/,
    ],
  ])('not %s', async (_how, steps, message) => {
    const path = await createJobPath({ runnables: { LIPSYNC: walk(steps) } });
    await path.startWorker();
    const { id } = await path.enqueue({ maxAttempts: 1 });
    expect((await path.ended(id)).error).toMatchObject({
      code: 'INTERNAL',
      message: expect.stringMatching(message) as string,
    });
  });
});
