/** The core's messages in the events of jobs, in the languages that it supports. */

/** Languages of messages. */
export const LANGUAGES = ['en', 'ko'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Texts by key and language; `{name}` stands for a value. */
export type Messages = Readonly<Record<string, Readonly<Record<Language, string>>>>;

/** Returns a text in a language, with its values filled in. */
export type Say<Key> = (
  language: Language,
  key: Key,
  values?: Readonly<Record<string, string | number>>,
) => string;

/**
 * @param messages the texts of a workflow
 * @example const say = createMessages({ draw: { en: 'Drawing {count}', ko: '{count}개를 그리는 중' } });
 *   say('en', 'draw', { count: 3 }) // Drawing 3
 */
export function createMessages<Table extends Messages>(messages: Table): Say<keyof Table> {
  return (language, key, values = {}) => {
    const text = (messages[key] as Messages[string])[language];
    return text.replaceAll(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
  };
}

export const message = createMessages({
  'job.queued': { en: 'Waiting for a worker', ko: '작업자를 기다리는 중' },
  'job.starting': { en: 'Starting', ko: '시작하는 중' },
  'job.attempt': { en: 'Attempt {attempt}', ko: '{attempt}번째 시도' },
  'job.doneEarlier': { en: '{message} (done earlier)', ko: '{message} (이전에 완료)' },
  'job.done': { en: 'Done', ko: '완료' },
});

/** The language of a job's events: that of its input's field `language`; English where there is none. */
export function languageOf(input: unknown): Language {
  const named = typeof input === 'object' && input !== null && 'language' in input ? input.language : null;
  return named === 'ko' ? 'ko' : 'en';
}
