/** What every engine of the queue does (src/queue/job-queue.ts), shown on each. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { itemIds, type JobState, newJob, requeuedJob } from '../../src/progress/state.ts';
import { openBullMQQueue } from '../../src/queue/bullmq-queue.ts';
import type {
  EntryHandler,
  EntryOutcome,
  JobQueue,
  TakenEntry,
  TakeOptions,
} from '../../src/queue/job-queue.ts';
import { until } from '../setup/deadline.ts';
import { connect, createEventPath, range, unique } from '../setup/harness.ts';

/** Makes a queue of the test's own, and another look at the same, as another process has it. */
type Engine = () => Promise<{ readonly queue: JobQueue; readonly elsewhere: JobQueue }>;

const ENGINES: Readonly<Record<string, Engine>> = {
  BullMQ: async () => {
    const { keys } = createEventPath();
    const open = async (): Promise<JobQueue> => {
      const queue = await openBullMQQueue({ connection: connect(), keys, logger: silentLogger });
      onTestFinished(() => queue.close());
      return queue;
    };
    return { queue: await open(), elsewhere: await open() };
  },
};

function jobOf(projectId: string, fields: Partial<JobState> = {}): JobState {
  const id = unique('job');
  const job = newJob({
    id,
    projectId,
    workflow: 'LIPSYNC',
    taskName: 'lipsync',
    table: [],
    maxAttempts: 3,
    createdAt: 1,
  });
  return { ...job, ...fields };
}

function batchOf(projectId: string, count: number): { batch: JobState; items: readonly JobState[] } {
  const batch = { ...jobOf(projectId), itemCount: count, taskName: 'batch_lipsync', maxAttempts: 1 };
  const items = itemIds(batch).map((id) => jobOf(projectId, { id, queueId: id, parentId: batch.id }));
  return { batch, items };
}

interface Taking {
  readonly taken: readonly TakenEntry[];
  close(): Promise<void>;
}

/** Takes entries until the test is over. */
async function take(
  queue: JobQueue,
  handler: EntryHandler,
  options: Partial<TakeOptions> = {},
): Promise<Taking> {
  const taken: TakenEntry[] = [];
  const taker = queue.take(
    (entry) => {
      taken.push(entry);
      return handler(entry);
    },
    { concurrency: 1, ...options },
  );
  onTestFinished(() => taker.close());
  await taker.ready();
  return { taken, close: () => taker.close() };
}

const finish: EntryHandler = async () => ({ kind: 'done' });

/** Takes entries and does nothing about them until `end`, or until the test is over. */
async function hold(
  queue: JobQueue,
  options?: Partial<TakeOptions>,
): Promise<Taking & { readonly end: (outcome: EntryOutcome) => void }> {
  const { promise, resolve: end } = Promise.withResolvers<EntryOutcome>();
  const taking = await take(queue, () => promise, options);
  // Before the taker is closed, which waits for what it has.
  onTestFinished(() => end({ kind: 'done' }));
  return { ...taking, end };
}

