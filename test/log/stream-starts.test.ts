/** Where a stream begins, when the log or its job moves while it opens (G1, G2, G8). */

import { describe, expect, test } from 'vitest';
import { type EventStream, openEventStream, type StreamRequest } from '../../src/log/event-stream.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { until } from '../setup/deadline.ts';
import {
  createEventPath,
  cursorOf,
  type EventPath,
  type JobWriter,
  range,
  Stream,
  seqs,
  unique,
  writeJob,
} from '../setup/harness.ts';

const NEVER_MS = 3_600_000;

/** Opens a stream; `meanwhile` happens between its attaching to the feed and its reading of the job. */
async function openWhile(
  path: EventPath,
  request: Omit<StreamRequest, 'snapshot'>,
  meanwhile: () => Promise<unknown>,
  loadedFirst: boolean,
): Promise<Stream> {
  const jobs = Object.assign(Object.create(path.jobs), {
    load: async (...ids: [string, string]) => {
      const before = loadedFirst ? await path.jobs.load(...ids) : null;
      await meanwhile();
      return loadedFirst ? before : path.jobs.load(...ids);
    },
  });
  const stream: EventStream = await openEventStream(
    { ...path.sources, jobs },
    { ...request, snapshot: false },
  );
  return new Stream(stream);
}

