/**
 * The subscribers that ask the same of one project's feed. Each event is executed and serialised once for all of them; the
 * frames of a tick are laid out once per length of id, and each subscriber gets one write.
 *
 *   feed ── event ──▶ slots ── flush, once per tick ──▶ clear sockets: one write
 *                                                  └──▶ others: the subscriber's own bounded queue
 */

import type { PlayheadError } from '../../core/errors.ts';
import { METERS } from '../../core/meters.ts';
import type { Feed } from '../../log/feed.ts';
import type { FeedHandle } from '../../log/feed-hub.ts';
import { expired } from '../../log/log-page.ts';
import type { LoggedEvent } from '../../progress/events.ts';
import { type ClientSocket, WRITE_LIMIT_BYTES } from '../client-socket.ts';
import { copyTemplate, type FrameId, type FrameTemplate, fillIn, layOutFrames } from './frames.ts';
import { PersonalResultError, type Results } from './results.ts';

/** Provides a group's feed and a lease on it: a stream, or another group of the same feed. */
export interface FeedSource {
  readonly feed: Feed;
  shareLease(): FeedHandle;
}

/** A subscriber as its group sees it. */
export interface Member extends FrameId {
  readonly socket: ClientSocket;
  /** Only this job's events; null: all. */
  readonly jobId: string | null;
  /** The member has everything up to this seq. */
  readonly from: number;
  /** Events wait in the member's own queue, so more must go there too (G1). */
  readonly isQueueing: boolean;
  /** Takes events that cannot be written now. */
  keep(events: readonly LoggedEvent[]): void;
  /** Whether the subscription ends with this event; only with a jobId. */
  isLast(event: LoggedEvent): boolean;
  /** The last event was written. */
  onLast(): void;
  /** Ends the member with this error, after the events that wait. */
  fail(error: PlayheadError): void;
  /** The results depend on the viewer: the member continues alone, with what the group has not delivered. */
  onPersonal(): void;
}

interface Slot {
  readonly event: LoggedEvent;
  /** The result as a JSON text; null: not made yet; a promise: being made. */
  text: Buffer | Promise<void> | null;
}

type Ready = Slot & { readonly text: Buffer };

const DELIVERED = METERS.eventsDelivered.cell('websocket');

/** The templates of one tick for the same events, by length of id. */
type Templates = Map<number, FrameTemplate>;

export class Group implements FeedSource {
  readonly results: Results;
  readonly feed: Feed;
  readonly shareLease: () => FeedHandle;
  readonly #onDue: (group: Group) => void;
  readonly #onEnd: () => void;
  readonly #onClosed: () => void;
  readonly #detach: () => void;
  readonly #everything = new Set<Member>();
  readonly #byJob = new Map<string, Set<Member>>();
  #holds = 0;
  #slots: Slot[] = [];
  #expired = false;
  #personal = false;
  #ended = false;

