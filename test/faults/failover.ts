/**
 * The primary of a Sentinel set is killed again and again, under load. Service is back within 10 s; clients see every event
 * that the new primary has, in order, or are told EVENTS_EXPIRED where it lacks what they had seen.
 */
import { EventLog, ORIGIN } from '../../src/progress/log.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { until } from '../setup/deadline.ts';
import { checkStretches } from './kit/checker.ts';
import { type ClientTarget, ResumingSubscriber, writeScript } from './kit/client.ts';
import type { FaultOptions } from './kit/fault.ts';
import { seeded } from './kit/random.ts';
import type { Figures } from './kit/report.ts';
import { SentinelSet } from './kit/sentinel.ts';
import { startStack } from './kit/stack.ts';

const PROJECT = 'failover';
const BACK_LIMIT_MS = 10_000;

export async function failover({ seed, rounds, clients }: FaultOptions): Promise<Figures> {
  const set = await SentinelSet.launch();
  const stack = await startStack({ REDIS_URL: set.url });
  const ports = stack.apis.map(({ port }) => port);
  const target: ClientTarget = { projectId: PROJECT, ports: () => ports, random: seeded(seed) };
  const redis = connectRedis(set.url, () => {});
  const log = new EventLog(redis, createKeys());
  const anomalies: string[] = [];
  const recoveryMs: number[] = [];
  const accepted: string[] = [];
  const subscribers = Array.from({ length: clients }, () => new ResumingSubscriber(target));
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (let index = 0; index < 5; index += 1) {
        accepted.push((await writeScript(target, { name: `${round}-${index}`, stepMs: 100 })).jobId);
      }
      const began = performance.now();
      const startAgain = await set.killPrimary();
      const { jobId } = await writeScript(target, { name: `${round}-after`, stepMs: 20 });
      accepted.push(jobId);
      await until(() => subscribers.every(({ jobIds }) => jobIds.has(jobId)), { timeoutMs: 60_000 });
      recoveryMs.push(performance.now() - began);
      if ((recoveryMs.at(-1) ?? 0) > BACK_LIMIT_MS)
        anomalies.push(`round ${round}: back after ${recoveryMs.at(-1)} ms`);
      startAgain();
      await set.settle();
    }
    await until(async () => (await redis.scard(createKeys().project(PROJECT).active)) === 0, {
      timeoutMs: 60_000,
      everyMs: 200,
      what: 'every job has ended',
    });
    const events = await log.readAfter(PROJECT, ORIGIN, 1_000_000);
    const jobs = new Set(events.map(({ event }) => event.jobId));
    for (const [index, { stretches }] of subscribers.entries()) {
      anomalies.push(...checkStretches(`client ${index}`, stretches, events, true));
    }
    const counts = {
      clients,
      events: events.length,
      'accepted jobs lost': accepted.filter((id) => !jobs.has(id)).length,
      'told EVENTS_EXPIRED': subscribers.reduce((sum, { stretches }) => sum + stretches.length - 1, 0),
    };
    return { fault: 'Sentinel failover', rounds, anomalies, recoveryMs, counts };
  } finally {
    await Promise.all(subscribers.map((subscriber) => subscriber.close()));
    await closeRedis(redis);
    await stack.close();
    await set.remove();
  }
}
