/** Decides who somebody is, from the script's hints and from the name. */
import { genderOfName } from './name-gender.ts';
import { type Gender, type Person, readPerson } from './person.ts';
import type { SpeakerHints } from './script-hints.ts';

/** So many pronouns outweigh what a name is known for. */
const SURE_PRONOUNS = 2;

/**
 * Who speaks under a name. What the script says outright comes first, then how it introduces somebody, then titles
 * (`Grandma`, `Mr. Gray`), then pronouns and the name itself. The gender stays open where none of them tells it.
 */
export function identify(name: string, hints?: SpeakerHints): Person {
  const titled = readPerson(name);
  const said = { ...titled, ...hints?.introduced, ...hints?.told };
  const gender = said.gender ?? guessGender(name, hints?.pronouns);
  return { ...said, ...(gender !== undefined && { gender }) };
}

function guessGender(name: string, pronouns: SpeakerHints['pronouns'] | undefined): Gender | undefined {
  const known = genderOfName(name);
  if (pronouns?.gender === undefined || pronouns.gender === known.gender) return known.gender;
  const needed = known.gender === undefined || known.isShared ? 1 : SURE_PRONOUNS;
  return pronouns.count >= needed ? pronouns.gender : known.gender;
}
