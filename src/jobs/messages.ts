/** What jobs say in their events, in every language; the type holds the table complete. */
import type { Language } from '../media/script-input.ts';

type Translations = Readonly<Record<Language, string>>;

/** `{name}` stands for a value. */
export const MESSAGES = {
  'writer.start': { en: 'Starting to write', ko: '집필을 시작합니다' },
  'writer.analyze': { en: 'Reading the brief', ko: '브리프를 읽는 중' },
  'writer.outline': { en: 'Making an outline', ko: '개요를 짜는 중' },
  'writer.draft': { en: 'Drafting the scenes', ko: '장면 초안을 쓰는 중' },
  'writer.draftScene': { en: 'Drafting scene {scene}/{total}', ko: '장면 초안을 쓰는 중 ({scene}/{total})' },
  'writer.dialogue': { en: 'Writing the dialogue', ko: '대사를 쓰는 중' },
  'writer.dialogueScene': {
    en: 'Writing the dialogue of scene {scene}/{total}',
    ko: '대사를 쓰는 중 ({scene}/{total})',
  },
  'writer.review': { en: 'Reviewing the script', ko: '대본을 검토하는 중' },
  'writer.save': { en: 'Saving the script', ko: '대본을 저장하는 중' },
  'writer.extractive': {
    en: 'No language model is set up: the script is arranged from the brief’s own sentences, nothing is invented',
    ko: '언어 모델이 설정되지 않아 브리프의 문장만으로 대본을 구성합니다. 지어낸 내용은 없습니다',
  },
  'writer.fewerScenes': {
    en: 'The brief has enough for {scenes} of the {wanted} scenes',
    ko: '브리프의 내용으로는 {wanted}개 장면 중 {scenes}개만 만들 수 있습니다',
  },
} as const satisfies Readonly<Record<string, Translations>>;

export type MessageKey = keyof typeof MESSAGES;

/** The message in a language, with its values set in. */
export function message(
  language: Language,
  key: MessageKey,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return MESSAGES[key][language].replaceAll(/\{(\w+)\}/g, (place, name: string) =>
    String(values[name] ?? place),
  );
}
