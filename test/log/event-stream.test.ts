import { describe, expect, test } from 'vitest';
import { openEventStream } from '../../src/log/event-stream.ts';
import { isEnding, type LoggedEvent } from '../../src/progress/events.ts';
import { ORIGIN } from '../../src/progress/position.ts';
import { PATIENCE_MS, until, within } from '../setup/deadline.ts';
import {
  createEventPath,
  cursorOf,
  type EventPath,
  JobWriter,
  range,
  Stream,
  seqs,
  unique,
  writeJob,
} from '../setup/harness.ts';

const NEVER_MS = 3_600_000;
/** For a subscriber that reads only when everything is written. */
const PATIENT = { collapseFrom: 10_000, maxLength: 20_000 };

/** A log of several jobs: every event is followed by one of another job. */
async function writeMixed(path: EventPath, projectId: string, count: number): Promise<JobWriter[]> {
  const jobs = range(1, 3).map((number) => new JobWriter(path.log, projectId, `job-${number}`));
  for (const job of jobs) await job.create();
  for (const job of jobs) await job.begin();
  const share = async (number: number): Promise<void> => {
    await jobs[number % 3]?.progress(number / (count + 1));
  };
  await Promise.all(range(7, count).map(share));
  return jobs;
}

function another(path: EventPath, options: Parameters<typeof createEventPath>[0] = {}): EventPath {
  return createEventPath({ prefix: path.keys.unended.replace(/:unended$/, ''), ...options });
}

