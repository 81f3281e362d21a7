/** The table of messages, and the Director's language through the real runner. */

import { describe, expect, test } from 'vitest';
import { MESSAGES as SCRIPTS } from '../../media/script-warning.ts';
import { describeSpeechWarning, MESSAGES as WARNINGS } from '../../media/speech-warning.ts';
import { MESSAGES as AUDIO } from '../../media/workflows/audio/messages.ts';
import { MESSAGES as DIRECTOR, message } from '../../media/workflows/director/messages.ts';
import { MESSAGES as LIPSYNC } from '../../media/workflows/lipsync/messages.ts';
import { MESSAGES as WRITER } from '../../media/workflows/writer/messages.ts';
import { languageOf, type Messages } from '../../src/jobs/messages.ts';
import { createJobPath } from '../setup/job-harness.ts';
import { WORKFLOWS } from '../setup/workflows.ts';

const MESSAGES: Messages = { ...AUDIO, ...DIRECTOR, ...LIPSYNC, ...WRITER, ...WARNINGS, ...SCRIPTS };
const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();

test.each(Object.entries(MESSAGES))('%s is said in both languages, with the same values', (_, said) => {
  const { en, ko } = said;
  expect(en).toMatch(/[A-Za-z{]/);
  expect(ko).toMatch(/\p{Script=Hangul}|^\{first\}, \{second\}$/u);
  expect(en).not.toMatch(/\p{Script=Hangul}/u);
  expect(places(ko)).toEqual(places(en));
  expect(Object.keys(said).toSorted()).toEqual(['en', 'ko']);
});

test('values are set in once, whatever they hold', () => {
  const values = { clip: '{total}', total: 3 };
  expect(message('en', 'director.clips', values)).toBe('Generating clips ({total}/3)');
  expect(message('ko', 'director.clips')).toBe('클립을 만드는 중 ({clip}/{total})');
});

test('a job without a language speaks English', () => {
  expect([{ language: 'ko' }, { language: 'en' }, {}, null, 'ko'].map(languageOf)).toEqual([
    ...['ko', 'en', 'en', 'en', 'en'],
  ]);
});

describe('a warning of speech', () => {
  const warning = {
    provider: 'flite',
    kinds: ['korean', 'emoji'],
    sourceLines: [1, 2, 3, 4, 5, 6, 7],
  } as const;
  test.each([
    [
      'en',
      'lines 1, 2, 3, 4, 5 and 2 more: flite cannot speak Korean text and emoji; it is shown in the subtitles only',
    ],
    ['ko', '1, 2, 3, 4, 5행 외 2곳: flite이(가) 말할 수 없는 부분(한국어, 이모지)은 자막에만 나옵니다'],
  ] as const)('in %s names kinds and lines', (language, text) => {
    expect(describeSpeechWarning(language, warning)).toBe(text);
  });
  test('of a text as a whole names the line', () => {
    expect(describeSpeechWarning('en', { provider: 'flite', kinds: [], sourceLines: [4] })).toBe(
      'line 4: flite could not speak this text; it is shown in the subtitles only',
    );
  });
});

test('the runner speaks the job’s language, from waiting to done', async () => {
  const path = await createJobPath({ workflows: WORKFLOWS });
  const enqueued = await path.enqueue({
    workflow: 'DIRECTOR',
    input: { script: '지수: 네.', language: 'ko' },
  });
  expect(enqueued.message).toBe('작업자를 기다리는 중');
  await path.commands.cancel(path.projectId, enqueued.id);
  const retried = await path.commands.retry(path.projectId, enqueued.id);
  expect(retried.message).toBe('작업자를 기다리는 중');
  expect((await path.events(enqueued.id)).map((event) => 'message' in event && event.message)).toEqual([
    ...['작업자를 기다리는 중', false, '작업자를 기다리는 중'],
  ]);
});
