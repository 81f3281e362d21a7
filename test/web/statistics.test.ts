/** Durations and throughput from ended jobs. */
import { expect, test } from 'vitest';
import { MAX_RUNS, type Runs, spreadOf, summarise } from '../../web/state/statistics.ts';
import { formatSeconds, formatSpread } from '../../web/text/format.ts';

type Run = Runs['edges'][number]['node'];

const NOW = Date.UTC(2026, 0, 2);
const iso = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1000).toISOString();

/** A run that ended so long ago, in seconds, after a wait of 5 s and steps of these lengths. */
function run(endedAgo: number, lengths: readonly number[], changes: Partial<Run> = {}): Run {
  const began = endedAgo + lengths.reduce((sum, length) => sum + length, 0);
  let at = began;
  const steps = lengths.map((length, index) => {
    const step = { name: `step${index}`, startedAt: iso(at), finishedAt: iso(at - length) };
    at -= length;
    return step;
  });
  return {
    ...{ id: `${endedAgo}`, taskName: 'video_generation', attempt: 1, steps },
    ...{ createdAt: iso(began + 5), startedAt: iso(began), finishedAt: iso(endedAgo) },
    ...changes,
  };
}

const page = (nodes: readonly Run[], hasNextPage = false): Runs => ({
  edges: nodes.map((node) => ({ node })),
  pageInfo: { hasNextPage },
});

test('medians and the middle 80 % of whole runs, waits and steps', () => {
  const runs = Array.from({ length: 10 }, (_, index) => run(60, [1, index + 1]));
  expect(summarise('DIRECTOR', page(runs), NOW)).toMatchObject({
    runs: 10,
    whole: { low: 2, median: 6, high: 10 },
    wait: { low: 5, median: 5, high: 5 },
    steps: [
      { name: 'step0', time: { low: 1, median: 1, high: 1 } },
      { name: 'step1', time: { low: 1, median: 5, high: 9 } },
    ],
  });
});

test('a step that no run has walked is left out', () => {
  const skipped = { name: 'step0', startedAt: null, finishedAt: null };
  const runs = [run(60, [1, 2]), run(60, [3, 4])].map((one) => ({
    ...one,
    steps: [skipped, ...one.steps.slice(1)],
  }));
  expect(summarise('DIRECTOR', page(runs), NOW)?.steps).toEqual([
    { name: 'step1', time: { low: 2, median: 2, high: 4 } },
  ]);
});

test('a retried run and a batch count for no duration, a retried one for throughput', () => {
  const odd = [
    run(60, [900], { attempt: 2 }),
    run(60, [900], { taskName: 'batch_video_generation', steps: [] }),
  ];
  expect(summarise('DIRECTOR', page([...odd, run(60, [3])]), NOW)).toMatchObject({
    ...{ runs: 1, whole: { median: 3 } },
    ...{ lastHour: { count: 2, atLeast: false }, lastDay: { count: 2, atLeast: false } },
  });
  expect(summarise('DIRECTOR', page(odd), NOW)).toBeNull();
  expect(summarise('DIRECTOR', page([]), NOW)).toBeNull();
});

test('throughput counts by the end, and says when there may be more than were looked at', () => {
  const runs = [run(60, [1]), run(3_600, [1]), run(3_601, [1]), run(86_400, [1])];
  expect(summarise('AUDIO', page(runs, true), NOW)).toMatchObject({
    lastHour: { count: 2, atLeast: false },
    lastDay: { count: 4, atLeast: true },
  });
  expect(MAX_RUNS).toBeLessThanOrEqual(100);
});

test('what is not known is left out of a spread', () => {
  expect(spreadOf([null, 3, null, 1])).toEqual({ low: 1, median: 1, high: 3 });
  expect(spreadOf([null])).toBeNull();
});

test('measured times read well', () => {
  expect([0.04, 9.9, 9.96, 80].map((seconds) => formatSeconds(seconds, 'en'))).toEqual([
    '0.0 s',
    '9.9 s',
    '10 s',
    '1 min 20 s',
  ]);
  expect(formatSpread(0.31, 1.2, 'en')).toBe('0.3–1.2 s');
  expect(formatSpread(0.31, 0.33, 'ko')).toBe('0.3초');
  expect(formatSpread(8, 14, 'en')).toBe('8–14 s');
});
