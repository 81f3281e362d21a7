/** What a tracked job's reports make of it, in whatever order they come (G5). */
import { describe, expect, test } from 'vitest';
import { boundedFacts, type ProgressReport, reportedEvent, reportedJob } from '../../src/progress/report.ts';
import { type JobState, newJob } from '../../src/progress/state.ts';

const NOW = 10_000;
const RANGES = [
  { name: 'load', from: 0, to: 0.2 },
  { name: 'wait', from: 0.2, to: 0.2 },
  { name: 'draw', from: 0.2, to: 1 },
];

const created: JobState = newJob({
  ...{ id: 'j', projectId: 'p', workflow: 'TRACKED', taskName: 'mine', table: [], ranges: RANGES },
  ...{ maxAttempts: 1, createdAt: 1, message: 'Waiting' },
  tracked: {
    externalId: null,
    lease: 'lease',
    leaseSeconds: 60,
    end: null,
    begunAt: 2,
    key: null,
    sequence: 0,
    isRemote: false,
  },
});
const state: JobState = { ...created, status: 'RUNNING', startedAt: 2, metadata: { kept: true } };

/** Reports, one after the other, a second apart; those that change nothing are passed over. */
function told(...reports: readonly ProgressReport[]): JobState {
  return reports.reduce<JobState>(
    (before, report, at) => reportedJob(before, report, NOW + at * 1_000) ?? before,
    state,
  );
}

const changes = (from: JobState, report: ProgressReport): boolean => reportedJob(from, report, NOW) !== null;

test('what is left out stays as it was', () => {
  expect(told({ progress: 0.1 })).toMatchObject({
    progress: 0.1,
    message: 'Waiting',
    metadata: { kept: true },
  });
  expect(told({ message: 'Drawing' })).toMatchObject({
    progress: 0,
    message: 'Drawing',
    metadata: { kept: true },
  });
  expect(told({ metadata: { a: 1 } })).toMatchObject({ message: 'Waiting', metadata: { a: 1 } });
  expect(told({ metadata: null })).toMatchObject({ metadata: null });
  expect(told({ step: 'load' }, { progress: 0.1 })).toMatchObject({ step: 'load' });
});

test('a step begins at its place, ends the one before, and moves the job by its share', () => {
  expect(told({ step: 'load' })).toMatchObject({
    ...{ step: 'load', progress: 0 },
    steps: { load: { status: 'RUNNING', startedAt: NOW, finishedAt: null } },
  });
  expect(told({ step: 'load', stepProgress: 0.25 }).progress).toBeCloseTo(0.05, 9);
  expect(told({ step: 'load' }, { step: 'draw', stepProgress: 0.5 })).toMatchObject({
    ...{ step: 'draw', progress: 0.6 },
    steps: {
      load: { status: 'COMPLETED', startedAt: NOW, finishedAt: NOW + 1_000 },
      draw: { status: 'RUNNING', startedAt: NOW + 1_000, finishedAt: null, halfAt: NOW + 1_000 },
    },
  });
  // In a step that has begun, and where none has.
  expect(told({ step: 'draw' }, { stepProgress: 0.25 }).progress).toBeCloseTo(0.4, 9);
  expect(told({ stepProgress: 0.5 }).progress).toBe(0);
  // What the task says of the whole counts more.
  expect(told({ step: 'draw', stepProgress: 0.5, progress: 0.9 }).progress).toBe(0.9);
});

test('half of a step is noted once', () => {
  expect(told({ step: 'draw', stepProgress: 0.49 }).steps['draw']).not.toHaveProperty('halfAt');
  const half = told({ step: 'draw' }, { stepProgress: 0.5 }, { stepProgress: 0.7 });
  expect(half.steps['draw']).toMatchObject({ halfAt: NOW + 1_000 });
  // A step without a share has no half.
  expect(told({ step: 'wait', stepProgress: 1 }).steps['wait']).not.toHaveProperty('halfAt');
  expect(told({ progress: 0.9 }).steps).toEqual({});
});

describe('reports that come late, twice or in another order', () => {
  test('take neither progress nor the step back', () => {
    expect(told({ progress: 0.5 }, { progress: 0.4 }).progress).toBe(0.5);
    expect(told({ step: 'draw' }, { step: 'draw', message: 'on' })).toMatchObject({
      step: 'draw',
      message: 'on',
    });
    expect(changes(told({ step: 'draw' }), { step: 'load', message: 'late' })).toBe(false);
    expect(changes(told({ step: 'load' }), { step: 'draw' })).toBe(true);
  });

  test('are known by their number', () => {
    const third = told({ progress: 0.1, sequence: 3 });
    expect(third.tracked?.sequence).toBe(3);
    for (const sequence of [2, 3]) expect(changes(third, { message: 'late', sequence })).toBe(false);
    expect(reportedJob(third, { message: 'new', sequence: 4 }, NOW)?.tracked?.sequence).toBe(4);
    expect(reportedJob(third, { message: 'new' }, NOW)?.tracked?.sequence).toBe(3);
  });
});

test('a report that tells nothing is a heartbeat', () => {
  expect(changes(state, {})).toBe(false);
  expect(changes(state, { sequence: 5, message: undefined, progress: undefined })).toBe(false);
  expect(changes(state, { metadata: null })).toBe(true);
});

test('a job that is not tracked takes no report, and a step that it does not have is a fault', () => {
  expect(changes({ ...state, tracked: null }, { progress: 0.5 })).toBe(false);
  expect(() => told({ step: 'paint' })).toThrow(RangeError);
});

test('messages and facts are bounded (G7)', () => {
  expect([...(told({ message: '말'.repeat(2_000) }).message ?? '')]).toHaveLength(1_000);
  const most = { text: 'x'.repeat(16_384 - '{"text":""}'.length) };
  expect(boundedFacts(most)).toBe(most);
  expect(boundedFacts({ text: `${most.text}x` })).toEqual({ truncated: true });
  expect(boundedFacts(null)).toBeNull();
  expect(told({ metadata: { text: `${most.text}x` } }).metadata).toEqual({ truncated: true });
});

test('the event of a report has what the job then is', () => {
  const reported = told({ step: 'load', stepProgress: 0.5, message: 'Half', metadata: { a: 1 } });
  const event = {
    ...{
      type: 'ProgressEvent',
      projectId: 'p',
      jobId: 'j',
      workflow: 'TRACKED',
      taskName: 'mine',
      attempt: 1,
    },
    ...{ timestamp: '1970-01-01T00:00:10.000Z', progress: 0.1, status: 'processing', step: 'load' },
    ...{ message: 'Half', metadata: { a: 1 } },
  };
  expect(reportedEvent(reported, 'processing', NOW)).toEqual(event);
  const eta = { seconds: 1, low: 1, high: 2 } as never;
  const preview = { name: 'a.jpg', path: '', contentType: 'image/jpeg', sizeBytes: 0, url: 'http://a/a.jpg' };
  expect(reportedEvent({ ...reported, message: null, eta, preview }, 'retrying', NOW)).toEqual({
    ...event,
    ...{ message: '', status: 'retrying', eta, preview },
  });
});
