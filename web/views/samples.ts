/** Samples to start from, in the languages that the server supports. */
import type { Language } from '../state/settings.ts';

export const SAMPLE_SCRIPT: Readonly<Record<Language, string>> = {
  en: `# The Last Frame

## The editing room, late
MIRA: Is it still rendering?
THEO: Clip three of four. You can watch it happen.
(A progress bar moves.)

## Morning
MIRA: It is done. Press play.
The screen lights up.
`,
  ko: `# 마지막 프레임

## 늦은 밤, 편집실
미라: 아직 렌더링 중이야?
테오: 네 개 중 세 번째 클립이야. 지금 보이지?
(진행 막대가 움직인다.)

## 아침
미라: 다 됐다. 재생해 봐.
화면이 밝아진다.
`,
};

export const SAMPLE_TEXT: Readonly<Record<Language, string>> = {
  en: 'The quick brown fox jumps over the lazy dog. It takes 3 seconds, and nobody is hurt.',
  ko: '다람쥐 헌 쳇바퀴에 타고파. 세 바퀴만 돌고 내려올게요.',
};

export const SAMPLE_BRIEF: Readonly<Record<Language, string>> = {
  en: 'Two lighthouse keepers find a radio that receives tomorrow’s weather. Warm, a little funny.',
  ko: '두 등대지기가 내일의 날씨를 들려주는 라디오를 발견한다. 따뜻하고 조금 우습게.',
};
