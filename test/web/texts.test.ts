/** Texts: complete in every language, with the same places to fill in; names of steps and errors are all there. */
import { expect, test } from 'vitest';
import { ERRORS } from '../../src/core/errors.ts';
import {
  formatClock,
  formatDuration,
  formatPercent,
  formatPlace,
  formatRange,
  formatSize,
} from '../../web/text/format.ts';
import { isMessageKey, MESSAGES, translate } from '../../web/text/messages.ts';
import { WORKFLOWS } from '../setup/workflows.ts';

const places = (text: string): readonly string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

test.each(Object.entries(MESSAGES))('%s has a text in both languages', (_key, { en, ko }) => {
  expect(en.trim()).not.toBe('');
  expect(ko.trim()).not.toBe('');
  expect(places(ko)).toEqual(places(en));
});

test('every step has a name', () => {
  const steps = [...WORKFLOWS.values()].flatMap(({ steps: all }) => all.map(({ name }) => `step.${name}`));
  expect(steps.filter((key) => !isMessageKey(key))).toEqual([]);
});

/** Those that requests are answered with; a job never ends with one. */
const OF_REQUESTS = [
  ...['BAD_USER_INPUT', 'NOT_FOUND', 'RATE_LIMITED', 'TOO_COMPLEX', 'PAYLOAD_TOO_LARGE', 'JOB_ENDED'],
  ...['IDEMPOTENCY_CONFLICT', 'JOB_NOT_RETRYABLE', 'EVENTS_EXPIRED', 'SUBSCRIBER_TOO_SLOW'],
  ...['JOB_NOT_ENDED', 'WEBHOOK_DISABLED'],
];

test('every error that a job can end with says what to do', () => {
  const codes = Object.keys(ERRORS).filter((code) => !OF_REQUESTS.includes(code));
  expect(codes.length).toBeGreaterThan(12);
  expect(codes.filter((code) => !isMessageKey(`error.${code}`))).toEqual([]);
});

test('values are filled in, and what is missing stays visible', () => {
  expect(translate('en', 'job.left', { time: '5 s' })).toBe('about 5 s left');
  expect(translate('ko', 'job.left')).toBe('약 {time} 남음');
});

test('times, sizes and shares read well', () => {
  expect([0, 42, 80, 3_600, 7_500].map((seconds) => formatDuration(seconds, 'en'))).toEqual([
    '0 s',
    '42 s',
    '1 min 20 s',
    '1 h',
    '2 h 5 min',
  ]);
  expect(formatDuration(80, 'ko')).toBe('1분 20초');
  expect(formatRange(7, 11.2, 'en')).toBe('7–11 s');
  expect(formatRange(560, 800, 'ko')).toBe('9–13분');
  expect(formatRange(42, 118, 'en')).toBe('40 s – 2 min');
  expect([0, 65.9, 3_723].map(formatClock)).toEqual(['0:00', '1:05', '1:02:03']);
  expect([0.994, 0.999, 1].map(formatPercent)).toEqual(['99%', '99%', '100%']);
  expect([900, 1_500_000].map(formatSize)).toEqual(['900 B', '1.5 MB']);
});

test('places in the queue read as people say them', () => {
  expect([1, 2, 3, 4, 11, 22, 113].map((place) => formatPlace(place, 'en'))).toEqual([
    '1st',
    '2nd',
    '3rd',
    '4th',
    '11th',
    '22nd',
    '113th',
  ]);
  expect(formatPlace(3, 'ko')).toBe('3번째');
});
