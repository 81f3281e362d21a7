/**
 * A worker is stopped (SIGSTOP) past its lock and continues (SIGCONT), or is killed outright, while a tool runs for its job.
 * Its job continues elsewhere, the tool is dead within 5 s of the loss of the lock, and none of its later events is accepted.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pause } from '../../src/core/pause.ts';
import { EventLog } from '../../src/log/log.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { closeRedis, connectRedis } from '../../src/redis/client.ts';
import { createKeys } from '../../src/redis/keys.ts';
import { until } from '../setup/deadline.ts';
import { checkLog } from './kit/checker.ts';
import { type ClientTarget, ResumingSubscriber, untilFollowed, writeScript } from './kit/client.ts';
import type { FaultOptions } from './kit/fault.ts';
import { seeded } from './kit/random.ts';
import type { Figures } from './kit/report.ts';
import { type Member, startStack } from './kit/stack.ts';

const PROJECT = 'zombie';
const LOCK_MS = 1_000;
const TOOL_LIMIT_MS = 5_000;

interface Tool {
  readonly pid: number;
  readonly attempt: number;
}

export async function zombies({ seed, rounds }: FaultOptions): Promise<Figures> {
  const random = seeded(seed);
  const stack = await startStack({ PLAYHEAD_LOCK_SECONDS: String(LOCK_MS / 1_000) });
  const target: ClientTarget = {
    projectId: PROJECT,
    ports: () => stack.apis.map(({ port }) => port),
    random,
  };
  const redis = connectRedis(stack.redis.url, () => {});
  const log = new EventLog(redis, createKeys());
  const anomalies: string[] = [];
  const recoveryMs: number[] = [];
  const toolMs: number[] = [];
  const accepted: string[] = [];
  const tools = new Map<string, Tool>();
  const releases: ChildProcess[] = [];
  const subscriber = new ResumingSubscriber(target);
  subscriber.onEvent = ({ jobId, attempt, metadata }) => {
    if (typeof metadata?.pid === 'number') tools.set(jobId, { pid: metadata.pid, attempt });
  };
  try {
    accepted.push(...(await untilFollowed(target, [subscriber], 'begin')));
    for (let round = 1; round <= rounds; round += 1) {
      // The tool would run forever: it ends because the worker is lost, and the next attempt's tool ends with this process.
      const release = spawn('/bin/sleep', ['600'], { stdio: 'ignore' });
      releases.push(release);
      const orders = { name: `round-${round}`, stepMs: 20, toolUntilEndOf: Number(release.pid) };
      // With a lock of 1 s, a busy machine may already have cost the job attempts: the last reported tool counts.
      const { jobId } = await writeScript(target, orders, { maxAttempts: 10 });
      accepted.push(jobId);
      const { pid, attempt, victim } = await until(() => runningTool(tools.get(jobId), stack.workers), {
        what: 'the tool runs',
      }).catch(async (cause: unknown) => {
        const events = await log.readAfter(PROJECT, ORIGIN, 1_000_000);
        const told = events.flatMap(({ event }) => (event.jobId === jobId ? [JSON.stringify(event)] : []));
        throw new Error(`the job of round ${round} told of no tool that runs:\n${told.join('\n')}`, {
          cause,
        });
      });
      const isKilled = random.below(4) === 0;
      const began = performance.now();
      if (isKilled) await victim.end('SIGKILL');
      else victim.signal('SIGSTOP');
      await until(() => !isRunning(pid), { what: 'the tool is dead' });
      toolMs.push(performance.now() - began);
      // The lock is lost at most a lock's time after its last renewal.
      const limit = TOOL_LIMIT_MS + (isKilled ? 0 : LOCK_MS);
      if (performance.now() - began > limit)
        anomalies.push(`round ${round}: tool dead after ${toolMs.at(-1)} ms`);
      await until(() => Number(tools.get(jobId)?.attempt) > attempt, {
        what: `${jobId} goes on elsewhere`,
      });
      recoveryMs.push(performance.now() - began);
      release.kill();
      if (isKilled) await victim.start();
      else await goOn(victim, random.below(500));
    }
    await until(async () => (await redis.scard(createKeys().project(PROJECT).active)) === 0, {
      everyMs: 200,
      what: 'every job has ended',
    });
    // Give a zombie time for anything that it still wants to write.
    await pause(1_000);
    const events = await log.readAfter(PROJECT, ORIGIN, 1_000_000);
    anomalies.push(...checkLog(events, accepted, stack.workers));
  } finally {
    for (const release of releases) release.kill();
    for (const worker of stack.workers) worker.signal('SIGCONT');
    await subscriber.close();
    await closeRedis(redis);
    await stack.close();
  }
  const counts = { 'tool dead after at most ms': Math.round(Math.max(...toolMs)) };
  return { fault: 'zombie or killed worker with a running tool', rounds, anomalies, recoveryMs, counts };
}

async function goOn(victim: Member, waitMs: number): Promise<void> {
  await pause(waitMs);
  victim.signal('SIGCONT');
}

/** @returns the tool with the worker that runs it; undefined if there is none, or it has ended */
function runningTool(tool: Tool | undefined, workers: readonly Member[]) {
  const victim = tool && workers.find((worker) => worker.pid === parentOf(tool.pid));
  return victim && { ...tool, victim };
}

/** @returns the parent's process id; undefined if the process is gone */
function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

/** A zombie, whose stopped parent has not reaped it, counts as dead. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
