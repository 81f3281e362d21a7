/**
 * Workers with different workflows on one queue: what it costs a worker to leave entries to others, and how soon those take
 * them, compared with BullMQ's own means (moveToDelayed for a second).
 */
import { randomUUID } from 'node:crypto';
import { DelayedError, Queue, Worker } from 'bullmq';
import { silentLogger } from '../../src/core/logger.ts';
import { newJob } from '../../src/progress/state.ts';
import { openBullMQQueue } from '../../src/queue/bullmq-queue.ts';
import type { JobQueue } from '../../src/queue/job-queue.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { type Bench, median, type Section } from '../driver.ts';

const DELAY_MS = 1_000;
const WORKFLOWS = ['OWN', 'OTHER'] as const;
type Workflow = (typeof WORKFLOWS)[number];

/** A queue with workers that have one workflow each. */
interface Road {
  add(workflow: Workflow): Promise<void>;
  /** @param onTaken called with the workflow of each entry taken, whether it is carried out or left to others */
  work(workflow: Workflow, onTaken: (workflow: Workflow) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

interface Figures {
  /** Time until a worker has taken its own entry behind all others, whose workflow it lacks. */
  readonly passMs: number;
  /** How often it took an entry whose workflow it lacks. */
  readonly taken: number;
  /** Time from adding an entry until, of two idle workers, the one that has its workflow takes it. */
  readonly latencyMs: { readonly p50: number; readonly max: number };
}

export async function mixed(bench: Bench): Promise<Section> {
  const others = bench.quick ? 1_000 : 10_000;
  const single = bench.quick ? 20 : 100;
  const own = await measure(await parking(bench), others, single);
  const bull = await measure(delaying(bench), others, single);
  const row = (what: string, { latencyMs, passMs, taken }: Figures) => ({
    what,
    value: `${Math.round(passMs)} ms past ${others.toLocaleString('en')} entries, ${taken.toLocaleString('en')} taken for it; an idle worker has its entry after ${latencyMs.p50.toFixed(1)} ms (p50), ${latencyMs.max.toFixed(0)} ms (max)`,
  });
  return {
    name: 'mixed',
    rows: [
      row('parked until a worker that has the workflow takes its next', own),
      row('moveToDelayed', bull),
    ],
    figures: { parked: own, delayed: bull, others, single },
  };
}

async function measure(road: Road, others: number, single: number): Promise<Figures> {
  try {
    for (let count = 0; count < others; count += 1) await road.add('OTHER');
    await road.add('OWN');
    const began = performance.now();
    let taken = 0;
    const passed = Promise.withResolvers<number>();
    const endLacking = await road.work('OWN', (workflow) => {
      if (workflow === 'OTHER') taken += 1;
      else passed.resolve(performance.now() - began);
    });
    const passMs = await passed.promise;
    const takenForIt = taken;
    let onTaken = (): void => {};
    let left = others;
    const drained = Promise.withResolvers<void>();
    const endHaving = await road.work('OTHER', () => {
      left -= 1;
      if (left === 0) drained.resolve();
      onTaken();
    });
    await drained.promise;
    const latencies: number[] = [];
    for (let count = 0; count < single; count += 1) {
      const isTaken = Promise.withResolvers<void>();
      onTaken = isTaken.resolve;
      const at = performance.now();
      await road.add('OTHER');
      await isTaken.promise;
      latencies.push(performance.now() - at);
    }
    await Promise.all([endLacking(), endHaving()]);
    return {
      passMs,
      taken: takenForIt,
      latencyMs: { p50: median(latencies), max: Math.max(...latencies) },
    };
  } finally {
    await road.close();
  }
}

async function parking(bench: Bench): Promise<Road> {
  const keys = createKeys(`${bench.prefix}-mixed`);
  const open = (): Promise<JobQueue> =>
    openBullMQQueue({ connection: bench.redis, keys, logger: silentLogger });
  const queue = await open();
  const workflows = new Map<string, Workflow>();
  return {
    add: (workflow) => {
      const id = randomUUID();
      workflows.set(id, workflow);
      const fields = { id, projectId: 'mixed', workflow, taskName: workflow.toLowerCase(), table: [] };
      return queue.add(newJob({ ...fields, maxAttempts: 1, createdAt: Date.now() }));
    },
    work: async (workflow, onTaken) => {
      const mine = await open();
      const taker = mine.take(
        async ({ jobId }) => {
          const found = workflows.get(jobId) ?? 'OWN';
          onTaken(found);
          return found === workflow ? { kind: 'done' } : { kind: 'left-to-others', workflow: found };
        },
        { concurrency: 1, workflows: [workflow] },
      );
      await taker.ready();
      return async () => {
        await taker.close();
        await mine.close();
      };
    },
    close: () => queue.close(),
  };
}

function delaying(bench: Bench): Road {
  const options = { connection: bench.redis, prefix: `{${bench.prefix}-mixed-bull}` };
  const queue = new Queue('mixed', options);
  return {
    add: async (workflow) => {
      await queue.add(workflow, {}, { removeOnComplete: true });
    },
    work: async (workflow, onTaken) => {
      const worker = new Worker(
        'mixed',
        async (job, token) => {
          onTaken(job.name as Workflow);
          if (job.name === workflow) return;
          await job.moveToDelayed(Date.now() + DELAY_MS, token);
          throw new DelayedError();
        },
        { ...options, concurrency: 1 },
      );
      await worker.waitUntilReady();
      return () => worker.close();
    },
    close: () => queue.close(),
  };
}
