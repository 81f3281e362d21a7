/** The messages in the events of this workflow's jobs, in every language. */
import { createMessages } from 'playhead';

/** `{name}` stands for a value. */
export const MESSAGES = {
  'director.start': { en: 'Checking the tools', ko: '도구를 확인하는 중' },
  'director.cast': { en: 'Loading the characters', ko: '캐릭터를 불러오는 중' },
  'director.script': { en: 'Reading the script', ko: '대본을 읽는 중' },
  'director.clips': { en: 'Generating clips ({clip}/{total})', ko: '클립을 만드는 중 ({clip}/{total})' },
  'director.lips': { en: 'Syncing lips', ko: '입 모양을 맞추는 중' },
  'director.subtitles': { en: 'Making subtitles', ko: '자막을 만드는 중' },
  'director.subtitlesLayout': { en: 'Laying out {count} captions', ko: '자막 {count}개를 배치하는 중' },
  'director.subtitlesWrite': { en: 'Writing {count} captions', ko: '자막 {count}개를 저장하는 중' },
  'director.render': { en: 'Rendering', ko: '영상을 완성하는 중' },
  'director.renderShare': { en: 'Rendering ({percent}%)', ko: '영상을 완성하는 중 ({percent}%)' },
  'director.done': { en: 'Done', ko: '완료' },
  'director.remoteLips': {
    en: 'The clips of {model} keep their own mouth movements, since the positions of faces in them are not known',
    ko: '{model}이(가) 만든 클립은 얼굴 위치를 알 수 없어 입 모양을 맞추지 않았습니다',
  },
  'director.unverified': {
    en: 'Korean is spoken by the local voice eSpeak NG and is not verified; set PLAYHEAD_SPEECH_URL for a better voice',
    ko: '한국어는 로컬 음성 eSpeak NG로 말하며 검증되지 않았습니다. PLAYHEAD_SPEECH_URL로 더 나은 음성을 설정할 수 있습니다',
  },
};

export type MessageKey = keyof typeof MESSAGES;

export const message = createMessages(MESSAGES);
