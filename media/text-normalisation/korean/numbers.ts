/** Numbers as a Korean speaker says them: Sino-Korean and native ones. */
import { toCardinal } from 'n2words/ko-KR';

const NATIVE_TENS = ['', '열', '스물', '서른', '마흔', '쉰', '예순', '일흔', '여든', '아흔'];
const NATIVE_ONES = ['', '한', '두', '세', '네', '다섯', '여섯', '일곱', '여덟', '아홉'];
const DIGIT_NAMES = '영일이삼사오육칠팔구';
/** Numbers of more digits are said digit by digit: there is no scale word for them here. */
const DIGITS_LIMIT = 20;
const SIZES = ['', '만', '억', '조', '경'];

/** A number: digits, grouped or not, with or without a fraction. Has no capturing groups. */
export const NUMBER = '\\d{1,3}(?:,\\d{3}){1,6}(?!\\d)(?:\\.\\d{1,40})?|\\d{1,40}(?:\\.\\d{1,40})?';
/** Where a sign belongs to the number after it. Has no capturing groups. */
export const SIGN_PLACE = '(?<![\\d)%℃])';
/** Dashes between the ends of a range. Has no capturing groups. */
export const RANGE_DASH = '\\s?[-–—~〜∼]\\s?';

/** A whole number in Sino-Korean words; digit by digit if it has a leading zero or is very long. */
export function sino(digits: string): string {
  const plain = digits.replaceAll(',', '');
  if (plain.length > DIGITS_LIMIT || /^0\d/.test(plain)) return sayDigits(plain, '공');
  return sayGroups(BigInt(plain));
}

/** Says a number in groups of four digits. Ten thousand is 만, but a hundred million is 일억. */
function sayGroups(value: bigint): string {
  if (value < 10_000n) return toCardinal(value).replaceAll(' ', '');
  const digits = String(value);
  const groups = SIZES.map((size, index) => {
    const end = Math.max(0, digits.length - 4 * index);
    const group = digits.slice(Math.max(0, end - 4), end);
    const said = Number(group) === 0 ? '' : toCardinal(BigInt(group)).replaceAll(' ', '');
    return said === '' ? '' : said + size;
  });
  return groups.toReversed().join('').replace(/^일만/, '만');
}

/** A number as written in Sino-Korean words, with its sign; digits after the point are said one by one. */
export function sayNumber(written: string): string {
  const sign = /^[-−]/.test(written) ? '마이너스 ' : '';
  const [whole = '', fraction] = written.replaceAll(/[-−+,]/g, '').split('.');
  const said = sino(whole === '' ? '0' : whole);
  return sign + (fraction === undefined ? said : `${said} 점 ${sayDigits(fraction, '영')}`);
}

/** Says each digit by itself. @param zero 공 in telephone numbers and codes, 영 in fractions */
export function sayDigits(digits: string, zero: '공' | '영'): string {
  return [...digits].map((digit) => (digit === '0' ? zero : (DIGIT_NAMES[Number(digit)] ?? ''))).join('');
}

/** A native number in the form used before a counter; from 100 on, only the part below one hundred is native. */
export function native(value: number): string {
  if (value >= 100) {
    const rest = value % 100;
    return sino(String(value - rest)) + (rest === 0 ? '' : native(rest));
  }
  if (value === 20) return '스무';
  return (NATIVE_TENS[Math.floor(value / 10)] ?? '') + (NATIVE_ONES[value % 10] ?? '');
}

/** Appends the particle in the form it takes after a word: 일 and 이 become 일이 and 이가. */
export function withParticle(word: string, particle: string): string {
  return word + particleBehind(word, particle);
}

/** The form that a particle has behind a word. */
export function particleBehind(word: string, particle: string): string {
  const pair = PARTICLES.find((forms) => forms.includes(particle));
  if (pair === undefined) return particle;
  // 로 also follows ㄹ: 일로, 서울로.
  const isSoft = pair[0] === '으로' && finalConsonant(word) === RIEUL;
  return finalConsonant(word) > 0 && !isSoft ? pair[0] : pair[1];
}

const PARTICLES: readonly (readonly [behindConsonant: string, behindVowel: string])[] = [
  ['이', '가'],
  ['은', '는'],
  ['을', '를'],
  ['과', '와'],
  ['으로', '로'],
];

/** A particle that ends a word. With a group of its own. */
export const PARTICLE = `(${PARTICLES.flat().join('|')})(?![가-힣])`;

/** The number of the final consonant ㄹ in a syllable's code. */
const RIEUL = 8;

/** The number of the last syllable's final consonant (Unicode, Hangul syllables); 0: it has none. */
function finalConsonant(word: string): number {
  const code = word.charCodeAt(word.length - 1) - 0xac00;
  return code >= 0 && code < 11_172 ? code % 28 : 0;
}