  /**
   * @param parts.onDue called when events wait: `flush` must be called once in this tick
   * @param parts.onEnd called once: no new subscriber may join this group
   * @param parts.onClosed called once: the last one has left
   */
  constructor(parts: {
    readonly feed: Feed;
    readonly shareLease: () => FeedHandle;
    readonly results: Results;
    readonly onDue: (group: Group) => void;
    readonly onEnd: () => void;
    readonly onClosed: () => void;
  }) {
    this.results = parts.results;
    this.feed = parts.feed;
    this.shareLease = parts.shareLease;
    this.#onDue = parts.onDue;
    this.#onEnd = parts.onEnd;
    this.#onClosed = parts.onClosed;
    this.#detach = this.feed.attach({
      onEvent: (event) => {
        this.#slots.push({ event, text: null });
        if (this.#slots.length === 1) this.#onDue(this);
      },
      onExpired: () => {
        this.#expired = true;
        this.#onDue(this);
        this.#end();
      },
    });
  }

  /** Keeps the group while a subscriber is in it or about to join. */
  hold(): void {
    this.#holds += 1;
  }

  /** Ends the group when the last hold is released. */
  release(): void {
    this.#holds -= 1;
    if (this.#holds > 0) return;
    this.#end();
    this.#detach();
    this.#slots = [];
    this.results.close();
    this.#onClosed();
  }

  /** Adds a member for what comes after its `from`. @param events already handed on by the feed */
  join(member: Member, events: readonly LoggedEvent[] = []): void {
    if (member.jobId === null) {
      this.#everything.add(member);
    } else {
      const others = this.#byJob.get(member.jobId);
      if (others === undefined) this.#byJob.set(member.jobId, new Set([member]));
      else others.add(member);
    }
    if (events.length === 0) return;
    this.#slots.unshift(...events.map((event) => ({ event, text: null })));
    this.#onDue(this);
  }

  /** Events that have not been delivered; a member that leaves to continue elsewhere takes them along. */
  get undelivered(): readonly LoggedEvent[] {
    return this.#slots.map(({ event }) => event);
  }

  /** The history was lost after what has not been delivered. */
  get isExpired(): boolean {
    return this.#expired;
  }

  leave(member: Member): void {
    if (member.jobId === null) {
      this.#everything.delete(member);
    } else {
      const others = this.#byJob.get(member.jobId);
      others?.delete(member);
      if (others?.size === 0) this.#byJob.delete(member.jobId);
    }
  }

  /**
   * Delivers the waiting events whose results are ready.
   * @param corked collects the sockets whose writes were gathered; uncork them when every group is flushed
   */
  flush(corked: Set<ClientSocket>): void {
    for (const ready of piecesOf(this.#takeReady())) {
      this.#give(this.#everything, ready, corked);
      if (this.#byJob.size > 0) this.#giveByJob(ready, corked);
    }
    if (this.#personal) this.#dissolve();
    if (this.#expired && this.#slots.length === 0) {
      for (const member of this.#members()) member.fail(expired());
    }
  }

  /** Ends every member with an error: something is broken on our side, and a gap must not go unreported (G2). */
  abort(error: PlayheadError): void {
    this.#slots = [];
    for (const member of this.#members()) member.fail(error);
  }

  /** Takes the leading slots that have their results; those that nobody wants are dropped. */
  #takeReady(): Ready[] {
    const ready: Ready[] = [];
    for (let slot = this.#slots[0]; slot !== undefined; slot = this.#slots[0]) {
      if (slot.text === null && this.#isWanted(slot.event)) this.#makeText(slot);
      if (this.#personal || slot.text instanceof Promise) break;
      this.#slots.shift();
      if (slot.text !== null) ready.push(slot as Ready);
    }
    return ready;
  }

  #makeText(slot: Slot): void {
    try {
      const text = this.results.of(slot.event);
      slot.text = text instanceof Promise ? this.#awaitText(slot, text) : text;
    } catch (error) {
      if (!(error instanceof PersonalResultError)) throw error;
      this.#personal = true;
    }
  }

  async #awaitText(slot: Slot, text: Promise<Buffer>): Promise<void> {
    try {
      slot.text = await text;
    } catch {
      // It only ever rejects because of a personal result.
      this.#personal = true;
    }
    this.#onDue(this);
  }

  #isWanted({ event }: LoggedEvent): boolean {
    return this.#everything.size > 0 || this.#byJob.has(event.jobId);
  }

  #giveByJob(ready: readonly Ready[], corked: Set<ClientSocket>): void {
    const byJob = Map.groupBy(ready, ({ event }) => event.event.jobId);
    for (const [jobId, slots] of byJob) {
      const members = this.#byJob.get(jobId);
      if (members !== undefined) this.#give(members, slots, corked);
    }
  }

  #give(members: ReadonlySet<Member>, slots: readonly Ready[], corked: Set<ClientSocket>): void {
    const first = slots[0]?.event.seq ?? 0;
    const templates: Templates = new Map();
    for (const member of members) {
      const isLate = member.from >= first;
      const last = member.jobId === null ? -1 : slots.findIndex(({ event }) => member.isLast(event));
      if (!isLate && last < 0) {
        this.#write(member, slots, templates, corked);
        continue;
      }
      const own = (last < 0 ? slots : slots.slice(0, last + 1)).filter(
        ({ event }) => event.seq > member.from,
      );
      if (own.length > 0)
        this.#write(member, own, own.length === slots.length ? templates : new Map(), corked);
    }
  }

  #write(member: Member, slots: readonly Ready[], templates: Templates, corked: Set<ClientSocket>): void {
    const { idBytes, socket } = member;
    if (member.isQueueing || !socket.isClear) {
      member.keep(slots.map(({ event }) => event));
      return;
    }
    DELIVERED.value += slots.length;
    let template = templates.get(idBytes);
    if (template === undefined) {
      const texts = slots.map(({ text }) => text);
      template = layOutFrames(texts, idBytes);
      templates.set(idBytes, template);
    }
    fillIn(template, member);
    // Several subscribers on one socket may have events in this tick: still one write.
    if (socket.subscribers > 1 && socket.cork()) corked.add(socket);
    // Bytes that the socket still holds must not be filled in for the next member.
    if (!socket.write(template.bytes)) templates.set(idBytes, copyTemplate(template));
    const last = slots.at(-1);
    if (last !== undefined && member.isLast(last.event)) member.onLast();
  }

  /** Makes every member continue alone. */
  #dissolve(): void {
    this.#end();
    for (const member of this.#members()) member.onPersonal();
    this.#slots = [];
  }

  #members(): Member[] {
    return [...this.#everything, ...[...this.#byJob.values()].flatMap((members) => [...members])];
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
  }
}

/** Splits into pieces as large as may be written at once to a socket, which may hold them (G7); nearly always there is one. */
function* piecesOf(ready: readonly Ready[]): Generator<readonly Ready[]> {
  let start = 0;
  let bytes = 0;
  for (const [index, { text }] of ready.entries()) {
    bytes += text.length;
    if (bytes < WRITE_LIMIT_BYTES) continue;
    yield ready.slice(start, index + 1);
    start = index + 1;
    bytes = 0;
  }
  if (start < ready.length) yield start === 0 ? ready : ready.slice(start);
}
