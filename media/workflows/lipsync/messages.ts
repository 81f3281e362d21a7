/** The messages in the events of this workflow's jobs, in every language. */
import { createMessages } from 'playhead';

/** `{name}` stands for a value. */
export const MESSAGES = {
  'lipsync.start': { en: 'Checking the tools', ko: '도구를 확인하는 중' },
  'lipsync.load': { en: 'Loading the speech and the character', ko: '음성과 캐릭터를 불러오는 중' },
  'lipsync.analyze': { en: 'Finding the mouth shapes', ko: '입 모양을 찾는 중' },
  'lipsync.apply': { en: 'Drawing the speaker', ko: '말하는 인물을 그리는 중' },
  'lipsync.applyCount': {
    en: 'Drawing the speaker ({done}/{total} s)',
    ko: '말하는 인물을 그리는 중 ({total}초 중 {done}초)',
  },
  'lipsync.save': { en: 'Saving the video', ko: '영상을 저장하는 중' },
  'lipsync.invented': {
    en: 'The cast has no {name}; a look was made up from the name',
    ko: '출연진에 {name}이(가) 없어 이름으로 모습을 지어냈습니다',
  },
};

export const message = createMessages(MESSAGES);
