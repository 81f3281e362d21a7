/**
 * SIGKILL of a random worker, API process or Redis, repeatedly, under load and with many resuming clients.
 * Afterwards every client must have every event of the log, each once and in order; every accepted job must have ended
 * exactly once; no key may have made two jobs.
 */

import { EventLog } from '../../src/log/log.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { until } from '../setup/deadline.ts';
import { type Anomalies, checkLog, checkStretches } from './kit/checker.ts';
import { type ClientTarget, ResumingSubscriber, untilFollowed, writeScript } from './kit/client.ts';
import type { FaultOptions } from './kit/fault.ts';
import { type Random, seeded } from './kit/random.ts';
import type { Figures } from './kit/report.ts';
import { type Stack, startStack } from './kit/stack.ts';

const PROJECT = 'kill';
/** The number of jobs that are always under way. */
const LOAD = 12;
const STEP_MS = 60;
const SETTLE_LIMIT_MS = 120_000;

export async function kill({ seed, rounds, clients }: FaultOptions): Promise<Figures> {
  const random = seeded(seed);
  const stack = await startStack();
  const target: ClientTarget = {
    projectId: PROJECT,
    ports: () => stack.apis.map(({ port }) => port),
    random,
  };
  const load = new Load(target);
  const subscribers = Array.from({ length: clients }, () => new ResumingSubscriber(target));
  const redis = connectRedis(stack.redis.url, () => {});
  const log = new EventLog(redis, createKeys());
  const recoveryMs: number[] = [];
  const killed: Record<string, number> = {};
  try {
    load.accepted.push(...(await untilFollowed(target, subscribers, 'begin')));
    load.start();
    for (let round = 1; round <= rounds; round += 1) {
      const victim = await strike(stack, random);
      killed[`killed ${victim.kind}`] = (killed[`killed ${victim.kind}`] ?? 0) + 1;
      await load.mark(`round-${round}`, subscribers);
      recoveryMs.push(performance.now() - victim.at);
    }
    await load.stop();
    const events = await ended(log, load.accepted);
    const last = events.at(-1)?.seq ?? 0;
    const anomalies: Anomalies = checkLog(events, load.accepted, stack.workers);
    await until(() => subscribers.every((subscriber) => subscriber.last?.seq === last), {
      timeoutMs: SETTLE_LIMIT_MS,
      what: 'every client has the last event',
    }).catch((error: unknown) => anomalies.push(String(error)));
    for (const [index, { stretches }] of subscribers.entries()) {
      anomalies.push(...checkStretches(`client ${index}`, stretches, events, false));
    }
    const counts = {
      clients,
      events: events.length,
      acknowledged: stack.workers.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0),
      received: subscribers.reduce((sum, { stretches }) => sum + (stretches[0]?.positions.length ?? 0), 0),
      jobs: load.accepted.length,
      reconnects: subscribers.reduce((sum, { reconnects }) => sum + reconnects, 0),
      ...killed,
    };
    return { fault: 'SIGKILL of worker, API or Redis', rounds, anomalies, recoveryMs, counts };
  } finally {
    await load.stop();
    await Promise.all(subscribers.map((subscriber) => subscriber.close()));
    await closeRedis(redis);
    await stack.close();
  }
}

/** Kills one process and restarts it immediately. */
async function strike(stack: Stack, random: Random): Promise<{ readonly kind: string; readonly at: number }> {
  const kind = random.pick(['worker', 'api', 'redis']);
  const at = performance.now();
  if (kind === 'redis') {
    await stack.redis.kill();
    await stack.redis.start();
  } else {
    const [one, other] = kind === 'api' ? stack.apis : stack.workers;
    const victim = random.pick([one, other]);
    await victim.end('SIGKILL');
    await victim.start();
  }
  return { kind, at };
}

/** Waits until every accepted job has ended. @returns the whole log */
async function ended(log: EventLog, accepted: readonly string[]): Promise<readonly LoggedEvent[]> {
  let events: readonly LoggedEvent[] = [];
  await until(
    async () => {
      events = await log.readAfter(PROJECT, ORIGIN, 1_000_000);
      const open = new Set(accepted);
      for (const { event } of events) {
        if (event.type === 'CompletionEvent' || (event.type === 'ErrorEvent' && !event.willRetry)) {
          open.delete(event.jobId);
        }
      }
      return open.size === 0;
    },
    { timeoutMs: SETTLE_LIMIT_MS, everyMs: 500, what: 'every accepted job has ended' },
  ).catch(() => {});
  return events;
}

/** Keeps jobs under way. */
class Load {
  readonly accepted: string[] = [];
  readonly #target: ClientTarget;
  #running = false;
  #loops: Promise<void>[] = [];
  #count = 0;

  constructor(target: ClientTarget) {
    this.#target = target;
  }

  start(): void {
    this.#running = true;
    this.#loops = Array.from({ length: LOAD / 4 }, () => this.#loop());
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
  }

  /** Enqueues one job, and waits until every client has its first event. */
  async mark(name: string, subscribers: readonly ResumingSubscriber[]): Promise<void> {
    const { jobId } = await writeScript(this.#target, { name, stepMs: STEP_MS });
    this.accepted.push(jobId);
    await until(() => subscribers.every(({ jobIds }) => jobIds.has(jobId)), {
      what: `every client has the first event of ${name}`,
    });
  }

  async #loop(): Promise<void> {
    while (this.#running) {
      this.#count += 1;
      const { jobId } = await writeScript(this.#target, { name: `load-${this.#count}`, stepMs: STEP_MS });
      this.accepted.push(jobId);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
