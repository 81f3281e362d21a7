/** What a group gives each of its members (src/realtime/shared-delivery/group.ts), of a feed that the test speaks for. */
import { expect, test } from 'vitest';
import { PlayheadError } from '../../src/core/errors.ts';
import { METERS } from '../../src/core/meters.ts';
import type { Feed, FeedListener } from '../../src/log/feed.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import type { ClientSocket } from '../../src/realtime/client-socket.ts';
import { encodeFrameId } from '../../src/realtime/shared-delivery/frames.ts';
import { Group, type Member } from '../../src/realtime/shared-delivery/group.ts';
import { PersonalResultError, type Results } from '../../src/realtime/shared-delivery/results.ts';

/** As much of an event as a group looks at. */
const eventOf = (seq: number, jobId = 'job'): LoggedEvent => ({ seq, event: { jobId } }) as LoggedEvent;

type Made = Buffer | Promise<Buffer>;
const nameOf = ({ seq }: LoggedEvent): Buffer => Buffer.from(`"event ${seq}"`);

/** A group, with what it calls, in order. */
function open(make: (event: LoggedEvent) => Made = nameOf) {
  const calls: string[] = [];
  let listener: FeedListener | undefined;
  const feed = {
    attach: (attached: FeedListener) => {
      listener = attached;
      return () => void calls.push('detached');
    },
  } as unknown as Feed;
  const made: number[] = [];
  const results = {
    of: (event: LoggedEvent) => {
      made.push(event.seq);
      return make(event);
    },
    close: () => void calls.push('results closed'),
  } as unknown as Results;
  const group = new Group({
    feed,
    results,
    shareLease: undefined as never,
    onDue: () => void calls.push('due'),
    onEnd: () => void calls.push('ended'),
    onClosed: () => void calls.push('closed'),
  });
  group.hold();
  const corked = new Set<ClientSocket>();
  return {
    group,
    calls,
    made,
    corked,
    publish: (...events: LoggedEvent[]) => {
      for (const event of events) listener?.onEvent(event);
    },
    expire: () => listener?.onExpired(),
    flush: () => group.flush(corked),
  };
}

class FakeMember implements Member {
  readonly idText: string;
  readonly idBytes: number;
  readonly writes: Buffer[] = [];
  readonly kept: number[] = [];
  readonly failures: string[] = [];
  readonly jobId: string | null;
  from: number;
  isQueueing = false;
  isClear = true;
  takes = true;
  last: number | undefined;
  hasLast = 0;
  /** What the group had not delivered when it turned out personal. */
  left: readonly number[] | undefined;
  group: Group | undefined;
  corks = 0;
  readonly socket: ClientSocket;

  constructor(
    id: string,
    {
      from = 0,
      jobId = null,
      subscribers = 1,
    }: { from?: number; jobId?: string | null; subscribers?: number } = {},
  ) {
    ({ idText: this.idText, idBytes: this.idBytes } = encodeFrameId(id));
    this.from = from;
    this.jobId = jobId;
    const isClear = (): boolean => this.isClear;
    this.socket = {
      get isClear() {
        return isClear();
      },
      subscribers,
      cork: () => {
        this.corks += 1;
        return this.corks === 1;
      },
      write: (bytes: Buffer) => {
        this.writes.push(bytes);
        return this.takes;
      },
    } as unknown as ClientSocket;
  }

  keep(events: readonly LoggedEvent[]): void {
    this.kept.push(...events.map(({ seq }) => seq));
  }
  isLast({ seq }: LoggedEvent): boolean {
    return seq === this.last;
  }
  onLast(): void {
    this.hasLast += 1;
  }
  fail({ code }: PlayheadError): void {
    this.failures.push(code);
  }
  onPersonal(): void {
    this.left = this.group?.undelivered.map(({ seq }) => seq);
  }

  /** The events of each write. */
  get seen(): readonly (readonly number[])[] {
    return this.writes.map((bytes) => {
      const frames = bytes
        .toString('latin1')
        .matchAll(/\{"id":"([^"]*)","type":"next","payload":"event (\d+)x*"\}/g);
      return [...frames].map(([, id, seq]) => {
        expect(id).toBe(this.idText);
        return Number(seq);
      });
    });
  }
}

