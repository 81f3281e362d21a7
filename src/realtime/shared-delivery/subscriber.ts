/**
 * One subscription whose delivery was taken over from graphql-ws. To graphql-ws it is an iterator that never yields a value: it
 * ends when the stream does (graphql-ws sends `complete`), or throws (graphql-ws sends `error`), and its `return()` (the
 * client's `complete`, or the socket's end) releases it at once. The events themselves bypass graphql-ws.
 *
 *   starting   snapshot or replay, on its own: from the stream, as fast as the client takes them
 *   live       a member of its group, which writes for it
 *   behind     live, but the socket did not take everything: events wait in its own queue (G7)
 *   failing    behind, and ends with an error when the queue is empty
 *   ended      everything released
 */
import type { ExecutionArgs } from 'graphql';
import type { PlayheadError } from '../../core/errors.ts';
import { METERS } from '../../core/meters.ts';
import { DEFAULT_QUEUE_LIMITS, DeliveryQueue, type QueueLimits } from '../../log/delivery-queue.ts';
import type { EventStream, Handover } from '../../log/event-stream.ts';
import { expired } from '../../log/log-page.ts';
import type { LoggedEvent } from '../../progress/events.ts';
import { type ClientSocket, WRITE_LIMIT_BYTES } from '../client-socket.ts';
import { encodeFrameId, fillIn, layOutFrames } from './frames.ts';
import type { FeedSource, Group, Member } from './group.ts';
import { PersonalResultError } from './results.ts';

const DELIVERED = METERS.eventsDelivered.cell('websocket');

/** Events taken at once from the stream while starting. */
const BATCH_LENGTH = 500;
/** Events taken at once from its own queue. */
const QUEUE_BATCH_LENGTH = 100;

interface SubscriberParts {
  readonly id: string;
  readonly socket: ClientSocket;
  readonly stream: EventStream;
  /** Already held for this subscriber. */
  readonly group: Group;
  readonly owner: GroupOwner;
  /** Includes the operation's own context. */
  readonly args: ExecutionArgs;
}

/** Makes the group of one subscriber alone, with its own context. */
interface GroupOwner {
  openOwnGroup(source: FeedSource, args: ExecutionArgs): Group;
}

type State = 'starting' | 'live' | 'behind' | 'failing' | 'ended';

/**
 *   joined     the stream has nothing left, and the group writes from here on
 *   held-up    the group has events that the socket cannot take now
 *   caught-up  the queue is empty
 *   failed     the group ends its members with an error
 *   over       the last event was written, the client completed it, or the subscription itself failed
 */
type Happening = 'joined' | 'held-up' | 'caught-up' | 'failed' | 'over';

/** A starting subscriber is not in its group yet, so nothing from the group can happen to it. */
const NEXT: Readonly<Record<State, Readonly<Record<Happening, State>>>> = {
  starting: {
    joined: 'live',
    'held-up': 'starting',
    'caught-up': 'starting',
    failed: 'ended',
    over: 'ended',
  },
  live: { joined: 'live', 'held-up': 'behind', 'caught-up': 'live', failed: 'ended', over: 'ended' },
  behind: { joined: 'behind', 'held-up': 'behind', 'caught-up': 'live', failed: 'failing', over: 'ended' },
  failing: {
    joined: 'failing',
    'held-up': 'failing',
    'caught-up': 'ended',
    failed: 'failing',
    over: 'ended',
  },
  ended: { joined: 'ended', 'held-up': 'ended', 'caught-up': 'ended', failed: 'ended', over: 'ended' },
};

type Step = IteratorResult<never, void>;

let open = 0;
METERS.subscribers.observe(() => open);

export class Subscriber implements AsyncGenerator<never, void, void>, Member {
  readonly socket: ClientSocket;
  readonly idText: string;
  readonly idBytes: number;
  readonly jobId: string | null;
  from = 0;
  readonly #owner: GroupOwner;
  readonly #args: ExecutionArgs;
  readonly #limits: QueueLimits;
  #state: State = 'starting';
  /** Null once ended. */
  #group: Group | null;
  /** While starting. */
  #stream: EventStream | null;
  #handover: Handover | null = null;
  /** While behind or failing. */
  #queue: DeliveryQueue | null = null;
  /** While failing. */
  #failure: PlayheadError | null = null;
  #end: Promise<Step> | null = null;
  /** Settles `#end`; only `resolve` is kept, since there are thousands of these. */
  #settle: ((step: Step | Promise<never>) => void) | null = null;

  constructor(parts: SubscriberParts, limits: QueueLimits = DEFAULT_QUEUE_LIMITS) {
    this.socket = parts.socket;
    const { idText, idBytes } = encodeFrameId(parts.id);
    this.idText = idText;
    this.idBytes = idBytes;
    this.jobId = parts.stream.jobId;
    this.#owner = parts.owner;
    this.#args = parts.args;
    this.#limits = limits;
    this.#group = parts.group;
    this.#stream = parts.stream;
    this.socket.subscribers += 1;
    open += 1;
  }

  get isQueueing(): boolean {
    return this.#state === 'behind' || this.#state === 'failing';
  }

