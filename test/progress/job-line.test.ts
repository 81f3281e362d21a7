import { expect, test } from 'vitest';
import { isJobLine, type JobLine } from '../../src/progress/job-line.ts';

const line: JobLine = {
  at: 1_000,
  attempt: 1,
  step: 'render',
  level: 'info',
  source: 'ffmpeg',
  text: 'frame 12',
  durationMs: 250,
};

test.each<[string, Partial<JobLine>]>([
  ['of a program', {}],
  ['of the step itself', { source: null, durationMs: null }],
  ['that warns', { level: 'warn' }],
  ['that tells an error', { level: 'error' }],
])('a line %s is read', (_, changes) => {
  expect(isJobLine({ ...line, ...changes })).toBe(true);
});

test.each<[keyof JobLine, unknown]>([
  ['at', '1000'],
  ['attempt', null],
  ['step', null],
  ['text', 12],
  ['source', 12],
  ['durationMs', '250'],
  ['level', 'debug'],
])('a value whose %s is %j is no line, and neither is one without it', (name, value) => {
  expect(isJobLine({ ...line, [name]: value })).toBe(false);
  const { [name]: _left, ...rest } = line;
  expect(isJobLine(rest)).toBe(false);
});

test.each([[null], ['frame 12'], [12], [[line]]])('%j is no line', (value) => {
  expect(isJobLine(value)).toBe(false);
});
