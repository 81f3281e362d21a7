import { expect, test } from 'vitest';
import { addBatchToQueue, addToQueue } from '../../src/jobs/queue.ts';
import { newJob } from '../../src/progress/state.ts';
import { until } from '../setup/deadline.ts';
import { range, unique } from '../setup/harness.ts';
import { createJobPath } from '../setup/job-harness.ts';

test('one job of a project waits for about one job of another that enqueued 10,000 before it', {
  timeout: 120_000,
}, async () => {
  const path = await createJobPath();
  const many = unique('many');
  const state = (id: string, projectId: string) =>
    newJob({ id, projectId, workflow: 'LIPSYNC', taskName: 'lipsync', maxAttempts: 1, createdAt: 1 });
  for (const block of range(0, 9)) {
    const parent = { ...state(unique('batch'), many), itemCount: 1_000 };
    const items = range(1, 1_000).map((index) => state(`${many}-${block * 1_000 + index}`, many));
    await addBatchToQueue(path.queue, parent, items);
  }
  // Entries without a snapshot end at once: what counts is the order in which they are taken.
  const taken: string[] = [];
  const { worker } = await path.startWorker({ concurrency: 1 });
  worker.on('active', (entry) => taken.push(String(entry.id)));
  await until(() => taken.length > 200, { timeoutMs: 20_000 });
  const few = unique('few');
  await addToQueue(path.queue, state(few, unique('few')));
  const before = taken.length;
  await until(() => taken.includes(few), { timeoutMs: 20_000 });
  expect(taken.indexOf(few) - before).toBeLessThan(10);
  const ordered = taken.filter((id) => id.startsWith(many));
  expect(ordered).toEqual(ordered.toSorted((one, other) => numberOf(one) - numberOf(other)));
});

test('priorities begin anew when nothing waits', async () => {
  const path = await createJobPath();
  await path.enqueue();
  await path.enqueue();
  const second = await path.queue.getJobs('prioritized');
  expect(second.map(({ priority }) => priority).toSorted()).toEqual([1, 2]);
  await path.queue.drain();
  const { id } = await path.enqueue();
  expect((await path.queue.getJob(id))?.priority).toBe(1);
});

function numberOf(id: string): number {
  return Number(id.split('-').at(-1));
}
