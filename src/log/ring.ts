/**
 * The latest events that feeds remember for clients that resume, as the messages that were received: a parsed event takes about
 * three times as much memory. All rings of a process share one limit; above it, the least recently used are emptied (G7). A
 * client that resumes after that is served from the log.
 */
import type { LoggedEvent } from '../progress/events.ts';
import { parseLiveMessage, toMessage } from './live-message.ts';

/** The default of PLAYHEAD_FEED_MEMORY_MB. */
export const DEFAULT_MEMORY_BYTES = 16 * 1_048_576;
/** What an entry takes besides its text. */
const ENTRY_BYTES = 80;
/** Above the limit, memory is freed down to this share of it, so that rings rarely have to be sorted by their last use. */
const KEPT_SHARE = 0.9;

/** Counts the bytes of all rings of a process. */
export class RingMemory {
  readonly #limitBytes: number;
  readonly #rings = new Set<EventRing>();
  #bytes = 0;
  #uses = 0;

  constructor(limitBytes = DEFAULT_MEMORY_BYTES) {
    this.#limitBytes = limitBytes;
  }

  /** About how many bytes all rings hold. */
  get bytes(): number {
    return this.#bytes;
  }

  add(ring: EventRing): void {
    this.#rings.add(ring);
  }

  remove(ring: EventRing): void {
    this.#rings.delete(ring);
  }

  /** Counts the bytes by which a ring grew or shrank. */
  count(bytes: number): void {
    this.#bytes += bytes;
    if (bytes > 0 && this.#bytes > this.#limitBytes) this.#shrink();
  }

  /** The number of the next use of any ring. */
  nextUse(): number {
    this.#uses += 1;
    return this.#uses;
  }

  #shrink(): void {
    const leastUsed = [...this.#rings].sort((one, other) => one.lastUse - other.lastUse);
    for (const ring of leastUsed) {
      if (this.#bytes <= this.#limitBytes * KEPT_SHARE) return;
      ring.clear();
    }
  }
}

interface Entry {
  /** The event as it was published, or rebuilt in the same form from the log. */
  readonly message: string;
  /** The event while somebody holds it: results are shared by its identity. */
  parsed: WeakRef<LoggedEvent> | null;
}

/** The latest events of one feed, without a gap. */
export class EventRing {
  readonly #memory: RingMemory;
  readonly #length: number;
  #entries: Entry[] = [];
  #firstSeq = 0;
  #bytes = 0;
  #closed = false;
  lastUse = 0;

  /** @param length the number of events kept at least, if there is memory; at most twice as many */
  constructor(memory: RingMemory, length: number) {
    this.#memory = memory;
    this.#length = length;
    memory.add(this);
  }

  /** The seq of the oldest event; null when there is none. */
  get firstSeq(): number | null {
    return this.#entries.length === 0 ? null : this.#firstSeq;
  }

  /** Adds the next event, as it was published. */
  push(seq: number, message: string): void {
    if (this.#closed) return;
    if (this.#entries.length === 0) this.#firstSeq = seq;
    this.#entries.push({ message, parsed: null });
    if (this.#entries.length > this.#length * 2) this.#dropOldest(this.#length);
    this.lastUse = this.#memory.nextUse();
    this.#grow(sizeOf(message));
  }

  /** Adds the next event, as it was read. */
  pushEvent(event: LoggedEvent): void {
    this.push(event.seq, toMessage(event));
  }

  /** Adds events right before the oldest, as many as there is room for. */
  extendBack(events: readonly LoggedEvent[]): void {
    const room = this.#length * 2 - this.#entries.length;
    const older = room === 0 ? [] : events.slice(-room);
    const [first] = older;
    if (first === undefined || this.#closed) return;
    const entries = older.map((event) => ({ message: toMessage(event), parsed: new WeakRef(event) }));
    this.#entries = [...entries, ...this.#entries];
    this.#firstSeq = first.seq;
    this.lastUse = this.#memory.nextUse();
    this.#grow(entries.reduce((sum, { message }) => sum + sizeOf(message), 0));
  }

  /** The hash of the event with this seq; undefined when it is not remembered. */
  hashAt(seq: number): string | undefined {
    return this.#entries[seq - this.#firstSeq]?.message.split(' ', 3)[2];
  }

  /** All events after the one with this seq, which is remembered. */
  after(seq: number): readonly LoggedEvent[] {
    this.lastUse = this.#memory.nextUse();
    return this.#entries.slice(seq - this.#firstSeq + 1).map(parsed);
  }

  clear(): void {
    this.#entries = [];
    this.#grow(-this.#bytes);
  }

  /** Releases everything; nothing more is added. */
  close(): void {
    this.#closed = true;
    this.clear();
    this.#memory.remove(this);
  }

  #dropOldest(count: number): void {
    const dropped = this.#entries.slice(0, count);
    this.#entries = this.#entries.slice(count);
    this.#firstSeq += count;
    this.#grow(-dropped.reduce((sum, { message }) => sum + sizeOf(message), 0));
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    this.#memory.count(bytes);
  }
}

/** One byte per character, or two if any is beyond ASCII. */
function sizeOf(message: string): number {
  const isAscii = Buffer.byteLength(message) === message.length;
  return ENTRY_BYTES + (isAscii ? message.length : 2 * message.length);
}

function parsed(entry: Entry): LoggedEvent {
  const known = entry.parsed?.deref();
  if (known !== undefined) return known;
  const live = parseLiveMessage(entry.message);
  if (live === null) throw new TypeError('expected a message that was parsed before');
  const { epoch, seq, hash, event } = live;
  const found = { epoch, seq, hash, event };
  entry.parsed = new WeakRef(found);
  return found;
}
