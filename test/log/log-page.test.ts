/** What a stretch of the log proves about a position (G2): the events behind it, or that its history is lost. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { METERS } from '../../src/core/meters.ts';
import { eventsBehind } from '../../src/log/log-page.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import type { Position } from '../../src/progress/position.ts';
import { seqs } from '../setup/harness.ts';

const at = (seq: number, { epoch = 'epoch', hash = `hash-${seq}` } = {}): Position => ({ epoch, seq, hash });
const nowhere = (epoch: string): Position => ({ epoch, seq: 0, hash: '' });
/** As much of an event as counts here. */
const entry = (seq: number, hash?: string): LoggedEvent =>
  at(seq, hash === undefined ? {} : { hash }) as LoggedEvent;
const firstHash = createHash('sha1').update('epoch').digest('hex').slice(0, 24);

test.each<[string, Position, { head: Position; events: readonly LoggedEvent[] }, readonly number[]]>([
  ['a log of which nothing is known', nowhere(''), { head: at(2), events: [entry(1), entry(2)] }, [1, 2]],
  ['a log that is known by its epoch', nowhere('epoch'), { head: at(1), events: [entry(1)] }, [1]],
  ['an empty log', nowhere(''), { head: nowhere('epoch'), events: [] }, []],
  [
    'a log that goes on behind the numbers of a lost one',
    nowhere('epoch'),
    { head: at(8), events: [entry(7, firstHash), entry(8)] },
    [7, 8],
  ],
  ['the first event', at(1), { head: at(3), events: [entry(1), entry(2), entry(3)] }, [2, 3]],
  ['one within the page', at(2), { head: at(3), events: [entry(1), entry(2), entry(3)] }, [3]],
  ['the last', at(3), { head: at(3), events: [entry(3)] }, []],
  ['the last, which is trimmed', at(3), { head: at(3), events: [] }, []],
])('behind %s', (_what, position, page, expected) => {
  expect(seqs(eventsBehind(position, page))).toEqual(expected);
});

test.each<[string, Position, { head: Position; events: readonly LoggedEvent[] }]>([
  ['the beginning, which is trimmed', nowhere(''), { head: at(4), events: [entry(3), entry(4)] }],
  ['the beginning, where all is trimmed', nowhere(''), { head: at(4), events: [] }],
  ['the beginning of another history', nowhere('other'), { head: at(1), events: [entry(1)] }],
  ['an event of another epoch', at(1, { epoch: 'other' }), { head: at(2), events: [entry(1), entry(2)] }],
  ['an event of another history', at(1, { hash: 'other' }), { head: at(2), events: [entry(1), entry(2)] }],
  ['one that is trimmed', at(1), { head: at(3), events: [entry(2), entry(3)] }],
  ['one that is trimmed with all behind it', at(1), { head: at(3), events: [] }],
  ['the last of another history, which is trimmed', at(3, { hash: 'other' }), { head: at(3), events: [] }],
  ['one beyond the end', at(4), { head: at(3), events: [] }],
])('nothing is known behind %s', (_what, position, page) => {
  const counted = METERS.eventsExpired.cell();
  const before = counted.value;
  expect(() => eventsBehind(position, page)).toThrow(
    expect.objectContaining({
      code: 'EVENTS_EXPIRED',
      message:
        'The events behind this cursor are no longer known (trimmed, lost or rolled back); subscribe again without after',
    }),
  );
  expect(counted.value - before).toBe(1);
});
