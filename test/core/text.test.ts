import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteProvider } from '../../media/providers/call-failure.ts';
import { splitLong } from '../../media/sentence.ts';
import { badInput } from '../../src/core/errors.ts';
import { toJson } from '../../src/core/json.ts';
import { endOf, shorten, startOf } from '../../src/core/text.ts';

const texts = fc.string({ unit: 'binary', maxLength: 40 });
const limits = fc.integer({ min: 0, max: 50 });

test('a cut text is well-formed, begins or ends as the whole does, and lacks at most half a character', () => {
  fc.assert(
    fc.property(texts, limits, (text, most) => {
      const [start, end] = [startOf(text, most), endOf(text, most)];
      const least = Math.min(text.length, most) - 1;
      for (const cut of [start, end]) {
        expect(cut.isWellFormed()).toBe(true);
        expect(cut.length).toBeLessThanOrEqual(most);
        expect(cut.length).toBeGreaterThanOrEqual(least);
      }
      expect(text.startsWith(start)).toBe(true);
      expect(text.endsWith(end)).toBe(true);
    }),
  );
  expect([startOf('a🎬b', 2), startOf('a🎬b', 3), endOf('a🎬b', 2), endOf('a🎬b', 3)]).toEqual([
    ...['a', 'a🎬', 'b', '🎬b'],
  ]);
  expect([shorten('a🎬b', 3), shorten('a🎬b', 4)]).toEqual(['a…', 'a🎬b']);
});

test('what errors and events quote is never cut inside a character', () => {
  for (const length of [70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 197, 198, 199, 200]) {
    const text = `${'x'.repeat(length)}${'🎬'.repeat(100)}`;
    expect(badInput('input.script', 'less', text).message.isWellFormed()).toBe(true);
    expect(quoteProvider(text, undefined).isWellFormed()).toBe(true);
    for (const piece of splitLong(text, length)) expect(piece.isWellFormed()).toBe(true);
  }
});

test('JSON has no half of a surrogate pair, and is otherwise that of JSON.stringify', () => {
  const values = fc.jsonValue({ stringUnit: 'binary' });
  fc.assert(fc.property(values, (value) => toJson(value) === JSON.stringify(value)));
  const halves = fc.array(fc.constantFrom('\ud83c', '\udfac', '🎬', '\\', '\\ud83c', '"', 'x', '\u0000'));
  fc.assert(
    fc.property(halves, (parts) => {
      const text = parts.join('');
      expect(JSON.parse(toJson({ [text]: [text] }))).toEqual({
        [text.toWellFormed()]: [text.toWellFormed()],
      });
    }),
  );
});

test('an object that came is shown as JSON, also one without a prototype, as GraphQL makes them', () => {
  const came = Object.assign(Object.create(null) as object, { frames: 3 });
  expect(badInput('input.result', 'less', came).message).toBe(
    'input.result: expected less, received {"frames":3}',
  );
});
