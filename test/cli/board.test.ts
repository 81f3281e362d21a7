/** What is shown of jobs, from snapshots and events in any order. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { barRows, leftText, stateText } from '../../cli/bar-rows.ts';
import { Board } from '../../cli/board.ts';
import { planFetches } from '../../cli/download.ts';
import { jobLine } from '../../cli/json-view.ts';
import { LineView } from '../../cli/line-view.ts';
import type { Job, JobEvent, ToldJob, WholeJob } from '../../cli/operations.ts';
import { exitCodeOf, outcomeLines } from '../../cli/outcome.ts';
import { formatOrdinal, formatSeconds, formatSize, percent, plain, plainLines } from '../../cli/text.ts';
import { followWaits } from '../../cli/waits.ts';

// What is left counts down by this clock: it stands still, however long a busy machine takes over a test.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

function job(id: string, changes: Partial<WholeJob> = {}): WholeJob {
  return {
    ...{
      id,
      title: null,
      projectId: 'p',
      workflow: 'DIRECTOR',
      taskName: 'video_generation',
      status: 'RUNNING',
      version: 0,
    },
    ...{ progress: 0, step: null, steps: [], message: null, metadata: null, attempt: 1, maxAttempts: 3 },
    ...{
      eta: null,
      queuePosition: null,
      result: null,
      error: null,
      createdAt: '',
      startedAt: null,
      finishedAt: null,
      items: [],
    },
    ...changes,
  };
}

/** Each event is later than those before it, and than a snapshot of version 0. */
let version = 0;

/** An event, of which the board takes its job alone. */
function event(jobId: string, told: Partial<ToldJob>): JobEvent {
  version += 1;
  const { items, maxAttempts, queuePosition, startedAt, createdAt, steps, title, ...same } = job(jobId);
  const attempt = told.attempt ?? 1;
  const fields = { progress: 0, status: 'processing', step: null, message: '', metadata: null, eta: null };
  return {
    ...{ __typename: 'ProgressEvent', id: `e${version}`, jobId, taskName: same.taskName, attempt },
    ...{ timestamp: '', ...fields, job: { ...same, version, ...told } as JobEvent['job'] },
  };
}

function progress(jobId: string, value: number, told: Partial<ToldJob> = {}): JobEvent {
  return event(jobId, { progress: value, step: 'render', message: 'Rendering', ...told });
}

function failure(jobId: string, willRetry: boolean): JobEvent {
  const error = { message: 'Slow down', code: '429', details: null, retryAfterSeconds: 60 };
  return event(jobId, { status: willRetry ? 'RETRYING' : 'FAILED', message: error.message, error });
}

const batch = (items: readonly Job[], metadata: unknown = null): WholeJob =>
  job('b', { taskName: 'batch_video_generation', metadata, items: [...items] });

test('of answers and events the later state counts, whichever comes last', () => {
  const board = new Board(job('a', { version: 1 }));
  const [half, most] = [progress('a', 0.5, { version: 3 }), progress('a', 0.6, { version: 4 })];
  board.apply(half);
  board.read(job('a', { progress: 0.2, version: 2 }));
  expect(board.root?.progress).toBe(0.5);
  board.read(job('a', { progress: 0.4, status: 'FAILED', version: 5 }));
  expect(board.root?.status).toBe('FAILED');
  expect(board.apply(most)).toBeNull();
  expect(board.root?.status).toBe('FAILED');
  const again = progress('a', 0.1, { attempt: 2, version: 7 });
  expect(board.apply(again)).toMatchObject({ status: 'RUNNING', attempt: 2, progress: 0.1 });
  board.read(job('a', { status: 'FAILED', version: 6 }));
  expect(board.root?.attempt).toBe(2);
});

