/**
 * What feeds remember of their latest events for clients that resume: the messages as they came, since an event that was parsed
 * takes about three times as much. All rings of a process share one limit; over it, those that were used longest ago are
 * emptied (G7). A client that then resumes is served from the log.
 */
import type { LoggedEvent } from '../progress/events.ts';
import { parseLiveMessage, toMessage } from './live-message.ts';

/** The default of PLAYHEAD_FEED_MEMORY_MB. */
export const DEFAULT_MEMORY_BYTES = 16 * 1_048_576;
/** What an entry takes beside its text. */
const ENTRY_BYTES = 80;
/** Memory over the limit is freed down to this share of it, so that looking for the rings of longest ago is rare. */
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

  /** A ring grew or shrank. */
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
  /** The event as it was published, or made alike from the log. */
  readonly message: string;
  /** The event while somebody holds it: results are shared by it. */
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

  /** @param length kept at least, where there is memory; twice that at most */
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

  /** Everything behind the event with this seq, which is remembered. */
  after(seq: number): readonly LoggedEvent[] {
    this.lastUse = this.#memory.nextUse();
    return this.#entries.slice(seq - this.#firstSeq + 1).map(parsed);
  }

  clear(): void {
    this.#entries = [];
    this.#grow(-this.#bytes);
  }

  /** Lets go of everything; nothing more is added. */
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

/** One byte a character, or two where any is beyond Latin-1. */
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
