/** The checker finds each kind of divergence when it is made on purpose. */
import { expect, test } from 'vitest';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { checkLog, checkStretches } from './kit/checker.ts';

function logged(seq: number, event: object): LoggedEvent {
  // These are the only parts of an event that the checker reads.
  return { epoch: 'e', seq, hash: `t${seq}`, event: { attempt: 1, ...event } as LoggedEvent['event'] };
}

const begun = { type: 'ProgressEvent', jobId: 'a', progress: 0 };
const half = { type: 'ProgressEvent', jobId: 'a', progress: 0.5 };
const completed = { type: 'CompletionEvent', jobId: 'a' };
const failed = { type: 'ErrorEvent', jobId: 'a', willRetry: false };
const log = [begun, half, completed].map((event, index) => logged(index + 1, event));
const at = (seq: number, hash = `t${seq}`) => ({ epoch: 'e', seq, hash });
const streams = (...runs: ReturnType<typeof at>[][]) =>
  checkStretches(
    'client',
    runs.map((positions) => ({ positions })),
    log,
    false,
  );

test('what is right is no anomaly; progress that a newer event of the job replaced may be missing', () => {
  expect(streams([at(1), at(2), at(3)])).toEqual([]);
  expect(streams([at(1), at(3)])).toEqual([]);
  expect(checkLog(log, ['a'])).toEqual([]);
  expect(checkLog(log, ['a'], [{ name: 'worker', acknowledged: [at(2), at(3)] }])).toEqual([]);
});

test.each([
  ['repeated', [[at(1), at(2), at(2)]], /2 after 2 \(repeated/],
  ['out of order', [[at(2), at(1)]], /1 after 2 \(repeated or out of order/],
  ['of another history', [[at(1), at(2, 'x')]], /event 2 is not the log/],
  ['false EVENTS_EXPIRED', [[at(1)], [at(2)]], /told EVENTS_EXPIRED although nothing was lost/],
])('a client’s events: %s', (_name, runs, message) => {
  expect(streams(...runs)).toEqual([expect.stringMatching(message)]);
});

test('an ending is never replaced by anything', () => {
  const longer = [...log, logged(4, { type: 'ProgressEvent', jobId: 'b', progress: 0 })];
  const anomalies = checkStretches('client', [{ positions: [at(2), at(4)] }], longer, false);
  expect(anomalies).toEqual(['client: 4 after 2 (lost)']);
});

test.each([
  ['a second ending', [begun, completed, failed], /2 endings/],
  ['no ending', [begun, half], /0 endings/],
  ['something after the ending', [begun, completed, half], /1 endings, last event/],
  ['progress that goes back', [half, begun, completed], /progress goes back at 2/],
  [
    'an earlier attempt that writes',
    [{ ...begun, attempt: 2 }, half, completed],
    /attempt 1 writes 2 after 2/,
  ],
])('the log: %s', (_name, events, message) => {
  const found = checkLog(
    events.map((event, index) => logged(index + 1, event)),
    ['a'],
  );
  expect(found).toEqual(expect.arrayContaining([expect.stringMatching(message)]));
});

test('the log: a number left out, an event twice, an accepted job that is missing', () => {
  expect(checkLog([logged(2, completed)], ['a'])).toContain('log: expected 1, received 2');
  expect(checkLog([...log.slice(0, 2), { ...logged(3, completed), hash: 't1' }], ['a'])).toContain(
    'log: an event is there twice',
  );
  expect(checkLog(log, ['a', 'b'])).toContain('job b: accepted, but not in the log');
});

test('an acknowledged event that the log has lost', () => {
  expect(checkLog(log, ['a'], [{ name: 'worker', acknowledged: [at(3, 'lost')] }])).toEqual([
    'worker: event 3 was acknowledged, and is not in the log',
  ]);
});
