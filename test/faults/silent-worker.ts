/**
 * The network between a worker and Redis goes silent: nothing arrives, and no connection is closed. The worker must notice
 * by itself, even on its blocking connection, and continue: with the job that it was running, and with those that wait.
 */
import { ORIGIN } from '../../src/progress/position.ts';
import { until } from '../setup/deadline.ts';
import { checkLog } from './kit/checker.ts';
import { type ClientTarget, ResumingSubscriber, untilFollowed, writeScript } from './kit/client.ts';
import type { FaultOptions } from './kit/fault.ts';
import { openProcess } from './kit/process.ts';
import { FaultyProxy } from './kit/proxy.ts';
import { seeded } from './kit/random.ts';
import type { Figures } from './kit/report.ts';
import { FaultyRedis, Member } from './kit/stack.ts';

const PROJECT = 'silent';
/** The blocking connection is cut 1 s after its 5 s have passed, the others after at most 18 s; the lock lasts 2 s. */
const NOTICE_LIMIT_MS = 30_000;

export async function silentWorker({ seed, rounds }: FaultOptions): Promise<Figures> {
  const redis = await FaultyRedis.launch();
  const proxy = await FaultyProxy.start(redis.url);
  const common = { PLAYHEAD_LOG_LEVEL: 'fatal', PLAYHEAD_LOCK_SECONDS: '2', PLAYHEAD_CONCURRENCY: '4' };
  const api = new Member('api', new URL('../../src/server.ts', import.meta.url), {
    ...common,
    REDIS_URL: redis.url,
  });
  const worker = new Member('worker', new URL('./kit/worker.ts', import.meta.url), {
    ...common,
    REDIS_URL: proxy.url,
  });
  const path = openProcess(redis.url);
  const anomalies: string[] = [];
  const recoveryMs: number[] = [];
  const accepted: string[] = [];
  const attempts = new Map<string, number>();
  const ended = new Set<string>();
  await Promise.all([api.start(), worker.start()]);
  const target: ClientTarget = { projectId: PROJECT, ports: () => [api.port], random: seeded(seed) };
  const subscriber = new ResumingSubscriber(target);
  subscriber.onEvent = ({ __typename, attempt, jobId, message }) => {
    if (message !== undefined && message !== 'Queued') attempts.set(jobId, attempt);
    if (__typename === 'CompletionEvent') ended.add(jobId);
  };
  const write = async (name: string, stepMs: number): Promise<string> => {
    const { jobId } = await writeScript(target, { name, stepMs });
    accepted.push(jobId);
    return jobId;
  };
  try {
    accepted.push(...(await untilFollowed(target, [subscriber], 'begin')));
    for (let round = 1; round <= rounds; round += 1) {
      // Odd rounds: the worker is busy; even ones: it waits for a job on its blocking connection.
      const running = round % 2 === 1 ? await write(`running-${round}`, 1_000) : null;
      if (running !== null) await until(() => attempts.has(running), { what: 'the job runs' });
      const began = performance.now();
      proxy.freezeAll();
      const waiting = await write(`waiting-${round}`, 10);
      const wanted = running === null ? [waiting] : [running, waiting];
      await until(() => wanted.every((id) => ended.has(id)), {
        timeoutMs: NOTICE_LIMIT_MS,
        what: 'the worker goes on',
      }).catch((error: unknown) => anomalies.push(`round ${round}: ${error}`));
      recoveryMs.push(performance.now() - began);
    }
    anomalies.push(...checkLog(await path.log.readAfter(PROJECT, ORIGIN, 1_000_000), accepted));
  } finally {
    await subscriber.close();
    await path.close();
    await Promise.all([api, worker].map((member) => member.end('SIGKILL')));
    proxy.close();
    await redis.remove();
  }
  return { fault: 'silent network of a worker', rounds, anomalies, recoveryMs };
}
