/** Repairs in Redis what no event can: jobs whose snapshots are lost or can't be read, and counts of batches. */
import type { Redis } from 'ioredis';
import { itemIds, JOB_STATUSES, type JobState } from '../progress/state.ts';
import { type StepTables, workflowNames } from '../progress/steps.ts';
import type { Keys } from '../redis/keys.ts';
import { PURGE_JOB, RECOUNT_ITEMS } from './scripts.ts';

interface RepairParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly workflows: StepTables;
}

/**
 * Takes a job out of every list of its project, whatever its state, and removes its snapshot and its steps' outputs and lines.
 * @param when `lost`: only if it has no snapshot; a job is listed in the step that writes its snapshot, so one that is listed
 *   without a snapshot has lost it
 * @returns whether it was listed anywhere
 */
export async function purgeJob(
  { redis, keys, workflows }: RepairParts,
  { projectId, jobId }: { readonly projectId: string; readonly jobId: string },
  when: 'lost' | 'any',
): Promise<boolean> {
  const { job, outputs, lines, batch, active, latest, jobs, items, index, itemIndex } =
    keys.project(projectId);
  const indexes = workflowNames(workflows).flatMap((workflow) =>
    JOB_STATUSES.flatMap((status) => [index(workflow, status), itemIndex(workflow, status)]),
  );
  const lists = await PURGE_JOB.run<number>(
    redis,
    {
      ...{ jobKey: job(jobId), outputsKey: outputs(jobId), linesKey: lines(jobId) },
      ...{ batchKey: batch(jobId), activeKey: active },
    },
    { jobId, when },
    [],
    [latest, jobs, items, ...indexes],
  );
  return lists > 0;
}

/** append.lua's DONE. */
const DONE = 1_000_000;

/**
 * Sets a batch's counts from the items that exist: one that was lost no longer counts as what it was.
 * @param when `wrong`: only if they do not add up to its items, which is cheap to see
 */
export async function recountItems(
  { redis, keys }: RepairParts,
  { id, projectId, itemCount }: Pick<JobState, 'id' | 'projectId' | 'itemCount'>,
  when: 'wrong' | 'any',
): Promise<void> {
  const { batch, job } = keys.project(projectId);
  const items = itemIds({ id, itemCount }).map(job);
  await RECOUNT_ITEMS.run(redis, { batchKey: batch(id) }, { when, done: DONE }, JOB_STATUSES, items);
}
