/** What has happened to a job: events as rows, attempts on an axis of time, and how both are read from the server. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { JobStory, type StoryLine } from '../../web/state/job-story.ts';
import { foldEvents, type StoryEvent, type StoryRow } from '../../web/state/story-rows.ts';
import { buildTimeline, isWhole, rangeOf, ticksOf } from '../../web/state/timeline.ts';

const START = Date.parse('2026-03-01T10:00:00Z');
const at = (seconds: number): string => new Date(START + seconds * 1_000).toISOString();
let events = 0;
/** Of an event that another one came before. */
const LATER = { version: 2 };

function progress(
  seconds: number,
  step: string | null,
  message: string,
  more: { attempt?: number; progress?: number; status?: string; worker?: string | null } = {},
): StoryEvent {
  events += 1;
  const common = {
    __typename: 'ProgressEvent',
    id: `e${events}`,
    timestamp: at(seconds),
    job: LATER,
    step,
    message,
  } as const;
  return { ...common, attempt: 1, progress: 0, status: 'processing', worker: null, ...more };
}

function failed(seconds: number, willRetry: boolean, code = 'PROVIDER_FAILED', attempt = 1): StoryEvent {
  events += 1;
  const common = { __typename: 'ErrorEvent', id: `e${events}`, timestamp: at(seconds) } as const;
  return { ...common, attempt, job: LATER, error: 'ffmpeg ended with code 137', code, willRetry };
}

const completed = (seconds: number, attempt = 1): StoryEvent => ({
  ...{ __typename: 'CompletionEvent', id: `e${seconds}`, timestamp: at(seconds), attempt, job: LATER },
});

const queued = (seconds: number, attempt = 1): StoryEvent => ({
  ...progress(seconds, null, 'Waiting', { status: 'queued', attempt }),
  job: { version: 1 },
});

const STEP = { from: 0, to: 0.5 } as const;
type Job = Parameters<typeof buildTimeline>[0];
const job = (changes: Partial<Job> = {}): Job => ({
  ...{ attempt: 1, createdAt: at(0), startedAt: at(4), finishedAt: null, status: 'RUNNING', steps: [] },
  ...changes,
});

function spansOf(rows: readonly StoryRow[], of = job(), lines: readonly StoryLine[] = []) {
  return buildTimeline(of, rows, lines).map(({ spans }) =>
    spans.map(({ from, kind, status, step, to }) => [
      step ?? kind,
      (from - START) / 1_000,
      to === null ? null : (to - START) / 1_000,
      status,
    ]),
  );
}

test('events that say the same are one row, with how far they came', () => {
  const rows = foldEvents(
    foldEvents(
      [],
      [
        queued(0),
        progress(1, 'render', 'Rendering', { progress: 0.1 }),
        progress(2, 'render', 'Rendering', { progress: 0.2 }),
      ],
    ),
    [
      progress(3, 'render', 'Rendering', { progress: 0.3 }),
      progress(4, 'render', 'Almost there', { progress: 0.4 }),
      progress(5, 'render', 'Almost there', { progress: 0.4, attempt: 2 }),
    ],
  );
  expect(rows.map(({ count, from, text, to }) => [text, count, from, to])).toEqual([
    ['Waiting', 1, at(0), at(0)],
    ['Rendering', 3, at(1), at(3)],
    ['Almost there', 1, at(4), at(4)],
    ['Almost there', 1, at(5), at(5)],
  ]);
  expect(rows[1]?.progress).toEqual({ from: 0.1, to: 0.3 });
});

test('an error says its own text, and a completion none', () => {
  const rows = foldEvents([], [failed(1, true), completed(2, 2)]);
  expect(rows.map(({ error, text }) => [text, error?.code])).toEqual([
    ['ffmpeg ended with code 137', 'PROVIDER_FAILED'],
    ['', undefined],
  ]);
});

