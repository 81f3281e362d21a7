/** A client's ids as graphql-ws gets them: one for each operation, and the client's own on the way back. */
import { expect, test } from 'vitest';
import { clientIdOf, OperationIds, withClientId } from '../../src/realtime/operation-ids.ts';

const subscribe = (id: unknown) => JSON.stringify({ id, type: 'subscribe', payload: { query: '{ a }' } });
const complete = (id: unknown) => JSON.stringify({ id, type: 'complete' });

test('each operation has an id of its own, also under an id that was used before', () => {
  const ids = new OperationIds();
  const begun = { type: 'subscribe', payload: { query: '{ a }' } };
  expect(ids.toOwn(subscribe('a'))).toEqual({ ...begun, id: '1:a' });
  expect(ids.toOwn(subscribe('b'))).toEqual({ ...begun, id: '2:b' });
  expect(ids.toOwn(subscribe('a'))).toBeUndefined();
  expect(ids.toOwn(complete('a'))).toEqual({ type: 'complete', id: '1:a' });
  expect(ids.toOwn(subscribe('a'))).toEqual({ ...begun, id: '3:a' });
  // The end of the first, which comes late, is not that of the third.
  ids.release('1:a');
  expect(ids.toOwn(subscribe('a'))).toBeUndefined();
  ids.release('3:a');
  expect(ids.toOwn(subscribe('a'))).toEqual({ ...begun, id: '4:a' });
});

test('the end of what is not under way ends nothing', () => {
  const ids = new OperationIds();
  expect(ids.toOwn(complete('a'))).toEqual({ type: 'complete', id: '0:a' });
  ids.toOwn(subscribe('a'));
  ids.toOwn(complete('a'));
  expect(ids.toOwn(complete('a'))).toEqual({ type: 'complete', id: '0:a' });
});

test.each([
  ['no JSON', '{"id"', '{"id"'],
  ['no message', '7', 7],
  ['null', 'null', null],
  ['a ping', '{"type":"ping"}', { type: 'ping' }],
  ['one with an id that counts for nothing', '{"id":"a","type":"next"}', { id: 'a', type: 'next' }],
  ['an id that is no text', complete(1), { id: 1, type: 'complete' }],
  ['an empty id', complete(''), { id: '', type: 'complete' }],
])('%s is left to graphql-ws as it came', (_what, text, message) => {
  expect(new OperationIds().toOwn(text)).toEqual(message);
});

test.each(['a', '', '1:a', 'a:b', '"}'])('the id %j comes back as the client gave it', (id) => {
  expect(clientIdOf(`12:${id}`)).toBe(id);
  const sent = JSON.stringify({ id: `12:${id}`, type: 'next', payload: '{"id":"3:x' });
  expect(withClientId(sent)).toBe(JSON.stringify({ id, type: 'next', payload: '{"id":"3:x' }));
});

test('a message without an operation is sent as it is', () => {
  for (const sent of [
    '{"type":"pong"}',
    '{"id":"a","type":"next"}',
    '{"type":"next","id":"1:a"}',
    '{"id":":a"}',
  ]) {
    expect(withClientId(sent)).toBe(sent);
  }
});