test('events of other jobs are left out, unless a whole project is followed', () => {
  expect(new Board(job('a')).apply(progress('z', 0.5))).toBeNull();
  const all = new Board(null);
  expect(all.apply(progress('z', 0.5))).toMatchObject({ id: 'z', progress: 0.5, status: 'RUNNING' });
  expect(all.jobs).toHaveLength(1);
});

test('an error that will be tried again is RETRYING, and says when', () => {
  const board = new Board(job('a', { steps: [{ name: 'render', from: 0, to: 1 }] }));
  board.apply(failure('a', true));
  expect(barRows(board, 10).at(-1)?.text).toBe('attempt 1 of 3 failed, retrying in 1 min 0 s: Slow down');
  board.apply(failure('a', false));
  expect(barRows(board, 10).at(-1)?.text).toBe('failed: 429 Slow down');
});

test('a batch has a row per item and one for all; it lacks items while fewer are known than it counts', () => {
  const board = new Board(batch([job('b-0')], { completed: 1, failed: 0, cancelled: 0, total: 2 }));
  expect(board.lacksItems).toBe(true);
  board.read(
    batch([job('b-0', { status: 'COMPLETED', progress: 1, version: 1 }), job('b-1', { progress: 0.25 })]),
  );
  board.apply(progress('b-1', 0.5));
  expect(barRows(board, 10)).toMatchObject([
    { label: '#1', share: 1, text: 'done' },
    { label: '#2', share: 0.5, text: 'render: Rendering' },
    { label: 'total' },
  ]);
});

test('a batch with failures says so, while it runs and behind that', () => {
  const counts = { completed: 9, failed: 2, cancelled: 0, total: 12 };
  const board = new Board(batch([job('b-0')], counts));
  expect(barRows(board, 10).at(-1)?.text).toBe('9 of 12 done, 2 failed');
  const data = { total: 12, succeeded: 10, failed: 2, cancelled: 0 };
  const result = { __typename: 'BatchResult', data, artifacts: [] };
  const ended = { ...batch([job('b-0')], counts), status: 'COMPLETED', progress: 1, result } as const;
  board.read(ended);
  expect(barRows(board, 10).at(-1)?.text).toBe('10 of 12 done, 2 failed');
  expect(stateText(ended)).toBe('10 of 12 done, 2 failed');
  expect(outcomeLines(ended, { api: { url: 'http://x' }, command: 'playhead' })[0]).toBe(
    '10 of 12 done, 2 failed.',
  );
  expect(exitCodeOf(ended)).toBe(1);
  const lines: string[] = [];
  const view = new LineView({ out: (line) => lines.push(line), note: () => {} });
  view.begin(board);
  expect(lines[0]).toBe('batch  100 %  10 of 12 done, 2 failed');
  expect(jobLine(ended)).toMatchObject({ type: 'job', summary: '10 of 12 done, 2 failed' });
});

test('a step that no table has is shown as what it is', () => {
  const steps = [
    { name: 'start', from: 0, to: 0.4 },
    { name: 'save', from: 0.8, to: 1 },
  ];
  const board = new Board(job('a', { steps }));
  board.apply(progress('a', 0.5, { step: 'polish\u001b[2J', message: 'Polishing' }));
  expect(barRows(board, 10).map(({ label, share, text }) => [label, share, text])).toEqual([
    ['start', 1, ''],
    ['save', 0, ''],
    ['polish', 0, 'Polishing'],
    ['total', 0.5, ''],
  ]);
});

