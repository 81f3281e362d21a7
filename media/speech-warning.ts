/** Warnings about what voices cannot speak, in the job's language. */

import { createMessages, type Language } from 'playhead';
import type { SpeechWarning } from './film.ts';

/** `{name}` stands for a value. */
export const MESSAGES = {
  'warning.line': { en: 'line {lines}', ko: '{lines}행' },
  'warning.lines': { en: 'lines {lines}', ko: '{lines}행' },
  'warning.moreLines': { en: 'lines {lines} and {rest} more', ko: '{lines}행 외 {rest}곳' },
  'warning.omitted': {
    en: '{where}: {provider} cannot speak {kinds}; it is shown in the subtitles only',
    ko: '{where}: {provider}이(가) 말할 수 없는 부분({kinds})은 자막에만 나옵니다',
  },
  'warning.unspoken': {
    en: '{where}: {provider} could not speak this text; it is shown in the subtitles only',
    ko: '{where}: {provider}이(가) 이 글을 말하지 못해 자막에만 나옵니다',
  },
  'warning.and': { en: '{first} and {second}', ko: '{first}, {second}' },
  'text.korean': { en: 'Korean text', ko: '한국어' },
  'text.emoji': { en: 'emoji', ko: '이모지' },
  'text.otherScripts': { en: 'letters of other scripts', ko: '다른 문자' },
  'text.symbols': { en: 'some symbols', ko: '일부 기호' },
};

const message = createMessages(MESSAGES);

const NAMED_LINES_LIMIT = 5;

/** For example `lines 2, 5: flite cannot speak emoji; it is shown in the subtitles only`. */
export function describeSpeechWarning(language: Language, warning: SpeechWarning): string {
  const { provider, kinds } = warning;
  const where = nameLines(language, warning.sourceLines);
  if (kinds.length === 0) return message(language, 'warning.unspoken', { where, provider });
  const words = kinds
    .map((kind) => message(language, `text.${kind}`))
    .reduce((first, second) => message(language, 'warning.and', { first, second }));
  return message(language, 'warning.omitted', { where, provider, kinds: words });
}

function nameLines(language: Language, sourceLines: readonly number[]): string {
  const lines = sourceLines.slice(0, NAMED_LINES_LIMIT).join(', ');
  const rest = sourceLines.length - NAMED_LINES_LIMIT;
  if (rest > 0) return message(language, 'warning.moreLines', { lines, rest });
  return message(language, sourceLines.length === 1 ? 'warning.line' : 'warning.lines', { lines });
}
