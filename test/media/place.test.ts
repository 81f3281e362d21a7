/** Where scenes take place: by all that they say, and not by one word. */
import { expect, test } from 'vitest';
import { choosePlace, type SceneWords } from '../../media/place.ts';

function placeOf(words: Partial<SceneWords>, index = 0): string {
  return choosePlace({ heading: '', directions: [], lines: [], ...words }, index);
}

test.each([
  ['INT. OPERATING THEATRE - NIGHT', 'hospital'],
  ['The control room, just before midnight', 'studio'],
  ['The park, next morning', 'park'],
  ['EXT. STREET - DAY', 'street'],
  ['EXT. STREET - NIGHT', 'street-night'],
  ['A train compartment', 'train'],
  ['The classroom', 'school'],
  ['Meeting room', 'office'],
  ["Grandma's kitchen", 'kitchen'],
  ['Deep in the woods', 'forest'],
  ['The beach at sunset', 'beach'],
  ['The cockpit, in orbit', 'space'],
  ['On the rooftop', 'night'],
  ['The living room', 'lounge'],
  ['병원 복도', 'hospital'],
  ['초등학교 교실', 'school'],
  ['지하철 안', 'train'],
  ['밤거리', 'street-night'],
  ['The beach at night', 'beach-night'],
  ['EXT. FOREST - NIGHT', 'forest-night'],
  ['한밤의 공원', 'park-night'],
])('the heading %j is a place: %s', (heading, place) => {
  expect(placeOf({ heading })).toBe(place);
});

test.each([
  ['hospital', ['The surgeon washed his hands.', 'A nurse brought the chart of the patient in bed four.']],
  ['forest', ['The fox lay under the oak, where the moss was soft.', 'Leaves fell from the branches.']],
  ['kitchen', ['Chop the onion and stir the soup.', 'Then add salt and butter.']],
  ['space', ['The rocket left its orbit around Mars.', 'No astronaut had come so far from the earth.']],
  ['office', ['Revenue grew 24 percent this quarter.', 'Our customers like the product.']],
  ['beach', ['Waves broke over the reef.', 'The sailors dropped the anchor.']],
  ['school', ['The teacher wrote an equation on the blackboard.', 'The students did their homework.']],
])('without a heading, words that belong together make a %s', (place, lines) => {
  expect(placeOf({ lines })).toBe(place);
});

test('one word in passing decides nothing', () => {
  const lines = ['I have to tell you a secret.', 'Yesterday I thought of the sea, for no reason at all.'];
  expect(placeOf({ lines })).not.toBe('beach');
});

test('the heading outweighs what is talked about', () => {
  const lines = ['I miss the waves.', 'And the sand.', 'And the gulls, and my boat.'];
  expect(placeOf({ heading: 'INT. OFFICE - DAY', lines })).toBe('office');
});

test('a place that nobody names is the same each time, and scenes differ', () => {
  const places = [0, 1, 2, 3, 4].map((index) => placeOf({ lines: ['Yes.'] }, index));
  expect(new Set(places).size).toBe(5);
  expect(placeOf({ lines: ['No.'] }, 3)).toBe(places[3]);
});
