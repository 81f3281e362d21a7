/** One client's socket: what may be written to it, what it keeps, and when it is closed and cut (G7). */
import { Duplex } from 'node:stream';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { ClientSocket } from '../../src/realtime/client-socket.ts';

const KIB = 1_024;

afterEach(() => void vi.useRealTimers());

/** A socket whose kernel takes what is written when the test says. */
class HeldSocket extends Duplex {
  readonly written: number[] = [];
  isTaking = true;
  #take: (() => void) | null = null;

  constructor() {
    super({ highWaterMark: 1 });
    onTestFinished(() => void this.destroy());
  }

  override _read(): void {}

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.written.push(chunks.reduce((sum, { chunk }) => sum + chunk.length, 0));
    if (this.isTaking) done();
    else this.#take = done;
  }

  /** The kernel takes all that waits, and all that comes. */
  takeAll(): void {
    this.isTaking = true;
    const done = this.#take;
    this.#take = null;
    done?.();
  }
}

function setUp() {
  const socket = new HeldSocket();
  const closed: [code: number, reason: string][] = [];
  const state = { readyState: 1, terminated: 0 };
  const client = {
    OPEN: 1,
    get readyState() {
      return state.readyState;
    },
    close: (code: number, reason: string) => closed.push([code, reason]),
    terminate: () => {
      state.terminated += 1;
    },
  } as unknown as WebSocket;
  return { socket, state, closed, connection: new ClientSocket(client, socket) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what the kernel takes at once leaves it clear', async () => {
  const { connection } = setUp();
  expect(connection.isClear).toBe(true);
  connection.write(Buffer.alloc(10));
  await turn();
  expect([connection.isClear, connection.heldUpSince]).toEqual([true, null]);
});

test('what the kernel does not take holds it up; who waits is told once, when all has gone', async () => {
  const { connection, socket } = setUp();
  socket.isTaking = false;
  expect(connection.write(Buffer.alloc(10))).toBe(false);
  expect(connection.isClear).toBe(false);
  expect(connection.heldUpSince).not.toBeNull();
  let told = 0;
  connection.whenClear({
    onClear: () => {
      told += 1;
    },
  });
  await turn();
  expect(told).toBe(0);
  socket.takeAll();
  await turn();
  expect([told, connection.isClear, connection.heldUpSince]).toEqual([1, true, null]);
  connection.write(Buffer.alloc(1));
  await turn();
  expect(told).toBe(1);
});

test('up to 64 KB are gathered and go out as one; then the kernel has to take them', async () => {
  const { connection, socket } = setUp();
  socket.isTaking = false;
  expect([connection.cork(), connection.cork()]).toEqual([true, false]);
  connection.write(Buffer.alloc(64 * KIB - 1));
  expect([connection.isClear, socket.written]).toEqual([true, []]);
  connection.write(Buffer.alloc(1));
  expect([connection.isClear, socket.written]).toEqual([false, [64 * KIB]]);
  expect(connection.heldUpSince).not.toBeNull();
  socket.takeAll();
  await turn();
  expect(connection.isClear).toBe(true);
});

test('gathers what is written within two turns, and no more than 64 KB with what is to come', async () => {
  const { connection, socket } = setUp();
  expect(connection.gather(10)).toBe(true);
  connection.write(Buffer.alloc(10));
  expect(connection.gather(64 * KIB - 10)).toBe(true);
  connection.write(Buffer.alloc(20));
  expect(socket.written).toEqual([]);
  await turn();
  await turn();
  await turn();
  expect(socket.written[0]).toBe(30);

  socket.written.length = 0;
  expect(connection.gather(10)).toBe(true);
  connection.write(Buffer.alloc(10));
  // One byte too many: what was gathered goes out first.
  expect(connection.gather(64 * KIB - 9)).toBe(true);
  expect(socket.written[0]).toBe(10);
  await turn();
  await turn();
  socket.isTaking = false;
  connection.write(Buffer.alloc(10));
  expect(connection.gather(1)).toBe(false);
});

test('a client that leaves over 1 MiB of answers unread is to be read no more', () => {
  const { connection, socket } = setUp();
  socket.isTaking = false;
  socket.write(Buffer.alloc(KIB * KIB));
  expect(connection.isOverfull).toBe(false);
  socket.write(Buffer.alloc(1));
  expect(connection.isOverfull).toBe(true);
});

test('is closed once, delivers nothing more, and is cut 5 s later', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { connection, closed, state } = setUp();
  connection.shed('too slow');
  connection.shed('too slow again');
  connection.close(1001, 'going away');
  expect([closed, connection.isOpen, connection.isClear]).toEqual([[[1013, 'too slow']], false, false]);
  vi.advanceTimersByTime(4_999);
  expect(state.terminated).toBe(0);
  vi.advanceTimersByTime(1);
  expect(state.terminated).toBe(1);

  const gone = setUp();
  gone.state.readyState = 3;
  gone.connection.close(1001, 'going away');
  expect([gone.closed, vi.getTimerCount()]).toEqual([[], 0]);
});
