import { describe, expect, test } from 'vitest';
import { encodeCursor } from '../../src/log/cursor.ts';
import { newWriteId } from '../../src/progress/write-id.ts';
import { createEventPath, cursorOf, OwnRedis, range, seqs, unique, writeJob } from '../setup/harness.ts';

const EXPIRED = { code: 'EVENTS_EXPIRED' };

describe('a trimmed log (G2)', () => {
  test('ends a resume from a trimmed event, and goes on from every event that it still has', async () => {
    const path = createEventPath({ hub: { lingerMs: 0 } });
    const projectId = unique('project');
    const stream = await path.open({ projectId });
    await writeJob(path.log, projectId, 30);
    const events = await stream.take(30);
    await stream.inner.return();
    await path.redis.xtrim(path.keys.project(projectId).log, 'MINID', '21-0');

    const fresh = createEventPath({ prefix: prefixOf(path) });
    for (const event of events.slice(0, 20)) {
      await expect(fresh.open({ projectId, after: cursorOf(event) })).rejects.toMatchObject(EXPIRED);
    }
    for (const event of events.slice(20)) {
      const resumed = await fresh.open({ projectId, after: cursorOf(event) });
      expect(seqs(await resumed.take(30 - event.seq))).toEqual(range(event.seq + 1, 30));
      await resumed.inner.return();
    }
  });

  test('that is empty still proves that nothing came behind its last event', async () => {
    const path = createEventPath();
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 5);
    const [own] = await path.jobs.lastEvents(projectId, [job.state.id]);
    await path.redis.xtrim(path.keys.project(projectId).log, 'MAXLEN', 0);
    const resumed = await path.open({ projectId, after: cursorOf(own ?? undefined) });
    await job.progress(0.9);
    expect(seqs(await resumed.take(1))).toEqual([6]);
  });

  test('ends a replay that was overtaken by the trimming, and hands out nothing from behind the gap', async () => {
    const path = createEventPath({ limits: { collapseFrom: 10_000, maxLength: 20_000 } });
    const projectId = unique('project');
    const job = await writeJob(path.log, projectId, 1_200);
    const [first] = await path.log.readAfter(projectId, { epoch: '', seq: 0, hash: '' }, 1);
    const resumed = await path.open({ projectId, after: cursorOf(first) });
    expect(seqs(await resumed.take(10))).toEqual(range(2, 11));
    await path.redis.xtrim(path.keys.project(projectId).log, 'MINID', '1100-0');
    for (const progress of [0.5, 0.6]) await job.progress(progress);
    const live = await path.open({ projectId });
    await job.progress(0.7);
    await live.take(1);
    expect(seqs(await resumed.take(490))).toEqual(range(12, 501));
    await expect(resumed.next()).rejects.toMatchObject(EXPIRED);
    expect(await resumed.next()).toBeNull();
  });
});

describe('a flushed history (G2)', () => {
  test.each([
    ['nothing was written since', 0],
    ['less was written since', 3],
    ['just as much was written since', 10],
    ['more was written since', 20],
  ])('ends open streams and resumes: %s', async (_what, count) => {
    const path = createEventPath({ hub: { checkIntervalMs: 20 } });
    const projectId = unique('project');
    const open = await path.open({ projectId });
    await writeJob(path.log, projectId, 10);
    const events = await open.take(10);
    await path.redis.unlink(await path.redis.keys(`${path.keys.project(projectId).meta.slice(0, -4)}*`));
    if (count > 0) await writeJob(path.log, projectId, count);

    await expect(open.next()).rejects.toMatchObject(EXPIRED);
    expect(await open.next()).toBeNull();
    const other = createEventPath({ prefix: prefixOf(path) });
    for (const { open: resume } of [path, other]) {
      for (const event of [events[0], events[4], events[9]]) {
        await expect(resume({ projectId, after: cursorOf(event) })).rejects.toMatchObject(EXPIRED);
      }
    }
    const anew = await path.open({ projectId, snapshot: true });
    const job = await writeJob(path.log, projectId, 2);
    const snapshot = await anew.takeUntil(({ event }) => event.jobId === job.state.id);
    expect(snapshot.length).toBe(count > 0 ? 2 : 1);
  });
});

describe('a history that was rolled back to an older image of the disk (G2)', () => {
  test.each([
    ['nothing was written since', 0],
    ['less was written since than was lost', 3],
    ['as much was written since as was lost', 5],
    ['more was written since than was lost', 9],
  ])('ends open streams and resumes from lost events: %s', async (_what, count) => {
    const own = await OwnRedis.launch();
    const path = createEventPath({ url: own.url, hub: { checkIntervalMs: 20 } });
    const other = createEventPath({ url: own.url, prefix: prefixOf(path), hub: { checkIntervalMs: 20 } });
    const projectId = unique('project');
    const open = await path.open({ projectId });
    const job = await writeJob(path.log, projectId, 5);
    await own.keepImage();
    for (const number of range(6, 10)) await job.progress(number / 20);
    const events = await open.take(10);
    expect(seqs(events)).toEqual(range(1, 10));

    await own.rollBack();
    await own.start();
    for (const number of range(6, 5 + count)) await job.progress(number / 20);

    await expect(open.next()).rejects.toMatchObject(EXPIRED);
    for (const { open: resume } of [path, other]) {
      for (const event of events.slice(5)) {
        await expect(resume({ projectId, after: cursorOf(event) })).rejects.toMatchObject(EXPIRED);
      }
      const kept = await resume({ projectId, after: cursorOf(events[4]) });
      const rest = await kept.take(count);
      expect(seqs(rest)).toEqual(range(6, 5 + count));
      expect(rest.map(({ hash }) => hash)).not.toEqual(expect.arrayContaining([events[5]?.hash]));
      await kept.inner.return();
    }
  });
});

test('an event that is sent again after a rollback does not stand for another history (G2)', async () => {
  const own = await OwnRedis.launch();
  const path = createEventPath({ url: own.url, hub: { checkIntervalMs: 20 } });
  const projectId = unique('project');
  const [one, other] = [await writeJob(path.log, projectId, 2), await writeJob(path.log, projectId, 2)];
  await own.keepImage();
  await one.progress(0.1);
  const sent = {
    mode: 'event' as const,
    writeId: newWriteId(),
    event: other.progressEvent(0.5, 'processing'),
    state: other.state,
  };
  const { position } = await path.log.append(sent);
  expect(position.seq).toBe(6);

  await own.rollBack();
  await own.start();
  await one.progress(0.2);
  const again = await path.log.append(sent);
  expect([again.code, again.position.seq]).toEqual(['OK', 6]);
  // Its client has never seen the event before it.
  await expect(path.open({ projectId, after: encodeCursor(position) })).rejects.toMatchObject(EXPIRED);
});

/** The prefix that a path was made with. */
function prefixOf(path: { readonly keys: { readonly unended: string } }): string {
  return path.keys.unended.replace(/:unended$/, '');
}