describe('a stream that resumes behind an event gets exactly the rest (G2)', () => {
  test('from any event of a log, from the feed’s memory', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const live = await path.open({ projectId });
    await writeMixed(path, projectId, 120);
    const events = await live.take(120);
    const reads = path.hub.counters.logReads;
    for (const event of events) {
      const resumed = await path.open({ projectId, after: cursorOf(event) });
      expect(await resumed.take(120 - event.seq)).toEqual(events.slice(event.seq));
      await resumed.inner.return();
    }
    expect(path.hub.counters.logReads).toBe(reads);
  });

  test('from any event of a log, read from the log', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    await writeMixed(path, projectId, 120);
    const events = await path.log.readAfter(projectId, ORIGIN, 200);
    for (const event of events) {
      const resumed = await path.open({ projectId, after: cursorOf(event) });
      expect(await resumed.take(120 - event.seq)).toEqual(events.slice(event.seq));
      await resumed.inner.return();
    }
  });

  test('over several pages of the log, then from the doorbell, without a break', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const [job] = await writeMixed(path, projectId, 1_300);
    const events = await path.log.readAfter(projectId, ORIGIN, 2_000);
    for (const at of [1, 2, 299, 300, 301, 798, 799, 800, 801, 1_299, 1_300]) {
      const resumed = await path.open({ projectId, after: cursorOf(events[at - 1]) });
      const more = await job?.progress(0.99);
      const rest = await resumed.takeUntil(({ seq }) => seq === more?.position.seq);
      expect(seqs(rest)).toEqual(range(at + 1, more?.position.seq ?? 0));
      expect(rest.slice(0, 1_300 - at)).toMatchObject(events.slice(at));
      await resumed.inner.return();
    }
  });

  test('of one job alone, from memory and from the log', async () => {
    const path = createEventPath({ limits: PATIENT });
    const projectId = unique('project');
    const live = await path.open({ projectId });
    const [job] = await writeMixed(path, projectId, 700);
    await job?.complete();
    const events = await live.take(701);
    const jobId = job?.state.id;
    const own = events.filter(({ event }) => event.jobId === jobId);
    for (const { open } of [path, another(path)]) {
      for (const event of events.filter(({ seq }) => seq % 50 === 1)) {
        const resumed = await open({ projectId, jobId, after: cursorOf(event) });
        expect(seqs(await resumed.rest())).toEqual(seqs(own.filter(({ seq }) => seq > event.seq)));
      }
    }
  });

  test('while others write, read in small bites, across many resumes', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const first = await writeJob(path.log, projectId, 2);
    let writing = true;
    const writers = range(1, 3).map(async () => {
      for (let round = 0; round < 12; round += 1) await (await writeJob(path.log, projectId, 12)).complete();
    });
    const done = Promise.all(writers).then(() => {
      writing = false;
    });
    const [start] = await path.log.readAfter(projectId, ORIGIN, 1);
    const seen: LoggedEvent[] = start === undefined ? [] : [start];
    let bite = 1;
    const processes = [path, another(path), another(path, { hub: { ringLength: 5, lingerMs: 0 } })];
    while (writing) {
      bite = (bite * 7) % 31;
      const resumed = await processes[bite % 3]?.open({ projectId, after: cursorOf(seen.at(-1)) });
      await first.progress(0.5);
      seen.push(...((await resumed?.take(1)) ?? []));
      for (let more = 0; more < bite; more += 1) {
        await first.progress(0.5);
        seen.push(...((await resumed?.take(1)) ?? []));
      }
      await resumed?.inner.return();
    }
    await done;
    expect(seqs(seen)).toEqual(range(1, seen.length));
    expect(seen).toMatchObject(await path.log.readAfter(projectId, ORIGIN, seen.length));
  });

  test('without a repeat when the cursor is ahead of this process’s feed', async () => {
    const held: (() => void)[] = [];
    const path = createEventPath({
      hub: { checkIntervalMs: NEVER_MS },
      wrap: (channel) => ({
        subscribe: (name, onMessage) =>
          channel.subscribe(name, (message) => held.push(() => onMessage(message))),
        unsubscribe: (id) => channel.unsubscribe(id),
      }),
    });
    const projectId = unique('project');
    await path.open({ projectId });
    const job = await writeJob(path.log, projectId, 6);
    const [last] = await path.jobs.lastEvents(projectId, [job.state.id]);
    await until(() => held.length === 6);
    // The feed catches up while the stream that is being opened reads its job.
    const jobs = Object.assign(Object.create(path.jobs), {
      load: async (...ids: [string, string]) => {
        for (const handOn of held.splice(0)) handOn();
        return path.jobs.load(...ids);
      },
    });
    const request = { projectId, jobId: job.state.id, after: cursorOf(last ?? undefined), snapshot: false };
    const stream = new Stream(await openEventStream({ ...path.sources, jobs }, request));
    await job.progress(0.9);
    await until(() => held.length === 1);
    for (const handOn of held.splice(0)) handOn();
    expect(seqs(await stream.take(1))).toEqual([7]);
    await stream.inner.return();
  });

  test.each(['while it opens', 'after it has opened'])(
    'or is told: the cursor is ahead of the feed, and its history is lost %s',
    async (when) => {
      let isDeaf = true;
      const path = createEventPath({
        hub: { checkIntervalMs: NEVER_MS },
        wrap: (channel) => ({
          subscribe: (name, onMessage) =>
            channel.subscribe(name, (message) => (isDeaf ? undefined : onMessage(message))),
          unsubscribe: (id) => channel.unsubscribe(id),
        }),
      });
      const projectId = unique('project');
      const lease = await path.hub.acquire(projectId);
      const job = await writeJob(path.log, projectId, 6);
      const after = cursorOf((await path.jobs.lastEvents(projectId, [job.state.id]))[0] ?? undefined);
      const loseHistory = async (): Promise<void> => {
        await path.redis.unlink(await path.redis.keys(`*{${projectId}}*`));
        await writeJob(path.log, projectId, 6);
      };
      if (when === 'while it opens') {
        const { readFrom } = path.log;
        path.log.readFrom = async (...args) => {
          path.log.readFrom = readFrom;
          const answer = await readFrom.apply(path.log, args);
          await loseHistory();
          return answer;
        };
        await expect(path.open({ projectId, after })).rejects.toMatchObject({ code: 'EVENTS_EXPIRED' });
      } else {
        const stream = await path.open({ projectId, after });
        isDeaf = false;
        await loseHistory();
        await expect(stream.next()).rejects.toMatchObject({ code: 'EVENTS_EXPIRED' });
      }
      lease.release();
    },
  );

  test('without a repeat when events arrive while it opens', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    await path.open({ projectId });
    const job = await writeJob(path.log, projectId, 6);
    const lease = await path.hub.acquire(projectId);
    await until(() => lease.feed.position.seq === 6);
    const jobs = Object.assign(Object.create(path.jobs), {
      load: async (...ids: [string, string]) => {
        await job.progress(0.9);
        await until(() => lease.feed.position.seq === 7);
        return path.jobs.load(...ids);
      },
    });
    const [third] = (await path.log.readAfter(projectId, ORIGIN, 10)).slice(2);
    const request = { projectId, jobId: job.state.id, after: cursorOf(third), snapshot: false };
    const stream = new Stream(await openEventStream({ ...path.sources, jobs }, request));
    await job.complete();
    expect(seqs(await stream.rest())).toEqual([4, 5, 6, 7, 8]);
    lease.release();
  });
});

