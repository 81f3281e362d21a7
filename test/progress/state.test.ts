import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ErrorEvent,
  isEnding,
  isJobEvent,
  type JobEvent,
  toPercent,
} from '../../src/progress/events.ts';
import { readRecord, STATE_FIELDS, writeAttempt, writeRecord } from '../../src/progress/job-record.ts';
import {
  batchIdOf,
  begunJob,
  closeStep,
  endedJob,
  halveStep,
  hasEnded,
  itemId,
  itemIds,
  JOB_STATUSES,
  type JobState,
  newJob,
  openStep,
  rangesOf,
  remainsOf,
  requeuedJob,
  viewSteps,
} from '../../src/progress/state.ts';
import { tableOf, WORKFLOWS } from '../setup/workflows.ts';

const queued = newJob({
  id: 'job',
  projectId: 'project',
  workflow: 'LIPSYNC',
  taskName: 'lipsync',
  table: tableOf('LIPSYNC'),
  maxAttempts: 3,
  createdAt: 1_000,
});
const fields = { projectId: 'project', jobId: 'job', taskName: 'lipsync', attempt: 1, timestamp: '' };
const completion: JobEvent = { type: 'CompletionEvent', ...fields, result: { clips: 2 } };
const failure = (more: Partial<ErrorEvent>): ErrorEvent => ({
  type: 'ErrorEvent',
  ...fields,
  error: 'broken',
  code: 'PROVIDER_FAILED',
  details: { part: 1 },
  willRetry: false,
  retryAfterSeconds: null,
  ...more,
});

describe('the status of a job', () => {
  test('goes QUEUED, RUNNING, COMPLETED', () => {
    expect(queued.status).toBe('QUEUED');
    const running = begunJob(queued, 1, 2_000);
    expect(running).toMatchObject({ status: 'RUNNING', attempt: 1, startedAt: 2_000, progress: 0 });
    const done = endedJob(running, completion, 3_000);
    expect(done).toMatchObject({ status: 'COMPLETED', progress: 1, result: { clips: 2 }, finishedAt: 3_000 });
  });

  test('goes through RETRYING to the next attempt, whose progress starts over (G5)', () => {
    const running = { ...begunJob(queued, 1, 2_000), progress: 0.7 };
    const retrying = endedJob(running, failure({ willRetry: true, retryAfterSeconds: 4 }), 3_000);
    expect(retrying).toMatchObject({ status: 'RETRYING', finishedAt: null, error: { retryAfterSeconds: 4 } });
    expect(hasEnded(retrying.status)).toBe(false);
    const again = begunJob(retrying, 2, 4_000);
    expect(again).toMatchObject({
      status: 'RUNNING',
      attempt: 2,
      progress: 0,
      error: null,
      startedAt: 2_000,
    });
  });

  test('is FAILED after a last error and CANCELLED after a cancel', () => {
    const running = begunJob(queued, 1, 2_000);
    expect(endedJob(running, failure({}), 3_000)).toMatchObject({
      status: 'FAILED',
      error: { message: 'broken', code: 'PROVIDER_FAILED', details: { part: 1 } },
    });
    expect(endedJob(running, failure({ code: 'CANCELLED' }), 3_000).status).toBe('CANCELLED');
  });

  test('goes back to QUEUED by retryJob, as the next attempt with a queue entry of its own', () => {
    const failed = endedJob(begunJob(queued, 3, 2_000), failure({ attempt: 3 }), 3_000);
    const again = requeuedJob(failed);
    expect(again).toMatchObject({ status: 'QUEUED', attempt: 4, attemptBase: 3, queueId: 'job-3' });
    expect(again).toMatchObject({ maxAttempts: 6, error: null, finishedAt: null, progress: 0 });
    expect(requeuedJob({ ...again, status: 'FAILED' })).toMatchObject({
      attempt: 5,
      queueId: 'job-4',
      maxAttempts: 7,
    });
  });

  test.each([
    [1, undefined, 'Starting'],
    [2, undefined, 'Attempt 2'],
    [2, '다시 시도', '다시 시도'],
  ])('says in attempt %d, given %o, “%s”', (attempt, given, message) => {
    expect(begunJob(queued, attempt, 2_000, given).message).toBe(message);
  });

  test('says “Done”, or what the job’s language has for it, when it has completed', () => {
    expect(endedJob(queued, completion, 3_000).message).toBe('Done');
    expect(endedJob(queued, completion, 3_000, '완료').message).toBe('완료');
  });

  test('counts as ended when completed, failed or cancelled', () => {
    expect(JOB_STATUSES.filter(hasEnded)).toEqual(['COMPLETED', 'FAILED', 'CANCELLED']);
  });
});

