/** The states of a subscriber in a group (src/realtime/shared-delivery/subscriber.ts), before a socket that the test holds up. */
import { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { PlayheadError } from '../../src/core/errors.ts';
import type { EventStream } from '../../src/log/event-stream.ts';
import type { LoggedEvent } from '../../src/progress/events.ts';
import { ClientSocket } from '../../src/realtime/client-socket.ts';
import type { Group } from '../../src/realtime/shared-delivery/group.ts';
import { Subscriber } from '../../src/realtime/shared-delivery/subscriber.ts';
import { until } from '../setup/deadline.ts';

/** A network socket whose kernel takes what is written when the test lets it. */
class HeldSocket extends Duplex {
  taken = '';
  isHeld = false;
  #release: (() => void) | null = null;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const take = (): void => {
      this.taken += chunk.toString('latin1');
      done();
    };
    if (this.isHeld) this.#release = take;
    else take();
  }

  release(): void {
    this.isHeld = false;
    this.#release?.();
    this.#release = null;
  }
}

let seq = 0;
const eventOf = (name: string): LoggedEvent =>
  // As much of an event as a subscriber looks at.
  ({ seq: ++seq, event: { type: 'ErrorEvent', jobId: 'job', message: name } }) as unknown as LoggedEvent;

function open() {
  const network = new HeldSocket();
  const client = { OPEN: 1, readyState: 1, close() {}, terminate() {} };
  const socket = new ClientSocket(client as unknown as WebSocket, network);
  const members = new Set<unknown>();
  const group = {
    results: { of: ({ event }: LoggedEvent) => Buffer.from(`<${Reflect.get(event, 'message')}>`) },
    join: (member: unknown) => members.add(member),
    leave: (member: unknown) => members.delete(member),
    release() {},
  } as unknown as Group;
  const stream = {
    jobId: null,
    done: false,
    takeReady: async () => [],
    handOver: () => ({ from: 0, lease: { release() {} }, isLast: () => false }),
    close() {},
  } as unknown as EventStream;
  const owner = { openOwnGroup: () => group };
  const subscriber = new Subscriber({ id: 's', socket, stream, group, owner, args: undefined as never });
  return { network, socket, members, subscriber };
}

/** One that is in its group, and whose socket has just been held up. */
async function openHeldUp() {
  const parts = open();
  const ended = parts.subscriber.next();
  await until(() => parts.members.has(parts.subscriber));
  expect(parts.subscriber.isQueueing).toBe(false);
  parts.network.isHeld = true;
  parts.socket.write(Buffer.from('<before>'));
  parts.subscriber.keep([eventOf('one')]);
  return { ...parts, ended };
}

const order = (taken: string): readonly string[] => taken.match(/<\w+>/g) ?? [];

test('one that is behind keeps what comes, in order, until its socket has taken all of it', async () => {
  const { network, socket, subscriber } = await openHeldUp();
  expect(subscriber.isQueueing).toBe(true);
  subscriber.keep([eventOf('two')]);
  network.release();
  expect(socket.isClear).toBe(true);
  // Written to directly, it would get what comes next before what waits.
  expect(subscriber.isQueueing).toBe(true);
  await until(() => !subscriber.isQueueing);
  expect(order(network.taken)).toEqual(['<before>', '<one>', '<two>']);
  await subscriber.return();
});

test('one that fails while it is behind ends with the error, after what waits', async () => {
  const { ended, members, network, subscriber } = await openHeldUp();
  const [first, second] = ['EVENTS_EXPIRED', 'INTERNAL'].map(
    (code) => new PlayheadError(code as 'INTERNAL', code),
  );
  if (first === undefined || second === undefined) throw new Error('expected two errors');
  subscriber.fail(first);
  subscriber.fail(second);
  expect([members.size, subscriber.isQueueing]).toEqual([1, true]);
  network.release();
  await expect(ended).rejects.toBe(first);
  expect([order(network.taken), members.size]).toEqual([['<before>', '<one>'], 0]);
});

test('one that is live fails at once', async () => {
  const { members, subscriber } = open();
  const ended = subscriber.next();
  await until(() => members.size === 1);
  const error = new PlayheadError('INTERNAL', 'broken');
  subscriber.fail(error);
  await expect(ended).rejects.toBe(error);
  expect(members.size).toBe(0);
});

test('one that has ended lets go once, and takes nothing any more', async () => {
  const { ended, members, network, socket, subscriber } = await openHeldUp();
  expect(socket.subscribers).toBe(1);
  await subscriber.return();
  await subscriber.return();
  subscriber.keep([eventOf('late')]);
  subscriber.fail(new PlayheadError('INTERNAL', 'late'));
  expect(await ended).toEqual({ done: true, value: undefined });
  expect(await subscriber.next()).toEqual({ done: true, value: undefined });
  network.release();
  expect([socket.subscribers, members.size, subscriber.isQueueing]).toEqual([0, 0, false]);
  expect(order(network.taken)).toEqual(['<before>']);
});
