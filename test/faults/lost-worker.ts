/**
 * Jobs whose queue entry or workers are lost. Of those accepted in each round, some have no entry (the API died before it
 * added it), and some kill every worker that takes them. The reconciler adds the former again and ends the latter, as
 * WORKER_LOST: no job stays QUEUED or RUNNING forever, and each has one ending.
 */

import { silentLogger } from '../../src/core/logger.ts';
import { EventLog } from '../../src/log/log.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { openBullMQQueue } from '../../src/queue/bullmq-queue.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { until } from '../setup/deadline.ts';
import { checkLog, checkStretches } from './kit/checker.ts';
import {
  type ClientTarget,
  type Received,
  ResumingSubscriber,
  untilFollowed,
  writeScript,
} from './kit/client.ts';
import type { FaultOptions } from './kit/fault.ts';
import { seeded } from './kit/random.ts';
import type { Figures } from './kit/report.ts';
import { type Stack, startStack } from './kit/stack.ts';

const PROJECT = 'lost-worker';
const LIMIT_MS = 60_000;
/** The number of each kind in a round: workers die for all of them at once. */
const AT_ONCE = 3;

export async function lostWorker({ seed, rounds }: FaultOptions): Promise<Figures> {
  const random = seeded(seed);
  const stack = await startStack({ PLAYHEAD_LOCK_SECONDS: '1' });
  const target: ClientTarget = {
    projectId: PROJECT,
    ports: () => stack.apis.map(({ port }) => port),
    random,
  };
  const [redis, queueConnection] = [stack.redis, stack.redis].map(({ url }) => connectRedis(url, () => {}));
  if (redis === undefined || queueConnection === undefined) throw new Error('expected two connections');
  const log = new EventLog(redis, createKeys());
  const queue = await openBullMQQueue({
    connection: queueConnection,
    keys: createKeys(),
    logger: silentLogger,
  });
  const anomalies: string[] = [];
  const recoveryMs: number[] = [];
  const accepted: string[] = [];
  const endings = new Map<string, Received>();
  const subscriber = new ResumingSubscriber(target);
  subscriber.onEvent = (event) => {
    if (event.__typename === 'CompletionEvent' || event.willRetry === false) endings.set(event.jobId, event);
  };
  const deaths = { count: 0 };
  try {
    accepted.push(...(await untilFollowed(target, [subscriber], 'begin')));
    for (let round = 1; round <= rounds; round += 1) {
      await Promise.all(stack.workers.map((worker) => worker.end('SIGKILL')));
      const [bare, deadly]: [string[], string[]] = [[], []];
      for (let index = 0; index < AT_ONCE; index += 1) {
        const name = `${round}-${index}`;
        const { jobId } = await writeScript(target, { name: `bare-${name}`, stepMs: 20 });
        await queue.remove(jobId);
        bare.push(jobId);
        deadly.push((await writeScript(target, { name: `deadly-${name}`, stepMs: 20, deadly: true })).jobId);
      }
      accepted.push(...bare, ...deadly);
      const began = performance.now();
      await untilEnded(stack, deaths, () => [...bare, ...deadly].every((id) => endings.has(id)));
      recoveryMs.push(performance.now() - began);
      for (const id of bare) expectEnding(endings.get(id), 'CompletionEvent', undefined);
      for (const id of deadly) expectEnding(endings.get(id), 'ErrorEvent', 'WORKER_LOST');
    }
    const open = await redis.smembers(createKeys().project(PROJECT).active);
    if (open.length > 0) anomalies.push(`jobs that have not ended: ${open}`);
    const events = await log.readAfter(PROJECT, ORIGIN, 1_000_000);
    anomalies.push(...checkLog(events, accepted, stack.workers));
    await until(() => subscriber.last?.seq === events.at(-1)?.seq, { what: 'the client has the last event' });
    anomalies.push(...checkStretches('client', subscriber.stretches, events, false));
  } finally {
    await subscriber.close();
    await queue.close();
    await Promise.all([redis, queueConnection].map(closeRedis));
    await stack.close();
  }
  const counts = { jobs: accepted.length, 'workers died': deaths.count };
  return { fault: 'jobs without entry or workers', rounds, anomalies, recoveryMs, counts };

  function expectEnding(ending: Received | undefined, type: string, code: string | undefined): void {
    if (ending?.__typename === type && ending.code === code) return;
    anomalies.push(`expected a ${type} ${code ?? ''}, received ${JSON.stringify(ending)}`);
  }
}

/** Restarts workers as often as they die. */
async function untilEnded(stack: Stack, deaths: { count: number }, isEnded: () => boolean): Promise<void> {
  await until(
    async () => {
      const down = stack.workers.filter((worker) => worker.isDown);
      deaths.count += down.length;
      // A worker that takes a deadly job immediately dies before it is ready.
      await Promise.allSettled(down.map((worker) => worker.start()));
      return isEnded();
    },
    { timeoutMs: LIMIT_MS, everyMs: 50, what: 'every job has ended' },
  );
}
