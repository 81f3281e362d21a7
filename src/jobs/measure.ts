/** How much work an input is, as far as the input shows; admission adds what it looks up, a run what it finds out. Pure. */
import type { WorkSize } from '../progress/run-so-far.ts';

/** The fields of inputs that hold the text which becomes a film, speech or a script. */
const TEXT_FIELDS = ['script', 'text', 'brief'] as const;

/** The size of a parsed input: the characters of its text, and the scenes asked for; nothing for an input without them. */
export function measureInput(input: unknown): WorkSize {
  if (typeof input !== 'object' || input === null) return {};
  const text = TEXT_FIELDS.map((field): unknown => Reflect.get(input, field)).find((value) => {
    return typeof value === 'string';
  });
  const scenes: unknown = Reflect.get(input, 'scenes');
  return {
    ...(typeof text === 'string' && { characters: text.length }),
    ...(typeof scenes === 'number' && { clips: scenes }),
  };
}
