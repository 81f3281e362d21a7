/** The job path with a workflow whose items do what the test plans, for the tests of batches. */
import { expect } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import type { StepRun } from '../../src/jobs/contract.ts';
import type { NewBatchRequest } from '../../src/jobs/enqueue.ts';
import { isReadable } from '../../src/log/damaged-job.ts';
import { itemIds, type JobState } from '../../src/progress/state.ts';
import { PATIENCE_MS, within } from './deadline.ts';
import { range } from './harness.ts';
import { createJobPath, type JobPath, type JobPathOptions, progressEvents, RESULT } from './job-harness.ts';

/** An item that waits for the test. */
export interface HeldItem {
  entered(): Promise<StepRun>;
  release(): void;
  fail(error: Error): void;
}

export interface BatchPath extends JobPath {
  /** Items that ran, as `index#attempt`. */
  readonly ran: string[];
  /** Makes the item's next attempt wait. */
  hold(index: number): HeldItem;
  /** Makes the item's next attempt fail. */
  fail(index: number, error?: Error): void;
  enqueueBatch(count: number, request?: Partial<NewBatchRequest>): Promise<JobState>;
  items(batch: JobState): Promise<readonly JobState[]>;
  statuses(batch: JobState): Promise<readonly string[]>;
}

type Work = (step: StepRun) => Promise<null>;

/** The job path with a workflow of one step, whose items do what the test plans; otherwise they succeed immediately. */
export async function createBatchPath(options?: JobPathOptions): Promise<BatchPath> {
  const path = await createJobPath(options);
  const plans = new Map<string, Work[]>();
  const ran: string[] = [];
  const plan = (index: number, work: Work): void => {
    plans.set(`item ${index}`, [...(plans.get(`item ${index}`) ?? []), work]);
  };
  const run: typeof path.stage.workflow.run = async (attempt) => {
    const { script } = attempt.input as { script: string };
    await attempt.step('analyze_audio', `Doing ${script}`, (step) => {
      ran.push(`${script.replace('item ', '')}#${attempt.attempt}`);
      return plans.get(script)?.shift()?.(step) ?? Promise.resolve(null);
    });
    return RESULT;
  };
  Object.assign(path.stage.workflow, { run });
  const items = async (batch: JobState): Promise<readonly JobState[]> => {
    const ids = itemIds(batch).map((jobId) => ({ projectId: batch.projectId, jobId }));
    return (await path.jobs.loadMany(ids)).filter(isReadable);
  };
  return {
    ...path,
    ran,
    fail: (index, error = new PlayheadError('INVALID_INPUT', `Item ${index} is broken`)) =>
      plan(index, () => Promise.reject(error)),
    hold: (index) => {
      const entered = Promise.withResolvers<StepRun>();
      const answer = Promise.withResolvers<null>();
      answer.promise.catch(() => {});
      plan(index, (step) => {
        entered.resolve(step);
        step.signal.addEventListener('abort', () => answer.reject(step.signal.reason as Error));
        return answer.promise;
      });
      return {
        entered: () => within(entered.promise, PATIENCE_MS, `item ${index}`),
        release: () => answer.resolve(null),
        fail: (error) => answer.reject(error),
      };
    },
    enqueueBatch: (count, request = {}) =>
      path.commands.enqueueBatch({
        workflow: 'LIPSYNC',
        field: 'input',
        projectId: path.projectId,
        items: range(0, count - 1).map((index) => ({ script: `item ${index}` })),
        ...request,
      }),
    items,
    statuses: async (batch) => (await items(batch)).map(({ status }) => status),
  };
}

/** Expects that the batch's own progress never decreases within an attempt (G5). */
export async function expectMonotonic(path: JobPath, batch: JobState, attempt = 1): Promise<void> {
  const progress = (await progressEvents(path, batch.id, attempt)).map((event) => event.progress);
  expect(progress).toEqual(progress.toSorted((one, other) => one - other));
}

/** Expects that each run of each job has one last event, including the latest run (G3). */
export async function expectOneEndingPerRun(path: JobPath, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const endings = (await path.endings(id)).map(({ attempt }) => attempt);
    expect(endings).toEqual([...new Set(endings)]);
    expect(endings.at(-1)).toBe((await path.load(id)).attempt);
  }
}
