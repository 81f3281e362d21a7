/** Faults of Pub/Sub and of single answers: nothing may be missed, repeated or created twice. */

import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { pause } from '../../src/core/pause.ts';
import { JobCommands } from '../../src/jobs/enqueue.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { openBullMQQueue } from '../../src/queue/bullmq-queue.ts';
import { until } from '../setup/deadline.ts';
import { JobWriter, writeJob } from '../setup/harness.ts';
import { WORKFLOWS } from '../setup/workflows.ts';
import type { FaultOptions } from './kit/fault.ts';
import { openProcess } from './kit/process.ts';
import { FaultyProxy } from './kit/proxy.ts';
import { seeded } from './kit/random.ts';
import type { Figures } from './kit/report.ts';
import { FaultyRedis } from './kit/stack.ts';

const LIMIT_MS = 2_000;
const SILENT_EVERY = 20;

/** The message of a job's ending never arrives: its subscriber must still get the ending within 2 s. */
export async function lostEnding({ rounds }: FaultOptions): Promise<Figures> {
  const redis = await FaultyRedis.launch();
  const proxy = await FaultyProxy.start(redis.url);
  const [writer, reader] = [openProcess(redis.url), openProcess(proxy.url)];
  const anomalies: string[] = [];
  const recoveryMs: number[] = [];
  const round = async (number: number): Promise<void> => {
    const projectId = `ending-${number}`;
    const job = new JobWriter(writer.log, projectId);
    await job.create();
    await job.begin();
    const stream = await reader.open({ projectId, jobId: job.state.id, snapshot: true });
    await stream.next();
    await job.complete();
    const began = performance.now();
    const { value } = await stream.next();
    const took = performance.now() - began;
    recoveryMs.push(took);
    if (value?.event.type !== 'CompletionEvent')
      anomalies.push(`round ${number}: received ${value?.event.type}`);
    if (took > LIMIT_MS) anomalies.push(`round ${number}: ${Math.round(took)} ms`);
    stream.close();
  };
  try {
    await reader.redis.ping();
    proxy.dropText = 'CompletionEvent';
    for (let done = 0; done < rounds; done += 50) {
      const now = Math.min(50, rounds - done);
      await Promise.all(Array.from({ length: now }, (_, index) => round(done + index)));
    }
    if (proxy.dropped < rounds) anomalies.push(`only ${proxy.dropped} of ${rounds} messages were dropped`);
  } finally {
    await Promise.all([writer.close(), reader.close()]);
    proxy.close();
    await redis.remove();
  }
  return {
    fault: 'message of an ending dropped',
    rounds,
    anomalies,
    recoveryMs,
    counts: { dropped: proxy.dropped },
  };
}

