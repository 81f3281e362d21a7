/** What jobs say in their events, in every language; the type holds the table complete. */
import type { Language } from './script-input.ts';

type Translations = Readonly<Record<Language, string>>;

/** `{name}` stands for a value. */
export const MESSAGES = {
  'job.queued': { en: 'Waiting for a worker', ko: '작업자를 기다리는 중' },
  'job.starting': { en: 'Starting', ko: '시작하는 중' },
  'job.attempt': { en: 'Attempt {attempt}', ko: '{attempt}번째 시도' },
  'job.doneEarlier': { en: '{message} (done earlier)', ko: '{message} (이전에 완료)' },
  'job.done': { en: 'Done', ko: '완료' },
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
    en: 'The clips of {model} keep their own mouths: where the faces are in them is not known',
    ko: '{model}이(가) 만든 클립은 얼굴 위치를 알 수 없어 입 모양을 맞추지 않았습니다',
  },
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
  'audio.retry': { en: 'Saying it again where needed', ko: '필요하면 다시 말하는 중' },
  'audio.retryTry': {
    en: 'Saying it again (try {try}/{tries})',
    ko: '다시 말하는 중 ({tries}번 중 {try}번째)',
  },
  'audio.save': { en: 'Saving the speech', ko: '음성을 저장하는 중' },
  'audio.unverified': {
    en: 'No recogniser for this language is set up: the speech is not verified, its similarity counts as 0',
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
  'director.unverified': {
    en: 'Korean is spoken by the local voice eSpeak NG and is not verified; PLAYHEAD_SPEECH_URL sets a better one',
    ko: '한국어는 로컬 음성 eSpeak NG로 말하며 검증되지 않았습니다. PLAYHEAD_SPEECH_URL로 더 나은 음성을 설정할 수 있습니다',
  },
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

/** The language of a job's events: that of its input; English where the input names none. */
export function languageOf(input: unknown): Language {
  const named = typeof input === 'object' && input !== null && 'language' in input ? input.language : null;
  return named === 'ko' ? 'ko' : 'en';
}
