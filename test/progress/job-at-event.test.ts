/** The job as one of its events left it: from the event, and from a record that may have moved on. */
import { describe, expect, test } from 'vitest';
import type { CompletionEvent, ErrorEvent, JobEvent, ProgressEvent } from '../../src/progress/events.ts';
import { readAt, type ToldJob, toldBy } from '../../src/progress/job-at-event.ts';
import type { EarlierAttempt, JobRecord } from '../../src/progress/job-record.ts';
import { itemId, type JobState, newJob } from '../../src/progress/state.ts';

/** When the event was written. */
const NOW = 10_000;
const TABLE = [
  { name: 'load', from: 0, to: 0.2 },
  { name: 'draw', from: 0.2, to: 0.9 },
  { name: 'save', from: 0.9, to: 1 },
];
const FIELDS = {
  projectId: 'project',
  jobId: 'job',
  taskName: 'film',
  attempt: 1,
  timestamp: new Date(NOW).toISOString(),
};
const ETA = { remainingSeconds: 2, lowSeconds: 1, highSeconds: 9, finishesAt: NOW + 2_000 };
const PREVIEW = { name: 'a.jpg', path: 'project/job/a.jpg', contentType: 'image/jpeg', sizeBytes: 9 };

const progress = (changes: Partial<ProgressEvent> = {}): ProgressEvent => ({
  type: 'ProgressEvent',
  ...FIELDS,
  progress: 0.4,
  status: 'processing',
  step: 'draw',
  message: 'Drawing',
  metadata: null,
  ...changes,
});
/** Written when a job is requested, and when it is taken up again as another attempt. */
const queued = (attempt: number): ProgressEvent =>
  progress({ attempt, progress: 0, status: 'queued', step: null, message: 'Waiting' });
const completion = (changes: Partial<CompletionEvent> = {}): CompletionEvent => ({
  type: 'CompletionEvent',
  ...FIELDS,
  result: { clips: 2 },
  ...changes,
});
const failure = (changes: Partial<ErrorEvent> = {}): ErrorEvent => ({
  type: 'ErrorEvent',
  ...FIELDS,
  error: 'It broke',
  code: 'PROVIDER_FAILED',
  details: { part: 1 },
  willRetry: false,
  retryAfterSeconds: null,
  ...changes,
});

describe('what an event tells', () => {
  /** Of what an event has nothing to say. */
  const NOTHING = {
    ...{ step: null, metadata: null, result: null, error: null },
    ...{ eta: null, preview: null, finishedAt: null, parentId: null },
  };

  test('of progress: where the job is, what it predicts and what it shows', () => {
    const told: ToldJob = { ...NOTHING, status: 'RUNNING', progress: 0.4, step: 'draw', message: 'Drawing' };
    expect(toldBy(progress())).toEqual(told);
    const more = { metadata: { part: 1 }, eta: ETA, preview: PREVIEW };
    expect(toldBy(progress(more))).toEqual({ ...told, ...more });
  });

  test.each([
    ['queued', 'QUEUED'],
    ['processing', 'RUNNING'],
    ['retrying', 'RUNNING'],
  ] as const)('of a job that is %s: it is %s', (status, shown) => {
    expect(toldBy(progress({ status })).status).toBe(shown);
  });

  test('of a completion: the result, and what remained', () => {
    const metadata = { clips: 2 };
    const remains = { progress: 1, step: 'save', metadata, message: 'Fertig', eta: ETA };
    expect(toldBy(completion({ remains }))).toEqual({
      ...{ ...NOTHING, status: 'COMPLETED', progress: 1, finishedAt: NOW, result: { clips: 2 } },
      ...{ step: 'save', metadata, message: 'Fertig', eta: ETA },
    });
  });

  test('of an attempt that failed and will be followed by another: its error, and how far it had come', () => {
    const remains = { progress: 0.4, step: 'draw', metadata: { part: 1 }, eta: ETA };
    expect(toldBy(failure({ willRetry: true, retryAfterSeconds: 5, remains }))).toEqual({
      ...{ ...NOTHING, status: 'RETRYING', message: 'It broke' },
      ...{ progress: 0.4, step: 'draw', metadata: { part: 1 }, eta: ETA },
      error: {
        ...{ message: 'It broke', code: 'PROVIDER_FAILED', details: { part: 1 }, retryAfterSeconds: 5 },
      },
    });
  });

  test.each<[string, Partial<ErrorEvent>, Partial<ToldJob>]>([
    ['last error', {}, { status: 'FAILED', finishedAt: NOW }],
    ['cancel', { code: 'CANCELLED' }, { status: 'CANCELLED', finishedAt: NOW }],
    [
      'attempt that was cancelled and will be followed by another',
      { code: 'CANCELLED', willRetry: true },
      { status: 'RETRYING', finishedAt: null },
    ],
  ])('of a %s: whether it was the end, and which', (_, changes, told) => {
    expect(toldBy(failure(changes))).toMatchObject(told);
  });

  test('of an end that an earlier version wrote, without what remained: what is known of any', () => {
    expect(toldBy(completion())).toEqual({
      ...{ ...NOTHING, status: 'COMPLETED', progress: 1, message: 'Done' },
      ...{ result: { clips: 2 }, finishedAt: NOW },
    });
    expect(toldBy(failure())).toMatchObject({ progress: 0, step: null, metadata: null, eta: null });
  });

  test.each([progress, completion, failure])('of an item: its batch', (makeEvent) => {
    expect(toldBy(makeEvent({ jobId: itemId('batch', 3) })).parentId).toBe('batch');
  });
});

