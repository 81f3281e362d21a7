/** Warnings about what is left out of a script, in the job's language. */
import { createMessages, type Language } from 'playhead';
import type { ScriptWarning } from './script.ts';

/** `{name}` stands for a value. */
export const MESSAGES = {
  'script.code': { en: 'line {line}: code is left out', ko: '{line}행: 코드는 빼고 읽습니다' },
  'script.chatter': {
    en: 'line {line}: words about the script are left out',
    ko: '{line}행: 대본에 대한 설명은 빼고 읽습니다',
  },
  'script.unclosed': {
    en: 'line {line}: a comment or note begins here and never ends; it is read as text',
    ko: '{line}행: 주석이나 메모가 끝나지 않아 본문으로 읽습니다',
  },
  'script.times': {
    en: 'line {line}: expected times such as 00:00:01,000 --> 00:00:02,000; this subtitle is left out',
    ko: '{line}행: 00:00:01,000 --> 00:00:02,000 같은 시간이 없어 이 자막은 빼고 읽습니다',
  },
};

const message = createMessages(MESSAGES);

/** For example `line 4: code is left out`. */
export function describeScriptWarning(language: Language, { sourceLine, kind }: ScriptWarning): string {
  return message(language, `script.${kind}`, { line: sourceLine });
}
