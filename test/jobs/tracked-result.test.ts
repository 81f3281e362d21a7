/** Results of tracked jobs: what is stored of them, and what others see. */
import { expect, test } from 'vitest';
import { linkedFile, readTrackedResult, toldResult, toTrackedResult } from '../../src/jobs/tracked-result.ts';

const FILM = { url: 'https://files.example/films/a.mp4', contentType: 'video/mp4' };
const STORED_FILM = { ...FILM, name: 'a.mp4', sizeBytes: null };

test('a result keeps the task’s data and its links, which are named by their addresses unless they have names', () => {
  const named = { ...FILM, name: 'The film', sizeBytes: 7 };
  expect(toTrackedResult({ frames: 2 }, [FILM, named])).toEqual({
    ...{ type: 'TrackedResult', data: { frames: 2 } },
    links: [STORED_FILM, named],
  });
  expect(toTrackedResult([], [])).toEqual({ type: 'TrackedResult', data: [], links: [] });
});

test.each([
  ['https://files.example/a/b.mp4?size=1#t', 'b.mp4'],
  ['https://files.example/a/b', 'b'],
  ['https://files.example:8080/a/', 'files.example:8080'],
  ['https://files.example', 'files.example'],
  ['https://files.example/a/%C3%A4%20b.mp4', 'ä b.mp4'],
  ['https://files.example/a/100%.mp4', '100%.mp4'],
])('a link to %s is called %s', (url, name) => {
  expect(toTrackedResult(null, [{ ...FILM, url }])).toMatchObject({ links: [{ url, name }] });
});

test('a link takes the place of a file, whose size may be unknown', () => {
  expect(linkedFile(STORED_FILM)).toEqual({ ...FILM, name: 'a.mp4', path: '', sizeBytes: 0 });
  expect(linkedFile({ ...STORED_FILM, sizeBytes: 7 })).toMatchObject({ sizeBytes: 7 });
});

test('a stored result is read as it was written; what is missing or broken in it is left out', () => {
  const type = 'TrackedResult';
  expect(readTrackedResult({ type, data: 'text', links: [STORED_FILM] })).toEqual({
    ...{ data: 'text', links: [STORED_FILM] },
  });
  expect(readTrackedResult({ type, data: 0, links: [] })).toEqual({ data: 0, links: [] });
  for (const broken of [{}, { data: null, links: null }, { links: 'none' }, { links: ['none', null] }]) {
    expect(readTrackedResult({ type, ...broken })).toEqual({ data: {}, links: [] });
  }
  expect(readTrackedResult({ type: 'LipsyncResult', data: 1, links: [] })).toBeNull();
});

test('others see the names that clients know; the results of other jobs they see as they are', () => {
  const stored = toTrackedResult({ frames: 2 }, [FILM]);
  expect(toldResult(stored)).toEqual({ type: 'DataResult', data: { frames: 2 }, artifacts: [STORED_FILM] });
  const others = [
    null,
    'TrackedResult',
    ['TrackedResult'],
    { type: 'LipsyncResult', data: 1 },
    { type: 7 },
    {},
  ];
  for (const other of others) expect(toldResult(other)).toBe(other);
});