const job: JobState = {
  ...newJob({
    ...{ id: 'job', projectId: 'project', workflow: 'FILM', taskName: 'film', table: TABLE },
    ...{ maxAttempts: 3, createdAt: 500, title: 'A film' },
  }),
  status: 'RUNNING',
  startedAt: 1_000,
};

type Steps = JobState['steps'];

/** The record of a job with these steps, and what it kept of earlier attempts. */
function recordOf(
  steps: Steps,
  changes: Partial<JobState> = {},
  earlier: Readonly<Record<number, Partial<EarlierAttempt>>> = {},
): JobRecord {
  const kept = Object.entries(earlier).map(([attempt, left]) => {
    return [Number(attempt), { steps: {}, startedAt: 1_000, maxAttempts: 3, ...left }] as const;
  });
  return { state: { ...job, steps, ...changes }, earlier: new Map(kept) };
}

function ran(startedAt: number, finishedAt: number): Steps[string] {
  return { status: 'COMPLETED', startedAt, finishedAt };
}
function broke(startedAt: number, finishedAt: number): Steps[string] {
  return { status: 'FAILED', startedAt, finishedAt };
}
function runs(startedAt: number): Steps[string] {
  return { status: 'RUNNING', startedAt, finishedAt: null };
}

type Shown = readonly [status: string, startedAt: number | null, finishedAt: number | null];
const PENDING: Shown = ['PENDING', null, null];

/** The steps load, draw and save at an event. */
function stepsAt(event: JobEvent, record: JobRecord): readonly Shown[] {
  return readAt(event, record).steps.map(({ status, startedAt, finishedAt }) => [
    status,
    startedAt,
    finishedAt,
  ]);
}

describe('what is read of the record', () => {
  test('is what stays as it is, and the steps with their ranges', () => {
    expect(readAt(progress(), recordOf({ draw: runs(9_000) }))).toEqual({
      ...{ title: 'A film', createdAt: 500, startedAt: 1_000, maxAttempts: 3, itemCount: 0, tracked: null },
      steps: [
        { name: 'load', from: 0, to: 0.2, status: 'PENDING', startedAt: null, finishedAt: null },
        { name: 'draw', from: 0.2, to: 0.9, status: 'RUNNING', startedAt: 9_000, finishedAt: null },
        { name: 'save', from: 0.9, to: 1, status: 'PENDING', startedAt: null, finishedAt: null },
      ],
    });
  });

  test('of a batch has no steps: its items walk them', () => {
    expect(readAt(progress({ step: null }), recordOf({}, { itemCount: 2 }))).toMatchObject({
      itemCount: 2,
      steps: [],
    });
  });

  test.each([
    ['a job is requested', 1, null],
    ['one is taken up again that was cancelled before it began', 2, null],
    ['one is taken up again that had begun', 3, 2_000],
  ])('tells when the job began, which it had not when %s', (_, attempt, startedAt) => {
    const earlier = { 1: { startedAt: null }, 2: { startedAt: 2_000 }, 3: { startedAt: 2_000 } };
    const record = recordOf({}, { attempt: 4, startedAt: 2_000 }, earlier);
    expect(readAt(queued(attempt), record).startedAt).toBe(startedAt);
  });

  test('has the attempts that there might have been as the attempt left them', () => {
    const record = recordOf({}, { attempt: 2, maxAttempts: 4 }, { 1: { maxAttempts: 3 } });
    expect(readAt(progress({ attempt: 1 }), record).maxAttempts).toBe(3);
    expect(readAt(progress({ attempt: 2 }), record).maxAttempts).toBe(4);
  });
});

