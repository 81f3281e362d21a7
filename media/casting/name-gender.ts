/** Decides whether a first name is a woman's or a man's. */
import { getGender } from 'gender-detection-from-name';
import type { Gender } from './person.ts';

/** Names about equally common among women and men. */
const SHARED = new Set(
  'alex ali andy ariel ashley avery bailey cameron casey charlie chris dana danny drew eden emerson finley frankie harley hayden jamie jean jesse jo jordan jules kai kelly kerry kim lee leslie logan lou micah morgan nico nicky parker pat phoenix quinn reese remy riley robin rory rowan sage sam sandy sasha shannon sidney skyler stevie sydney taylor terry toby tracy val'.split(
    ' ',
  ),
);

/** The gender that a name suggests. */
export interface NameGender {
  readonly gender: Gender | undefined;
  /** Whether people of either gender have this name. */
  readonly isShared: boolean;
}

/** @param name as in a script: `Anna`, `Dr. Anna Lee`, `김지은` */
export function genderOfName(name: string): NameGender {
  if (/\p{Script=Hangul}/u.test(name)) {
    return { gender: genderOfKoreanName(name.replaceAll(/\s/g, '')), isShared: true };
  }
  const first = firstNameOf(name);
  const known = first === '' ? 'unknown' : getGender(first);
  return { gender: known === 'unknown' ? undefined : known, isShared: SHARED.has(first) };
}

const NO_NAME =
  /^(?:dr|prof|professor|doctor|captain|officer|judge|detective|agent|commander|chef|coach|nurse|uncle|aunt|the|old|young|little|big|poor|tiny)$/;

/** The first word that is not a title, in lower case. */
function firstNameOf(name: string): string {
  const words = name
    .toLowerCase()
    .split(/[\s.]+/)
    .filter((word) => /^\p{L}[\p{L}'’-]+$/u.test(word));
  return words.find((word) => !NO_NAME.test(word)) ?? '';
}

/** The last syllable of a Korean given name usually shows the gender. */
const FEMALE_ENDS = new Set('희숙옥순자미아연은애혜예나라린지주정경화선윤');
const MALE_ENDS = new Set('호훈철석혁준식규섭욱택태환기범건찬룡헌수성우재일국근');

function genderOfKoreanName(name: string): Gender | undefined {
  const given = name.replace(/(?:씨|님)$/u, '');
  if (!/^\p{Script=Hangul}{2,3}$/u.test(given)) return undefined;
  const last = given.at(-1) ?? '';
  if (FEMALE_ENDS.has(last)) return 'female';
  return MALE_ENDS.has(last) ? 'male' : undefined;
}
