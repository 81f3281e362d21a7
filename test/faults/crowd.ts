/**
 * One project enqueues thousands of jobs, in batches of 1,000; then another enqueues one. That one waits for about the time of
 * one job per worker slot, not for the thousands. Cancelling those takes seconds, and leaves nothing behind.
 */

import { briefInputSchema } from '../../media/workflows/writer/input.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { JobCommands } from '../../src/jobs/enqueue.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import type { JobState } from '../../src/progress/state.ts';
import { openBullMQQueue } from '../../src/queue/bullmq-queue.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { until } from '../setup/deadline.ts';
import { withInput } from '../setup/workflows.ts';
import type { FaultOptions } from './kit/fault.ts';
import { openProcess } from './kit/process.ts';
import type { Figures } from './kit/report.ts';
import { FaultyRedis, Member } from './kit/stack.ts';

const BATCH_LENGTH = 1_000;
const STEP_MS = 100;
/** Generous compared with one job's time (half a second), and far below that of thousands. */
const WAIT_LIMIT_MS = 5_000;
const CANCEL_LIMIT_MS = 30_000;

/** @param options.rounds batches of 1,000 */
export async function crowd({ rounds }: FaultOptions): Promise<Figures> {
  const redis = await FaultyRedis.launch();
  const worker = new Member('worker', new URL('./kit/worker.ts', import.meta.url), {
    REDIS_URL: redis.url,
    PLAYHEAD_LOG_LEVEL: 'fatal',
    PLAYHEAD_CONCURRENCY: '2',
  });
  const path = openProcess(redis.url);
  const connection = connectRedis(redis.url, () => {});
  const queue = await openBullMQQueue({ connection: connection, keys: path.keys, logger: silentLogger });
  const { jobs, keys, log } = path;
  const common = { keys, log, jobs, queue, clock: systemClock, logger: silentLogger };
  const commands = new JobCommands({
    ...common,
    redis: path.redis,
    workflows: withInput('WRITER', briefInputSchema),
  });
  const order = (name: string) => ({ brief: JSON.stringify({ name, stepMs: STEP_MS }) });
  const anomalies: string[] = [];
  const count = rounds * BATCH_LENGTH;
  const active = (): Promise<number> => path.redis.scard(keys.project('crowd').active);
  try {
    await worker.start();
    const batches: JobState[] = [];
    const madeMs = await timed(async () => {
      for (let round = 1; round <= rounds; round += 1) {
        const items = Array.from({ length: BATCH_LENGTH }, (_, index) => order(`${round}-${index}`));
        const request = { workflow: 'WRITER', field: 'input', projectId: 'crowd', items } as const;
        batches.push(await commands.enqueueBatch(request));
      }
      await until(async () => (await active()) > count * 0.9, {
        timeoutMs: 60_000,
        what: 'the batches are made',
      });
    });
    const stream = await path.open({ projectId: 'lone' });
    const lone = { workflow: 'WRITER', field: 'input', projectId: 'lone', input: order('lone') } as const;
    const waitMs = await timed(async () => {
      await commands.enqueue(lone);
      for (
        let event: LoggedEvent | undefined;
        event?.event.type !== 'ProgressEvent' || event.event.step === null;
      ) {
        ({ value: event } = (await stream.next()) as { value: LoggedEvent | undefined });
      }
    });
    if (waitMs > WAIT_LIMIT_MS) anomalies.push(`the other project's job waited ${Math.round(waitMs)} ms`);
    const cancelMs = await timed(async () => {
      for (const { id } of batches) await commands.cancel('crowd', id);
      await until(async () => (await active()) === 0, {
        timeoutMs: 300_000,
        everyMs: 50,
        what: 'no job is left',
      });
    });
    if (cancelMs > CANCEL_LIMIT_MS) anomalies.push(`cancelling took ${Math.round(cancelMs)} ms`);
    await until(
      async () => [...(await queue.counts())].every(([state, count]) => state === 'failed' || count === 0),
      {
        everyMs: 100,
        what: 'no entry is left',
      },
    ).catch((error: unknown) => anomalies.push(String(error)));
    stream.close();
    const counts = {
      jobs: count,
      'made in ms': Math.round(madeMs),
      'the other waited ms': Math.round(waitMs),
      'cancelled in ms': Math.round(cancelMs),
    };
    return { fault: 'a crowd of jobs of one project', rounds, anomalies, recoveryMs: [], counts };
  } finally {
    await queue.close();
    await closeRedis(connection);
    await path.close();
    await worker.end('SIGKILL');
    await redis.remove();
  }
}

/** @returns how long the work took, in ms */
async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