/** Redis carries a command out, and its answer is lost with the connection: no event twice, no job twice. */
export async function lostAnswers({ seed, rounds }: FaultOptions): Promise<Figures> {
  const random = seeded(seed);
  const redis = await FaultyRedis.launch();
  const proxy = await FaultyProxy.start(redis.url);
  const [path, check] = [openProcess(proxy.url), openProcess(redis.url)];
  const queue = await openBullMQQueue({
    connection: path.redis,
    keys: path.keys,
    logger: silentLogger,
  });
  const commands = new JobCommands({
    redis: path.redis,
    keys: path.keys,
    log: path.log,
    jobs: path.jobs,
    queue,
    clock: systemClock,
    logger: silentLogger,
    workflows: WORKFLOWS,
  });
  const anomalies: string[] = [];
  const recoveryMs: number[] = [];
  const projectId = 'answers';
  try {
    const job = await writeJob(path.log, projectId, 2);
    await commands.enqueue({
      workflow: 'WRITER',
      field: 'input',
      projectId: 'warm',
      input: { brief: 'warm' },
    });
    let [events, entries] = [2, 1];
    for (let round = 1; round <= rounds; round += 1) {
      const enqueues = random.below(2) === 0;
      const key = randomUUID();
      // The script's calls, BullMQ's, or whatever comes first.
      proxy.loseAnswerTo = enqueues ? random.pick(['evalsha', 'zadd', 'unended', 'wait']) : 'evalsha';
      const began = performance.now();
      if (enqueues) {
        const request = {
          workflow: 'WRITER',
          field: 'input',
          projectId,
          idempotencyKey: key,
          input: { brief: key },
        } as const;
        await commands.enqueue(request).catch(() => commands.enqueue(request));
        entries += 1;
      } else {
        await job.progress((round % 100) / 100);
      }
      events += 1;
      recoveryMs.push(performance.now() - began);
      proxy.loseAnswerTo = null;
      const head = await check.log.head(projectId);
      if (head.seq !== events) anomalies.push(`round ${round}: ${head.seq} events, expected ${events}`);
      events = head.seq;
    }
    await until(
      async () => [...(await queue.counts()).values()].reduce((sum, count) => sum + count, 0) === entries,
      {
        what: `the queue has ${entries} entries`,
      },
    ).catch((error: unknown) => anomalies.push(String(error)));
    const log = await check.log.readAfter(projectId, ORIGIN, 1_000_000);
    if (new Set(log.map(({ hash }) => hash)).size !== log.length)
      anomalies.push('an event is in the log twice');
  } finally {
    await queue.close();
    await Promise.all([path.close(), check.close()]);
    proxy.close();
    await redis.remove();
  }
  return {
    fault: 'answers lost after execution',
    rounds,
    anomalies,
    recoveryMs,
    counts: { lost: proxy.lost },
  };
}

/** The subscriber connection is cut by Redis for its output buffer, or goes silent without being closed. */
export async function lostSubscriber({ rounds }: FaultOptions): Promise<Figures> {
  const redis = await FaultyRedis.launch();
  const proxy = await FaultyProxy.start(redis.url);
  const [writer, reader] = [openProcess(redis.url), openProcess(proxy.url)];
  const anomalies: string[] = [];
  const recoveryMs: number[] = [];
  const noticedMs: number[] = [];
  const projectId = 'subscriber';
  try {
    const job = await writeJob(writer.log, projectId, 2);
    const stream = await reader.open({ projectId });
    let seq = 2;
    const next = async (round: number): Promise<void> => {
      seq += 1;
      const { value } = await stream.next();
      if (value?.seq !== seq) anomalies.push(`round ${round}: expected ${seq}, received ${value?.seq}`);
    };
    for (let round = 1; round <= rounds; round += 1) {
      // Noticing silence takes time, so most rounds cut the connection.
      const isSilent = round % SILENT_EVERY === 1;
      const connections = reader.subscriberReadyCount();
      if (isSilent) proxy.freezeSubscribers();
      else await cutByBuffer(writer);
      const began = performance.now();
      await job.progress(0.5);
      await next(round);
      const took = performance.now() - began;
      recoveryMs.push(took);
      if (took > LIMIT_MS) anomalies.push(`round ${round}: caught up after ${Math.round(took)} ms`);
      await until(() => reader.subscriberReadyCount() > connections, {
        timeoutMs: 25_000,
        what: 'a lost subscriber connection is noticed',
      }).catch((error: unknown) => anomalies.push(`round ${round}: ${error}`));
      if (isSilent) noticedMs.push(performance.now() - began);
      await pause(5);
    }
    stream.close();
  } finally {
    await Promise.all([writer.close(), reader.close()]);
    proxy.close();
    await redis.remove();
  }
  const counts = {
    'half-open': noticedMs.length,
    'noticed after at most ms': Math.round(Math.max(...noticedMs)),
  };
  return { fault: 'subscriber connection cut or half-open', rounds, anomalies, recoveryMs, counts };
}

/** Publishes more than the buffer can hold at once, on a channel that the reader subscribes to. */
async function cutByBuffer(writer: ReturnType<typeof openProcess>): Promise<void> {
  await writer.redis.config('SET', 'client-output-buffer-limit', 'pubsub 1mb 1mb 1');
  const filling = 'x'.repeat(4 * 1024 * 1024);
  await writer.redis.publish(writer.keys.project('subscriber').live, filling);
}