test('a result that no view is registered for is told field by field, then its files, then long texts', () => {
  const file = (name: string) => ({
    name,
    path: `p/a/${name}`,
    url: `/files/p/a/${name}`,
    contentType: '',
    sizeBytes: 1,
  });
  const data = {
    colours: ['red', 'blue'],
    sizePx: { width: 2 },
    verses: 'One.\nTwo.',
    unset: null,
    isLoud: true,
  };
  const result = { __typename: 'PoemResult', data, artifacts: [file('picture.jpg'), file('more/.hidden')] };
  const ended = job('a', { taskName: 'poem', status: 'COMPLETED', result });
  const parts = { api: { url: 'http://x' }, command: 'playhead' };
  expect(outcomeLines(ended, { ...parts, titles: new Map([['sizePx', 'Size']]) })).toEqual([
    'Done: poem',
    '  Colours   red, blue',
    '  Size      {"width":2}',
    '  Is loud   true',
    '  Picture   http://x/files/p/a/picture.jpg',
    '  More/.hidden http://x/files/p/a/more/.hidden',
    '  Fetch     playhead download a',
    '',
    'Verses:',
    'One.',
    'Two.',
  ]);
  expect(jobLine(ended)).toMatchObject({
    job: { result: { colours: ['red', 'blue'], picture: { sizeBytes: 1 } } },
  });
  expect(planFetches(ended, 'to').map(({ path }) => path)).toEqual(['to/picture.jpg', 'to/more_.hidden']);
  // What a view is registered for, and has become another.
  const film = { ...result, __typename: 'VideoResult', data: 'nothing', artifacts: [] };
  expect(outcomeLines({ ...ended, result: film }, parts)).toEqual(['Done: poem', '  Result    nothing']);
});

test('behind a lost history an answer counts, whatever its version', () => {
  const board = new Board(job('a', { status: 'QUEUED', version: 1 }));
  const asked = board.moment;
  board.apply(progress('a', 0.5, { version: 9, message: 'second' }));
  board.beginAnew();
  // Asked for before, it is of the history that is lost.
  board.apply(progress('a', 0.3, { version: 2, message: 'of the new history' }));
  board.read(job('a', { status: 'QUEUED', version: 8 }), asked);
  expect(board.root).toMatchObject({ status: 'RUNNING', message: 'of the new history' });
  board.read(job('a', { status: 'QUEUED', version: 3 }), board.moment);
  expect(board.root?.status).toBe('QUEUED');
});

test('where there is no room for all items, those that run are shown', () => {
  const items = Array.from({ length: 1000 }, (_, index) =>
    job(`b-${index}`, { status: index === 500 ? 'RUNNING' : index < 500 ? 'COMPLETED' : 'QUEUED' }),
  );
  const rows = barRows(new Board(batch(items)), 4);
  expect(rows.map(({ label }) => label)).toEqual(['#499', '#500', '#501', 'total']);
});

test('texts: sizes, times, percent that is 100 only when all is done, and no control characters', () => {
  expect([0, 999, 1_000, 3_210_000].map(formatSize)).toEqual(['0 B', '999 B', '1.0 kB', '3.2 MB']);
  expect([8.44, 65, 12_000, 345_600].map(formatSeconds)).toEqual(['8.4 s', '1 min 5 s', '3 h 20 min', '4 d']);
  expect([0, 0.29, 0.999, 1].map(percent)).toEqual([0, 29, 99, 100]);
  expect(plain('a\u001b]0;title\u0007b\nc\u202ed')).toBe('ab c d');
  expect(plainLines('a\u001b[2J\r\n\tb\u0000')).toBe('a\n    b');
});

test('what is left is told with its range, roughly from 10 s on, and not of what has ended', () => {
  const eta = { remainingSeconds: 100.4, lowSeconds: 62.3, highSeconds: 130.9, waitSeconds: 0 };
  expect(leftText(job('a', { eta }))).toBe('about 1 min 40 s left (1 min 2 s to 2 min 11 s)');
  const short = { remainingSeconds: 4.26, lowSeconds: 0, highSeconds: 9.5, waitSeconds: 0 };
  expect(leftText(job('a', { eta: short }))).toBe('about 4.3 s left (0 s to 9.5 s)');
  const over = { ...short, remainingSeconds: 0, lowSeconds: 0, highSeconds: 0 };
  expect(leftText(job('a', { eta: over }))).toBe('');
  expect(leftText(job('a'))).toBe('');
  expect(leftText(job('a', { eta, status: 'FAILED' }))).toBe('');
  const waiting = new Board(job('a', { eta, status: 'QUEUED', message: 'Waiting for a worker' }));
  expect(barRows(waiting, 10).at(-1)?.text).toContain('Waiting for a worker, about 1 min 40 s left');
});

