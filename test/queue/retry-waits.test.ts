/** How long a retry waits, by a clock that nobody sets, whatever the clock of the wall says. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type JobState, newJob } from '../../src/progress/state.ts';
import { RetryWaits } from '../../src/queue/retry-waits.ts';
import { range, SetClock } from '../setup/harness.ts';

const NOW = 1_000_000;
const WAIT_MS = 5_000;
/** How much the clocks of two machines may differ. */
const SLACK_MS = 1_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function retrying(queueId = 'job', fields: Partial<JobState> = {}): JobState {
  const job = newJob({
    ...{ id: queueId, projectId: 'p', workflow: 'LIPSYNC', taskName: 'lipsync', table: [] },
    ...{ maxAttempts: 3, createdAt: NOW },
  });
  const error = { code: 'INTERNAL', message: '', details: null, retryAfterSeconds: WAIT_MS / 1_000 } as const;
  return { ...job, status: 'RETRYING', error, ...fields };
}

/** What looks, at a queue that delays each entry until `at.until`. */
function watching(until: number | null = NOW + WAIT_MS) {
  const at = { until };
  const ended: string[] = [];
  const errors: unknown[] = [];
  const clock = new SetClock(NOW);
  const waits = new RetryWaits(
    {
      delayedUntil: async () => at.until,
      endDelay: async (id) => {
        ended.push(id);
        if (id === 'broken') throw new Error('away');
      },
    },
    clock,
    (error) => errors.push(error),
  );
  return { waits, at, ended, errors, clock };
}

describe('an entry that is delayed', () => {
  test('is left alone for as long as was said, and ended when its time is over by a second', async () => {
    const { ended, waits } = watching();
    await waits.look(retrying());
    vi.advanceTimersByTime(WAIT_MS + SLACK_MS - 1);
    await waits.look(retrying());
    expect([ended, vi.getTimerCount()]).toEqual([[], 0]);
    vi.advanceTimersByTime(1);
    await waits.look(retrying());
    expect(ended).toEqual(['job']);
  });

  test('is measured anew in each attempt and each run', async () => {
    const { ended, waits } = watching();
    await waits.look(retrying());
    vi.advanceTimersByTime(WAIT_MS + SLACK_MS);
    await waits.look(retrying('job', { attempt: 2 }));
    await waits.look(retrying('job-2'));
    expect(ended).toEqual([]);
  });

  test('is left alone when it is taken meanwhile', async () => {
    const { ended, waits } = watching(null);
    await waits.look(retrying());
    vi.advanceTimersByTime(WAIT_MS + SLACK_MS);
    await waits.look(retrying());
    expect([ended, vi.getTimerCount()]).toEqual([[], 0]);
  });

  test('that says no time waits for none', async () => {
    const { ended, waits } = watching(NOW);
    await waits.look(retrying('job', { error: null }));
    vi.advanceTimersByTime(SLACK_MS);
    await waits.look(retrying('job', { error: null }));
    expect(ended).toEqual(['job']);
  });
});

describe('when the clock was set back by more than clocks may differ', () => {
  test('the wait ends when it would have, by one timer', async () => {
    const { at, clock, ended, waits } = watching();
    await waits.look(retrying());
    vi.advanceTimersByTime(2_000);
    // The wait has 3 s left; by the clock it has as much as was said, and the second that clocks may differ.
    clock.time = NOW - SLACK_MS;
    await waits.look(retrying());
    expect(vi.getTimerCount()).toBe(0);
    at.until = (at.until ?? 0) + 1;
    await waits.look(retrying());
    await waits.look(retrying());
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(2_999);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ended).toEqual(['job']);
  });

  test('what keeps the wait from being ended is told', async () => {
    const { errors, waits } = watching(NOW + 10 * WAIT_MS);
    await waits.look(retrying('broken'));
    await vi.advanceTimersByTimeAsync(WAIT_MS);
    expect(errors).toEqual([new Error('away')]);
  });

  test('ten thousand entries are remembered; the oldest is forgotten with its timer, and measured anew', async () => {
    const { ended, waits } = watching(NOW + 10 * WAIT_MS);
    for (const n of range(1, 10_000)) await waits.look(retrying(`job-${n}`));
    expect(vi.getTimerCount()).toBe(10_000);
    await waits.look(retrying('one too many'));
    expect(vi.getTimerCount()).toBe(10_000);
    vi.advanceTimersByTime(1_000);
    await waits.look(retrying('job-1'));
    vi.advanceTimersByTime(WAIT_MS - 1_000);
    expect(ended).toHaveLength(9_999);
    expect(ended.slice(0, 2)).toEqual(['job-3', 'job-4']);
    expect(ended.at(-1)).toBe('one too many');
    vi.advanceTimersByTime(1_000);
    expect(ended.at(-1)).toBe('job-1');
  });
});
