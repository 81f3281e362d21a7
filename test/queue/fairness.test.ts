import { EventEmitter } from 'node:events';
import type { Worker } from 'bullmq';
import { expect, onTestFinished, test } from 'vitest';
import { newJob } from '../../src/progress/state.ts';
import { fairnessKey, followStarts } from '../../src/queue/bullmq-fairness.ts';
import { until } from '../setup/deadline.ts';
import { range, unique } from '../setup/harness.ts';
import { createJobPath, type JobPath } from '../setup/job-harness.ts';
import { tableOf } from '../setup/workflows.ts';

test('one job of a project waits for about one job of another that enqueued 10,000 before it', async () => {
  const path = await createJobPath();
  const many = unique('many');
  const state = (id: string, projectId: string) =>
    newJob({
      ...{ id, projectId, workflow: 'LIPSYNC', taskName: 'lipsync', maxAttempts: 1, createdAt: 1 },
      table: tableOf('LIPSYNC'),
    });
  for (const block of range(0, 9)) {
    const parent = { ...state(unique('batch'), many), itemCount: 1_000 };
    const items = range(1, 1_000).map((index) => state(`${many}-${block * 1_000 + index}`, many));
    await path.queue.addBatch(parent, items);
  }
  const taken: string[] = [];
  const taker = path.queue.take(
    async ({ id }) => {
      taken.push(id);
      return { kind: 'done' };
    },
    { concurrency: 1 },
  );
  onTestFinished(() => taker.close());
  await until(() => taken.length > 200);
  const few = unique('few');
  await path.queue.add(state(few, unique('few')));
  const before = taken.length;
  await until(() => taken.includes(few));
  expect(taken.indexOf(few) - before).toBeLessThan(10);
  const ordered = taken.filter((id) => id.startsWith(many));
  expect(ordered).toEqual(ordered.toSorted((one, other) => numberOf(one) - numberOf(other)));
});

test('a burst of one project on an idle queue, before any of it is in the queue, holds up no other project', async () => {
  const path = await createJobPath();
  await Promise.all(range(1, 200).map(() => path.enqueue()));
  const { id } = await path.enqueue({ projectId: unique('few') });
  const order = await idsInOrder(path);
  expect(order).toHaveLength(201);
  expect(order.indexOf(id)).toBeLessThan(3);
});

test('priorities begin anew when all that waited has been taken', async () => {
  const path = await createJobPath();
  const jobs = [await path.enqueue(), await path.enqueue()];
  expect((await path.bull.getPrioritized()).map(({ priority }) => priority)).toEqual([1, 2]);
  await path.startWorker();
  for (const { id } of jobs) await path.ended(id);
  await until(async () => (await path.redis.hget(fairnessKey(path.bull), 'now')) === '2');
  const held = path.stage.hold('start');
  const { id } = await path.enqueue();
  await held.entered();
  expect((await path.bull.getJob(id))?.priority).toBe(1);
  held.release();
});

test('a project whose waiting jobs were all cancelled is not held back for them', async () => {
  const path = await createJobPath();
  for (const { id } of await Promise.all(range(1, 50).map(() => path.enqueue()))) {
    await path.commands.cancel(path.projectId, id);
  }
  // As after some seconds.
  await path.redis.hset(fairnessKey(path.bull), 'at', 1);
  const { id } = await path.enqueue();
  expect((await path.bull.getJob(id))?.priority).toBe(1);
});

test('a start from before everything began anew does not move the new time', async () => {
  const path = await createJobPath();
  const workers = new EventEmitter();
  followStarts(workers as unknown as Pick<Worker, 'on'>, path.redis, fairnessKey(path.bull), () => {});
  await path.enqueue();
  workers.emit('active', { priority: 500 });
  await until(async () => {
    workers.emit('active', { priority: 1 });
    return (await path.redis.hget(fairnessKey(path.bull), 'now')) === '1';
  });
});

async function idsInOrder({ queue }: JobPath): Promise<readonly string[]> {
  return (await queue.list(1_000)).waiting.map(({ jobId }) => jobId);
}

function numberOf(id: string): number {
  return Number(id.split('-').at(-1));
}

test('those of one project keep their order while its first ones wait for a worker that has their workflow', async () => {
  const path = await createJobPath();
  const project = unique('project');
  const taker = path.queue.take(async () => ({ kind: 'left-to-others', workflow: 'LIPSYNC' }), {
    concurrency: 1,
    workflows: ['AUDIO'],
  });
  onTestFinished(() => taker.close());
  const ids: string[] = [];
  for (const count of range(1, 3)) {
    ids.push((await path.enqueue({ projectId: project })).id);
    await until(async () => (await path.queue.counts()).get('parked') === count);
  }
  await taker.close();
  // Each was taken, so nothing but what is parked says that the order must go on.
  await until(async () => (await path.redis.hget(fairnessKey(path.bull), 'now')) === '3');
  ids.push((await path.enqueue({ projectId: project })).id);
  expect((await path.queue.list(10)).waiting.map(({ jobId }) => jobId)).toEqual(ids);
});
