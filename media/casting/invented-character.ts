/** Invents a character's look and voice. */
import { type Character, HAIR_STYLES, type Look, TOPS } from '../character.ts';
import { foldName } from '../name.ts';
import { choose, hashText, noise } from '../random.ts';
import type { Person } from './person.ts';

const SKINS = ['#f6d2b8', '#eec39f', '#e0ac83', '#c98d62', '#a76f48', '#7d4f35', '#5c3a28'];
const HAIR_COLOURS = ['#1d1718', '#2e1f1c', '#4a2f24', '#7a4a2b', '#b06a35', '#d9a55b', '#3b2440'];
const EYES = ['#3a2417', '#4a3526', '#3f6b52', '#47698a', '#6b5a3a'];
const OUTFITS: readonly (readonly [string, string, string])[] = [
  ['#e2725b', '#fbe3cf', '#ffb199'],
  ['#2f6f6b', '#f2c14e', '#7fe0d3'],
  ['#4b3b78', '#f4ecff', '#cdb4ff'],
  ['#3c4a6b', '#aab6d6', '#b9c8f5'],
  ['#b5485d', '#ffe0e4', '#ffa9b8'],
  ['#5f8f7a', '#fdf6e8', '#a8e6c4'],
  ['#c98a2b', '#fff3d6', '#ffd76e'],
  ['#3f7fae', '#e4f3ff', '#9bd4ff'],
  ['#7a3f5f', '#f7d9e8', '#f2a7cf'],
  ['#8a5a3b', '#f6e3c8', '#eab98a'],
  ['#46566b', '#f0c67a', '#f4d79b'],
  ['#d7c9ae', '#7a4b3a', '#f2e2bf'],
  ['#2b2f3a', '#e86a5a', '#ff9f92'],
  ['#6f8f3f', '#f4f1d8', '#c9e28a'],
  ['#9a6fb0', '#f1e6f7', '#dcb8ee'],
  ['#2a6f97', '#ffd9a0', '#8fd0f2'],
];
const GREY_HAIR = ['#8d8a88', '#b7b1aa', '#d6d2cc'];
const WOMENS_HAIR = HAIR_STYLES.filter((style) => style !== 'bald' && style !== 'buzz' && style !== 'short');
const MENS_HAIR = HAIR_STYLES.filter(
  (style) => !(['bob', 'ponytail', 'bun', 'long', 'wavy'] as readonly string[]).includes(style),
);
/** Hair styles that suggest no gender. */
const ANYBODYS_HAIR = ['short', 'bob', 'curly', 'wavy', 'afro'] as const;
const METAL = { skins: ['#b8cbd6', '#c9c2b8', '#a9bdb4'], eyes: ['#1f9fb8', '#d98a2b', '#4fae62'] };

/**
 * Invents a character. The same name with the same known facts always looks and sounds the same. If the gender is open,
 * the voice is left to chance and the look suits either.
 */
export function inventCharacter(name: string, person: Person = {}): Character {
  const seed = hashText(foldName(name));
  const [colour, accent, bright] = choose(OUTFITS, seed, 2);
  const traits = person.isRobot === true ? robotLook(seed) : personLook(seed, person);
  const look: Look = {
    ...traits,
    top: { style: person.isRobot === true ? 'turtleneck' : choose(TOPS, seed, 14), colour, accent },
    accent: bright,
  };
  return { name, aliases: [], voice: chooseVoice(seed, person), look };
}

function robotLook(seed: number): Omit<Look, 'top' | 'accent'> {
  return {
    skin: choose(METAL.skins, seed, 3),
    face: 'square',
    eyes: choose(METAL.eyes, seed, 5),
    hair: { style: 'bald', colour: '#8ea4b0' },
    ...{ beard: 'none', glasses: 'none', earrings: false, freckles: false, lipstick: false },
  };
}

function personLook(seed: number, person: Person): Omit<Look, 'top' | 'accent'> {
  const { gender, age } = person;
  const isGrownWoman = gender === 'female' && age !== 'child';
  const lipstick = isGrownWoman && noise(seed, 13) < 0.55;
  return {
    skin: choose(SKINS, seed, 3),
    face: age === 'child' ? 'round' : choose(['oval', 'round', 'square'], seed, 4),
    eyes: choose(EYES, seed, 5),
    hair: {
      style: person.hairStyle ?? choose(hairOf(person), seed, 6),
      colour: person.hairColour ?? choose(age === 'old' ? GREY_HAIR : HAIR_COLOURS, seed, 7),
    },
    beard: person.beard ?? choose(beardsOf(person), seed, 8),
    glasses: person.glasses ?? chooseGlasses(seed, age),
    earrings: isGrownWoman && (!lipstick || noise(seed, 11) < 0.5),
    freckles: noise(seed, 12) < (age === 'child' ? 0.45 : 0.15),
    lipstick,
    ...(age !== undefined && { age }),
  };
}

function beardsOf({ gender, age }: Person): readonly Look['beard'][] {
  return gender === 'male' && age !== 'child' ? ['none', 'none', 'stubble', 'full', 'moustache'] : ['none'];
}

function chooseGlasses(seed: number, age: Person['age']): Look['glasses'] {
  const share = age === 'old' ? 0.6 : age === 'child' ? 0.15 : 0.3;
  return noise(seed, 9) < share ? choose(['round', 'square'], seed, 10) : 'none';
}

function hairOf({ gender, age }: Person): readonly Look['hair']['style'][] {
  if (gender === undefined) return ANYBODYS_HAIR;
  if (gender === 'female') return WOMENS_HAIR;
  return age === 'child' ? MENS_HAIR.filter((style) => style !== 'bald') : MENS_HAIR;
}

/** flite has the voices of one woman, two men and a robot; pitch and pace tell people apart. */
function chooseVoice(seed: number, { gender, age, isRobot }: Person): Character['voice'] {
  const pace = 0.96 + noise(seed, 17) * 0.1;
  const pitch = 0.92 + noise(seed, 15) * 0.2;
  if (isRobot === true) return { name: 'kal16', pitch: pitch + 0.1, pace };
  if (age === 'child')
    return {
      name: 'slt',
      pitch: (gender === 'male' ? 1.12 : 1.18) + noise(seed, 15) * 0.12,
      pace: pace + 0.03,
    };
  const isHigh = gender === undefined ? noise(seed, 1) < 0.5 : gender === 'female';
  const name = isHigh ? 'slt' : choose(['rms', 'awb'] as const, seed, 16);
  return age === 'old' ? { name, pitch: pitch - 0.06, pace: pace - 0.08 } : { name, pitch, pace };
}
