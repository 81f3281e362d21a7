/** Reads what words say about a person: `female, 60`, `an old man with a beard`, `할머니`. Pure. */
import type { Look } from '../character.ts';

export type Gender = 'female' | 'male';
export type Age = 'child' | 'adult' | 'old';

/** What is known about a person; fields are omitted if nothing is known. */
export interface Person {
  readonly gender?: Gender;
  readonly age?: Age;
  readonly isRobot?: true;
  readonly hairColour?: string;
  readonly hairStyle?: Look['hair']['style'];
  readonly beard?: Look['beard'];
  readonly glasses?: 'round';
}

const FEMALE =
  'female|woman|women|lady|girl|she/her|mother|mom|mum|mommy|mummy|mama|grandmother|grandma|granny|nana|aunt|auntie|aunty|sister|daughter|niece|granddaughter|stepmother|stepsister|stepdaughter|godmother|goddaughter|landlady|wife|widow|bride|queen|princess|duchess|countess|empress|goddess|madam|madame|mrs|ms|miss|mistress|dame|waitress|actress|hostess|stewardess|heroine|nun|witch|girlfriend|schoolgirl|businesswoman|policewoman';
const MALE =
  'male|man|men|gentleman|boy|guy|he/him|father|dad|daddy|papa|grandfather|grandpa|granddad|grandad|gramps|uncle|brother|son|nephew|grandson|stepfather|stepbrother|stepson|godfather|godson|landlord|husband|widower|groom|king|prince|duke|count|emperor|god|sir|lord|mr|master|waiter|hero|monk|wizard|boyfriend|schoolboy|businessman|policeman|fisherman|salesman|fireman|postman|milkman';
const CHILD = 'child|grandchild|kid|toddler|baby|girl|boy|schoolgirl|schoolboy|little|pupil';
const OLD =
  'old|elderly|aged|senior|ancient|retired|grandmother|grandma|granny|nana|grandfather|grandpa|granddad|grandad|gramps|pensioner';
const ROBOT = 'robot|android|droid|cyborg|computer|machine|ai|bot|automaton';

const KOREAN_FEMALE =
  /할머니|엄마|어머니|아줌마|아주머니|이모|고모|누나|언니|여자|여성|여학생|소녀|여왕|공주|부인|며느리|마녀|(?:^|\s)(?:아내|딸|숙녀|처녀)/u;
const KOREAN_MALE =
  /할아버지|아빠|아버지|아저씨|삼촌|오빠|남자|남성|남학생|소년|왕자|남편|총각|신사|(?:^|\s)(?:형|아들|왕|청년)(?:$|[\s,])/u;
const KOREAN_CHILD = /아이|어린이|소녀|소년|꼬마|초등학생|아기/u;
const KOREAN_OLD = /할머니|할아버지|노인|늙은|어르신/u;

const HAIR_COLOURS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:gr[ea]y|silver|white)(?:[- ]haired| (?:\p{L}+ )?hair)|백발|은발/iu, '#b7b1aa'],
  [/\b(?:blond|blonde|fair-haired|golden hair)|금발/iu, '#d9a55b'],
  [/\b(?:red(?:[- ]haired| (?:\p{L}+ )?hair)|redhead|ginger|auburn)|빨간 머리/iu, '#b5572e'],
  [/\bbrown(?:[- ]haired| (?:\p{L}+ )?hair)|brunette|갈색 머리/iu, '#5a3a28'],
  [/\b(?:black|dark)(?:[- ]haired| (?:\p{L}+ )?hair)|검은 머리|흑발/iu, '#1d1718'],
];
const HAIR_STYLES: readonly (readonly [RegExp, Look['hair']['style']])[] = [
  [/\bbald|대머리/iu, 'bald'],
  [/\bafro\b/iu, 'afro'],
  [/\bcurl(?:y|s)|곱슬/iu, 'curly'],
  [/\bponytail|말총머리/iu, 'ponytail'],
  [/\bbun\b/iu, 'bun'],
  [/\bwavy\b/iu, 'wavy'],
  [/\b(?:bob|short bob)\b|단발/iu, 'bob'],
  [/\blong(?:[- ]haired| (?:\p{L}+ )?hair)|긴 머리/iu, 'long'],
  [/\bshort(?:[- ]haired| (?:\p{L}+ )?hair)|짧은 머리/iu, 'short'],
];

function hasWord(text: string, words: string): boolean {
  return new RegExp(`(?<![\\p{L}'’/])(?:${words})(?![\\p{L}'’/])`, 'iu').test(text);
}

/** Reads a description or a name such as `Old Mrs. Gray`. If it suggests both genders, the gender stays open. */
export function readPerson(text: string): Person {
  const isFemale = hasWord(text, FEMALE) || KOREAN_FEMALE.test(text) || /^\s*f\s*(?:,|$)/iu.test(text);
  const isMale = hasWord(text, MALE) || KOREAN_MALE.test(text) || /^\s*m\s*(?:,|$)/iu.test(text);
  const age = readAge(text);
  const hairColour = HAIR_COLOURS.find(([words]) => words.test(text))?.[1];
  const hairStyle = HAIR_STYLES.find(([words]) => words.test(text))?.[1];
  const beard = readBeard(text);
  return {
    ...(isFemale !== isMale && { gender: isFemale ? ('female' as const) : ('male' as const) }),
    ...(age !== undefined && { age }),
    ...((hasWord(text, ROBOT) || /로봇|인공지능/u.test(text)) && { isRobot: true as const }),
    ...(hairColour !== undefined && { hairColour }),
    ...(hairStyle !== undefined && { hairStyle }),
    ...(beard !== undefined && { beard }),
    ...(/\b(?:glasses|spectacles)\b|안경/iu.test(text) && { glasses: 'round' as const }),
  };
}

function readBeard(text: string): Look['beard'] | undefined {
  if (/\b(?:no beard|beardless|clean[- ]shaven)\b/iu.test(text)) return 'none';
  if (/\bbeard|턱수염/iu.test(text)) return 'full';
  if (/\bm(?:o)?ustache|콧수염/iu.test(text)) return 'moustache';
  return /\bstubble\b/iu.test(text) ? 'stubble' : undefined;
}

const OLD_FROM_YEARS = 60;
const ADULT_FROM_YEARS = 13;

/** A number counts if it stands alone (`female, 60`) or is marked as an age (`aged 8`, `60s`, `60대`). */
function readAge(text: string): Age | undefined {
  const years =
    /(?:^|,|\baged?|\bage:)\s*(?:(?:early|mid|late|about|around)[- ]?)?(\d{1,3})s?\s*(?=$|,|\))/iu.exec(
      text,
    )?.[1] ??
    /\b(\d{1,3})[- ]years?[- ]old\b/iu.exec(text)?.[1] ??
    /\b(?:in (?:her|his|their) )?(?:early |mid |late |mid-)?(\d0)s\b/iu.exec(text)?.[1] ??
    /(\d{1,3})\s?(?:세|살|대)(?![\p{L}\p{N}])/u.exec(text)?.[1];
  if (years !== undefined) {
    const number = Number(years);
    return number >= OLD_FROM_YEARS ? 'old' : number < ADULT_FROM_YEARS ? 'child' : 'adult';
  }
  if (hasWord(text, OLD) || KOREAN_OLD.test(text)) return 'old';
  if (hasWord(text, CHILD) || KOREAN_CHILD.test(text)) return 'child';
  return undefined;
}
