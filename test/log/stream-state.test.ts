/** The states of a stream: what holds over every order in which reads, events of the feed, failures and the client come. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import type { Snapshot } from '../../src/log/snapshot.ts';
import {
  failureOf,
  isReading,
  keepsQueue,
  type StreamEvent,
  type StreamState,
  transit,
} from '../../src/log/stream-state.ts';
import type { Position } from '../../src/progress/position.ts';

const OPENING: StreamState = { name: 'opening', failure: null };
const attachedAt = at(10);
const pages = {} as Snapshot;
const failures = [1, 2, 3].map((number) => new PlayheadError('EVENTS_EXPIRED', `failure ${number}`));

function at(seq: number): Position {
  return { epoch: 'epoch', seq, hash: `hash-${seq}` };
}

const failure = fc.constantFrom(...failures);
const position = fc.integer({ min: 1, max: 20 }).map(at);
const anEvent: fc.Arbitrary<StreamEvent> = fc.oneof(
  fc.record({
    name: fc.constant('begun' as const),
    start: fc.oneof(
      fc.constant('live' as const),
      fc.constant(pages),
      fc.record({ from: position, upTo: position }),
    ),
  }),
  fc.constant({ name: 'jobWasOver' } as const),
  fc.record({
    name: fc.constant('read' as const),
    next: fc.option(position),
    attachedAt: fc.constant(attachedAt),
  }),
  fc.record({ name: fc.constant('requeued' as const), position }),
  fc.constant({ name: 'taken' } as const),
  fc.record({ name: fc.constantFrom('full' as const, 'failed' as const, 'unread' as const), failure }),
);
const history = fc.array(anEvent, { maxLength: 30, size: 'max' });
/** A pair of events that matters may come once in some hundred histories; a thousand take a tenth of a second. */
const OFTEN = { numRuns: 1_000 };

/** The states that a stream goes through, the first included. */
function walk(events: readonly StreamEvent[]): readonly StreamState[] {
  const states: StreamState[] = [OPENING];
  for (const event of events) states.push(transit(states.at(-1) ?? OPENING, event));
  return states;
}

const reach = (...events: StreamEvent[]): StreamState => walk(events).at(-1) ?? OPENING;

const begunWith = (
  start: 'live' | Snapshot | { readonly from: Position; readonly upTo: Position },
): StreamEvent => ({
  name: 'begun',
  start,
});
const full: StreamEvent = { name: 'full', failure: failures[0] as PlayheadError };
const taken: StreamEvent = { name: 'taken' };
const lastRead: StreamEvent = { name: 'read', next: null, attachedAt };

describe('whatever happens, in whatever order', () => {
  test('nothing leads out of closed', () => {
    fc.assert(
      fc.property(history, history, (before, after) => {
        const states = walk([...before, { name: 'closed' }, ...after]);
        expect(states.slice(before.length + 1).every(({ name }) => name === 'closed')).toBe(true);
      }),
      OFTEN,
    );
  });

  test('the first failure is the one that is said, unless the rest of an ended job has all that is left', () => {
    fc.assert(
      fc.property(history, (events) => {
        let first: PlayheadError | null = null;
        for (const state of walk(events)) {
          if (state.name === 'rest') return;
          if (first !== null) expect(failureOf(state)).toBe(first);
          first ??= failureOf(state);
        }
      }),
      OFTEN,
    );
  });

  test('a queue that was emptied is handed out again only behind a replay of what it would have held (G2)', () => {
    fc.assert(
      fc.property(history, (events) => {
        const states = walk(events);
        const refilled = states.slice(1).filter((state, before) => {
          return keepsQueue(state) && !keepsQueue(states[before] ?? OPENING);
        });
        expect(refilled.every(({ name }) => name === 'replay')).toBe(true);
      }),
      OFTEN,
    );
  });

  test('a stream that is live reads nothing any more', () => {
    fc.assert(
      fc.property(history, (events) => {
        const states = walk(events);
        const live = states.findIndex(({ name }) => name === 'live');
        if (live !== -1) expect(states.slice(live).some(isReading)).toBe(false);
      }),
      OFTEN,
    );
  });
});

