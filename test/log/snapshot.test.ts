/** Snapshots of projects with many jobs: read page by page while the client takes them. */
import { describe, expect, test } from 'vitest';
import { openEventStream } from '../../src/log/event-stream.ts';
import type { SnapshotPaging } from '../../src/log/snapshot.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { until } from '../setup/deadline.ts';
import {
  createEventPath,
  cursorOf,
  type EventPath,
  JobWriter,
  range,
  seqs,
  unique,
} from '../setup/harness.ts';

const paged = (length: number): { readonly paging: SnapshotPaging } => ({ paging: { length, everyMs: 0 } });

/** Jobs that wait; the first event of each is the project's event of that number. */
async function queue(path: EventPath, projectId: string, count: number): Promise<JobWriter[]> {
  const jobs = range(1, count).map(
    (number) => new JobWriter(path.log, projectId, `job-${String(number).padStart(4, '0')}`),
  );
  await Promise.all(jobs.map((job) => job.create()));
  return jobs;
}

describe('a snapshot of many jobs (G7, G8)', () => {
  test('is handed out over many turns of the event loop, a page in each at most', async () => {
    const path = createEventPath(paged(20));
    const projectId = unique('project');
    await queue(path, projectId, 430);
    const { inner } = await path.open({ projectId, snapshot: true });
    const got: number[] = [];
    let inTurn = 0;
    let most = 0;
    while (got.length < 430) {
      const step = await inner.next();
      if (step.done) throw new Error('expected more events');
      got.push(step.value.seq);
      if (inTurn === 0) setImmediate(() => (inTurn = 0));
      inTurn += 1;
      most = Math.max(most, inTurn);
    }
    expect(got).toEqual(range(1, 430));
    expect(most).toBe(20);
  });

  test('keeps no more of it than a page', async () => {
    const path = createEventPath(paged(10));
    const projectId = unique('project');
    await queue(path, projectId, 55);
    let read = 0;
    const { latestPage } = path.jobs;
    path.jobs.latestPage = async (...args) => {
      const page = await latestPage.apply(path.jobs, args);
      read += page.events.length;
      return page;
    };
    const stream = await path.open({ projectId, snapshot: true });
    for (const taken of range(1, 55)) {
      await stream.next();
      expect(read - taken).toBeLessThan(10);
    }
  });

  test('leaves to the feed what goes on, ends and begins while it is read', async () => {
    const path = createEventPath(paged(2));
    const projectId = unique('project');
    const jobs = await queue(path, projectId, 7);
    const stream = await path.open({ projectId, snapshot: true });
    expect(seqs(await stream.take(1))).toEqual([1]);
    await jobs[0]?.begin(); // 8: shown already
    await jobs[3]?.begin(); // 9: to be shown
    await jobs[4]?.fail('close', 'CANCELLED'); // 10
    await new JobWriter(path.log, projectId, 'job-new').create(); // 11
    await jobs[3]?.progress(0.5); // 12
    expect(seqs(await stream.take(9))).toEqual([2, 3, 6, 7, 8, 9, 10, 11, 12]);
    await jobs[5]?.begin();
    expect(seqs(await stream.take(1))).toEqual([13]);
  });

  test('is in the order of the log, so that a client can resume in the middle of it', async () => {
    const path = createEventPath(paged(2));
    const projectId = unique('project');
    const jobs = await queue(path, projectId, 9);
    for (const index of [6, 2, 4]) await jobs[index]?.begin(); // 10, 11, 12
    const stream = await path.open({ projectId, snapshot: true });
    const shown = await stream.take(9);
    expect(seqs(shown)).toEqual([1, 2, 4, 6, 8, 9, 10, 11, 12]);
    const resumed = await path.open({ projectId, after: cursorOf(shown[3]) });
    expect(seqs(await resumed.take(6))).toEqual(range(7, 12));
  });

  test('is told by the log when more happens meanwhile than a queue holds', async () => {
    const path = createEventPath({ ...paged(1), limits: { collapseFrom: 100, maxLength: 10 } });
    const projectId = unique('project');
    const jobs = await queue(path, projectId, 4);
    const stream = await path.open({ projectId, snapshot: true });
    const endMany = async (): Promise<void> => {
      const made = range(1, 15).map(() => new JobWriter(path.log, projectId));
      for (const job of made) await job.create();
      for (const job of made) await job.fail('close', 'CANCELLED');
    };
    expect(seqs(await stream.take(1))).toEqual([1]);
    await endMany(); // 5..34
    const { feed } = await path.hub.acquire(projectId);
    await until(() => feed.position.seq === 34);
    expect(seqs(await stream.take(1))).toEqual([2]);
    await endMany(); // 35..64
    await until(() => feed.position.seq === 64);
    expect(seqs(await stream.take(62))).toEqual(range(3, 64));
    await jobs[0]?.begin();
    expect(seqs(await stream.take(1))).toEqual([65]);
  });

  test('is told by the log as often as needed to one who takes some each time', async () => {
    const limits = { collapseFrom: 100, maxLength: 10 };
    const path = createEventPath({ ...paged(1), limits, hub: { pageLength: 5, ringLength: 1 } });
    const projectId = unique('project');
    const jobs = await queue(path, projectId, 3);
    const stream = await path.open({ projectId, snapshot: true });
    const { feed } = await path.hub.acquire(projectId);
    const writeMany = async (from: number): Promise<void> => {
      for (const _ of range(from, from + 29)) await new JobWriter(path.log, projectId).create();
      await until(() => feed.position.seq === from + 29);
    };
    await writeMany(4); // 4..33
    expect(seqs(await stream.take(5))).toEqual(range(1, 5));
    // The queue is over its limit again, while the log is replayed for the first time.
    await writeMany(34); // 34..63
    expect(seqs(await stream.take(50))).toEqual(range(6, 55));
    await writeMany(64); // 64..93
    await jobs[0]?.begin();
    expect(seqs(await stream.take(39))).toEqual(range(56, 94));
  });

  test('ends with the history that it was read from: nothing of the next one is told behind it', async () => {
    const path = createEventPath({ ...paged(2), hub: { checkIntervalMs: 3_600_000 } });
    const projectId = unique('project');
    await queue(path, projectId, 6);
    const stream = await path.open({ projectId, snapshot: true });
    expect(seqs(await stream.take(2))).toEqual([1, 2]);
    await path.redis.unlink(await path.redis.keys(`*{${projectId}}*`));
    await queue(path, projectId, 6);
    const { feed } = await path.hub.acquire(projectId);
    await feed.repair();
    await expect(stream.next()).rejects.toMatchObject({ code: 'EVENTS_EXPIRED' });
    expect(await stream.next()).toBeNull();
  });

  test('ends a client that takes nothing of it while the queue is overrun again', async () => {
    const path = createEventPath({ ...paged(1), limits: { collapseFrom: 100, maxLength: 10 } });
    const projectId = unique('project');
    const jobs = await queue(path, projectId, 3);
    const stream = await path.open({ projectId, snapshot: true });
    const made = range(1, 40).map(() => new JobWriter(path.log, projectId));
    for (const job of made) await job.create();
    const { feed } = await path.hub.acquire(projectId);
    await until(() => feed.position.seq === 43);
    // One page takes the stream on to the replay, whose queue is overrun in turn.
    expect(seqs(await stream.take(3))).toEqual([1, 2, 3]);
    expect(seqs(await stream.take(40))).toEqual(range(4, 43));
    for (const step of range(1, 40)) await jobs[0]?.[step === 1 ? 'begin' : 'progress'](step);
    await until(() => feed.position.seq === 83);
    await stream.take(10);
    await expect(stream.take(30)).rejects.toMatchObject({ code: 'SUBSCRIBER_TOO_SLOW' });
  });

  test('holds jobs that the index by place does not know yet', async () => {
    const path = createEventPath(paged(3));
    const projectId = unique('project');
    const jobs = await queue(path, projectId, 8);
    await jobs[0]?.begin();
    await path.redis.unlink(path.keys.project(projectId).latest);
    await jobs[1]?.begin();
    const stream = await path.open({ projectId, snapshot: true });
    expect(seqs(await stream.take(8))).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
    await path.redis.set(path.keys.project(projectId).latest, 'of another type');
    const again = await path.open({ projectId, snapshot: true });
    expect(seqs(await again.take(8))).toEqual([3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('leaves out a job whose record is lost or broken, and shows all others', async () => {
    const path = createEventPath(paged(2));
    const projectId = unique('project');
    await queue(path, projectId, 6);
    const keys = path.keys.project(projectId);
    await path.redis.unlink(keys.job('job-0002'));
    await path.redis.unlink(keys.job('job-0003'), keys.job('job-0004'));
    await path.redis.set(keys.job('job-0004'), 'not a hash');
    await path.redis.hset(keys.job('job-0005'), 'lastEvent', '{"type":');
    const stream = await path.open({ projectId, snapshot: true });
    expect(seqs(await stream.take(2))).toEqual([1, 6]);
  });
});

describe('a limited snapshot', () => {
  test('holds the newest unended jobs, in the order of the log', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const jobs = await queue(path, projectId, 6);
    await jobs[2]?.begin(); // 7
    await jobs[4]?.fail('close', 'CANCELLED'); // 8
    await jobs[5]?.begin(); // 9
    const stream = await path.open({ projectId, snapshot: true, snapshotLimit: 3 });
    expect(seqs(await stream.take(3))).toEqual([4, 7, 9]);
    await jobs[0]?.begin(); // 10: not in the snapshot, but followed
    expect(seqs(await stream.take(1))).toEqual([10]);
  });
});

test.each([
  ['does not come', () => new Promise<never>(() => {})],
  ['fails', () => Promise.reject(new Error('no prediction'))],
  [
    'cannot begin',
    () => {
      throw new Error('no prediction');
    },
  ],
])(
  'a prediction that %s keeps no stream from beginning, nor another one behind it',
  async (_what, predict) => {
    const path = createEventPath(paged(2));
    const projectId = unique('project');
    await queue(path, projectId, 5);
    for (const _ of range(1, 2)) {
      const stream = await openEventStream({ ...path.sources, predict }, { projectId, snapshot: true });
      const events = [];
      while (events.length < 5) events.push((await stream.next()).value as LoggedEvent);
      expect(seqs(events)).toEqual(range(1, 5));
      await stream.return();
    }
  },
);
