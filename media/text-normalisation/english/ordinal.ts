/** Ordinals: `3rd`, `1,000th`, `20TH`. */
import type { SemioticClass } from '../semiotic-class.ts';
import { sayOrdinal } from './numbers.ts';

export const ORDINALS: readonly SemioticClass[] = [
  {
    name: 'ordinal',
    pattern: /(\d{1,3}(?:,\d{3}){1,4}|\d{1,15})\s?(?:st|nd|rd|th|ˢᵗ|ⁿᵈ|ʳᵈ|ᵗʰ)(s)?(?!\w)/iy,
    say: ([, digits = '', plural = '']) => sayOrdinal(digits) + plural.toLowerCase(),
  },
];