test('each member gets what is behind its own position, in one write', () => {
  const { calls, flush, group, publish } = open();
  const delivered = METERS.eventsDelivered.cell('websocket');
  const before = delivered.value;
  const members = [0, 4, 5, 6, 7].map((from) => new FakeMember('m', { from }));
  for (const member of members) group.join(member);
  expect(calls).toEqual([]);
  publish(eventOf(5), eventOf(6), eventOf(7));
  expect(calls).toEqual(['due']);
  flush();
  expect(members.map(({ seen }) => seen)).toEqual([[[5, 6, 7]], [[5, 6, 7]], [[6, 7]], [[7]], []]);
  expect(delivered.value - before).toBe(3 + 3 + 2 + 1);
  flush();
  publish(eventOf(8));
  expect(calls).toEqual(['due', 'due']);
  group.leave(members[0] as Member);
  flush();
  expect(members.map(({ seen }) => seen.flat().at(-1))).toEqual([7, 8, 8, 8, 8]);
});

test('a member of one job gets that job’s events, up to the last; nobody’s are not made', () => {
  const { flush, group, made, publish } = open();
  const [one, other, late] = ['a', 'b', 'a'].map((jobId) => new FakeMember('m', { jobId })) as [
    FakeMember,
    FakeMember,
    FakeMember,
  ];
  const over = new FakeMember('m', { jobId: 'a' });
  over.last = 1;
  for (const member of [one, other, late, over]) group.join(member);
  one.last = 4;
  late.last = 4;
  late.from = 1;
  publish(eventOf(1, 'a'), eventOf(2, 'b'), eventOf(3, 'c'), eventOf(4, 'a'), eventOf(5, 'a'));
  flush();
  expect(made).toEqual([1, 2, 4, 5]);
  expect([one.seen, other.seen, late.seen]).toEqual([[[1, 4]], [[2]], [[4]]]);
  expect([one.hasLast, other.hasLast, late.hasLast]).toEqual([1, 0, 1]);
  expect([over.seen, over.hasLast]).toEqual([[[1]], 1]);
  for (const member of [one, late, over]) group.leave(member);
  publish(eventOf(6, 'a'), eventOf(7, 'b'));
  flush();
  expect(made).toEqual([1, 2, 4, 5, 7]);
  expect(other.seen).toEqual([[2], [7]]);
});

test('what cannot be written now is kept by the member', () => {
  const { flush, group, publish } = open();
  const [behind, heldUp, clear] = ['m', 'm', 'm'].map((id) => new FakeMember(id)) as [
    FakeMember,
    FakeMember,
    FakeMember,
  ];
  behind.isQueueing = true;
  heldUp.isClear = false;
  for (const member of [behind, heldUp, clear]) group.join(member);
  publish(eventOf(1), eventOf(2));
  flush();
  expect([behind.kept, heldUp.kept, clear.kept]).toEqual([[1, 2], [1, 2], []]);
  expect([behind.seen, heldUp.seen, clear.seen]).toEqual([[], [], [[1, 2]]]);
});

test('bytes that a socket still holds are not those of the next member', () => {
  const { flush, group, publish } = open();
  const members = ['a', 'b', 'c', 'long'].map((id) => new FakeMember(id));
  for (const member of members) {
    member.takes = false;
    group.join(member);
  }
  publish(eventOf(1));
  flush();
  for (const member of members) expect(member.seen).toEqual([[1]]);
});

test('writes to one socket of several subscribers are gathered', () => {
  const { corked, flush, group, publish } = open();
  const [alone, shared] = [new FakeMember('a'), new FakeMember('b', { subscribers: 2 })];
  group.join(alone);
  group.join(shared);
  publish(eventOf(1));
  flush();
  expect([alone.corks, shared.corks]).toEqual([0, 1]);
  expect([...corked]).toEqual([shared.socket]);
  corked.clear();
  publish(eventOf(2));
  flush();
  // Its socket was corked already, by somebody else.
  expect([shared.corks, corked.size]).toEqual([2, 0]);
});

