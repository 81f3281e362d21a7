/**
 * The primary of a Sentinel set, or the one that serves the project in a Cluster, is killed repeatedly, under load. Service is
 * back within 10 s; clients see every event that the new primary has, in order, or receive EVENTS_EXPIRED if it lacks what they
 * had seen.
 */

import { EventLog } from '../../src/log/log.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { until } from '../setup/deadline.ts';
import { checkStretches } from './kit/checker.ts';
import { type ClientTarget, ResumingSubscriber, untilFollowed, writeScript } from './kit/client.ts';
import { RedisCluster } from './kit/cluster.ts';
import type { FaultOptions } from './kit/fault.ts';
import { seeded } from './kit/random.ts';
import type { Figures } from './kit/report.ts';
import { SentinelSet } from './kit/sentinel.ts';
import { startStack } from './kit/stack.ts';

const PROJECT = 'failover';
const BACK_LIMIT_MS = 10_000;

/** A set of servers, one of which is the project's primary. */
interface FailoverSet {
  readonly url: string;
  /** Kills the primary that serves a key. @returns a function that starts it again */
  killPrimary(key: string): Promise<() => void>;
  settle(): Promise<void>;
  remove(): Promise<void>;
}

export async function failover(options: FaultOptions): Promise<Figures> {
  return failOver('Sentinel failover', await SentinelSet.launch(), options);
}

export async function clusterFailover(options: FaultOptions): Promise<Figures> {
  return failOver('Cluster failover', await RedisCluster.launch(), options);
}

async function failOver(
  fault: string,
  set: FailoverSet,
  { seed, rounds, clients }: FaultOptions,
): Promise<Figures> {
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
      const startAgain = await set.killPrimary(createKeys().project(PROJECT).meta);
      // More than one: a client that receives EVENTS_EXPIRED begins anew, and may be too late for the first.
      accepted.push(...(await untilFollowed(target, subscribers, `${round}-after`)));
      recoveryMs.push(performance.now() - began);
      if ((recoveryMs.at(-1) ?? 0) > BACK_LIMIT_MS)
        anomalies.push(`round ${round}: back after ${recoveryMs.at(-1)} ms`);
      startAgain();
      await set.settle();
    }
    await until(async () => (await redis.scard(createKeys().project(PROJECT).active)) === 0, {
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
    return { fault, rounds, anomalies, recoveryMs, counts };
  } finally {
    await Promise.all(subscribers.map((subscriber) => subscriber.close()));
    await closeRedis(redis);
    await stack.close();
    await set.remove();
  }
}