describe.each(Object.entries(ENGINES))('the queue on %s', (_name, open) => {
  test('gives an entry to one worker, once, and forgets it when it is done', async () => {
    const { queue, elsewhere } = await open();
    const job = jobOf(unique('project'));
    await queue.add(job);
    await queue.add(job);
    expect(await elsewhere.stateOf(job.queueId)).toBe('waiting');
    const [here, there] = [await take(queue, finish), await take(elsewhere, finish)];
    await until(async () => (await queue.stateOf(job.queueId)) === 'missing');
    const { projectId, id: jobId, queueId: id } = job;
    expect([...here.taken, ...there.taken]).toMatchObject([
      { id, projectId, jobId, attempt: 1, retriesLeft: 2 },
    ]);
  });

  test('tells what a first attempt begins with, where that is small', async () => {
    const { queue } = await open();
    const small = jobOf(unique('project'), { size: { characters: 3 } });
    const large = jobOf(small.projectId);
    const again = requeuedJob(jobOf(small.projectId));
    await queue.add(small, { input: '{"script":"abc"}' });
    await queue.add(large, { input: JSON.stringify({ script: 'x'.repeat(100_000) }) });
    await queue.add(again);
    const { taken } = await take(queue, finish);
    await until(() => taken.length === 3);
    const basisOf = ({ id }: JobState): unknown => taken.find(({ jobId }) => jobId === id)?.basis;
    expect(basisOf(small)).toEqual({ state: small, input: { script: 'abc' }, outputs: {} });
    expect(basisOf(large)).toBeNull();
    expect(basisOf(again)).toBeNull();
  });

  test('counts attempts over all runs, also when the entry of one under way was lost and is added anew', async () => {
    const { queue } = await open();
    const ended = jobOf(unique('project'), { attempt: 2, status: 'FAILED' });
    const running = jobOf(ended.projectId, { attempt: 2, status: 'RUNNING' });
    await queue.add(requeuedJob(ended));
    await queue.add(running);
    const { taken } = await take(queue, finish);
    await until(() => taken.length === 2);
    const found = (id: string): unknown => taken.find(({ jobId }) => jobId === id);
    expect(found(ended.id)).toMatchObject({ id: `${ended.id}-2`, attempt: 3, retriesLeft: 2 });
    expect(found(running.id)).toMatchObject({ attempt: 3, retriesLeft: 0 });
  });

  test('gives a failed attempt’s entry out again after its wait, until no attempt is left', async () => {
    const { queue } = await open();
    const job = jobOf(unique('project'), { maxAttempts: 2 });
    await queue.add(job);
    const { taken } = await take(queue, async () => ({
      kind: 'retry',
      reason: 'AWAY: it is away',
      delayMs: 5,
    }));
    await until(async () => (await queue.stateOf(job.queueId)) === 'failed');
    expect(taken).toMatchObject([
      { attempt: 1, retriesLeft: 1 },
      { attempt: 2, retriesLeft: 0 },
    ]);
    expect(await queue.failureOf(job.queueId)).toBe('AWAY: it is away');
  });

  test('ends the wait of a delayed entry when it is asked to', async () => {
    const { queue } = await open();
    const job = jobOf(unique('project'));
    await queue.add(job);
    expect(await queue.delayedUntil(job.queueId)).toBeNull();
    const before = Date.now();
    const { taken } = await take(queue, async ({ attempt }) =>
      attempt === 1 ? { kind: 'retry', reason: 'away', delayMs: 3_600_000 } : { kind: 'done' },
    );
    await until(async () => (await queue.stateOf(job.queueId)) === 'delayed');
    const waitMs = Number(await queue.delayedUntil(job.queueId)) - before;
    expect(waitMs).toBeGreaterThanOrEqual(3_600_000);
    expect(waitMs).toBeLessThan(2 * 3_600_000);
    await queue.endDelay(job.queueId);
    await until(() => taken.length === 2);
    // Of one that is gone, nothing is left to end.
    await until(async () => (await queue.stateOf(job.queueId)) === 'missing');
    await queue.endDelay(job.queueId);
  });

  test('takes no further attempt of an entry that has failed for good, nor loses one whose handler rejects', async () => {
    const { queue } = await open();
    // As many attempts as the test may take to see it wait for one.
    const broken = jobOf(unique('project'), { maxAttempts: 1_000 });
    const hopeless = jobOf(unique('project'));
    await queue.add(hopeless);
    await queue.add(broken);
    await take(queue, async ({ jobId }) => {
      if (jobId === broken.id) throw new Error('a fault of ours');
      return { kind: 'failed', reason: 'BAD: never' };
    });
    await until(async () => (await queue.stateOf(hopeless.queueId)) === 'failed');
    await until(async () => (await queue.stateOf(broken.queueId)) === 'delayed');
    expect(await queue.failureOf(hopeless.queueId)).toBe('BAD: never');
  });

  test('gives what a closing worker hands back to another, and counts no attempt', async () => {
    const { queue, elsewhere } = await open();
    const job = jobOf(unique('project'), { maxAttempts: 1 });
    await queue.add(job);
    const first = await hold(queue);
    await until(async () => (await queue.stateOf(job.queueId)) === 'active');
    const closed = first.close();
    first.end({ kind: 'handed-back' });
    await closed;
    expect(await queue.stateOf(job.queueId)).toBe('waiting');
    const { taken } = await take(elsewhere, finish);
    await until(async () => (await queue.stateOf(job.queueId)) === 'missing');
    expect(taken).toMatchObject([{ retriesLeft: 0 }]);
  });

  test('keeps a batch’s entry back until those of its items are through, whatever has become of them', async () => {
    const { queue } = await open();
    const { batch, items } = batchOf(unique('project'), 3);
    await queue.addBatch(batch, items);
    await queue.addBatch(batch, items);
    expect(await queue.stateOf(batch.queueId)).toBe('waiting-for-items');
    const { taken } = await take(queue, async ({ jobId }) =>
      jobId === items[1]?.id ? { kind: 'failed', reason: 'no' } : { kind: 'done' },
    );
    await until(async () => (await queue.stateOf(batch.queueId)) === 'missing');
    expect(taken.map(({ jobId }) => jobId)).toEqual([...items.map(({ id }) => id), batch.id]);
  });

  test('lets a batch’s entry that was woken early wait for the items that were added since', async () => {
    const { queue } = await open();
    const { batch, items } = batchOf(unique('project'), 2);
    const [first, second] = items as [JobState, JobState];
    await queue.addBatch(batch, [first]);
    let wakings = 0;
    const { taken } = await take(queue, async ({ jobId }) => {
      if (jobId === batch.id) wakings += 1;
      if (jobId !== batch.id || wakings > 1) return { kind: 'done' };
      await queue.add(second, { batch });
      return { kind: 'items-are-left', againMs: 3_600_000 };
    });
    await until(async () => (await queue.stateOf(batch.queueId)) === 'missing');
    expect(taken.map(({ jobId }) => jobId)).toEqual([first.id, batch.id, second.id, batch.id]);
  });

  test('looks at a batch’s entry again after a while when it waits for no item', async () => {
    const { queue } = await open();
    const { batch, items } = batchOf(unique('project'), 1);
    await queue.addBatch(batch, items);
    let wakings = 0;
    const { taken } = await take(queue, async ({ jobId }) => {
      if (jobId === batch.id) wakings += 1;
      return jobId === batch.id && wakings === 1 ? { kind: 'items-are-left', againMs: 5 } : { kind: 'done' };
    });
    await until(async () => (await queue.stateOf(batch.queueId)) === 'missing');
    expect(taken.map(({ jobId }) => jobId)).toEqual([items[0]?.id, batch.id, batch.id]);
  });

  test('adds an item also when its batch has no entry', async () => {
    const { queue } = await open();
    const { batch, items } = batchOf(unique('project'), 1);
    const [item] = items as [JobState];
    await queue.add(item, { batch });
    expect(await queue.stateOf(item.queueId)).toBe('waiting');
  });

  test('removes what no worker has', async () => {
    const { queue } = await open();
    const [waiting, running] = [jobOf(unique('project')), jobOf(unique('project'))];
    await queue.add(running);
    await hold(queue);
    await until(async () => (await queue.stateOf(running.queueId)) === 'active');
    await queue.add(waiting);
    expect(await queue.remove(waiting.queueId)).toBe(true);
    expect(await queue.remove(waiting.queueId)).toBe(true);
    expect(await queue.remove(running.queueId)).toBe(false);
    expect(await queue.stateOf(waiting.queueId)).toBe('missing');
    expect(await queue.stateOf(running.queueId)).toBe('active');
  });

  test('removes a batch with the items that no worker has, or the batch’s own entry alone', async () => {
    const { queue } = await open();
    const [{ batch, items }, alone] = [batchOf(unique('project'), 2), batchOf(unique('project'), 1)];
    await queue.addBatch(batch, items);
    await hold(queue);
    await until(async () => (await queue.stateOf(items[0]?.queueId ?? '')) === 'active');
    expect(await queue.removeBatch(batch.queueId)).toBe(true);
    const states = await Promise.all([batch, ...items].map(({ queueId }) => queue.stateOf(queueId)));
    expect(states).toEqual(['missing', 'active', 'missing']);
    await queue.addBatch(alone.batch, alone.items);
    expect(await queue.remove(alone.batch.queueId)).toBe(true);
    expect(await queue.stateOf(alone.items[0]?.queueId ?? '')).toBe('waiting');
  });

  test('tells order and places: projects take turns, each in its own order, as workers take them', async () => {
    const { queue, elsewhere } = await open();
    const [many, few] = [unique('many'), unique('few')];
    const jobs = range(1, 20).map(() => jobOf(many));
    for (const job of jobs) await queue.add(job);
    const late = jobOf(few);
    await elsewhere.add(late);
    const { active, waiting } = await elsewhere.list(2_000);
    expect(active).toEqual([]);
    const order = waiting.map(({ jobId }) => jobId);
    expect(order.filter((id) => id !== late.id)).toEqual(jobs.map(({ id }) => id));
    expect(order.indexOf(late.id)).toBeLessThan(3);
    const places = await Promise.all([...jobs, late].map((job) => queue.positionOf(job)));
    expect([...jobs, late].map(({ id }) => order.indexOf(id) + 1)).toEqual(places);
    expect((await queue.list(5)).waiting).toEqual(waiting.slice(0, 5));
    const { taken } = await take(queue, finish);
    await until(() => taken.length === 21);
    expect(taken.map(({ jobId }) => jobId)).toEqual(order);
    expect(await queue.positionOf(late)).toBeNull();
  });

  test('lists an entry as the same object while it waits and runs', async () => {
    const { queue } = await open();
    const job = jobOf(unique('project'), { size: { characters: 7 } });
    await queue.add(job);
    const { waiting } = await queue.list(10);
    const { projectId, id: jobId, size, taskName } = job;
    expect(waiting).toEqual([{ projectId, jobId, size, taskName }]);
    await hold(queue);
    await until(async () => (await queue.list(10)).active[0] === waiting[0]);
  });

  test('counts its entries', async () => {
    const { queue } = await open();
    const total = async (): Promise<number> =>
      [...(await queue.counts()).values()].reduce((sum, count) => sum + count, 0);
    expect(await total()).toBe(0);
    const { batch, items } = batchOf(unique('project'), 2);
    await queue.addBatch(batch, items);
    expect(await total()).toBe(3);
  });

  test('gives the entry of a worker that stands still to another, and tells the first that it is lost (G4)', async () => {
    const { queue, elsewhere } = await open();
    const job = jobOf(unique('project'));
    await queue.add(job);
    // Too late: its lock has ended when it would renew it.
    const first = await hold(queue, { leaseMs: 100, renewMs: 400, lossCheckMs: 50 });
    await until(() => first.taken.length === 1);
    const second = await take(elsewhere, finish, { lossCheckMs: 50 });
    await until(() => second.taken.length === 1);
    await until(() => first.taken[0]?.lost.aborted === true);
    first.end({ kind: 'lost' });
    await until(async () => (await queue.stateOf(job.queueId)) === 'missing');
  });

  describe('with workers that lack a workflow', () => {
    const audioOf = (projectId: string): JobState =>
      jobOf(projectId, { workflow: 'AUDIO', taskName: 'audio_generation' });

    /** Carries out what is of these workflows. */
    function takeOnly(
      queue: JobQueue,
      workflows: readonly string[],
      jobs: readonly JobState[],
    ): Promise<Taking> {
      const handler: EntryHandler = async ({ jobId }) => {
        const workflow = jobs.find(({ id }) => id === jobId)?.workflow ?? '';
        return workflows.includes(workflow) ? { kind: 'done' } : { kind: 'left-to-others', workflow };
      };
      return take(queue, handler, { workflows });
    }

    const idsOf = (entries: readonly { readonly jobId: string }[]): readonly string[] =>
      entries.map(({ jobId }) => jobId);

    test('leaves its entries to those that have it, in their places, and counts no attempt', async () => {
      const { queue, elsewhere } = await open();
      const [project, other] = [unique('project'), unique('other')];
      const jobs = range(1, 12).flatMap(() => [jobOf(project), audioOf(project), audioOf(other)]);
      for (const job of jobs) await queue.add(job);
      const audio = idsOf((await queue.list(100)).waiting).filter(
        (id) => jobs.find((job) => job.id === id)?.workflow === 'AUDIO',
      );
      const here = await takeOnly(queue, ['LIPSYNC'], jobs);
      await until(async () => {
        const { active, waiting } = await queue.list(100);
        return active.length === 0 && idsOf(waiting).join() === audio.join();
      });
      expect(idsOf((await elsewhere.list(100)).waiting)).toEqual(audio);
      const left = audio.map((id) => jobs.find((job) => job.id === id) as JobState);
      expect(await Promise.all(left.map((job) => elsewhere.positionOf(job)))).toEqual(range(1, audio.length));
      expect(await elsewhere.stateOf(audio[0] ?? '')).toBe('waiting');
      const there = await takeOnly(elsewhere, ['AUDIO'], jobs);
      await until(() => there.taken.length >= audio.length);
      expect(idsOf(there.taken)).toEqual(audio);
      expect((await queue.list(100)).waiting).toEqual([]);
      expect(there.taken.every(({ attempt, retriesLeft }) => attempt === 1 && retriesLeft === 2)).toBe(true);
      // Two that follow each other were looked at once.
      expect(here.taken.length).toBeLessThan(jobs.length);
    });

    test('looks at a thousand of them in a row once', async () => {
      const { queue } = await open();
      const project = unique('project');
      const { batch, items } = batchOf(project, 500);
      await queue.addBatch(
        { ...batch, workflow: 'AUDIO' },
        items.map((item) => ({ ...item, workflow: 'AUDIO' })),
      );
      const own = jobOf(project);
      await queue.add(own);
      const { close, taken } = await takeOnly(
        queue,
        ['LIPSYNC'],
        [own, ...items.map((item) => ({ ...item, workflow: 'AUDIO' }))],
      );
      await until(() => idsOf(taken).includes(own.id));
      expect(taken).toHaveLength(2);
      // The batch's own entry waits once its last item has left: a worker could take it before it is removed.
      await close();
      expect((await queue.counts()).get('parked')).toBe(500);
      expect(await queue.removeBatch(batch.queueId)).toBe(true);
      expect((await queue.counts()).get('parked')).toBe(0);
      expect((await queue.list(10)).waiting).toEqual([]);
    });

    test('has those that sleep find them, and carry out a batch to its end', async () => {
      const { queue, elsewhere } = await open();
      const { batch, items } = batchOf(unique('project'), 20);
      const jobs = [batch, ...items].map((job) => ({ ...job, workflow: 'AUDIO' }));
      const [first, ...others] = jobs as [JobState, ...JobState[]];
      await takeOnly(queue, ['LIPSYNC'], jobs);
      const there = await takeOnly(elsewhere, ['AUDIO'], jobs);
      await queue.addBatch(first, others);
      await until(async () => (await queue.stateOf(batch.queueId)) === 'missing');
      const taken = idsOf(there.taken);
      // One may be in the hands of the other worker while the next is taken.
      expect(taken.slice(0, -1).toSorted()).toEqual(itemIds(batch));
      expect(taken.at(-1)).toBe(batch.id);
    });

    test('forgets those that are removed', async () => {
      const { queue, elsewhere } = await open();
      const jobs = [audioOf(unique('project')), audioOf(unique('project'))];
      const [gone, kept] = jobs as [JobState, JobState];
      for (const job of jobs) await queue.add(job);
      await takeOnly(queue, ['LIPSYNC'], jobs);
      await until(async () => (await queue.counts()).get('parked') === 2);
      expect(await elsewhere.remove(gone.queueId)).toBe(true);
      expect(await elsewhere.stateOf(gone.queueId)).toBe('missing');
      expect(await elsewhere.positionOf(kept)).toBe(1);
      const { taken } = await takeOnly(elsewhere, ['AUDIO'], jobs);
      await until(async () => (await queue.stateOf(kept.queueId)) === 'missing');
      expect(idsOf(taken)).toEqual([kept.id]);
    });
  });

  test('fails an entry that has lost too many workers', async () => {
    const { queue, elsewhere } = await open();
    const job = jobOf(unique('project'));
    await queue.add(job);
    const { taken } = await hold(queue, { leaseMs: 100, renewMs: 3_600_000, lossCheckMs: 50, maxLosses: 0 });
    await until(() => taken.length === 1);
    await take(elsewhere, finish, { lossCheckMs: 50, maxLosses: 0 });
    await until(async () => (await queue.stateOf(job.queueId)) === 'failed');
    expect(await queue.failureOf(job.queueId)).toMatch(/stalled/);
  });
});