describe('the stream of a job that had ended', () => {
  test.each([
    ['from memory', true],
    ['from the log', false],
  ])('hands out nothing of a run that began while it opened: %s', async (_how, remembered) => {
    const path = createEventPath({ hub: { checkIntervalMs: NEVER_MS, lingerMs: 0 } });
    const projectId = unique('project');
    const early = remembered ? await path.hub.acquire(projectId) : null;
    const job = await writeJob(path.log, projectId, 4);
    await job.fail('end');
    await until(() => early === null || early.feed.position.seq === 5);
    const lease = await path.hub.acquire(projectId);
    const [first] = await path.log.readAfter(projectId, ORIGIN, 1);
    const retry = async (): Promise<void> => {
      await job.retry();
      await job.begin(2);
      await until(() => lease.feed.position.seq === 7, { what: 'the feed has the next run' });
    };
    const request = { projectId, jobId: job.state.id, after: cursorOf(first) };
    const stream = await openWhile(path, request, retry, true);
    expect(seqs(await stream.rest())).toEqual([2, 3, 4, 5]);
    lease.release();
    early?.release();
  });

  test('goes on into a run that had begun before it read the job', async () => {
    const path = createEventPath({ hub: { checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 4);
    await job.fail('end');
    const lease = await path.hub.acquire(projectId);
    const [first] = await path.log.readAfter(projectId, ORIGIN, 1);
    const retry = async (): Promise<void> => {
      await job.retry();
      await job.begin(2);
      await until(() => lease.feed.position.seq === 7, { what: 'the feed has the next run' });
    };
    const request = { projectId, jobId: job.state.id, after: cursorOf(first) };
    const stream = await openWhile(path, request, retry, false);
    await job.complete();
    expect(seqs(await stream.rest())).toEqual([2, 3, 4, 5, 6, 7, 8]);
    lease.release();
  });

  test('ends with an ending that came while it opened', async () => {
    const path = createEventPath({ hub: { checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 4);
    const lease = await path.hub.acquire(projectId);
    const [first] = await path.log.readAfter(projectId, ORIGIN, 1);
    const request = { projectId, jobId: job.state.id, after: cursorOf(first) };
    const end = async (): Promise<void> => {
      await job.complete();
      await until(() => lease.feed.position.seq === 5, { what: 'the feed has the ending' });
    };
    const stream = await openWhile(path, request, end, false);
    expect(seqs(await stream.rest())).toEqual([2, 3, 4, 5]);
    lease.release();
  });

  test('has what lies behind pages of other jobs’ events, and is over at once where nothing is left', async () => {
    const path = createEventPath({ hub: { checkIntervalMs: NEVER_MS, pageLength: 2 } });
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 2);
    await writeJob(path.log, projectId, 7);
    await job.complete();
    const events = await path.log.readAfter(projectId, ORIGIN, 20);
    const open = (at: number): Promise<EventStream> =>
      openEventStream(path.sources, {
        ...{ projectId, jobId: job.state.id, snapshot: false },
        after: cursorOf(events[at]),
      });
    const behind = await open(1);
    expect([behind.isOfEndedJob, behind.done]).toEqual([true, false]);
    expect(seqs(await new Stream(behind).rest())).toEqual([10]);
    const over = await open(9);
    expect([over.isOfEndedJob, over.done]).toEqual([true, true]);
  });
});

describe('a resume from the log', () => {
  /** A feed that stands at the end of a log of 8 events of two jobs and remembers none of them. */
  async function standAtEnd(): Promise<{
    readonly path: EventPath;
    readonly projectId: string;
    readonly jobs: readonly [JobWriter, JobWriter];
    readonly events: readonly LoggedEvent[];
  }> {
    const path = createEventPath({ hub: { checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const jobs = [await writeJob(path.log, projectId, 4), await writeJob(path.log, projectId, 4)] as const;
    const events = await path.log.readAfter(projectId, ORIGIN, 10);
    return { path, projectId, jobs, events };
  }

  test.each([
    ['has another event where the stream attached', 8, 8],
    ['has other events from before there on', 4, 8],
    ['ends before it', 9, 7],
    ['ends with the cursor’s own event', 9, 2],
  ])('is told that the history is lost when the log, rolled back, %s', async (_what, from, length) => {
    const { path, projectId, events } = await standAtEnd();
    const lease = await path.hub.acquire(projectId);
    const { readFrom } = path.log;
    path.log.readFrom = async (...args) => {
      const { events: read } = await readFrom.apply(path.log, args);
      const hash = (event: LoggedEvent): string => (event.seq < from ? event.hash : `other-${event.hash}`);
      const kept = read.filter(({ seq }) => seq <= length).map((event) => ({ ...event, hash: hash(event) }));
      const last = kept.at(-1);
      if (last === undefined) throw new Error('expected an event');
      return { events: kept, head: { epoch: last.epoch, seq: last.seq, hash: last.hash } };
    };
    const opening = path.open({ projectId, after: cursorOf(events[1]) });
    await expect(opening).rejects.toMatchObject({ code: 'EVENTS_EXPIRED' });
    expect(path.hub.listenerCount).toBe(0);
    lease.release();
  });

  test('hands out once what the log and the feed both have', async () => {
    const { path, projectId, jobs, events } = await standAtEnd();
    const lease = await path.hub.acquire(projectId);
    const { readFrom } = path.log;
    path.log.readFrom = async (...args) => {
      path.log.readFrom = readFrom;
      // Written behind the place where the stream attached, before the log is read: both know them.
      await jobs[0].progress(0.5);
      await jobs[1].progress(0.6);
      await until(() => lease.feed.position.seq === 10, { what: 'the feed has what the log has' });
      return readFrom.apply(path.log, args);
    };
    const stream = await path.open({ projectId, after: cursorOf(events[1]) });
    expect(seqs(await stream.take(8))).toEqual(range(3, 10));
    await jobs[0].progress(0.7);
    expect(seqs(await stream.take(1))).toEqual([11]);
    lease.release();
  });
});

describe('a stream that fails', () => {
  test('hands out first what had come before (G1), then says why, then is over', async () => {
    const path = createEventPath({ hub: { checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const stream = await path.open({ projectId });
    const lease = await path.hub.acquire(projectId);
    await writeJob(path.log, projectId, 5);
    await until(() => lease.feed.position.seq === 5, { what: 'the feed has all' });
    await path.redis.unlink(await path.redis.keys(`*{${projectId}}*`));
    await lease.feed.repair();
    expect(path.hub.listenerCount).toBe(0);
    expect(seqs(await stream.take(5))).toEqual([1, 2, 3, 4, 5]);
    await expect(stream.next()).rejects.toMatchObject({ code: 'EVENTS_EXPIRED' });
    expect(await stream.next()).toBeNull();
    lease.release();
  });

  test('says so to one who is waiting', async () => {
    const path = createEventPath({ hub: { checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const stream = await path.open({ projectId });
    const lease = await path.hub.acquire(projectId);
    await writeJob(path.log, projectId, 2);
    await stream.take(2);
    const waiting = expect(stream.next()).rejects.toMatchObject({ code: 'EVENTS_EXPIRED' });
    await path.redis.unlink(await path.redis.keys(`*{${projectId}}*`));
    await Promise.all([waiting, lease.feed.repair()]);
    lease.release();
  });

  test('says nothing to one whose job had ended before the history was lost', async () => {
    const path = createEventPath({ hub: { checkIntervalMs: NEVER_MS } });
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 3);
    const lease = await path.hub.acquire(projectId);
    const stream = await path.open({ projectId, jobId: job.state.id });
    await job.complete();
    await until(() => lease.feed.position.seq === 4, { what: 'the feed has the ending' });
    await path.redis.unlink(await path.redis.keys(`*{${projectId}}*`));
    await lease.feed.repair();
    expect(seqs(await stream.rest())).toEqual([4]);
    lease.release();
  });
});
