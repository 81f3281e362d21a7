/** A character: name, voice and look. Cast files, the built-in cast and jobs all use this shape. */
import { z } from 'zod';

export const HAIR_STYLES = [
  'short',
  'bob',
  'long',
  'curly',
  'bun',
  'ponytail',
  'wavy',
  'afro',
  'buzz',
  'bald',
] as const;
export const TOPS = ['hoodie', 'blazer', 'tee', 'turtleneck', 'shirt', 'cardigan'] as const;
export const BEARDS = ['none', 'stubble', 'full', 'moustache'] as const;
export const FACES = ['oval', 'round', 'square'] as const;
export const VOICE_NAMES = ['slt', 'rms', 'awb', 'kal16'] as const;

const colour = z.string().regex(/^#[0-9a-fA-F]{6}$/, { error: 'expected a colour such as #2f6f6b' });

const voiceSchema = z.strictObject({
  /** flite's voice: slt is a woman's, rms and awb (Scottish) are men's, kal16 is a robot's. */
  name: z.enum(VOICE_NAMES),
  /** Pitch and size of the voice, 0.75 (deeper) to 1.35 (higher); 1 leaves it unchanged. */
  pitch: z.number().min(0.75).max(1.35).default(1),
  /** Speed, 0.7 (slower) to 1.4 (faster). */
  pace: z.number().min(0.7).max(1.4).default(1),
});

const lookSchema = z.strictObject({
  skin: colour,
  face: z.enum(FACES).default('oval'),
  eyes: colour.default('#4a3526'),
  hair: z.strictObject({ style: z.enum(HAIR_STYLES), colour }),
  beard: z.enum(BEARDS).default('none'),
  glasses: z.enum(['none', 'round', 'square']).default('none'),
  earrings: z.boolean().default(false),
  freckles: z.boolean().default(false),
  lipstick: z.boolean().default(false),
  /** A child is smaller, an old person has lines; default: neither. */
  age: z.enum(['child', 'adult', 'old']).optional(),
  top: z.strictObject({ style: z.enum(TOPS), colour, accent: colour }),
  /** Colour of the name in captions; readable on dark. */
  accent: colour,
});

export const characterSchema = z.strictObject({
  name: z.string().trim().min(1).max(40),
  /** Other names that the script may use. */
  aliases: z.array(z.string().trim().min(1).max(40)).max(20).default([]),
  voice: voiceSchema,
  look: lookSchema,
});

/** A cast file: `{ "characters": [ … ] }`. */
export const castFileSchema = z.strictObject({ characters: z.array(characterSchema).min(1).max(200) });

export type Voice = z.infer<typeof voiceSchema>;
export type Look = z.infer<typeof lookSchema>;
export type Character = z.infer<typeof characterSchema>;
/** A character as written in a file: fields with a default may be omitted. */
export type CharacterSource = z.input<typeof characterSchema>;
