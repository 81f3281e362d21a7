/**
 * One client's socket, as the delivery uses it: it writes whole WebSocket frames, prepared elsewhere, straight into the network
 * socket from the HTTP server's `upgrade` event.
 *
 * These frames can be mixed with what ws itself writes (handshake, pings, protocol messages), because ws also writes each of
 * its frames as a whole, as long as nothing is compressed: permessage-deflate stays off.
 *
 *   clear     everything written has gone to the kernel, or is being gathered and still has room; write on
 *   held up   the kernel did not take everything: nothing more is written until it has; subscribers keep what waits (G7)
 *   stalled   held up for STALL_LIMIT_MS at a stretch: closed with 1013, and cut off if the client does not answer
 */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { METERS } from '../core/meters.ts';
import { afterTurns } from '../core/turns.ts';

/** Try again later (IANA registry of close codes); clients take it as a reason to reconnect. */
const TRY_AGAIN_LATER = 1013;
/** A client that reads nothing for this long has its connection closed... */
export const STALL_LIMIT_MS = 15_000;
/** ...and is cut off this much later, since it is unlikely to read the close frame. */
export const CUT_AFTER_MS = 5_000;
/**
 * Bytes written to one socket, or gathered for it, before the kernel has to take them: the most that a stalled client keeps in
 * memory, and the least it must read to go on. A single frame may be longer.
 */
export const WRITE_LIMIT_BYTES = 64 * 1024;
/** A client's messages are no longer read while it has left this many bytes of earlier answers unread. */
const UNREAD_LIMIT_BYTES = 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/** Answers to what a client asked for together, and the events that follow, arrive within this many turns of the event loop. */
const GATHERED_TURNS = 2;

/** Notified when the socket is clear again, or gone. */
export interface Waiter {
  onClear(): void;
}

export class ClientSocket {
  readonly client: WebSocket;
  readonly #socket: Duplex;
  /** The number of subscribers whose events the delivery writes here. */
  subscribers = 0;
  #heldUpSince: number | null = null;
  #closing = false;
  #corked = false;
  /** Corked by `gather`. */
  #gathering = false;
  #waiters: Set<Waiter> | null = null;

  constructor(client: WebSocket, socket: Duplex) {
    this.client = client;
    this.#socket = socket;
  }

  /** Frames may be written: the kernel has taken everything, or there is still room in what is being gathered (G7). */
  get isClear(): boolean {
    const { writableLength } = this.#socket;
    return (this.#corked ? writableLength < WRITE_LIMIT_BYTES : writableLength === 0) && this.isOpen;
  }

  /** The client sends requests without reading the answers: read nothing more from it until the socket is clear (G7). */
  get isOverfull(): boolean {
    return this.#socket.writableLength > UNREAD_LIMIT_BYTES;
  }

  get isOpen(): boolean {
    return !this.#closing && this.client.readyState === this.client.OPEN;
  }

  /** When the kernel stopped taking data; null while clear. Milliseconds, from `performance.now()`. */
  get heldUpSince(): number | null {
    return this.#heldUpSince;
  }

  /**
   * Writes whole frames.
   * @returns true when the kernel has them and the memory may be reused; false when the socket still holds it
   */
  write(frames: Buffer): boolean {
    this.#socket.write(frames);
    if (this.#socket.writableLength === 0) return true;
    if (!this.#corked) this.#holdUp();
    else if (this.#socket.writableLength >= WRITE_LIMIT_BYTES) this.uncork();
    return this.#socket.writableLength === 0;
  }

  /** Gathers writes until `uncork`, or until there are enough. @returns false when they are being gathered already */
  cork(): boolean {
    if (this.#corked) return false;
    this.#corked = true;
    this.#socket.cork();
    return true;
  }

  /**
   * Gathers everything written in the next turns of the event loop, whoever writes it.
   * @param bytes to be written now
   * @returns false when the socket is held up, so the caller must wait until it has taken them
   */
  gather(bytes: number): boolean {
    if (this.#gathering && this.#socket.writableLength + bytes > WRITE_LIMIT_BYTES) this.uncork();
    if (this.#gathering) return true;
    if (!this.isClear) return false;
    if (!this.cork()) return true;
    this.#gathering = true;
    afterTurns(GATHERED_TURNS, () => this.uncork());
    return true;
  }

  /** Sends everything gathered as one write. */
  uncork(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#gathering = false;
    this.#socket.uncork();
    if (this.#socket.writableLength > 0) this.#holdUp();
  }

  /** Calls the waiter once, when the socket is clear again or gone, which may be the case already. */
  whenClear(waiter: Waiter): void {
    this.#waiters ??= new Set();
    this.#waiters.add(waiter);
    this.#holdUp();
  }

  /** Closes the socket of a client that is too slow: it may reconnect and resume. Nothing more is delivered. */
  shed(reason: string): void {
    if (this.isOpen) METERS.clientsCut.add(1);
    this.close(TRY_AGAIN_LATER, reason);
  }

  /** Closes the socket; nothing more is delivered, and a client that does not answer is cut off. */
  close(code: number, reason: string): void {
    if (!this.isOpen) return;
    this.#closing = true;
    this.client.close(code, reason);
    setTimeout(() => this.client.terminate(), CUT_AFTER_MS).unref();
  }

  /** The callback of an empty write runs when the kernel has taken everything written before it. */
  #holdUp(): void {
    if (this.#heldUpSince !== null) return;
    this.#heldUpSince = performance.now();
    this.#socket.write(NOTHING, () => {
      this.#heldUpSince = null;
      const waiters = this.#waiters;
      this.#waiters = null;
      if (waiters !== null) for (const waiter of waiters) waiter.onClear();
    });
  }
}