test('waits, steps and retries have their times, by attempt', () => {
  const rows = foldEvents(
    [],
    [
      queued(0),
      progress(4, null, 'Starting', { worker: 'one/1' }),
      progress(4.1, 'load', 'Loading'),
      progress(5, 'render', 'Rendering'),
      progress(6, 'render', 'Rendering more'),
      failed(8, true),
      progress(11, null, 'Attempt 2', { attempt: 2, status: 'retrying', worker: 'two/2' }),
      progress(11.1, 'load', 'Loading (done earlier)', { attempt: 2 }),
      progress(11.2, 'render', 'Rendering', { attempt: 2 }),
      completed(20, 2),
    ],
  );
  const steps = [
    { ...STEP, name: 'load', status: 'COMPLETED', startedAt: at(4.1), finishedAt: at(5) },
    { ...STEP, name: 'render', status: 'COMPLETED', startedAt: at(11.2), finishedAt: at(20) },
  ] as const;
  const ended = job({ attempt: 2, status: 'COMPLETED', finishedAt: at(20), steps: [...steps] });
  expect(spansOf(rows, ended)).toEqual([
    [
      ['queue', 0, 4, 'COMPLETED'],
      ['load', 4.1, 5, 'COMPLETED'],
      ['render', 5, 8, 'FAILED'],
    ],
    [
      ['retry', 8, 11, 'COMPLETED'],
      ['load', 11.1, 11.2, 'KEPT'],
      ['render', 11.2, 20, 'COMPLETED'],
    ],
  ]);
  expect(buildTimeline(ended, rows, []).map(({ failure, worker }) => [worker, failure?.code])).toEqual([
    ['one/1', 'PROVIDER_FAILED'],
    ['two/2', undefined],
  ]);
});

test('what goes on has no end; a worker that was lost ends where the next attempt begins; a cancelled step says so', () => {
  const begun = [
    queued(0),
    progress(2, null, 'Starting', { worker: 'one/1' }),
    progress(3, 'render', 'Rendering'),
  ];
  expect(spansOf(foldEvents([], begun))[0]?.at(-1)).toEqual(['render', 3, null, 'RUNNING']);
  const lost = foldEvents(
    [],
    [...begun, progress(40, null, 'Attempt 2', { attempt: 2, status: 'retrying', worker: 'two/2' })],
  );
  expect(spansOf(lost)[0]?.at(-1)).toEqual(['render', 3, 40, 'FAILED']);
  expect(buildTimeline(job(), lost, [])[0]?.failure).toEqual({ code: null, text: '' });
  const cancelled = foldEvents([], [...begun, failed(9, false, 'CANCELLED')]);
  expect(spansOf(cancelled)[0]?.at(-1)).toEqual(['render', 3, 9, 'CANCELLED']);
});

test('a job whose events are gone shows its steps', () => {
  const steps = [
    { ...STEP, name: 'load', status: 'COMPLETED', startedAt: at(4), finishedAt: at(6) },
    { ...STEP, name: 'render', status: 'FAILED', startedAt: at(6), finishedAt: at(9) },
    { ...STEP, name: 'save', status: 'PENDING', startedAt: null, finishedAt: null },
  ] as const;
  expect(isWhole([])).toBe(false);
  expect(spansOf([], job({ status: 'FAILED', steps: [...steps] }))).toEqual([
    [
      ['queue', 0, 4, 'COMPLETED'],
      ['load', 4, 6, 'COMPLETED'],
      ['render', 6, 9, 'FAILED'],
    ],
  ]);
});

test('a tracked job, which has never waited here, is there from its first event on', () => {
  const started = { ...progress(0, 'load', 'Loading'), job: { version: 1 } };
  expect(isWhole(foldEvents([], [started, progress(1, 'load', 'Loading on')]))).toBe(true);
  expect(isWhole(foldEvents([], [progress(1, 'load', 'Loading on')]))).toBe(false);
});

