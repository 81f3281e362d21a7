/** Distributes statements between two speakers, with questions in between that state nothing. */
import type { Language } from 'playhead';
import { choosePhrase, findPhrases } from './key-phrase.ts';
import { SPEAKERS, type WrittenLine } from './script-parts.ts';

/** The state carried from scene to scene. */
export interface Talk {
  readonly language: Language;
  /** How often each stem occurs in the script. */
  readonly weights: ReadonlyMap<string, number>;
  /** Phrases already asked about. */
  readonly used: Set<string>;
  /** Questions asked so far. */
  turn: number;
}

const ABOUT: Readonly<Record<Language, readonly string[]>> = {
  en: [
    'What do we know about {x}?',
    'And what about {x}?',
    'Can you tell me about {x}?',
    'What is there to say about {x}?',
    'What should I know about {x}?',
  ],
  ko: [
    '{x}에 대해 무엇을 알 수 있나요?',
    '그럼 {x}에 대해서는요?',
    '{x}에 대해 이야기해 줄래요?',
    '{x}에 대해 더 할 말이 있나요?',
    '{x}에 대해 무엇을 알아 두면 좋을까요?',
  ],
};
const OPEN: Readonly<Record<Language, readonly string[]>> = {
  en: ['What else is there?', 'And then?', 'Can you tell me more?', 'What comes next?'],
  ko: ['또 무엇이 있나요?', '그다음은요?', '더 이야기해 줄래요?', '다음은 무엇인가요?'],
};
/** One asks, the other answers, the first adds something; then they swap roles. */
const STATEMENTS_PER_QUESTION = 2;

/** Makes the lines of one scene, with every statement once, in order. */
export function dealScene(statements: readonly string[], talk: Talk): WrittenLine[] {
  const lines: WrittenLine[] = [];
  for (let index = 0; index < statements.length; index += STATEMENTS_PER_QUESTION) {
    const [first, second] = SPEAKERS[talk.language];
    const [asks, answers] = talk.turn % 2 === 0 ? [first, second] : [second, first];
    const [answer, more] = statements.slice(index, index + STATEMENTS_PER_QUESTION);
    if (answer === undefined) break;
    lines.push({ speaker: asks, text: ask(answer, talk) }, { speaker: answers, text: capitalize(answer) });
    if (more !== undefined) lines.push({ speaker: asks, text: capitalize(more) });
  }
  return lines;
}

function ask(statement: string, talk: Talk): string {
  const { language, weights, used } = talk;
  const phrase = choosePhrase(findPhrases(statement, language), weights, used);
  const forms = phrase === undefined ? OPEN[language] : ABOUT[language];
  const form = forms[talk.turn % forms.length] ?? '';
  talk.turn += 1;
  if (phrase === undefined) return form;
  used.add(phrase.key);
  return form.replace('{x}', () => phrase.text.replaceAll(/\s+/gu, ' '));
}

/** Capitalises the first letter if the writing system has capitals. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