describe('the steps of a job', () => {
  const running = begunJob(queued, 1, 2_000);
  const second = openStep(
    closeStep(openStep(running, 'start', 2_000), 'COMPLETED', 2_500),
    'load_media',
    2_500,
  );

  test('one runs, those before it are completed, those behind it wait', () => {
    expect(viewSteps(second).map(({ status }) => status)).toEqual([
      'COMPLETED',
      'RUNNING',
      'PENDING',
      'PENDING',
      'PENDING',
    ]);
  });

  test('finished ones stay finished, with their times, in the next attempt and after retryJob', () => {
    const failed = endedJob(second, failure({}), 3_000);
    expect(failed.steps['load_media']?.status).toBe('FAILED');
    const again = openStep(begunJob(requeuedJob(failed), 2, 9_000), 'start', 9_000);
    expect(again.steps).toEqual({ start: { status: 'COMPLETED', startedAt: 2_000, finishedAt: 2_500 } });
  });

  test('the last one is completed with the job, at its time', () => {
    const { steps } = endedJob(second, completion, 3_000);
    expect(steps['load_media']).toEqual({ status: 'COMPLETED', startedAt: 2_500, finishedAt: 3_000 });
  });

  test('only one that runs is closed or half done', () => {
    const closed = closeStep(second, 'COMPLETED', 3_000);
    for (const state of [queued, { ...queued, step: 'start' }, closed]) {
      expect(closeStep(state, 'FAILED', 9_000)).toBe(state);
      expect(halveStep(state, 9_000)).toBe(state);
    }
    expect(halveStep(second, 2_700).steps['load_media']).toMatchObject({ halfAt: 2_700, status: 'RUNNING' });
  });

  test('a batch has none', () => {
    expect(viewSteps({ ...second, itemCount: 2 })).toEqual([]);
  });

  test('have the job’s own ranges while those fit the table', () => {
    const own = tableOf('LIPSYNC').map((range, at) => ({ ...range, from: at / 9, to: (at + 1) / 9 }));
    const { table } = queued;
    expect(rangesOf({ table, ranges: own })).toBe(own);
    const renamed = own.map((range, at) => (at === 1 ? { ...range, name: 'other' } : range));
    for (const ranges of [null, [], own.slice(1), renamed]) expect(rangesOf({ table, ranges })).toBe(table);
    expect(rangesOf({ table: [], ranges: own })).toBe(own);
    expect(rangesOf({ table: [], ranges: null })).toEqual([]);
  });

  test('one that ran when the job was ended from outside is shown as failed', () => {
    const views = viewSteps({ ...second, status: 'CANCELLED', finishedAt: 3_000 });
    expect(views.slice(0, 2)).toMatchObject([
      { name: 'start', status: 'COMPLETED', finishedAt: 2_500 },
      { name: 'load_media', status: 'FAILED', finishedAt: 3_000 },
    ]);
  });
});

