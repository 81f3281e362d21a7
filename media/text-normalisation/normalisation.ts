/** Text as it is spoken, by language. */
import type { Language } from 'playhead';
import { normaliseEnglish } from './english/english.ts';
import { normaliseKorean } from './korean/korean.ts';

/**
 * Writes out written shorthand: numbers, ordinals, dates, times, money, percentages, units, abbreviations and
 * symbols. Takes linear time, and a text that has none of them keeps its words.
 * @example normaliseText('On 2026-03-14 it cost $12.50.', 'en')
 *   // 'On March fourteenth, twenty twenty six it cost twelve dollars and fifty cents.'
 */
export function normaliseText(text: string, language: Language): string {
  return language === 'ko' ? normaliseKorean(text) : normaliseEnglish(text);
}
