/**
 * Both API processes and both workers are restarted in turn with SIGTERM, under load: no mutation accepted by an API process
 * fails, clients are told to leave (1001 or 1012) and continue without a gap, and each process exits within its time.
 */

import { EventLog } from '../../src/log/log.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { PATIENCE_MS, until } from '../setup/deadline.ts';
import { checkLog, checkStretches } from './kit/checker.ts';
import { type ClientTarget, ResumingSubscriber, writeScript } from './kit/client.ts';
import type { FaultOptions } from './kit/fault.ts';
import { seeded } from './kit/random.ts';
import type { Figures } from './kit/report.ts';
import { type Member, startStack } from './kit/stack.ts';

const PROJECT = 'rolling';
const END_LIMIT_MS = 10_000;
const MUTATIONS_AT_ONCE = 4;

export async function rolling({ seed, rounds, clients }: FaultOptions): Promise<Figures> {
  const random = seeded(seed);
  const stack = await startStack();
  // A load balancer sends nothing to a process that is ending.
  const serving = new Set(stack.apis);
  const target: ClientTarget = {
    projectId: PROJECT,
    ports: () => [...serving].map(({ port }) => port),
    random,
  };
  const redis = connectRedis(stack.redis.url, () => {});
  const log = new EventLog(redis, createKeys());
  const anomalies: string[] = [];
  const recoveryMs: number[] = [];
  const accepted: string[] = [];
  const subscribers = Array.from({ length: clients }, () => new ResumingSubscriber(target));
  let isRunning = true;
  let count = 0;
  const mutate = async (): Promise<void> => {
    while (isRunning) {
      count += 1;
      const orders = { name: `job-${count}`, stepMs: 40 };
      const { jobId, failures } = await writeScript(target, orders, { answerMs: PATIENCE_MS });
      accepted.push(jobId);
      for (const failure of failures) anomalies.push(`a mutation failed: ${failure}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const mutating = Array.from({ length: MUTATIONS_AT_ONCE }, mutate);
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const member of [...stack.apis, ...stack.workers]) {
        serving.delete(member);
        const took = await restart(member);
        if (stack.apis.includes(member)) serving.add(member);
        recoveryMs.push(took);
        if (took > END_LIMIT_MS) anomalies.push(`round ${round}: ${member.name} took ${Math.round(took)} ms`);
      }
    }
    isRunning = false;
    await Promise.all(mutating);
    await until(async () => (await redis.scard(createKeys().project(PROJECT).active)) === 0, {
      everyMs: 200,
      what: 'every job has ended',
    });
    const events = await log.readAfter(PROJECT, ORIGIN, 1_000_000);
    anomalies.push(...checkLog(events, accepted, stack.workers));
    await until(() => subscribers.every(({ last }) => last?.seq === events.at(-1)?.seq), {
      what: 'every client has the last event',
    }).catch((error: unknown) => anomalies.push(String(error)));
    for (const [index, subscriber] of subscribers.entries()) {
      anomalies.push(...checkStretches(`client ${index}`, subscriber.stretches, events, false));
      const others = subscriber.closeCodes.filter((code) => code !== 1001 && code !== 1012);
      if (others.length > 0) anomalies.push(`client ${index}: close codes ${others}`);
    }
  } finally {
    isRunning = false;
    await Promise.allSettled(mutating);
    await Promise.all(subscribers.map((subscriber) => subscriber.close()));
    await closeRedis(redis);
    await stack.close();
  }
  const counts = { clients, mutations: accepted.length };
  return { fault: 'rolling restart under load', rounds, anomalies, recoveryMs, counts };
}

/** @returns how long it took to end, in ms @throws Error if it ended with a code other than 0 */
async function restart(member: Member): Promise<number> {
  const began = performance.now();
  const code = await member.end('SIGTERM');
  const took = performance.now() - began;
  if (code !== 0) throw new Error(`${member.name} ended with ${code}`);
  await member.start();
  return took;
}
