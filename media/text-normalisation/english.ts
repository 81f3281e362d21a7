/** English as it is spoken: everything that is written short becomes words. */
import { ENGLISH_DATES } from './english-dates.ts';
import { sayDigits, sayNumber, sayOrdinal, sayWhole, sayYear } from './english-numbers.ts';
import { ENGLISH_QUANTITIES, NUMBER } from './english-quantities.ts';
import { applyRules, type Rule } from './rule.ts';

const ABBREVIATIONS: Readonly<Record<string, string>> = {
  ...{ 'Dr.': 'Doctor', 'Mr.': 'Mister', 'Mrs.': 'Missus', 'Ms.': 'Miz', 'Prof.': 'Professor' },
  ...{ 'Jr.': 'Junior', 'Sr.': 'Senior', 'Gen.': 'General', 'Capt.': 'Captain', 'Sgt.': 'Sergeant' },
  ...{ 'vs.': 'versus', 'etc.': 'et cetera', 'e.g.': 'for example', 'i.e.': 'that is' },
  ...{ 'approx.': 'approximately', 'Inc.': 'Incorporated', 'Ltd.': 'Limited', 'Corp.': 'Corporation' },
  ...{ 'Co.': 'Company', 'Ave.': 'Avenue', 'Blvd.': 'Boulevard', 'Rd.': 'Road', 'Mt.': 'Mount' },
  ...{ 'dept.': 'department', 'Dept.': 'Department', 'max.': 'maximum', 'min.': 'minimum', 'fig.': 'figure' },
  ...{ 'Fig.': 'Figure', 'a.m.': 'a m', 'p.m.': 'p m', 'Jan.': 'January', 'Feb.': 'February' },
  ...{ 'Aug.': 'August', 'Sept.': 'September', 'Oct.': 'October', 'Nov.': 'November', 'Dec.': 'December' },
};
/** Where these end a sentence, the full stop must stay. */
const mayEndNames = alternatives([
  'etc.',
  'Inc.',
  'Ltd.',
  'Corp.',
  'Co.',
  'a.m.',
  'p.m.',
  'Jr.',
  'Sr.',
  'Ave.',
  'Rd.',
]);
const abbreviationNames = alternatives(Object.keys(ABBREVIATIONS));

const FRACTIONS: Readonly<Record<string, string>> = {
  ...{ '1/2': 'one half', '1/3': 'one third', '2/3': 'two thirds', '1/4': 'one quarter' },
  ...{ '3/4': 'three quarters', '½': 'one half', '¼': 'one quarter', '¾': 'three quarters' },
};

const SYMBOLS: Readonly<Record<string, string>> = {
  ...{
    '&': 'and',
    '+': 'plus',
    '=': 'equals',
    '@': 'at',
    '×': 'times',
    '÷': 'divided by',
    '±': 'plus or minus',
  },
  ...{ '≈': 'about', '≤': 'at most', '≥': 'at least', '%': 'percent', '°': 'degrees', '§': 'section' },
  ...{ '€': 'euros', '£': 'pounds', '₩': 'won', '¥': 'yen', '→': 'to', '™': '', '®': '', '©': 'copyright' },
};

/** Written in capitals and said letter by letter, though a voice could try to read them. */
const SPELLED =
  'AI|API|APIs|UI|UX|US|USA|UK|EU|UN|ID|IDs|IO|CEO|CPU|GPU|URL|URLs|IT department|OS|PDF|TV|PC|FAQ';

