/** Faults that remove history: rollback to an older image, trimming, flushing. Clients must be told of each (G2). */

import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { PlayheadError } from '../../src/core/errors.ts';
import { encodeCursor } from '../../src/log/cursor.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { until } from '../setup/deadline.ts';
import { writeJob } from '../setup/harness.ts';
import type { FaultOptions } from './kit/fault.ts';
import { openProcess } from './kit/process.ts';
import { seeded } from './kit/random.ts';
import type { Figures } from './kit/report.ts';
import { FaultyRedis, Member } from './kit/stack.ts';

const RESUME = `subscription ($projectId: ID!, $after: ID) {
  jobEvents(projectId: $projectId, after: $after) { ... on Event { id } }
}`;

/**
 * Redis is set back to an older AOF, and new events are written until their numbers have passed the cursors. Every cursor
 * of a lost event must get EVENTS_EXPIRED, through graphql-ws; that of the newest kept event must resume.
 */
export async function rollback({ seed, rounds }: FaultOptions): Promise<Figures> {
  const random = seeded(seed);
  const redis = await FaultyRedis.launch();
  const server = new URL('../../src/server.ts', import.meta.url);
  const api = new Member('api', server, { REDIS_URL: redis.url, PLAYHEAD_LOG_LEVEL: 'fatal' });
  await api.start();
  const client = createClient({
    url: `ws://127.0.0.1:${api.port}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 10,
  });
  const path = openProcess(redis.url);
  const anomalies: string[] = [];
  let cursors = 0;
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const projectId = `rollback-${round}`;
      const job = await writeJob(path.log, projectId, 3 + random.below(10));
      const kept = await path.log.readAfter(projectId, ORIGIN, 1_000);
      await redis.keepImage();
      const lostCount = 1 + random.below(8);
      for (let count = 1; count <= lostCount; count += 1) await job.progress(count / 100);
      const all = await path.log.readAfter(projectId, ORIGIN, 1_000);
      await redis.rollBack();
      const passing = lostCount + 1 + random.below(5);
      for (let count = 1; count <= passing; count += 1) await job.progress(count / 100);
      for (const event of all.slice(kept.length)) {
        cursors += 1;
        const came = await answered(() => outcome(client, projectId, event));
        if (came !== 'EVENTS_EXPIRED') anomalies.push(`round ${round}: lost event ${event.seq} gave ${came}`);
      }
      const last = kept.at(-1);
      const came = last === undefined ? '' : await answered(() => outcome(client, projectId, last));
      if (came !== `event ${kept.length + 1}`) anomalies.push(`round ${round}: kept event gave ${came}`);
    }
  } finally {
    await client.dispose();
    await path.close();
    await api.end('SIGKILL');
    await redis.remove();
  }
  return { fault: 'Redis set back to an older AOF', rounds, anomalies, recoveryMs: [], counts: { cursors } };
}

/** Asks once more for as long as Redis, which may just have been started, does not answer in time. */
function answered(ask: () => Promise<string>): Promise<string> {
  return until(async () => {
    const came = await ask();
    return came !== 'UNAVAILABLE' && came;
  });
}

/** The first outcome of a resume: the error's code, or the number of an event. */
async function outcome(client: Client, projectId: string, event: LoggedEvent): Promise<string> {
  const variables = { projectId, after: encodeCursor(event) };
  try {
    for await (const { data } of client.iterate<{ jobEvents: { id: string } }>({
      query: RESUME,
      variables,
    })) {
      const [, seq] = Buffer.from(data?.jobEvents.id ?? '', 'base64url')
        .toString()
        .split('.');
      return `event ${seq}`;
    }
    return 'nothing';
  } catch (error) {
    const [first] = error as { extensions?: { code?: string } }[];
    return first?.extensions?.code ?? String(error);
  }
}

/** A client is absent while the log is trimmed, or everything is flushed: it must be told, or continue without a gap. */
export async function absence({ seed, rounds }: FaultOptions): Promise<Figures> {
  const random = seeded(seed);
  const redis = await FaultyRedis.launch();
  const [writer, reader] = [openProcess(redis.url), openProcess(redis.url)];
  const anomalies: string[] = [];
  const counts = { told: 0, 'went on': 0 };
  try {
    for (let round = 1; round <= rounds; round += 1) {
      const projectId = `absence-${round}`;
      await writeJob(writer.log, projectId, 5 + random.below(20));
      const events = await writer.log.readAfter(projectId, ORIGIN, 1_000);
      const cursor = events[random.below(events.length)];
      if (cursor === undefined) continue;
      const flushed = random.below(4) === 0;
      const floor = 1 + random.below(events.length);
      if (flushed) await writer.redis.flushall();
      else await writer.redis.xtrim(writer.keys.project(projectId).log, 'MINID', `${floor}-0`);
      const more = random.below(30);
      if (more > 0) await writeJob(writer.log, projectId, more + 2);
      const came = await answered(() => resume(reader, projectId, cursor));
      const gone = flushed || cursor.seq < floor;
      if (gone !== (came === 'EVENTS_EXPIRED')) {
        anomalies.push(
          `round ${round}: ${flushed ? 'flushed' : `trimmed to ${floor}`}, cursor ${cursor.seq}: ${came}`,
        );
      }
      counts[came === 'EVENTS_EXPIRED' ? 'told' : 'went on'] += 1;
    }
  } finally {
    await Promise.all([writer.close(), reader.close()]);
    await redis.remove();
  }
  return { fault: 'log trimmed or flushed during absence', rounds, anomalies, recoveryMs: [], counts };
}

/** EVENTS_EXPIRED, or whether the events up to the log's end arrived without a gap. */
async function resume(
  reader: ReturnType<typeof openProcess>,
  projectId: string,
  cursor: LoggedEvent,
): Promise<string> {
  try {
    const stream = await reader.open({ projectId, after: encodeCursor(cursor) });
    const end = (await reader.log.head(projectId)).seq;
    try {
      for (let seq = cursor.seq + 1; seq <= end; seq += 1) {
        const { value } = await stream.next();
        if (value?.seq !== seq) return `gap: ${value?.seq} instead of ${seq}`;
      }
      return 'went on';
    } finally {
      stream.close();
    }
  } catch (error) {
    return error instanceof PlayheadError ? error.code : String(error);
  }
}
