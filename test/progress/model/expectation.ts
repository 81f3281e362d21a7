/** What one subscriber may still receive. Pure. */
import { hasEnded } from '../../../src/progress/state.ts';
import { holds, type Known, type World } from './oracle.ts';

/** One way that a subscription may go on: these events, then its end, or silence. */
export interface Possible {
  readonly events: readonly Known[];
  readonly end: 'open' | 'done' | 'expired';
  /** It may also end with EVENTS_EXPIRED while the last received seq is less than this: a replay that was overtaken. */
  readonly breaksBefore?: number;
}

export interface Wanted {
  readonly jobId: string | null;
  /** Null: the snapshot first, or nothing. */
  readonly after: Known | null;
  readonly snapshot: boolean;
}

/** How an opening may be answered. */
export interface Opening {
  /** Error codes that may come instead of a stream. */
  readonly errors: readonly string[];
  /** Empty: only an error may come. */
  readonly possibles: readonly Possible[];
}

/** A subscriber as the model follows it. */
export class Expectation {
  readonly #jobId: string | null;
  /** Seq of the job's last event when the stream was opened: an ending before it is not the last. */
  readonly #jobLast: number;
  /** Up to here the events come from a replay, which reads the log as it goes. */
  readonly #replayTop: number;
  /** What was received last, or resumed behind. */
  #last: Known | null;
  possibles: readonly Possible[];

  constructor(wanted: Wanted, world: World, possibles: readonly Possible[]) {
    this.#jobId = wanted.jobId;
    this.#jobLast = world.jobs.get(wanted.jobId ?? '')?.last.seq ?? 0;
    this.#replayTop = wanted.after === null ? 0 : world.events.length;
    this.#last = wanted.after;
    this.possibles = possibles;
  }

  get #received(): number {
    return this.#last?.seq ?? 0;
  }

  /** Nothing is to come, whichever way it goes. */
  get isSilent(): boolean {
    return this.possibles.every((possible) => isSilent(possible) && !this.#mayBreak(possible));
  }

  /** An event was written. */
  onWritten(event: Known): void {
    this.possibles = this.possibles.map((possible) => this.#andThen(possible, [event]));
  }

  #andThen(possible: Possible, next: readonly Known[]): Possible {
    if (possible.end !== 'open') return possible;
    const mine = next.filter(({ jobId }) => this.#jobId === null || jobId === this.#jobId);
    const isLast = ({ isEnding, seq }: Known): boolean => isEnding && seq >= this.#jobLast;
    const last = this.#jobId === null ? -1 : mine.findIndex(isLast);
    if (last === -1) return { ...possible, events: [...possible.events, ...mine] };
    return { ...possible, events: [...possible.events, ...mine.slice(0, last + 1)], end: 'done' };
  }

  /**
   * The history became another one.
   * @param from least seq up to which this process has surely handed on
   */
  onHistory(before: World, after: World, from: number): void {
    const common = before.events.findLastIndex((event) => holds(after, event)) + 1;
    const places = Array.from({ length: before.events.length - from + 1 }, (_, index) => from + index);
    // To one that stands at their common part, or before anything, the other history is what comes next.
    const others = after.events.slice(common);
    const replayed =
      this.#last !== null && holds(after, this.#last)
        ? [this.#andThen({ events: [], end: 'open' }, after.events.slice(this.#received))]
        : [];
    const kept = this.possibles.flatMap((possible): Possible[] => {
      const shared = cut(possible, before, common, 'open');
      return [
        // A replay reads whichever history there is, up to the place where it would meet the other one.
        ...(this.#received < this.#replayTop ? [shared, ...replayed] : []),
        ...places.map((seq) => {
          const isRead = seq < common || others.length > 0;
          const isKept = seq <= common && !(isRead && after.floor > Math.max(seq, 1));
          return isKept ? this.#andThen(shared, others) : cut(possible, before, seq, 'expired');
        }),
      ];
    });
    this.possibles = distinct(kept.map((possible) => ({ ...possible, breaksBefore: this.#replayTop })));
  }

  /** The log lost everything before `floor`, of which a replay may not have read everything. */
  onTrimmed(floor: number): void {
    this.possibles = this.possibles.map((possible) => ({
      ...possible,
      breaksBefore: Math.max(possible.breaksBefore ?? 0, Math.min(floor, this.#replayTop)),
    }));
  }

  onReceived(seq: number, mark: string): void {
    const right = this.possibles.filter(({ events: [next] }) => next?.seq === seq && next.mark === mark);
    this.#last = right[0]?.events[0] ?? null;
    this.possibles = right.map((possible) => ({ ...possible, events: possible.events.slice(1) }));
  }

  onDone(): void {
    this.possibles = this.possibles.filter(({ events, end }) => events.length === 0 && end === 'done');
  }

  onExpired(): void {
    this.possibles = this.possibles.filter(
      (possible) => (possible.events.length === 0 && possible.end === 'expired') || this.#mayBreak(possible),
    );
  }

  onSilence(): void {
    this.possibles = this.possibles.filter(isSilent);
  }

  #mayBreak({ breaksBefore = 0 }: Possible): boolean {
    return this.#received < breaksBefore;
  }
}

export function isSilent({ events, end }: Possible): boolean {
  return events.length === 0 && end === 'open';
}

/** What was handed on up to `seq`, or in a history before `world`, stays; an end that lay behind it does not. */
function cut(possible: Possible, world: World, seq: number, otherwise: 'open' | 'expired'): Possible {
  const { events, end } = possible;
  if (end === 'expired') return possible;
  const kept = events.filter((event) => event.seq <= seq || !holds(world, event));
  return { events: kept, end: end === 'done' && kept.length === events.length ? 'done' : otherwise };
}

/** @param from least seq that the process has surely handed on; its feed stands there or further */
export function expectOpening(world: World, wanted: Wanted, from: number): Opening {
  const job = wanted.jobId === null ? null : world.jobs.get(wanted.jobId);
  if (job === undefined) return { errors: ['NOT_FOUND'], possibles: [] };
  const mine = (event: Known): boolean => wanted.jobId === null || event.jobId === wanted.jobId;
  const end = job !== null && hasEnded(job.state.status) ? 'done' : 'open';
  const { after } = wanted;
  if (after !== null) {
    if (!holds(world, after)) return { errors: ['EVENTS_EXPIRED'], possibles: [] };
    const events = world.events.slice(after.seq).filter(mine);
    // The process may have it in memory all the same.
    return { errors: after.seq < world.floor ? ['EVENTS_EXPIRED'] : [], possibles: [{ events, end }] };
  }
  const possibles: Possible[] = [];
  for (let seq = from; seq <= world.events.length; seq += 1) {
    const shown = wanted.snapshot ? snapshotAt(world, wanted.jobId, seq) : [];
    possibles.push({ events: [...shown, ...world.events.slice(seq).filter(mine)], end });
  }
  return { errors: [], possibles: distinct(possibles) };
}

function snapshotAt(world: World, jobId: string | null, seq: number): Known[] {
  return [...world.jobs.values()]
    .filter(({ state }) => (jobId === null ? !hasEnded(state.status) : state.id === jobId))
    .map(({ last }) => last)
    .filter((last) => last.seq <= seq)
    .sort((one, other) => one.seq - other.seq);
}

function distinct(possibles: readonly Possible[]): Possible[] {
  const seen = new Map(
    possibles.map((possible) => [
      `${possible.end} ${possible.breaksBefore} ${possible.events.map(({ seq, chain }) => `${seq}${chain.slice(0, 8)}`).join()}`,
      possible,
    ]),
  );
  return [...seen.values()];
}
