/** The messages in the events of this workflow's jobs, in every language. */
import { createMessages } from 'playhead';

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
    en: 'The brief has enough material for {scenes} of {wanted} scenes',
    ko: '브리프의 내용으로는 {wanted}개 장면 중 {scenes}개만 만들 수 있습니다',
  },
};

export type MessageKey = keyof typeof MESSAGES;

export const message = createMessages(MESSAGES);