test('the axis goes from the first to the last moment, with round places', () => {
  const tracks = buildTimeline(job(), foldEvents([], [queued(0), progress(3, 'render', 'Rendering')]), []);
  expect(rangeOf(job(), tracks, START + 12_000)).toEqual({ from: START, to: START + 12_000 });
  expect(ticksOf(12, 5)).toEqual([0, 5, 10]);
  expect(ticksOf(0.9, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
  expect(ticksOf(4_000, 5)).toEqual([0, 900, 1_800, 2_700, 3_600]);
  expect(ticksOf(400_000, 5)).toEqual([0, 86_400, 172_800, 259_200, 345_600]);
});

const line = (id: string, attempt = 1): StoryLine => ({
  ...{ id, attempt, timestamp: at(6), step: 'render', level: 'info', source: 'ffmpeg', text: '' },
  durationMs: 900,
});

test('lines stand at their step and attempt', () => {
  const rows = foldEvents(
    [],
    [queued(0), progress(3, 'load', 'Loading'), progress(5, 'render', 'Rendering')],
  );
  const [track] = buildTimeline(job(), rows, [line('1-0'), line('2-0', 2)]);
  expect(track?.spans.map(({ lines }) => lines.map(({ id }) => id))).toEqual([[], [], ['1-0']]);
});

/** Answers page by page, from what stands in it. */
class FakeServer {
  readonly history: StoryEvent[] = [];
  readonly lines: StoryLine[] = [];
  readonly asked: (string | null)[] = [];
  isExpired = false;
  readonly story = new JobStory(
    async (after, afterLine) => {
      this.asked.push(after);
      if (this.isExpired && after !== null) throw new Error('EVENTS_EXPIRED');
      const from = this.history.findIndex(({ id }) => id === after) + 1;
      const page = this.history.slice(from, from + 2);
      return {
        history: {
          edges: page.map((node) => ({ node })),
          pageInfo: { hasNextPage: from + 2 < this.history.length, endCursor: page.at(-1)?.id ?? null },
        },
        lines: this.lines.slice(this.lines.findIndex(({ id }) => id === afterLine) + 1),
      };
    },
    (error) => error instanceof Error && error.message === 'EVENTS_EXPIRED',
  );
  get texts(): readonly string[] {
    return this.story.value.get().rows.map(({ text }) => text);
  }
}

test('the whole is read page by page, then only what has come since, at most once a second', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const server = new FakeServer();
  server.history.push(queued(0), progress(1, 'a', 'One'), progress(2, 'a', 'Two'));
  server.lines.push(line('1-0'));
  server.story.wake();
  await vi.advanceTimersByTimeAsync(0);
  expect(server.texts).toEqual(['Waiting', 'One', 'Two']);
  expect(server.story.value.get()).toMatchObject({ isLoaded: true, lines: [{ id: '1-0' }] });
  server.history.push(progress(3, 'a', 'Three'));
  for (let times = 0; times < 5; times += 1) server.story.wake();
  await vi.advanceTimersByTimeAsync(999);
  expect(server.asked).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  expect(server.texts).toEqual(['Waiting', 'One', 'Two', 'Three']);
  expect(server.story.value.get().lines).toHaveLength(1);
  server.isExpired = true;
  server.history.splice(0, 3);
  server.story.wake();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(server.texts).toEqual(['Three']);
  const { length } = server.asked;
  server.story.close();
  server.story.wake();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(vi.getTimerCount()).toBe(0);
  expect(server.asked).toHaveLength(length);
});

test('who follows a story is told of what has come, be it lines alone, and of nothing else', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const server = new FakeServer();
  onTestFinished(() => server.story.close());
  const told: unknown[] = [];
  server.story.value.subscribe(() => told.push(server.story.value.get()));
  const look = async (): Promise<void> => {
    server.story.wake();
    await vi.advanceTimersByTimeAsync(1_000);
  };
  await look();
  expect(told).toEqual([{ rows: [], lines: [], isLoaded: true }]);
  await look();
  expect(told).toHaveLength(1);
  server.lines.push(line('1-0'));
  await look();
  expect(told[1]).toMatchObject({ rows: [], lines: [{ id: '1-0' }], isLoaded: true });
  server.history.push(queued(0));
  await look();
  expect(told[2]).toMatchObject({ rows: [{ text: 'Waiting' }], lines: [{ id: '1-0' }] });
  await look();
  expect(told).toHaveLength(3);
});

test('of the lines of a long story the newest 500 are kept', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const server = new FakeServer();
  onTestFinished(() => server.story.close());
  server.lines.push(...Array.from({ length: 510 }, (_, index) => line(`${index}-0`)));
  server.story.wake();
  await vi.advanceTimersByTimeAsync(0);
  const { lines } = server.story.value.get();
  expect([lines.length, lines[0]?.id, lines.at(-1)?.id]).toEqual([500, '10-0', '509-0']);
});