const WORDS: readonly Rule[] = [
  {
    pattern:
      /\b(?:https?:\/\/)?((?:[a-z0-9-]{1,63}\.){1,4}(?:com|org|net|io|dev|co|ai|edu|gov|kr|uk|de))\b/gi,
    say: (_, name = '') => name.replaceAll('.', ' dot '),
  },
  {
    pattern: new RegExp(`(?<![\\w.])(${mayEndNames})(?=\\s+["“]?[A-Z]|\\s*$)`, 'g'),
    say: (_, name = '') => `${ABBREVIATIONS[name] ?? name}.`,
  },
  {
    pattern: new RegExp(`(?<![\\w.])(?:${abbreviationNames})`, 'g'),
    say: (name) => ABBREVIATIONS[name] ?? name,
  },
  { pattern: /\bSt\.(?=\s+[A-Z])/g, say: () => 'Saint' },
  { pattern: /\bSt\.(?=\s*$)/g, say: () => 'Street.' },
  { pattern: /\bSt\./g, say: () => 'Street' },
  { pattern: /\b(?:No\.|№)\s?(?=\d)/g, say: () => 'number ' },
  { pattern: /#(?=\d)/g, say: () => 'number ' },
  { pattern: /\b(?:[A-Z]\.){2,6}/g, say: (letters) => letters.replaceAll('.', ' ').trim() },
  { pattern: new RegExp(`\\b(?:${SPELLED})\\b`, 'g'), say: spell },
  // Capitals without a vowel cannot be read as a word.
  { pattern: /\b[BCDFGHJKLMNPQRSTVWXZ]{2,6}\b/g, say: spell },
];

/** Before units, so that the `s` is no second. */
const DECADES: readonly Rule[] = [
  { pattern: /\b([12]\d)(\d0)s\b/g, say: (_, century = '', decade = '') => sayDecade(century, decade) },
];

const NUMBERS: readonly Rule[] = [
  { pattern: /\b[123]\/[234]\b(?!\/)|[½¼¾]/g, say: (fraction) => ` ${FRACTIONS[fraction] ?? fraction} ` },
  { pattern: /\b(\d+)(?:st|nd|rd|th)\b/g, say: (_, digits = '') => sayOrdinal(digits) },
  // Telephone numbers: groups with hyphens, each digit by itself.
  {
    pattern: /(?<![\w.])(?!(?:1[1-9]|20)\d{2}-(?:1[1-9]|20)\d{2}\b)\+?\d{2,4}(?:-\d{2,4}){1,4}\b/g,
    say: sayGroups,
  },
  { pattern: /(?<=\d)\s?[–—-]\s?(?=\d)/g, say: () => ' to ' },
  { pattern: /(?<=\d\s?)\*(?=\s?\d)/g, say: () => ' times ' },
  { pattern: /~\s?(?=\d)/g, say: () => 'about ' },
  { pattern: /<\s?(?=\d)/g, say: () => 'less than ' },
  { pattern: />\s?(?=\d)/g, say: () => 'more than ' },
  { pattern: /(?<![\d.,])(?:1[1-9]|20)\d{2}(?![\d%]|[.,]\d)\b/g, say: (year) => sayYear(Number(year)) },
  {
    pattern: new RegExp(`(?<![\\w.])[-−]?(?:${NUMBER})(?:\\.\\d{1,9}){0,4}(?!\\w)`, 'g'),
    say: (number) => sayNumber(number),
  },
  { pattern: /\d+/g, say: (digits) => ` ${sayWhole(digits)} ` },
];

const MARKS: readonly Rule[] = [
  { pattern: /\band\/or\b/g, say: () => 'and or' },
  { pattern: /(?<=\w)\/(?=\w)/g, say: () => ' slash ' },
  { pattern: /[&+=@×÷±≈≤≥%°§€£₩¥→™®©]/gu, say: (symbol) => ` ${SYMBOLS[symbol] ?? ' '} ` },
  { pattern: /[*_#~^|\\<>{}[\]]/g, say: () => ' ' },
  { pattern: /\s+/g, say: () => ' ' },
  { pattern: /\s(?=[,.;:!?](?:\s|$))/g, say: () => '' },
];

/** English text in words: numbers, dates, times, money, units, abbreviations, symbols. Sentence marks stay. */
export function normaliseEnglish(text: string): string {
  const plain = text
    .normalize('NFC')
    .replaceAll(/(?<=\d)[\u00a0\u202f\u2009](?=\d{3}\b)/g, '')
    .replaceAll(/[\u00a0\u202f\u2009]/g, ' ');
  return applyRules(plain, [
    ...DECADES,
    ...ENGLISH_DATES,
    ...ENGLISH_QUANTITIES,
    ...WORDS,
    ...NUMBERS,
    ...MARKS,
  ]).trim();
}

function alternatives(names: readonly string[]): string {
  return names.map((name) => name.replaceAll('.', '\\.')).join('|');
}

function spell(letters: string): string {
  return letters.replaceAll(/[A-Z](?=[A-Z])/g, '$& ');
}

/** A telephone number has seven digits or more; less is a range. */
function sayGroups(groups: string): string {
  if (groups.replaceAll(/\D/g, '').length < 7) return groups.replaceAll('-', '–');
  const plus = groups.startsWith('+') ? 'plus ' : '';
  return (
    plus +
    groups
      .replace('+', '')
      .split(/[-–]/)
      .map((digits) => sayDigits(digits))
      .join(', ')
  );
}

function sayDecade(century: string, decade: string): string {
  const said = sayYear(Number(century + decade));
  if (decade === '00') return `${said}s`;
  return said.endsWith('y') ? `${said.slice(0, -1)}ies` : `${said}s`;
}
