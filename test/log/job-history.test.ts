/** The events of one job, out of the log of its project. */
import { expect, test } from 'vitest';
import { JobHistory } from '../../src/log/job-history.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN, type Position } from '../../src/progress/position.ts';
import { createEventPath, JobWriter, range, seqs, unique, writeJob } from '../setup/harness.ts';

/** Two jobs that take turns, each with so many events. */
async function twoJobs(count: number) {
  const path = createEventPath({ log: { maxLength: 1_000_000 } });
  const projectId = unique('project');
  const [job, other] = [await writeJob(path.log, projectId), await writeJob(path.log, projectId)];
  for (const step of range(1, count - 2)) {
    await job.progress(step / count);
    await other.progress(step / count);
  }
  const history = new JobHistory(path.redis, path.keys, path.log);
  const all = (await path.log.readAfter(projectId, ORIGIN, 100_000)) as readonly LoggedEvent[];
  const own = all.filter(({ event }) => event.jobId === job.state.id);
  const read = (limit: number, after: Position | null = null) =>
    history.read({ projectId, jobId: job.state.id, after, limit });
  return { ...path, all, history, job, other, own, projectId, read };
}

test('has exactly the job’s events, oldest first, page by page', async () => {
  const { own, read } = await twoJobs(7);
  const first = await read(3);
  expect(first).toEqual({ events: own.slice(0, 3), hasMore: true });
  const second = await read(4, first.events.at(-1));
  expect(second).toEqual({ events: own.slice(3), hasMore: false });
  expect(await read(3, own.at(-1))).toEqual({ events: [], hasMore: false });
});

test('goes on after an event of another job', async () => {
  const { all, own, read } = await twoJobs(5);
  const [after] = all.slice(5, 6);
  const { events } = await read(100, after);
  expect(events).toEqual(own.filter(({ seq }) => seq > (after?.seq ?? 0)));
});

test('finds the job’s events far apart in a long log', async () => {
  const { job, log, other, projectId, read } = await twoJobs(2);
  await Promise.all(range(1, 2_300).map((step) => other.progress(step / 3_000)));
  await job.complete();
  const { events, hasMore } = await read(10);
  expect(events.map(({ event }) => event.type)).toEqual([
    'ProgressEvent',
    'ProgressEvent',
    'CompletionEvent',
  ]);
  expect(hasMore).toBe(false);
  expect(events.at(-1)?.seq).toBe((await log.head(projectId)).seq);
});

test('takes nothing for an event of the job that only speaks of it', async () => {
  const { job, log, other, projectId, read } = await twoJobs(2);
  const speaking = { ...other.progressEvent(0.5, 'processing'), metadata: { jobId: job.state.id } };
  const write = { mode: 'event', writeId: unique('write'), event: speaking, state: other.state } as const;
  await log.append(write);
  await job.progress(0.9);
  expect(seqs((await read(10)).events)).toEqual([1, 2, (await log.head(projectId)).seq]);
});

test('begins with what a trimmed log still has, and refuses to go on after what it has not', async () => {
  const { keys, own, projectId, read, redis } = await twoJobs(6);
  const floor = own[2]?.seq ?? 0;
  await redis.xtrim(keys.project(projectId).log, 'MINID', `${floor}-0`);
  expect((await read(100)).events).toEqual(own.slice(2));
  await expect(read(100, own[0])).rejects.toMatchObject({ code: 'EVENTS_EXPIRED' });
});

test('is empty where the history is lost, and for a job that is not known', async () => {
  const { history, keys, log, projectId, read, redis } = await twoJobs(3);
  await redis.del(keys.project(projectId).log, keys.project(projectId).meta);
  await new JobWriter(log, projectId).create();
  expect(await read(10)).toEqual({ events: [], hasMore: false });
  expect(await history.read({ projectId, jobId: 'nobody', after: null, limit: 5 })).toEqual({
    events: [],
    hasMore: false,
  });
});