describe('the stream of one job', () => {
  test('ends after the job’s last event', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const job = new JobWriter(path.log, projectId);
    await job.create();
    const stream = await path.open({ projectId, jobId: job.state.id, snapshot: true });
    await writeJob(path.log, projectId, 4);
    await job.begin();
    await job.fail('release');
    await job.begin(2);
    await job.complete();
    const events = await stream.rest();
    expect(events.map(({ event }) => event.type)).toEqual([
      'ProgressEvent',
      'ProgressEvent',
      'ErrorEvent',
      'ProgressEvent',
      'CompletionEvent',
    ]);
    expect(path.hub.listenerCount).toBe(0);
  });

  test('of an ended job gives its last event and ends, also when it never listened before (G8)', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 5);
    await job.complete();
    await writeJob(path.log, projectId, 3);
    const stream = await path.open({ projectId, jobId: job.state.id, snapshot: true });
    const events = await stream.rest();
    expect(events.map(({ seq, event }) => [seq, event.type])).toEqual([[6, 'CompletionEvent']]);
    expect(path.hub.listenerCount).toBe(0);
  });

  test.each([
    ['from memory', 20],
    ['from a page of the log', 20],
    ['from several pages of the log', 1_200],
  ])('ends when everything behind the cursor belongs to others: %s', async (how, others) => {
    const path = createEventPath({ hub: { ringLength: 2_000 }, limits: PATIENT });
    const projectId = unique('project');
    const live = await path.open({ projectId });
    const job = await writeJob(path.log, projectId, 5);
    await job.complete();
    await writeJob(path.log, projectId, others);
    const events = await live.take(6 + others);
    const { open, hub } = how === 'from memory' ? path : another(path);
    for (const at of [6, 7, 8]) {
      const stream = await open({ projectId, jobId: job.state.id, after: cursorOf(events[at - 1]) });
      expect(await stream.rest()).toEqual([]);
    }
    expect(hub.listenerCount).toBe(how === 'from memory' ? 1 : 0);
  });

  test('does not end with an ending that a retry has taken back', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 3);
    await job.fail('end');
    await job.retry();
    await job.begin(2);
    const [first] = await path.log.readAfter(projectId, ORIGIN, 1);
    const stream = await path.open({ projectId, jobId: job.state.id, after: cursorOf(first) });
    await job.complete();
    expect(seqs(await stream.rest())).toEqual([2, 3, 4, 5, 6, 7]);
  });

  test('ends with the run that was over when it began, though the job is retried before the log is read', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 3);
    await job.fail('end');
    const [last] = (await path.log.readAfter(projectId, ORIGIN, 100)).slice(-1);
    await writeJob(path.log, projectId, 1_200);
    const { hub, open } = another(path);
    const lease = await hub.acquire(projectId);
    const stream = await open({ projectId, jobId: job.state.id, after: cursorOf(last) });
    const { position } = await job.retry();
    await until(() => lease.feed.position.seq === position.seq, { what: 'the feed has the retry' });
    expect(seqs(await stream.rest())).toEqual([]);
    lease.release();
  });

  test('ends with the run that was over, though the job is retried while it is loaded', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 3);
    await job.fail('end');
    const [last] = (await path.log.readAfter(projectId, ORIGIN, 100)).slice(-1);
    // So the log is read by pages, and what comes meanwhile waits.
    await writeJob(path.log, projectId, 1_200);
    const { hub, sources } = another(path);
    const lease = await hub.acquire(projectId);
    const jobs = Object.assign(Object.create(path.jobs), {
      load: async (...ids: [string, string]) => {
        const loaded = await path.jobs.load(...ids);
        const { position } = await job.retry();
        await until(() => lease.feed.position.seq === position.seq, { what: 'the feed has the retry' });
        return loaded;
      },
    });
    const request = { projectId, jobId: job.state.id, after: cursorOf(last), snapshot: false };
    const stream = new Stream(await openEventStream({ ...sources, jobs }, request));
    expect(seqs(await stream.rest())).toEqual([]);
    lease.release();
  });

  test('is NOT_FOUND for an unknown job, and holds nothing', async () => {
    const path = createEventPath();
    const opening = path.open({ projectId: unique('project'), jobId: 'unknown' });
    await expect(opening).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(path.hub.listenerCount).toBe(0);
  });

  test('is BAD_USER_INPUT for a broken cursor, and opens no feed', async () => {
    const path = createEventPath();
    const opening = path.open({ projectId: unique('project'), after: 'broken' });
    await expect(opening).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(path.hub.size).toBe(0);
  });
});

/** The newest event of each job that has not ended at a position of the log, in order. */
function activeAt(log: readonly LoggedEvent[], position: number): readonly LoggedEvent[] {
  const latest = new Map<string, LoggedEvent>();
  for (const event of log.slice(0, position)) latest.set(event.event.jobId, event);
  return [...latest.values()]
    .filter(({ event }) => !isEnding(event))
    .sort((one, other) => one.seq - other.seq);
}