test('an item has the id of its batch and four digits, by which its batch is found', () => {
  expect(itemIds({ id: 'batch-a', itemCount: 2 })).toEqual(['batch-a-0000', 'batch-a-0001']);
  expect(itemIds(queued)).toEqual([]);
  expect(batchIdOf(itemId('batch-a', 999))).toBe('batch-a');
  // The second is the queue entry of a job's second run.
  for (const id of ['job', 'job-1', '-0001', 'job-0001x', 'job-12345', 'job-one1'])
    expect(batchIdOf(id)).toBeNull();
});

test('what remains of a job when it ends is what its snapshot shows', () => {
  const eta = { remainingSeconds: 2, lowSeconds: 1, highSeconds: 9, finishesAt: 7 };
  const state = { ...queued, progress: 0.4, step: 'start', metadata: { part: 1 } };
  const remains = { progress: 0.4, step: 'start', metadata: { part: 1 } };
  expect(remainsOf({ ...state, status: 'FAILED', message: 'broken' })).toEqual(remains);
  expect(remainsOf({ ...state, status: 'RETRYING', message: 'busy', eta })).toEqual({ ...remains, eta });
  expect(remainsOf({ ...state, status: 'COMPLETED', message: 'Done' })).toEqual({
    ...remains,
    message: 'Done',
  });
  expect(remainsOf({ ...state, status: 'COMPLETED', message: null })).toEqual(remains);
});

test('a snapshot comes back from its hash as it went in (G9)', () => {
  const tracked = fc.record({
    externalId: fc.option(fc.string({ minLength: 1 })),
    lease: fc.uuid(),
    leaseSeconds: fc.integer({ min: 5, max: 3_600 }),
    isRemote: fc.boolean(),
    end: fc.constantFrom('COMPLETION', 'ERROR', 'LOST', null),
    begunAt: fc.nat(),
    key: fc.option(fc.string({ minLength: 1 })),
    sequence: fc.nat(),
  });
  const stored: fc.Arbitrary<Omit<JobState, 'table'>> = fc.record({
    id: fc.uuid(),
    projectId: fc.stringMatching(/^[\w-]{1,64}$/),
    workflow: fc.constantFrom('DIRECTOR', 'AUDIO', 'WRITER', 'LIPSYNC'),
    taskName: fc.constantFrom('lipsync', 'video_generation'),
    status: fc.constantFrom(...JOB_STATUSES),
    progress: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
    step: fc.option(fc.constantFrom('start', 'render')),
    steps: fc.constantFrom({}, { start: { status: 'RUNNING', startedAt: 5, finishedAt: null } } as const),
    message: fc.option(fc.string({ minLength: 1 })),
    metadata: fc.option(fc.dictionary(fc.string(), fc.string()).map((value) => ({ ...value }))),
    attempt: fc.nat(),
    maxAttempts: fc.nat(),
    result: fc.option(fc.constant({ clips: 1 })),
    error: fc.option(
      fc.record({
        message: fc.string(),
        code: fc.string(),
        details: fc.constant(null),
        retryAfterSeconds: fc.option(fc.nat()),
      }),
    ),
    createdAt: fc.nat(),
    startedAt: fc.option(fc.nat()),
    finishedAt: fc.option(fc.nat()),
    queueId: fc.uuid(),
    attemptBase: fc.nat(),
    parentId: fc.option(fc.uuid()),
    itemIndex: fc.option(fc.nat()),
    itemCount: fc.nat(),
    ranges: fc.constantFrom(null, [{ name: 'start', from: 0, to: 0.5 }]),
    size: fc.constantFrom({}, { characters: 12, clips: 2, seconds: 3.5 }),
    preview: fc.constantFrom(null, {
      ...{ name: 'a.jpg', path: 'p/j/a.jpg', contentType: 'image/jpeg', sizeBytes: 9 },
    }),
    eta: fc.constantFrom(null, { remainingSeconds: 2, lowSeconds: 1, highSeconds: 9, finishesAt: 7 }),
    last: fc.constant(null),
    version: fc.constant(0),
    tracked: fc.option(tracked),
    title: fc.option(fc.string({ minLength: 1 })),
    stepsFingerprint: fc.option(fc.string({ minLength: 1 })),
  });
  fc.assert(
    fc.property(stored, (fields) => {
      const before = { ...fields, table: tableOf(fields.workflow) };
      const flat = writeRecord(before);
      const hash = new Map<string, string>();
      for (let at = 0; at < flat.length; at += 2) hash.set(flat[at] ?? '', flat[at + 1] ?? '');
      const after = readRecord(
        STATE_FIELDS.map((name) => hash.get(name) ?? null),
        WORKFLOWS,
      );
      expect(JSON.parse(JSON.stringify(after))).toEqual(JSON.parse(JSON.stringify(before)));
    }),
  );
});

