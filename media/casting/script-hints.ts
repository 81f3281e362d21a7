/** Collects what a script reveals about its speakers: in its cast list, in brackets, in introductions, by pronouns. Pure. */
import { foldName } from '../name.ts';
import type { Script } from '../script.ts';
import { type Gender, type Person, readPerson } from './person.ts';

/** What is known about a speaker, the most certain first. */
export interface SpeakerHints {
  /** Stated outright, in the cast list or in brackets after the name. */
  readonly told: Person;
  /** Stated when a character is introduced: `ANNA, 60, a retired nurse`. */
  readonly introduced: Person;
  /** The gender that the pronouns suggest, and how often; 0 if they suggest none or both. */
  readonly pronouns: { readonly gender: Gender | undefined; readonly count: number };
}

/** Collects the hints on every speaker, by folded name. Time is proportional to the script's length times its speakers. */
export function collectHints(script: Script): Map<string, SpeakerHints> {
  const hints = new Map<string, SpeakerHints>();
  const speakers = new Set(
    script.scenes.flatMap(({ lines }) => lines.flatMap(({ speaker }) => speaker ?? [])),
  );
  const remarks = remarksOf(script);
  for (const speaker of speakers) {
    const key = foldName(speaker);
    const told = script.cast
      .filter(({ name }) => foldName(name) === key)
      .map(({ description }) => description);
    hints.set(key, {
      told: merge(told.map(readPerson)),
      introduced: merge(remarks.flatMap(({ text }) => introductionsOf(speaker, text)).map(readPerson)),
      pronouns: countPronouns(speaker, [...speakers], remarks),
    });
  }
  return hints;
}

/** For each field, the first person that has it wins. */
function merge(people: readonly Person[]): Person {
  return Object.assign({}, ...people.toReversed());
}

/** Text about people rather than by them: stage directions and the narrator's words. */
interface Remark {
  readonly text: string;
  /** The speaker whose line it interrupts. */
  readonly during: string | undefined;
}

const NARRATION_LIMIT = 400;

function remarksOf(script: Script): Remark[] {
  return script.scenes.flatMap(({ directions, lines }) => {
    const narration = lines
      .filter(({ speaker }) => speaker === null)
      .map(({ text }): Remark => ({ text, during: undefined }));
    const inside = directions.map(({ sourceLine, text }): Remark => {
      const line = lines.find((one) => one.sourceLine === sourceLine);
      return { text, during: line?.speaker ?? undefined };
    });
    return [...narration.slice(0, NARRATION_LIMIT), ...inside];
  });
}

/** What directly follows a name: `ANNA LEE (60s), a retired nurse, comes in`. */
const INTRODUCTION =
  /^(?: \p{Lu}[\p{L}'’-]{0,30})?\s*(?:[(（](?<bracket>[^()（）]{1,60})[)）])?(?:,\s*(?<rest>[^.!?;]{1,110}))?/u;

function introductionsOf(speaker: string, text: string): string[] {
  const at = findName(text, speaker);
  if (at < 0) return [];
  const { bracket, rest = '' } = INTRODUCTION.exec(text.slice(at + speaker.length))?.groups ?? {};
  const parts = rest
    .split(',')
    .slice(0, 3)
    .map((part) => part.trim())
    .filter((part) => DESCRIPTION.test(part))
    // `a gift for her mother` and `a man's coat` describe nobody.
    .map((part) =>
      part.replace(/\b(?:of|with|for|from|in|who|to|at|and)\b.*$/iu, '').replace(/\p{L}+['’]s .*$/u, ''),
    );
  return [...(bracket === undefined ? [] : [bracket]), ...parts];
}

const DESCRIPTION = /^(?:(?:early |mid |late |mid-)?\d{1,3}s?|an? .*|the .*(?:woman|man|girl|boy))$/iu;

/** The index of a name as a whole word; -1: it does not occur. */
function findName(text: string, name: string): number {
  const folded = text.toLowerCase();
  const wanted = name.toLowerCase();
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, at + 1)) {
    const before = folded[at - 1] ?? ' ';
    const after = folded[at + wanted.length] ?? ' ';
    if (!/[\p{L}\p{N}]/u.test(before) && !/[\p{L}\p{N}]/u.test(after)) return at;
  }
  return -1;
}

/** `her` counts only if something of hers follows; `him` and a bare `her` may refer to somebody else. */
const SHE =
  /\b(?:she|hers|herself|her (?!and|to|with|on|in|at|for|from|but|as|when|again|away|back|up|down)(?=\p{L}))/giu;
const HE = /\b(?:he|his|himself)\b/giu;

function countPronouns(
  speaker: string,
  speakers: readonly string[],
  remarks: readonly Remark[],
): SpeakerHints['pronouns'] {
  const others = speakers.filter((name) => name !== speaker);
  const said = remarks.flatMap((remark) => sentencesAbout(speaker, others, remark));
  const she = said.reduce((sum, text) => sum + (text.match(SHE)?.length ?? 0), 0);
  const he = said.reduce((sum, text) => sum + (text.match(HE)?.length ?? 0), 0);
  if (she > 0 === he > 0) return { gender: undefined, count: 0 };
  return she > 0 ? { gender: 'female', count: she } : { gender: 'male', count: he };
}

/** Sentences that name only this speaker, from the name on, and sentences after them that name nobody. */
function sentencesAbout(speaker: string, others: readonly string[], { text, during }: Remark): string[] {
  let isAbout = during === speaker;
  return text.split(/(?<=[.!?])\s+/u).flatMap((sentence) => {
    const at = findName(sentence, speaker);
    const namesOthers = others.some((name) => findName(sentence, name) >= 0);
    isAbout = !namesOthers && (isAbout || at >= 0);
    return isAbout ? [sentence.slice(Math.max(0, at))] : [];
  });
}
