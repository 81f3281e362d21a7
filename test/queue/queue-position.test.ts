import { expect, test } from 'vitest';
import { newJob } from '../../src/progress/state.ts';
import { until } from '../setup/deadline.ts';
import { range, unique } from '../setup/harness.ts';
import { createJobPath } from '../setup/job-harness.ts';
import { tableOf } from '../setup/workflows.ts';

const state = (id: string, projectId: string) =>
  newJob({
    ...{ id, projectId, workflow: 'LIPSYNC', taskName: 'lipsync', maxAttempts: 1, createdAt: 1 },
    table: tableOf('LIPSYNC'),
  });

test('positions are the order in which a worker takes the jobs of several projects', async () => {
  const path = await createJobPath();
  const taken: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    path.stage.plan('start', async (_step, run) => {
      taken.push(run.jobId);
      return null;
    });
  }
  const jobs = [];
  for (let count = 0; count < 4; count += 1) jobs.push(await path.enqueue());
  const late = await path.enqueue({ projectId: unique('other') });
  const positions = new Map<string, number | null>();
  for (const job of [...jobs, late]) positions.set(job.id, await path.queue.positionOf(job));
  expect([...positions.values()].toSorted()).toEqual([1, 2, 3, 4, 5]);
  // The other project's one job does not wait for all four.
  expect(positions.get(late.id)).toBeLessThan(4);

  await path.startWorker({ concurrency: 1 });
  await until(() => taken.length === 5);
  expect(taken.map((id) => positions.get(id))).toEqual([1, 2, 3, 4, 5]);
});

test('only a job that waits has a position', async () => {
  const path = await createJobPath();
  const project = unique('project');
  const batch = { ...state(unique('batch'), project), itemCount: 2 };
  const items = range(1, 2).map(() => state(unique('item'), project));
  await path.queue.addBatch(batch, items);
  expect(await path.queue.positionOf(batch)).toBeNull();
  expect(await Promise.all(items.map((item) => path.queue.positionOf(item)))).toEqual([1, 2]);
  const [first] = items;
  if (first === undefined) throw new Error('expected an item');
  expect(await path.queue.positionOf({ ...first, status: 'RUNNING' })).toBeNull();
  // Its entry is still on its way.
  expect(await path.queue.positionOf(state(unique('absent'), project))).toBeNull();
});