test('as much is written at once as a socket may keep', () => {
  // Two of them are 64 KB.
  const { flush, group, publish } = open(({ seq }) => Buffer.from(`${`"event ${seq}`.padEnd(32_767, 'x')}"`));
  const member = new FakeMember('m');
  group.join(member);
  publish(...[1, 2, 3, 4, 5].map((seq) => eventOf(seq)));
  flush();
  expect(member.seen).toEqual([[1, 2], [3, 4], [5]]);
});

test('results that take time keep those behind them waiting, and nothing else', async () => {
  const slow = Promise.withResolvers<Buffer>();
  const { calls, flush, group, made, publish } = open((event) =>
    event.seq === 2 ? slow.promise : nameOf(event),
  );
  const member = new FakeMember('m');
  group.join(member);
  publish(eventOf(1), eventOf(2), eventOf(3));
  flush();
  flush();
  expect([member.seen, made, group.undelivered.map(({ seq }) => seq)]).toEqual([[[1]], [1, 2], [2, 3]]);
  slow.resolve(Buffer.from('"event 2"'));
  await slow.promise;
  await Promise.resolve();
  expect(calls).toEqual(['due', 'due']);
  flush();
  expect([member.seen, group.undelivered]).toEqual([[[1], [2, 3]], []]);
});

test.each(['at once', 'later'])(
  'results that turn out personal %s take every member apart, with what is left',
  async (when) => {
    const personal = new PersonalResultError();
    const { calls, flush, group, publish } = open((event) => {
      if (event.seq !== 2) return nameOf(event);
      if (when === 'at once') throw personal;
      return Promise.reject(personal);
    });
    const members = [new FakeMember('a'), new FakeMember('b', { jobId: 'job' })];
    for (const member of members) {
      member.group = group;
      group.join(member);
    }
    publish(eventOf(1), eventOf(2), eventOf(3));
    flush();
    if (when === 'later') {
      expect(members.map(({ left }) => left)).toEqual([undefined, undefined]);
      await new Promise((resolve) => setImmediate(resolve));
      flush();
    }
    expect(members.map(({ seen, left }) => [seen, left])).toEqual([
      [[[1]], [2, 3]],
      [[[1]], [2, 3]],
    ]);
    expect([group.undelivered, calls.filter((call) => call === 'ended')]).toEqual([[], ['ended']]);
  },
);

test('any other fault of a result is not taken for a personal one', () => {
  const { flush, group, publish } = open(() => {
    throw new TypeError('a fault of ours');
  });
  group.join(new FakeMember('m'));
  publish(eventOf(1));
  expect(flush).toThrow('a fault of ours');
});

test('a lost history ends every member behind what came before, and no new one comes', async () => {
  const slow = Promise.withResolvers<Buffer>();
  const { calls, expire, flush, group, publish } = open(() => slow.promise);
  const members = [new FakeMember('a'), new FakeMember('b', { jobId: 'job' })];
  for (const member of members) group.join(member);
  publish(eventOf(1));
  expect(group.isExpired).toBe(false);
  expire();
  expire();
  expect([calls, group.isExpired]).toEqual([['due', 'due', 'ended', 'due'], true]);
  flush();
  expect(members.map(({ failures }) => failures)).toEqual([[], []]);
  slow.resolve(Buffer.from('"event 1"'));
  await new Promise((resolve) => setImmediate(resolve));
  flush();
  expect(members.map(({ failures, seen }) => [seen, failures])).toEqual([
    [[[1]], ['EVENTS_EXPIRED']],
    [[[1]], ['EVENTS_EXPIRED']],
  ]);
});

test('a fault of ours ends every member at once', () => {
  const { flush, group, publish } = open();
  const members = [new FakeMember('a'), new FakeMember('b', { jobId: 'job' })];
  for (const member of members) group.join(member);
  publish(eventOf(1));
  group.abort(new PlayheadError('INTERNAL', 'broken'));
  flush();
  expect(members.map(({ failures, seen }) => [seen, failures])).toEqual([
    [[], ['INTERNAL']],
    [[], ['INTERNAL']],
  ]);
});

test('one who comes with events of another group has them delivered first', () => {
  const { calls, flush, group, publish } = open();
  const member = new FakeMember('m');
  publish(eventOf(3));
  group.join(member, [eventOf(1), eventOf(2)]);
  expect(calls).toEqual(['due', 'due']);
  flush();
  expect(member.seen).toEqual([[1, 2, 3]]);
});

test('a group ends when the last who holds it lets go, and takes everything with it', () => {
  const { calls, group, publish } = open();
  group.hold();
  publish(eventOf(1));
  group.release();
  expect(calls).toEqual(['due']);
  group.release();
  expect(calls).toEqual(['due', 'ended', 'detached', 'results closed', 'closed']);
  expect(group.undelivered).toEqual([]);
});
