/** The messages in the events of this workflow's jobs, in every language. */
import { createMessages } from 'playhead';

/** `{name}` stands for a value. */
export const MESSAGES = {
  'audio.start': { en: 'Checking the tools', ko: '도구를 확인하는 중' },
  'audio.normalize': { en: 'Writing out numbers and symbols', ko: '숫자와 기호를 말로 풀어 쓰는 중' },
  'audio.speak': { en: 'Speaking', ko: '음성을 만드는 중' },
  'audio.speakCount': {
    en: 'Speaking ({done}/{total} characters)',
    ko: '음성을 만드는 중 ({total}자 중 {done}자)',
  },
  'audio.listen': { en: 'Listening to the speech', ko: '음성을 다시 듣는 중' },
  'audio.listenCount': {
    en: 'Listening to the speech ({done}/{total} s)',
    ko: '음성을 다시 듣는 중 ({total}초 중 {done}초)',
  },
  'audio.compare': { en: 'Comparing speech and text', ko: '음성과 글을 비교하는 중' },
  'audio.compared': { en: 'Similarity {percent}%', ko: '유사도 {percent}%' },
  'audio.retry': { en: 'Repeating where needed', ko: '필요하면 다시 말하는 중' },
  'audio.retryTry': {
    en: 'Repeating (take {try}/{tries})',
    ko: '다시 말하는 중 ({tries}번 중 {try}번째)',
  },
  'audio.save': { en: 'Saving the speech', ko: '음성을 저장하는 중' },
  'audio.unverified': {
    en: 'No recogniser for this language is set up: the speech is not verified, and its similarity counts as 0',
    ko: '이 언어의 음성 인식기가 설정되지 않아 음성을 검증하지 않았습니다. 유사도는 0으로 표시됩니다',
  },
  'audio.omitted': {
    en: '{what}; it is left out of the speech',
    ko: '음성에서 빠진 부분이 있습니다: {what}',
  },
  'audio.otherVoice': {
    en: 'The best take has the voice {voice} at pace {pace}',
    ko: '가장 잘 들린 음성은 {voice} 목소리, 속도 {pace}입니다',
  },
};

export type MessageKey = keyof typeof MESSAGES;

export const message = createMessages(MESSAGES);
