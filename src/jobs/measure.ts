/** How much work an input is, as far as the input shows. The one place that says so; a run adds what it finds out. Pure. */
import type { WorkSize } from '../progress/eta.ts';

/** The fields of inputs that hold the text which becomes a film, speech or a script. */
const TEXT_FIELDS = ['script', 'text', 'brief'] as const;

/** The size of a parsed input: the characters of its text; nothing for an input without one. */
export function measureInput(input: unknown): WorkSize {
  if (typeof input !== 'object' || input === null) return {};
  for (const field of TEXT_FIELDS) {
    const text: unknown = Reflect.get(input, field);
    if (typeof text === 'string') return { characters: text.length };
  }
  return {};
}
