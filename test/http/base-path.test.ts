/** What a request's target is at a server below a path. */
import { expect, test } from 'vitest';
import { basePathOf, localTarget } from '../../src/http/base-path.ts';

test.each([
  [undefined, ''],
  ['https://host', ''],
  ['https://host/', ''],
  ['https://host/playhead', '/playhead'],
  ['https://host/a/b//', '/a/b'],
])('%s has the base path "%s"', (url, expected) => {
  expect(basePathOf(url)).toBe(expected);
});

test.each([
  // A proxy leaves the path,
  ['/playhead', '/'],
  ['/playhead/', '/'],
  ['/playhead?a=/b', '/?a=/b'],
  ['/playhead/graphql?query={a}?', '/graphql?query={a}?'],
  ['/playhead/graphql/', '/graphql'],
  ['/playhead/graphql/?a=1', '/graphql?a=1'],
  // or takes it away,
  ['/', '/'],
  ['/graphql/', '/graphql'],
  ['/files/a/b/c.mp4', '/files/a/b/c.mp4'],
  // and this only looks like it.
  ['/playheads/x', '/playheads/x'],
  ['/x/playhead', '/x/playhead'],
])('below /playhead, %s is %s', (target, expected) => {
  expect(localTarget(target, '/playhead')).toBe(expected);
});

test('at the root every target is its own, but for the / behind /graphql', () => {
  expect(['/', '/a?b', '/graphql/'].map((target) => localTarget(target, ''))).toEqual([
    '/',
    '/a?b',
    '/graphql',
  ]);
});
