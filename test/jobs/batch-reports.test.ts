/** What the items that run in one process tell their batch, while its clock stands still. */
import { beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../../src/core/logger.ts';
import { BatchReports } from '../../src/jobs/batch-reports.ts';
import type { EventLog } from '../../src/log/log.ts';
import { itemId, type JobState, newJob } from '../../src/progress/state.ts';
import { JobWriter, SetClock } from '../setup/harness.ts';
import { tableOf } from '../setup/workflows.ts';

const PROJECT = 'project';
const BATCH = 'batch';

// What is held back goes out when a timer is over, or when nobody is left to hold it back for.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  return () => void vi.useRealTimers();
});

function itemOf(itemIndex: number | null): JobState {
  const batch = itemIndex === null ? {} : { id: itemId(BATCH, itemIndex), parentId: BATCH, itemIndex };
  const fields = { projectId: PROJECT, workflow: 'LIPSYNC', taskName: 'lipsync', table: tableOf('LIPSYNC') };
  return newJob({ id: 'single', ...fields, maxAttempts: 3, createdAt: 1, ...batch });
}

/** The reports of one process, whose log answers with `answer`; the batch is told `attempt: progress by item`. */
function reporting() {
  const told: string[] = [];
  const answer = { code: 'OK', batchAttempt: 1 };
  const report: EventLog['report'] = async ({ attempt }, { items }) => {
    told.push(`${attempt}: ${items.map(({ index, progress }) => `${index}=${progress}`).join(' ')}`);
    return { code: 'OK' } as Awaited<ReturnType<EventLog['report']>>;
  };
  const log = { append: async () => ({ ...answer }), report } as unknown as EventLog;
  const batches = new BatchReports({ log, clock: new SetClock(), logger: silentLogger });
  const writerOf = (itemIndex: number): JobWriter => {
    const state = itemOf(itemIndex);
    return Object.assign(new JobWriter(log, PROJECT), { state, log: batches.logFor(state) });
  };
  return { answer, batches, log, told, writerOf };
}

test('what was held back goes out at once when the last of the items is done', async () => {
  const { batches, told, writerOf } = reporting();
  const [one, other] = [writerOf(0), writerOf(1)];
  await one.begin();
  await one.progress(0.25);
  await other.progress(0.5);
  expect(told).toEqual(['1: 0=0']);
  batches.release(one.state);
  expect(told).toHaveLength(1);
  batches.release(other.state);
  expect(told).toEqual(['1: 0=0', '1: 0=0.25 1=0.5']);
});

test('an item goes on together with others that began later and are done before it', async () => {
  const { batches, told, writerOf } = reporting();
  const [one, other] = [writerOf(0), writerOf(1)];
  await one.begin();
  await other.begin();
  batches.release(other.state);
  await one.progress(0.5);
  expect(told).toEqual(['1: 0=0']);
});

test('a write that was refused is not passed on', async () => {
  const { answer, told, writerOf } = reporting();
  answer.batchAttempt = 0;
  const writer = writerOf(0);
  await writer.begin();
  await writer.progress(0.5);
  expect(told).toEqual([]);
});

test('a batch that was retried is told by its new attempt, for all items that run here', async () => {
  const { answer, batches, told, writerOf } = reporting();
  const [one, other] = [writerOf(0), writerOf(1)];
  await one.begin();
  answer.batchAttempt = 2;
  await other.begin();
  batches.release(other.state);
  await one.progress(0.5);
  expect(told).toEqual(['1: 0=0', '2: 1=0']);
  batches.release(one.state);
  expect(told).toEqual(['1: 0=0', '2: 1=0', '2: 0=0.5']);
});

test('a job that is no item has the log itself', () => {
  const { batches, log } = reporting();
  expect(batches.logFor(itemOf(null))).toBe(log);
});