describe('the steps at an event', () => {
  test.each<[string, JobEvent, readonly Shown[]]>([
    ['of progress', progress(), [['COMPLETED', 7_000, 9_000], ['RUNNING', 9_000, null], PENDING]],
    ['of a cancel', failure(), [['COMPLETED', 7_000, 9_000], ['FAILED', 9_000, NOW], PENDING]],
  ])('%s are without what came behind it', (_, event, shown) => {
    const record = recordOf({ load: ran(7_000, 9_000), draw: ran(9_000, 12_000), save: runs(12_000) });
    expect(stepsAt(event, record)).toEqual(shown);
  });

  test.each<[string, JobEvent, Shown]>([
    ['runs on when another attempt follows', failure({ willRetry: true }), ['RUNNING', 9_000, null]],
    ['has failed when none does', failure({ code: 'CANCELLED' }), ['FAILED', 9_000, NOW]],
  ])('one that nobody has closed %s', (_, event, shown) => {
    const record = recordOf({ load: ran(7_000, 9_000), draw: runs(9_000) });
    expect(stepsAt(event, record)).toEqual([['COMPLETED', 7_000, 9_000], shown, PENDING]);
  });

  test.each<[string, JobEvent, readonly Shown[]]>([
    ['progress of the first', progress({ step: 'load' }), [['RUNNING', 9_000, null], PENDING, PENDING]],
    [
      'progress of the second',
      progress({ step: 'draw' }),
      [['COMPLETED', 9_000, NOW], ['RUNNING', NOW, null], PENDING],
    ],
    [
      'progress of the last',
      progress({ step: 'save' }),
      [
        ['COMPLETED', 9_000, NOW],
        ['COMPLETED', NOW, NOW],
        ['RUNNING', NOW, null],
      ],
    ],
    [
      'the completion',
      completion({ remains: { progress: 1, step: 'save', metadata: null } }),
      [
        ['COMPLETED', 9_000, NOW],
        ['COMPLETED', NOW, NOW],
        ['COMPLETED', NOW, NOW],
      ],
    ],
  ])('which all came in one millisecond are told apart by their order: %s', (_, event, shown) => {
    const record = recordOf({ load: ran(9_000, NOW), draw: ran(NOW, NOW), save: ran(NOW, NOW) });
    expect(stepsAt(event, record)).toEqual(shown);
  });

  test('are those of its own attempt, when a later one has begun', () => {
    const earlier = { 1: { steps: { load: ran(7_000, 9_000), draw: broke(9_000, NOW) } } };
    const record = recordOf({ load: ran(7_000, 9_000), draw: runs(9_500) }, { attempt: 2 }, earlier);
    const remains = { progress: 0.2, step: 'draw', metadata: null };
    expect(stepsAt(failure({ willRetry: true, remains }), record)).toEqual([
      ['COMPLETED', 7_000, 9_000],
      ['FAILED', 9_000, NOW],
      PENDING,
    ]);
  });

  test('of an attempt that is no longer kept have not begun before a later one began them', () => {
    const record = recordOf({ load: ran(11_000, 12_000), draw: runs(12_000) }, { attempt: 9 });
    expect(stepsAt(progress({ attempt: 1 }), record)).toEqual([PENDING, PENDING, PENDING]);
  });
});

describe('steps that the attempt before had finished', () => {
  const finished = { load: ran(9_000, NOW) };
  const earlier = { 1: { steps: { ...finished, draw: broke(NOW, NOW) } } };

  test.each<[string, JobEvent]>([
    ['when the job is taken up again, even in the millisecond of their end', queued(2)],
    ['when they are passed through again', progress({ attempt: 2, step: 'load' })],
  ])('stay finished %s; its failed one has yet to begin', (_, event) => {
    const record = recordOf({ ...finished, draw: runs(NOW + 1) }, { attempt: 2 }, earlier);
    expect(stepsAt(event, record)).toEqual([['COMPLETED', 9_000, NOW], PENDING, PENDING]);
  });

  test('are those of the one right before, not of a later or of the first one', () => {
    const record = recordOf(
      { load: ran(1_000, 2_000), draw: ran(3_000, NOW), save: runs(NOW + 1) },
      { attempt: 4 },
      {
        1: { steps: {} },
        2: { steps: { load: ran(1_000, 2_000), draw: broke(2_000, 3_000) } },
        3: { steps: { load: ran(1_000, 2_000), draw: ran(3_000, NOW), save: broke(NOW, NOW) } },
      },
    );
    const load: Shown = ['COMPLETED', 1_000, 2_000];
    expect(stepsAt(queued(3), record)).toEqual([load, ['COMPLETED', 3_000, NOW], PENDING]);
    expect(stepsAt(progress({ attempt: 3 }), record)).toEqual([load, ['RUNNING', 3_000, null], PENDING]);
  });

  test('do not count for a tracked job: each of its attempts walks all of its steps', () => {
    const tracked: JobState['tracked'] = {
      ...{ externalId: null, lease: 'lease', leaseSeconds: 60, isRemote: true },
      ...{ end: null, begunAt: 9_000, key: null, sequence: 0 },
    };
    const record = recordOf({ load: runs(9_500) }, { attempt: 2, tracked }, { 1: { steps: finished } });
    expect(stepsAt(progress({ attempt: 2, step: 'load' }), record)).toEqual([
      ['RUNNING', 9_500, null],
      PENDING,
      PENDING,
    ]);
    expect(readAt(queued(2), record).tracked).toBe(tracked);
  });
});