test('what an attempt writes is all that an attempt changes', () => {
  const begun = begunJob({ ...queued, metadata: { part: 1 }, size: { clips: 2 } }, 1, 2_000, 'Starting');
  const walking = halveStep(openStep(begun, 'start', 2_100), 2_200);
  const told = { ...walking, progress: 0.4, message: 'half', eta: ETA, size: { clips: 2, seconds: 3 } };
  const states = [
    begun,
    walking,
    told,
    endedJob(told, completion, 3_000),
    endedJob(told, failure({}), 3_000),
  ];
  for (const after of states) {
    expect({ ...toFields(writeRecord(queued)), ...toFields(writeAttempt(after)) }).toEqual(
      toFields(writeRecord(after)),
    );
  }
});

const ETA = { remainingSeconds: 2, lowSeconds: 1, highSeconds: 9, finishesAt: 7 };

function toFields(flat: readonly string[]): Readonly<Record<string, string>> {
  const values = flat.filter((_, at) => at % 2 === 1);
  return Object.fromEntries(
    flat.filter((_, at) => at % 2 === 0).map((name, index) => [name, values[index] ?? '']),
  );
}

test('a hash that is not there is no job', () => {
  expect(
    readRecord(
      STATE_FIELDS.map(() => null),
      WORKFLOWS,
    ),
  ).toBeNull();
});

test.each(['remainingSeconds', 'lowSeconds', 'highSeconds', 'finishesAt'] as const)(
  'a prediction without its %s is said to be broken, by its field',
  (name) => {
    const { [name]: _left, ...rest } = ETA;
    for (const eta of [rest, { ...ETA, [name]: 'soon' }]) {
      const hash = new Map(Object.entries({ ...toFields(writeRecord(queued)), eta: JSON.stringify(eta) }));
      const read = (): unknown =>
        readRecord(
          STATE_FIELDS.map((field) => hash.get(field) ?? null),
          WORKFLOWS,
        );
      expect(read).toThrow(/eta: expected/);
    }
  },
);

test('an ending is a completion, or an error that will not be retried (G3)', () => {
  expect(isEnding(completion)).toBe(true);
  expect(isEnding(failure({}))).toBe(true);
  expect(isEnding(failure({ willRetry: true }))).toBe(false);
});

test('a stored value is an event by its type and its job', () => {
  for (const type of ['ProgressEvent', 'ErrorEvent', 'CompletionEvent']) {
    expect(isJobEvent({ type, jobId: 'job' })).toBe(true);
  }
  const others = [
    null,
    'ProgressEvent',
    7,
    {},
    { type: 'ProgressEvent' },
    { type: 'ProgressEvent', jobId: 7 },
  ];
  for (const other of [...others, { jobId: 'job' }, { type: 'Other', jobId: 'job' }]) {
    expect(isJobEvent(other)).toBe(false);
  }
});

test('percent is rounded to whole numbers, and 100 only when done', () => {
  expect([0, 0.004, 0.005, 0.35, 0.994, 0.995, 0.999_999, 1].map(toPercent)).toEqual([
    0, 0, 1, 35, 99, 99, 99, 100,
  ]);
});
