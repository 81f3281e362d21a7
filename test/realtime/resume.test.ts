/** Many clients that come back together (G2), as after a restart of the API. */
import { expect, test } from 'vitest';
import { range, unique, writeJob } from '../setup/harness.ts';
import { type Endpoint, startEndpoint } from './endpoint.ts';

/** Counts what the endpoint reads. */
function countReads({ log, jobs }: Endpoint): { log: number; jobs: number } {
  const counts = { log: 0, jobs: 0 };
  const { readFrom } = log;
  log.readFrom = (...args) => {
    counts.log += 1;
    return readFrom.apply(log, args);
  };
  const { activeIds } = jobs;
  jobs.activeIds = (...args) => {
    counts.jobs += 1;
    return activeIds.apply(jobs, args);
  };
  return counts;
}

test.each([
  ['within the memory of a feed', 1_000],
  ['beyond the memory of a feed', 20],
])('cursors all over the log, %s, share their reads', async (_name, ringLength) => {
  const prefix = unique('test');
  const before = await startEndpoint({ prefix });
  const projectId = unique('project');
  const writer = await writeJob(before.log, projectId, 300);
  const first = await before.connect();
  first.subscribe('s', { projectId, snapshot: false });
  await writer.progress(0.999);
  const whole = await before.log.readFrom(projectId, 1, 1_000);
  const ids = whole.events.map(({ seq }) => seq);
  expect(ids).toEqual(range(1, 301));

  const endpoint = await startEndpoint({ prefix, hub: { ringLength } });
  const reads = countReads(endpoint);
  const clients = await Promise.all(range(1, 20).map(() => endpoint.connect()));
  const { encodeCursor } = await import('../../src/log/cursor.ts');
  for (const [index, event] of whole.events.slice(0, 200).entries()) {
    clients[index % clients.length]?.subscribe(`from-${event.seq}`, {
      projectId,
      after: encodeCursor(event),
    });
  }
  const all = whole.events.map((event) => encodeCursor(event));
  for (const index of range(0, 199)) {
    const got = await clients[index % clients.length]?.events(`from-${index + 1}`, 300 - index);
    expect(got?.map(({ id }) => id)).toEqual(all.slice(index + 1));
  }
  expect(reads.log).toBeLessThan(40);
  await writer.complete();
  for (const index of range(0, 199)) {
    const got = await clients[index % clients.length]?.events(`from-${index + 1}`, 301 - index);
    expect(got?.at(-1)?.__typename).toBe('CompletionEvent');
  }
  expect(endpoint.webSocket.groups).toBe(1);
});

test('snapshots that are asked for together are read together', async () => {
  const endpoint = await startEndpoint();
  const projectId = unique('project');
  const writers = await Promise.all(range(1, 5).map(() => writeJob(endpoint.log, projectId)));
  const reads = countReads(endpoint);
  const clients = await Promise.all(range(1, 10).map(() => endpoint.connect()));
  for (const client of clients) for (const id of range(1, 20)) client.subscribe(`s-${id}`, { projectId });
  const jobs = writers.map(({ state }) => state.id).toSorted();
  for (const client of clients) {
    for (const id of range(1, 20)) {
      expect((await client.events(`s-${id}`, 5)).map(({ jobId }) => jobId).toSorted()).toEqual(jobs);
    }
  }
  expect(reads.jobs).toBeLessThan(100);
});

test('a cursor of another history is told so among others that are served', async () => {
  const endpoint = await startEndpoint({ log: { maxLength: 100 }, hub: { ringLength: 10 } });
  const projectId = unique('project');
  await writeJob(endpoint.log, projectId, 250);
  const { encodeCursor } = await import('../../src/log/cursor.ts');
  const { head, events } = await endpoint.log.readFrom(projectId, 1, 1_000);
  const kept = events.at(20);
  if (kept === undefined) throw new Error('expected 21 events');
  const client = await endpoint.connect();
  const cursors: Record<string, string> = {
    good: encodeCursor(kept),
    trimmed: encodeCursor({ ...head, seq: 1 }),
    'other hash': encodeCursor({ ...kept, hash: 'x'.repeat(16) }),
    'other epoch': encodeCursor({ ...kept, epoch: 'x'.repeat(16) }),
    ahead: encodeCursor({ ...kept, seq: head.seq + 1 }),
    end: encodeCursor(head),
  };
  for (const [id, after] of Object.entries(cursors)) client.subscribe(id, { projectId, after });
  const rest = events.slice(21).length;
  expect(await client.events('good', rest)).toHaveLength(rest);
  for (const id of ['trimmed', 'other hash', 'other epoch', 'ahead']) {
    const { payload } = await client.until((message) => message.id === id);
    expect(payload, id).toMatchObject([{ extensions: { code: 'EVENTS_EXPIRED' } }]);
  }
  expect(client.of('end')).toEqual([]);
});