test('what is left counts down between events; a waiting job says its place and when it starts', () => {
  const eta = { remainingSeconds: 100, lowSeconds: 60, highSeconds: 130, waitSeconds: 40 };
  const board = new Board(job('a', { eta, queuePosition: 3, status: 'QUEUED' }));
  const says = (inSeconds: number): string | undefined =>
    barRows(board, 10, performance.now() + 1_000 * inSeconds).at(-1)?.text;
  expect(says(0)).toBe('3rd in the queue, starts in 40 s, about 1 min 40 s left (1 min 0 s to 2 min 10 s)');
  expect(says(30)).toBe('3rd in the queue, starts in 10 s, about 1 min 10 s left (30 s to 1 min 40 s)');
  expect(says(90)).toBe('3rd in the queue, about 10 s left (0 s to 40 s)');
  // The event of entering the queue tells no prediction, and takes none away.
  board.apply(progress('a', 0, { status: 'QUEUED', step: null }));
  expect(says(0)).toContain('starts in 40 s');
  board.apply(progress('a', 0.5, { eta: { ...eta, remainingSeconds: 20, lowSeconds: 15, highSeconds: 30 } }));
  expect(says(0)).toBe('about 20 s left (15 s to 30 s)');
  expect([1, 2, 3, 4, 11, 22, 103].map(formatOrdinal).join()).toBe('1st,2nd,3rd,4th,11th,22nd,103rd');
});

test('the prediction of a batch, which its events do not tell, stays until it is asked for again', () => {
  const eta = { remainingSeconds: 300, lowSeconds: 200, highSeconds: 500, waitSeconds: 0 };
  const counts = { completed: 1, failed: 0, cancelled: 0, total: 2 };
  const board = new Board({ ...batch([job('b-0')], counts), eta });
  board.apply(progress('b', 0.5, { taskName: 'batch_video_generation', metadata: counts }));
  expect(barRows(board, 10).at(-1)?.text).toBe(
    '1 of 2 done, about 5 min 0 s left (3 min 20 s to 8 min 20 s)',
  );
  const asked = { id: 'b', attempt: 1, status: 'RUNNING', queuePosition: null } as const;
  board.note({ ...asked, eta: { ...eta, remainingSeconds: 250 } });
  expect(barRows(board, 10).at(-1)?.text).toContain('about 4 min 10 s left');
  // About what it was before.
  board.note({ ...asked, status: 'QUEUED', eta: { ...eta, remainingSeconds: 900 } });
  board.note({ ...asked, attempt: 2, eta: { ...eta, remainingSeconds: 900 } });
  expect(barRows(board, 10).at(-1)?.text).toContain('about 4 min 10 s left');
});

test('only while something waits it is asked, by turns, also after a failure; not behind the end', async () => {
  vi.useFakeTimers();
  const board = new Board(job('a', { queuePosition: 2, status: 'QUEUED' }));
  let asked = 0;
  let shown = 0;
  const stop = followWaits({
    board,
    ask: async () => {
      asked += 1;
      if (asked === 1) throw new Error('the server is away');
      return [{ id: 'a', attempt: 1, status: 'QUEUED', queuePosition: 1, eta: null }];
    },
    onAnswer: () => {
      shown += 1;
    },
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect([asked, shown, board.root?.queuePosition]).toEqual([2, 1, 1]);
  board.apply(progress('a', 0.1));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(asked).toBe(2);
  expect(board.root?.queuePosition).toBeNull();
  board.apply(failure('a', true));
  stop();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(asked).toBe(2);
});
