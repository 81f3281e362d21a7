/** What one subscriber may still receive. Pure. */
import { hasEnded } from '../../../src/progress/state.ts';
import { holds, type Known, type World } from './oracle.ts';

/** One way that a subscription may go on: these events, then its end, or silence. */
export interface Possible {
  readonly events: readonly Known[];
  readonly end: 'open' | 'done' | 'expired';
  /** It may also end with EVENTS_EXPIRED while the last received seq is less than this: a replay that was overtaken. */
  readonly breaksBefore?: number;
  /** So many of the first events are of the snapshot, which is read while the subscriber takes it. */
  readonly snapshot: number;
  /** Jobs that went on since the stream was opened: what the snapshot would have of them may be left out. */
  readonly passed: ReadonlySet<string>;
}

const NOBODY: ReadonlySet<string> = new Set();

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
  /** Below this they come from a snapshot, which reads the jobs as it goes, also once more behind the last one. */
  readonly #snapshotTop: number;
  /** What was received last, or resumed behind. */
  #last: Known | null;
  possibles: readonly Possible[];

  constructor(wanted: Wanted, world: World, possibles: readonly Possible[]) {
    this.#jobId = wanted.jobId;
    this.#jobLast = world.jobs.get(wanted.jobId ?? '')?.last.seq ?? 0;
    this.#replayTop = wanted.after === null ? 0 : world.events.length;
    this.#snapshotTop = wanted.after === null && wanted.snapshot ? world.events.length + 1 : 0;
    this.#last = wanted.after;
    this.possibles = possibles;
  }

  get #received(): number {
    return this.#last?.seq ?? 0;
  }

  /** Nothing is to come, whichever way it goes. */
  get isSilent(): boolean {
    return this.possibles.every(
      (possible) => possible.events.length === 0 && possible.end === 'open' && !this.#mayBreak(possible),
    );
  }

  /** An event was written. */
  onWritten(event: Known): void {
    this.possibles = this.possibles.map((possible) => ({
      ...this.#andThen(possible, [event]),
      passed: possible.snapshot > 0 ? new Set(possible.passed).add(event.jobId) : NOBODY,
    }));
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
        ? [this.#andThen({ ...SILENCE }, after.events.slice(this.#received))]
        : [];
    const kept = this.possibles.flatMap((possible): Possible[] => {
      const shared = cut(possible, before, common, 'open');
      return [
        // A replay reads whichever history there is, up to the place where it would meet the other one.
        ...(this.#received < this.#replayTop ? [shared, ...replayed] : []),
        // A snapshot, too, shows jobs as whichever history has them.
        ...(possible.snapshot > 0 ? [this.#andThen(this.#reread(shared, after, common), others)] : []),
        ...places.map((seq) => {
          const isRead = seq < common || others.length > 0;
          const isKept = seq <= common && !(isRead && after.floor > Math.max(seq, 1));
          return isKept ? this.#andThen(shared, others) : cut(possible, before, seq, 'expired');
        }),
      ];
    });
    const breaksBefore = Math.max(this.#replayTop, this.#snapshotTop);
    this.possibles = distinct(kept.map((possible) => ({ ...possible, breaksBefore })));
  }

  /** The rest of a snapshot, of which each page may show the jobs as they were in either history. */
  #reread(possible: Possible, after: World, common: number): Possible {
    const { events, snapshot } = possible;
    const rest = events.slice(0, snapshot);
    const found = snapshotAt(after, this.#jobId, common).filter(({ seq }) => seq > this.#received);
    const shown = [...new Map([...rest, ...found].map((event) => [event.seq, event])).values()].sort(
      (one, other) => one.seq - other.seq,
    );
    return {
      ...possible,
      events: [...shown, ...events.slice(snapshot)],
      snapshot: shown.length,
      passed: new Set(shown.map(({ jobId }) => jobId)),
    };
  }

  /** The log lost everything before `floor`, of which a replay may not have read everything. */
  onTrimmed(floor: number): void {
    this.possibles = this.possibles.map((possible) => ({
      ...possible,
      breaksBefore: Math.max(possible.breaksBefore ?? 0, Math.min(floor, this.#replayTop)),
    }));
  }

  onReceived(seq: number, mark: string): void {
    const isThis = (event: Known | undefined): boolean => event?.seq === seq && event.mark === mark;
    const right = this.possibles.flatMap(waysOn).filter(({ events: [next] }) => isThis(next));
    this.#last = right[0]?.events[0] ?? null;
    this.possibles = distinct(right.map((possible) => behind(possible, 1)));
  }

  onDone(): void {
    const ways = this.possibles.flatMap(waysOn);
    this.possibles = ways.filter(({ events, end }) => events.length === 0 && end === 'done');
  }

  onExpired(): void {
    this.possibles = this.possibles.filter(
      (possible) => (possible.events.length === 0 && possible.end === 'expired') || this.#mayBreak(possible),
    );
  }

  onSilence(): void {
    this.possibles = distinct(this.possibles.flatMap(waysOn).filter(isSilent));
  }

  #mayBreak({ breaksBefore = 0 }: Possible): boolean {
    return this.#received < breaksBefore;
  }
}

const SILENCE: Possible = { events: [], end: 'open', snapshot: 0, passed: NOBODY };

function isSilent({ events, end }: Possible): boolean {
  return events.length === 0 && end === 'open';
}

/** Nothing need come: what is left is open, and of jobs that the snapshot may leave out. */
export function mayBeSilent(possible: Possible): boolean {
  return waysOn(possible).some(isSilent);
}

/** What may come next, with and without the places of the snapshot that may be left out. */
function waysOn(possible: Possible): Possible[] {
  const { events, passed, snapshot } = possible;
  const first = events.findIndex(({ jobId }, index) => index >= snapshot || !passed.has(jobId));
  const skippable = Math.min(snapshot, first === -1 ? events.length : first);
  return Array.from({ length: skippable + 1 }, (_, count) => behind(possible, count));
}

function behind(possible: Possible, count: number): Possible {
  const { events, snapshot } = possible;
  return { ...possible, events: events.slice(count), snapshot: Math.max(0, snapshot - count) };
}

/** What was handed on up to `seq`, or in a history before `world`, stays; an end that lay behind it does not. */
function cut(possible: Possible, world: World, seq: number, otherwise: 'open' | 'expired'): Possible {
  const { events, end } = possible;
  if (end === 'expired') return possible;
  const isKept = (event: Known): boolean => event.seq <= seq || !holds(world, event);
  const kept = events.filter(isKept);
  return {
    ...possible,
    events: kept,
    end: end === 'done' && kept.length === events.length ? 'done' : otherwise,
    snapshot: events.slice(0, possible.snapshot).filter(isKept).length,
  };
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
    return {
      errors: after.seq < world.floor ? ['EVENTS_EXPIRED'] : [],
      possibles: [{ ...SILENCE, events, end }],
    };
  }
  const possibles: Possible[] = [];
  for (let seq = from; seq <= world.events.length; seq += 1) {
    const shown = wanted.snapshot ? snapshotAt(world, wanted.jobId, seq) : [];
    const events = [...shown, ...world.events.slice(seq).filter(mine)];
    // One job's snapshot is read before the stream is open.
    possibles.push({ ...SILENCE, events, end, snapshot: wanted.jobId === null ? shown.length : 0 });
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
      `${possible.end} ${possible.breaksBefore} ${possible.snapshot} ${[...possible.passed].toSorted()} ${possible.events.map(({ seq, chain }) => `${seq}${chain.slice(0, 8)}`).join()}`,
      possible,
    ]),
  );
  return [...seen.values()];
}
