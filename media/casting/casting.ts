/** Decides what a speaker is like, from the script's hints and from the name. */
import { genderOfName } from './name-gender.ts';
import { type Gender, type Person, readPerson } from './person.ts';
import type { SpeakerHints } from './script-hints.ts';

/** This many pronouns outweigh the usual gender of a name. */
const SURE_PRONOUNS = 2;

/**
 * Identifies the speaker behind a name. Explicit statements in the script come first, then introductions, then titles
 * (`Grandma`, `Mr. Gray`), then pronouns and the name itself. The gender stays open if none of these gives it.
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
