/** The prompt for a scene, for a model that makes clips from words. */

import { shorten } from 'playhead';
import type { BackdropKind } from './clip-plan.ts';
import type { Film, FilmScene } from './film.ts';
import { describeLook } from './look-words.ts';

/** Models accept a few thousand characters at most, and follow the first ones best. */
const PROMPT_LIMIT_CHARS = 2_000;
const DIRECTIONS_LIMIT_CHARS = 400;
const DIALOGUE_LIMIT_CHARS = 700;

const BACKDROP_WORDS: Readonly<Record<BackdropKind, string>> = {
  studio: 'a bright studio',
  park: 'a sunny park',
  night: 'a rooftop above a city at night',
  cafe: 'a cosy café',
  beach: 'a wide beach',
  lounge: 'a warm living room',
  hospital: 'a hospital ward',
  train: 'the carriage of a train',
  school: 'a classroom',
  office: 'a modern office',
  kitchen: 'a lived-in kitchen',
  forest: 'a forest in the morning',
  street: 'a street with shops',
  'street-night': 'a street at night',
  'park-night': 'a park in the moonlight',
  'beach-night': 'a wide beach in the moonlight',
  'forest-night': 'a forest at night',
  space: 'a spaceship with a view of the stars',
};

/**
 * Describes a scene: place, stage directions, the looks of the visible characters, what they say, and the style.
 * @returns at most 2,000 characters
 */
export function writeClipPrompt(film: Film, scene: FilmScene): string {
  const seen = [...new Set(scene.lines.map(({ character }) => character))].filter((one) => one !== null);
  const characters = seen
    .map((index) => film.characters[index])
    .filter((one) => one !== undefined)
    .map(({ name, look }) => `${name} (${describeLook(look)})`);
  const lines = scene.lines.map(({ character, sentences }) => {
    const speaker = character === null ? 'A narrator, unseen' : film.characters[character]?.name;
    return `${speaker}: “${sentences.join(' ')}”`;
  });
  const parts = [
    `Place: ${scene.place === '' ? BACKDROP_WORDS[scene.backdrop] : scene.place}.`,
    named('Action', shorten(scene.directions.join(' '), DIRECTIONS_LIMIT_CHARS)),
    named('In the picture', characters.join('; ')),
    named('Said, in this order', shorten(lines.join(' '), DIALOGUE_LIMIT_CHARS)),
    'Style: one continuous shot, film look, natural light and movement, faces visible. ' +
      'No text, captions or logos in the picture.',
  ];
  return shorten(parts.filter((part) => part !== '').join('\n'), PROMPT_LIMIT_CHARS);
}

function named(name: string, text: string): string {
  return text === '' ? '' : `${name}: ${text}`;
}