/**
 * Whether the stream attached at `position`: first the jobs' state there, then every event behind. A job may be missing
 * from the state only when it wrote again before the stream was open, since that event comes live.
 */
function fits(
  log: readonly LoggedEvent[],
  got: readonly number[],
  position: number,
  openedAt: number,
): boolean {
  const live = range(position + 1, log.length);
  const first = got.slice(0, got.length - live.length);
  const active = activeAt(log, position);
  const written = new Set(log.slice(position, openedAt).map(({ event }) => event.jobId));
  const due = active.filter(({ seq, event }) => first.includes(seq) || !written.has(event.jobId));
  return [...seqs(due), ...live].join() === got.join();
}

describe('a stream that begins with the snapshot (G8)', () => {
  test('leaves out the jobs that have ended, and is sorted by place', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const jobs = await writeMixed(path, projectId, 20);
    await jobs[1]?.complete();
    const log = await path.log.readAfter(projectId, ORIGIN, 100);
    const stream = await path.open({ projectId, snapshot: true });
    const more = await jobs[0]?.progress(0.99);
    const events = await stream.takeUntil(({ seq }) => seq === more?.position.seq);
    expect(seqs(events)).toEqual([...seqs(activeAt(log, 21)), 22]);
    expect(events).toHaveLength(3);
  });

  test('of a project that nothing was ever written in waits for the first event', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const stream = await path.open({ projectId, snapshot: true });
    await writeJob(path.log, projectId, 3);
    expect(seqs(await stream.take(3))).toEqual([1, 2, 3]);
  });

  test.each(range(1, 40))('has no gap and no repeat while others write (interleaving %d)', async (round) => {
    const path = createEventPath({ hub: { ringLength: 5, lingerMs: 0 } });
    const projectId = unique('project');
    if (round % 3 === 0) await writeJob(path.log, projectId, 4);
    const writers = range(1, 4).map(async (number) => {
      for (let at = 0; at < 2; at += 1) {
        const job = await writeJob(path.log, projectId, 3 + ((number * round) % 5));
        await ((number + at) % 2 === 0 ? job.complete() : job.fail('close', 'CANCELLED'));
      }
      return writeJob(path.log, projectId, 4);
    });
    const streams: Promise<{ readonly stream: Stream; readonly openedAt: number }>[] = [];
    const open = async (): Promise<{ readonly stream: Stream; readonly openedAt: number }> => {
      const stream = await path.open({ projectId, snapshot: true });
      return { stream, openedAt: (await path.log.head(projectId)).seq };
    };
    for (let at = 0; at < 4; at += 1) {
      // Another number of turns of the event loop and of Redis in each round.
      for (let turn = 0; turn < (round * (at + 1)) % 7; turn += 1) await path.redis.ping();
      streams.push(open());
    }
    const jobs = await Promise.all(writers);
    const end = await jobs[0]?.progress(0.99);
    const log = await path.log.readAfter(projectId, ORIGIN, 1_000);
    expect(log.at(-1)?.seq).toBe(end?.position.seq);
    for (const opening of streams) {
      const { stream, openedAt } = await opening;
      const got = seqs(await stream.takeUntil(({ seq }) => seq === log.length));
      const position = range(0, openedAt).find((at) => fits(log, got, at, openedAt));
      expect(position, `no state and rest of 1..${log.length}: ${got.join()}`).toBeDefined();
    }
  });

  test.each(range(1, 15))('of one job has no gap and no repeat while it is written (%d)', async (round) => {
    const path = createEventPath({ hub: { lingerMs: 0 } });
    const projectId = unique('project');
    const job = new JobWriter(path.log, projectId);
    await job.create();
    const writing = (async () => {
      await job.begin();
      for (const number of range(1, 8)) await job.progress(number / 10);
      await job.complete();
    })();
    for (let turn = 0; turn < round; turn += 1) await path.redis.ping();
    const stream = await path.open({ projectId, jobId: job.state.id, snapshot: true });
    const got = seqs(await stream.rest());
    await writing;
    expect(got).toEqual(range(got[0] ?? 0, 11));
  });

  test('goes on from a queried snapshot’s lastEventId, whenever that was read', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 2);
    const writing = (async () => {
      for (const number of range(1, 60)) {
        await job.progress(number / 100);
        if (number % 10 === 0) await writeJob(path.log, projectId, 3);
      }
      await job.complete();
    })();
    for (let round = 0; round < 12; round += 1) {
      const state = await path.jobs.load(projectId, job.state.id);
      if (state?.last == null) throw new Error('expected a job with a last event');
      const all = await path.open({ projectId, after: cursorOf(state.last as LoggedEvent) });
      if (state.status === 'COMPLETED') break;
      expect(seqs(await all.take(2))).toEqual(range(state.last.seq + 1, state.last.seq + 2));
      await all.inner.return();
    }
    await writing;
  });
});

