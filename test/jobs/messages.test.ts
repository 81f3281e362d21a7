/** The texts of jobs' events, in each language. */
import { expect, test } from 'vitest';
import { createMessages, LANGUAGES, languageOf, message } from '../../src/jobs/messages.ts';

test('are said in English and Korean', () => {
  expect(LANGUAGES).toEqual(['en', 'ko']);
  const values = { attempt: 2, message: 'Drawing' };
  const keys = ['job.queued', 'job.starting', 'job.attempt', 'job.doneEarlier', 'job.done'] as const;
  expect(keys.map((key) => LANGUAGES.map((language) => message(language, key, values)))).toEqual([
    ['Waiting for a worker', '작업자를 기다리는 중'],
    ['Starting', '시작하는 중'],
    ['Attempt 2', '2번째 시도'],
    ['Drawing (done earlier)', 'Drawing (이전에 완료)'],
    ['Done', '완료'],
  ]);
});

test('have each value filled in wherever it stands; a place without a value stays', () => {
  const say = createMessages({ draw: { en: '{count} of {all}, {count}', ko: '{count}' } });
  expect(say('en', 'draw', { count: 0, all: 'many' })).toBe('0 of many, 0');
  expect(say('en', 'draw', { count: 3 })).toBe('3 of {all}, 3');
  expect(say('en', 'draw')).toBe('{count} of {all}, {count}');
});

test('are in English unless the input asks for Korean', () => {
  const inputs = [{ language: 'ko' }, { language: 'en' }, { language: 'fr' }, {}, null, undefined, 'ko', 7];
  expect(inputs.map(languageOf)).toEqual(['ko', 'en', 'en', 'en', 'en', 'en', 'en', 'en']);
});