  /** Begins the delivery; settles when the subscription is over. */
  next(): Promise<Step> {
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    if (this.#end === null) {
      this.#end = new Promise((resolve) => {
        this.#settle = resolve;
      });
      this.#run(this.#start());
    }
    return this.#end;
  }

  async return(): Promise<Step> {
    this.#close();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<Step> {
    this.#close();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
  }

  keep(events: readonly LoggedEvent[]): void {
    if (this.#isOver || !this.socket.isOpen) return;
    const begins = this.#queue === null;
    this.#queue ??= new DeliveryQueue(this.#limits);
    this.#happen('held-up');
    for (const event of events) {
      if (!this.#queue.push(event)) {
        this.socket.shed('Too slow: subscribe again with after');
        return;
      }
    }
    if (begins) this.#run(this.#catchUp(this.#queue));
  }

  isLast(event: LoggedEvent): boolean {
    return this.#handover?.isLast(event) ?? false;
  }

  onLast(): void {
    this.#close();
  }

  fail(error: PlayheadError): void {
    this.#failure ??= error;
    this.#happen('failed', this.#failure);
  }

  onPersonal(): void {
    this.#goAlone();
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) => this.#close(error));
  }

  async #start(): Promise<void> {
    for (;;) {
      const stream = this.#stream;
      if (stream === null) return;
      const events = await stream.takeReady(BATCH_LENGTH);
      if (events.length > 0) {
        await this.#send(events);
      } else if (stream.done) {
        return this.#close();
      } else if (this.#join(stream)) {
        return;
      }
    }
  }

  /** From here on, the group writes. Done in one tick, so that nothing is missed. */
  #join(stream: EventStream): boolean {
    const handover = stream.handOver();
    if (handover === null) return false;
    this.#stream = null;
    // The handover keeps the stream in memory, and only a job's stream has a last event.
    if (this.jobId !== null) this.#handover = handover;
    this.from = handover.from;
    // The group has its own lease on the feed.
    handover.lease.release();
    this.#happen('joined');
    this.#group?.join(this);
    return true;
  }

  async #catchUp(queue: DeliveryQueue): Promise<void> {
    while (!this.#isOver) {
      await this.#clear();
      const event = queue.shift();
      if (event === undefined) break;
      await this.#send([event, ...this.#more(queue)]);
      if (this.isLast(event)) return this.#close();
    }
    this.#queue = null;
    this.#happen('caught-up', this.#failure);
  }

  /** What waits after the first event; nothing for a single job, whose last event ends the subscription. */
  #more(queue: DeliveryQueue): LoggedEvent[] {
    const events: LoggedEvent[] = [];
    while (this.jobId === null && events.length < QUEUE_BATCH_LENGTH - 1) {
      const event = queue.shift();
      if (event === undefined) break;
      events.push(event);
    }
    return events;
  }

  /** Writes events in pieces, waiting for the socket in between. */
  async #send(events: readonly LoggedEvent[]): Promise<void> {
    let texts: Buffer[] = [];
    let bytes = 0;
    for (const event of events) {
      const text = this.#textOf(event);
      const made = text instanceof Promise ? await text : text;
      texts.push(made);
      bytes += made.length;
      if (bytes < WRITE_LIMIT_BYTES) continue;
      await this.#write(texts);
      texts = [];
      bytes = 0;
    }
    if (texts.length > 0) await this.#write(texts);
  }

  async #write(texts: readonly Buffer[]): Promise<void> {
    // Checked again right before the write: others that wait for the same socket are resumed at the same moment.
    while (this.#isHeldUp) await this.#clear();
    if (this.#isOver || !this.socket.isOpen) return;
    const template = layOutFrames(texts, this.idBytes);
    fillIn(template, this);
    this.socket.write(template.bytes);
    DELIVERED.value += texts.length;
  }

  get #isHeldUp(): boolean {
    return !this.socket.isClear && this.socket.isOpen && !this.#isOver;
  }

  async #clear(): Promise<void> {
    while (this.#isHeldUp) await new Promise<void>((resolve) => this.socket.whenClear({ onClear: resolve }));
  }

  #textOf(event: LoggedEvent): Buffer | Promise<Buffer> {
    for (;;) {
      if (this.#group === null) return Buffer.alloc(0);
      try {
        const text = this.#group.results.of(event);
        return text instanceof Promise ? text.catch((error: unknown) => this.#again(event, error)) : text;
      } catch (error) {
        if (!(error instanceof PersonalResultError)) throw error;
        this.#goAlone();
      }
    }
  }

  #again(event: LoggedEvent, error: unknown): Buffer | Promise<Buffer> {
    if (!(error instanceof PersonalResultError)) throw error;
    this.#goAlone();
    return this.#textOf(event);
  }

  /** Moves into a group of its own. */
  #goAlone(): void {
    const group = this.#group;
    if (group === null) return;
    const own = this.#owner.openOwnGroup(group, this.#args);
    own.hold();
    this.#group = own;
    // A subscriber that is still starting joins when its stream has nothing left.
    if (this.#state !== 'starting') {
      own.join(this, group.undelivered);
      if (group.isExpired) this.fail(expired());
    }
    group.leave(this);
    group.release();
  }

  get #isOver(): boolean {
    return this.#state === 'ended';
  }

  #close(error: unknown = null): void {
    this.#happen('over', error);
  }

  /** @param error the error to end with, if it ends; null: none */
  #happen(happening: Happening, error: unknown = null): void {
    if (this.#isOver) return;
    this.#state = NEXT[this.#state][happening];
    if (this.#isOver) this.#release(error);
  }

  #release(error: unknown): void {
    this.socket.subscribers -= 1;
    open -= 1;
    this.#stream?.close();
    this.#stream = null;
    this.#queue = null;
    this.#group?.leave(this);
    this.#group?.release();
    this.#group = null;
    this.#settle?.(error === null ? { done: true, value: undefined } : Promise.reject(error));
  }
}