describe('a queue over its limit', () => {
  const stretch = { from: at(3), upTo: attachedAt };

  test.each([
    ['the snapshot', pages],
    ['the replay', stretch],
  ])('is replayed after %s, from where it began', (_what, start) => {
    const overrun = reach(begunWith(start), full);
    expect(keepsQueue(overrun)).toBe(false);
    const read = transit(overrun, lastRead);
    expect(isReading(read)).toBe(true);
    const again = transit(read, { name: 'requeued', position: at(15) });
    expect(again).toMatchObject({
      name: 'replay',
      stretch: { from: attachedAt, upTo: at(15) },
      failure: null,
    });
    expect(transit(again, lastRead).name).toBe('live');
  });

  test.each([
    ['the snapshot', pages, 'failed'],
    ['the replay', stretch, 'replay'],
  ])(
    'for the second time fails who has taken nothing of %s since the first, and nobody else',
    (_what, start, name) => {
      const again: StreamEvent[] = [begunWith(start), full, lastRead, { name: 'requeued', position: at(15) }];
      expect(failureOf(reach(...again, full))).toBe(failures[0]);
      expect(failureOf(reach(...again, taken, full))).toBeNull();
      const behind = reach(begunWith(start), full, full);
      expect([behind.name, failureOf(behind)]).toEqual([name, failures[0]]);
    },
  );

  test('fails a stream that is live', () => {
    expect(reach(begunWith('live'), taken, full)).toMatchObject({ name: 'failed', queued: true });
  });
});

test.each([
  ['the snapshot', pages],
  ['the replay', { from: at(3), upTo: attachedAt }],
])('a stream is live after the last page of %s', (_what, start) => {
  expect(reach(begunWith(start), lastRead)).toEqual({ name: 'live' });
});

test('the queue waits while something is to be read: snapshot, replay, and the rest of an ended job', () => {
  const stretch = begunWith({ from: at(3), upTo: attachedAt });
  const over: StreamEvent = { name: 'jobWasOver' };
  const reading = [[begunWith(pages)], [stretch], [stretch, over]].map((events) => reach(...events));
  expect(reading.map(isReading)).toEqual([true, true, true]);
  const through = [[], [begunWith('live')], [stretch, over, lastRead], [begunWith('live'), over]];
  expect(through.map((events) => isReading(reach(...events)))).toEqual([false, false, false, false]);
});

describe('a failure', () => {
  const failed: StreamEvent = { name: 'failed', failure: failures[0] as PlayheadError };
  const unread: StreamEvent = { name: 'unread', failure: failures[0] as PlayheadError };
  const stretch = begunWith({ from: at(3), upTo: attachedAt });
  const snapshot = begunWith(pages);
  const overrunAgain: StreamEvent[] = [full, lastRead, { name: 'requeued', position: at(15) }];

  test.each<[string, StreamEvent[], boolean]>([
    ['before a stream begins live', [failed, begunWith('live')], true],
    ['before a replay', [failed, stretch, lastRead], true],
    ['before a snapshot', [failed, snapshot], false],
    ['while nothing is known yet, by an unread page', [unread], false],
    ['of a live stream', [begunWith('live'), failed], true],
    ['in a replay', [stretch, failed, lastRead], true],
    ['in a replay whose queue was overrun', [stretch, full, failed, lastRead], false],
    ['in a replay, by an unread page', [stretch, unread], false],
    ['in the replay after an overrun', [snapshot, ...overrunAgain, failed, lastRead], true],
    ['in a snapshot', [snapshot, failed], false],
    ['in a snapshot, by an unread page', [snapshot, unread], false],
    ['between an overrun and its replay', [snapshot, full, lastRead, failed], false],
    ['between an overrun and its replay, by an unread page', [stretch, full, lastRead, unread], false],
    ['in the rest of an ended job, by an unread page', [stretch, { name: 'jobWasOver' }, unread], false],
  ])('%s leaves in the queue what is without a gap, and nothing else', (_when, events, queued) => {
    const state = reach(...events);
    expect(state).toEqual({ name: 'failed', failure: failures[0], queued });
    expect([keepsQueue(state), isReading(state)]).toEqual([queued, false]);
  });
});
