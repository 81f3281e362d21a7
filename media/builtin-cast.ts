/** The characters that come with Playhead. Their names and aliases are free to use in any script. */
import type { CharacterSource } from './character.ts';

export const BUILTIN_CAST: readonly CharacterSource[] = [
  {
    name: 'Mira',
    voice: { name: 'slt', pitch: 1.05, pace: 1 },
    look: {
      skin: '#e9b48c',
      face: 'oval',
      eyes: '#3f6b52',
      hair: { style: 'bob', colour: '#3b2440' },
      earrings: true,
      lipstick: true,
      top: { style: 'cardigan', colour: '#e2725b', accent: '#fbe3cf' },
      accent: '#ffb199',
    },
  },
  {
    name: 'Theo',
    voice: { name: 'rms', pitch: 1, pace: 1.02 },
    look: {
      skin: '#8a5a3c',
      face: 'square',
      eyes: '#3a2417',
      hair: { style: 'short', colour: '#1d1718' },
      beard: 'stubble',
      glasses: 'round',
      top: { style: 'hoodie', colour: '#2f6f6b', accent: '#f2c14e' },
      accent: '#7fe0d3',
    },
  },
  {
    name: 'June',
    voice: { name: 'slt', pitch: 1.18, pace: 1.05 },
    look: {
      skin: '#f6d2b8',
      face: 'round',
      eyes: '#5b7fa6',
      hair: { style: 'ponytail', colour: '#c8743a' },
      freckles: true,
      top: { style: 'tee', colour: '#f1b434', accent: '#ffffff' },
      accent: '#ffd76e',
    },
  },
  {
    name: 'Angus',
    voice: { name: 'awb', pitch: 0.95, pace: 0.98 },
    look: {
      skin: '#f0c3a3',
      face: 'square',
      eyes: '#47698a',
      hair: { style: 'wavy', colour: '#b7b1aa' },
      beard: 'full',
      top: { style: 'turtleneck', colour: '#3c4a6b', accent: '#aab6d6' },
      accent: '#b9c8f5',
    },
  },
  {
    name: 'Noor',
    voice: { name: 'slt', pitch: 0.95, pace: 0.98 },
    look: {
      skin: '#b97a50',
      face: 'oval',
      eyes: '#4a2c1b',
      hair: { style: 'long', colour: '#20161b' },
      glasses: 'square',
      lipstick: true,
      top: { style: 'blazer', colour: '#4b3b78', accent: '#f4ecff' },
      accent: '#cdb4ff',
    },
  },
  {
    name: 'Kofi',
    voice: { name: 'rms', pitch: 0.9, pace: 0.97 },
    look: {
      skin: '#5c3a28',
      face: 'oval',
      eyes: '#2b1a12',
      hair: { style: 'afro', colour: '#191314' },
      top: { style: 'shirt', colour: '#f3efe6', accent: '#d5553f' },
      accent: '#ff9d84',
    },
  },
  {
    name: 'Jisoo',
    aliases: ['지수'],
    voice: { name: 'slt', pitch: 1.1, pace: 1 },
    look: {
      skin: '#f5cfae',
      face: 'round',
      eyes: '#3a2418',
      hair: { style: 'bun', colour: '#231a1c' },
      earrings: true,
      top: { style: 'blazer', colour: '#5f8f7a', accent: '#fdf6e8' },
      accent: '#a8e6c4',
    },
  },
  {
    name: 'Minho',
    aliases: ['민호'],
    voice: { name: 'rms', pitch: 1.06, pace: 1.03 },
    look: {
      skin: '#eec39f',
      face: 'oval',
      eyes: '#38241a',
      hair: { style: 'curly', colour: '#2c2020' },
      top: { style: 'hoodie', colour: '#5a6fb0', accent: '#ffd7a8' },
      accent: '#aebcff',
    },
  },
  {
    name: 'Robot',
    aliases: ['Bot', 'Playhead'],
    voice: { name: 'kal16', pitch: 1.12, pace: 1 },
    look: {
      skin: '#b8cbd6',
      face: 'square',
      eyes: '#1f9fb8',
      hair: { style: 'bald', colour: '#8ea4b0' },
      top: { style: 'turtleneck', colour: '#445764', accent: '#52d6ef' },
      accent: '#86e6f7',
    },
  },
];

/** The narrator is heard and captioned, and presents scenes in which nobody else speaks. */
export const NARRATOR = {
  /** By the film's language, for captions. */
  names: { en: 'Narrator', ko: '내레이션' },
  voice: { name: 'awb', pitch: 1, pace: 0.97 },
  look: {
    skin: '#e0ac83',
    face: 'oval',
    eyes: '#47698a',
    hair: { style: 'short', colour: '#4a2f24' },
    beard: 'stubble',
    top: { style: 'blazer', colour: '#2f4858', accent: '#f4ecdc' },
    accent: '#e8e2d4',
  },
} as const;