describe('a subscriber that lets go', () => {
  test('while it waits is released at once, and its wait ends', async () => {
    const path = createEventPath();
    const stream = await path.open({ projectId: unique('project') });
    const waiting = stream.inner.next();
    expect(path.hub.listenerCount).toBe(1);
    expect(await within(stream.inner.return(), 1_000)).toEqual({ done: true, value: undefined });
    expect(path.hub.listenerCount).toBe(0);
    expect(await within(waiting)).toEqual({ done: true, value: undefined });
    expect(await stream.next()).toBeNull();
  });

  test('by throw, by leaving a loop, or by disposal is released too', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 2);
    const thrown = await path.open({ projectId });
    await expect(thrown.inner.throw(new Error('stop'))).rejects.toThrow('stop');
    for await (const { event } of (await path.open({ projectId, snapshot: true })).inner) {
      expect(event.jobId).toBe(job.state.id);
      break;
    }
    await (await path.open({ projectId })).inner[Symbol.asyncDispose]();
    expect(path.hub.listenerCount).toBe(0);
  });
});

describe('a slow subscriber (G7)', () => {
  test('misses older progress of a job, but no error, retry or completion, and ends at the newest state', async () => {
    const path = createEventPath({ limits: { collapseFrom: 10, maxLength: 100 } });
    const projectId = unique('project');
    const slow = await path.open({ projectId });
    const fast = await another(path).open({ projectId });
    const jobs = await Promise.all(range(1, 3).map(() => writeJob(path.log, projectId, 60)));
    await jobs[0]?.fail('release');
    await jobs[0]?.begin(2);
    await jobs[1]?.complete();
    const all = await fast.take(183);
    const lease = await path.hub.acquire(projectId);
    await until(() => lease.feed.position.seq === 183);
    lease.release();
    const got = await slow.takeUntil(({ seq }) => seq === 183);
    expect(got.length).toBeLessThan(20);
    expect(seqs(got)).toEqual(seqs(got).toSorted((one, other) => one - other));
    const lasting = all.filter(({ event }) => event.type !== 'ProgressEvent');
    expect(seqs(got)).toEqual(expect.arrayContaining(seqs(lasting)));
    const newest = new Map(all.map(({ event, seq }) => [event.jobId, seq]));
    expect(seqs(got)).toEqual(expect.arrayContaining([...newest.values()]));
  });

  test('is told SUBSCRIBER_TOO_SLOW at its limit, and resumes without loss from its last event', async () => {
    const path = createEventPath({ limits: { collapseFrom: 4, maxLength: 8 } });
    const projectId = unique('project');
    const slow = await path.open({ projectId });
    const fast = await another(path).open({ projectId });
    for (const _ of range(1, 12)) await (await writeJob(path.log, projectId, 2)).complete();
    const all = await fast.take(36);
    await until(() => path.hub.listenerCount === 0);
    const got: LoggedEvent[] = [];
    await expect(
      (async () => {
        for (;;) got.push(...(await slow.take(1)));
      })(),
    ).rejects.toMatchObject({ code: 'SUBSCRIBER_TOO_SLOW' });
    expect(await slow.next()).toBeNull();

    const resumed = await another(path).open({ projectId, after: cursorOf(got.at(-1)) });
    got.push(...(await resumed.take(36 - (got.at(-1)?.seq ?? 0))));
    const endings = (events: readonly LoggedEvent[]): number[] =>
      seqs(events.filter(({ event }) => isEnding(event)));
    expect(endings(got)).toEqual(endings(all));
  });
});

test('calls of next() that do not wait for each other are answered in turn, and all at the end', async () => {
  const path = createEventPath();
  const projectId = unique('project');
  const job = await writeJob(path.log, projectId);
  const { inner } = await path.open({ projectId });
  const steps = range(1, 4).map(() => within(inner.next(), PATIENCE_MS, 'a step'));
  await job.progress(0.1);
  await job.progress(0.2);
  const [first, second] = await Promise.all(steps.slice(0, 2));
  expect([first, second].map((step) => step?.value?.seq)).toEqual([3, 4]);
  await inner.return();
  expect(await Promise.all(steps.slice(2))).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
});
