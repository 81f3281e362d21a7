/**
 * One subscriber's events: what the subscription asks for, from the snapshot or the cursor on, then live.
 *
 * Order of work, which makes the start free of races (G8):
 *   1. attach to the feed: from now on everything behind its position waits in the queue;
 *   2. snapshot: read the latest event of each job that has not ended, page by page (snapshot.ts). One that is behind the
 *      position comes live anyway and is left out, so the snapshot is the state at that position, sorted by seq, but for
 *      jobs that went on while it was read;
 *      or after: replay from the feed's memory, else page by page from the log, up to the position;
 *   3. hand out the queue; when it was overrun meanwhile, replay what it would have held, and go on so.
 */

import { PlayheadError } from '../core/errors.ts';
import { METERS } from '../core/meters.ts';
import { nothing } from '../core/nothing.ts';
import { isEnding, type LoggedEvent } from '../progress/events.ts';
import type { Position } from '../progress/position.ts';
import { hasEnded, type JobState } from '../progress/state.ts';
import { withDeadline } from '../redis/client.ts';
import { decodeCursor } from './cursor.ts';
import { DEFAULT_QUEUE_LIMITS, DeliveryQueue } from './delivery-queue.ts';
import type { Feed } from './feed.ts';
import type { FeedLease } from './feed-hub.ts';
import { expired } from './log-page.ts';
import { Snapshot } from './snapshot.ts';
import type { Handover, StreamRequest, StreamSources } from './stream-request.ts';

export type { Handover, StreamRequest, StreamSources };

/** To whoever iterates: server-sent events, and documents that are not shared. */
const DELIVERED = METERS.eventsDelivered.cell('iterator');

const ANSWERED = Promise.resolve();

/** Streams that somebody reads by `next()`. */
let read = 0;
METERS.subscribers.observe(() => read);

/**
 * Opens a stream of events.
 * @returns an iterator whose `return()` lets go at once, also while idle. It throws EVENTS_EXPIRED when the history behind
 *   the cursor is lost (G2), and SUBSCRIBER_TOO_SLOW when the client falls too far behind (G7)
 * @throws PlayheadError BAD_USER_INPUT for a broken cursor, NOT_FOUND for an unknown job, EVENTS_EXPIRED, UNAVAILABLE
 */
export async function openEventStream(sources: StreamSources, request: StreamRequest): Promise<EventStream> {
  const after = request.after == null ? null : decodeCursor(request.after);
  const lease = await sources.hub.acquire(request.projectId);
  const stream = new EventStream(sources, request, lease);
  try {
    await withDeadline(stream.begin(after));
    if (after !== null) METERS.resumes.add(1);
    return stream;
  } catch (error) {
    stream.close();
    throw error;
  }
}

export class EventStream implements AsyncGenerator<LoggedEvent, void, void> {
  readonly #sources: StreamSources;
  readonly #request: StreamRequest;
  readonly #lease: FeedLease;
  readonly #queue: DeliveryQueue;
  readonly #detach: () => void;
  /** What was read of snapshot or replay, handed out before anything else. */
  #prepared: LoggedEvent[] = [];
  /** Whose further pages come before the replay and the queue; null when it has been read. */
  #snapshot: Snapshot | null = null;
  /** Where the replay from the log goes on; null when it has met the queue. */
  #replay: Position | null = null;
  /** The feed's position when this stream attached: the queue holds what is behind it, unless it was overrun. */
  #attachedAt: Position;
  /** The queue was over its limit during the start and emptied: replay what is behind `#attachedAt` before going on. */
  #overrun = false;
  /** The client has taken something since the queue was last overrun. */
  #isTaking = true;
  /** The present history's epoch; empty while nothing has been written. */
  #epoch = '';
  /** The client's cursor: what the feed hands on up to there, when it lags, the client has. */
  #after: Position | null = null;
  /** The asked-for job had ended before this stream attached: the replay is all there is. */
  #over = false;
  /** The job's last event when the stream opened; an ending before it is not the last, since the job was retried. */
  #jobLast: Position | null = null;
  #failure: PlayheadError | null = null;
  #done = false;
  #isRead = false;
  #wake: (() => void) | null = null;
  /** Settles when every `next()` so far has been answered. */
  #steps: Promise<void> = ANSWERED;

  constructor(sources: StreamSources, request: StreamRequest, lease: FeedLease) {
    this.#sources = sources;
    this.#request = request;
    this.#lease = lease;
    this.#queue = new DeliveryQueue(sources.limits ?? DEFAULT_QUEUE_LIMITS);
    this.#attachedAt = lease.feed.position;
    this.#detach = lease.feed.attach({
      onEvent: (event) => this.#take(event),
      onExpired: () => this.#fail(expired()),
    });
  }

  /** Prepares the start; the stream has no gap from here on. */
  async begin(after: Position | null): Promise<void> {
    const { projectId, jobId } = this.#request;
    // Before anything is awaited: when the feed lags behind the cursor, it hands on what the client has meanwhile.
    this.#after = after;
    const job = jobId == null ? null : await this.#loadJob(jobId);
    if (jobId != null && job === null) {
      throw new PlayheadError('NOT_FOUND', `There is no job ${jobId} in project ${projectId}`);
    }
    this.#jobLast = job?.last ?? null;
    if (after !== null) await this.#resume(this.#lease.feed, after);
    else if (this.#request.snapshot) await this.#beginSnapshot();
    await this.#learnEpoch();
    this.#over = job !== null && hasEnded(job.status) && !this.#isAhead(job.last);
    // What came meanwhile is of a later run.
    if (this.#over) this.#queue.clear();
    if (this.#over && this.#replay === null && this.#prepared.length === 0) this.close();
  }

  /** Calls are answered one after the other, as an async generator's are. */
  next(): Promise<IteratorResult<LoggedEvent, void>> {
    const step = this.#steps.then(() => this.#step());
    this.#steps = step.then(nothing, nothing);
    return step;
  }

  async #step(): Promise<IteratorResult<LoggedEvent, void>> {
    if (!this.#isRead && !this.#done) {
      this.#isRead = true;
      read += 1;
    }
    for (;;) {
      const event = this.#prepared.shift() ?? (await this.#started()) ?? this.#queue.shift();
      if (event !== undefined && !this.#done) {
        this.#isTaking = true;
        if (this.#isLast(event)) this.close();
        DELIVERED.value += 1;
        return { done: false, value: event };
      }
      this.#throwFailure();
      if (this.#over) this.close();
      if (this.#done) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /**
   * Takes the events that are there, instead of `next()`: oldest first, at most `limit`. Waits only for the first, and only
   * while it is being read.
   * @returns an empty list when the stream is up to date, or has ended (`done`)
   * @throws PlayheadError as `next()` does
   */
  async takeReady(limit: number): Promise<readonly LoggedEvent[]> {
    const events: LoggedEvent[] = [];
    while (events.length < limit && !this.#done) {
      if (events.length > 0 && this.#prepared.length === 0 && this.#isStarting) break;
      const event = this.#prepared.shift() ?? (await this.#started()) ?? this.#queue.shift();
      if (event === undefined || this.#done) break;
      this.#isTaking = true;
      if (this.#isLast(event)) this.close();
      events.push(event);
    }
    if (events.length > 0) return events;
    this.#throwFailure();
    if (this.#over) this.close();
    return events;
  }

  /** Whether the stream has ended: after its last event, or because it was closed. */
  get done(): boolean {
    return this.#done;
  }

  /** Whether the job had ended when the stream opened: what it still has comes without waiting for anything to happen. */
  get isOfEndedJob(): boolean {
    return this.#over;
  }

  /** The project's feed. */
  get feed(): Feed {
    return this.#lease.feed;
  }

  /** Another hold on the feed, to be released by the caller. */
  shareLease(): FeedLease {
    return this.#lease.share();
  }

  get jobId(): string | null {
    return this.#request.jobId ?? null;
  }

  /**
   * Ends this stream at the feed's present position, for somebody who goes on from there within the same tick.
   * @returns null while something is still to be handed out, or has gone wrong
   */
  handOver(): Handover | null {
    const waits = this.#prepared.length > 0 || this.#isStarting || this.#queue.length > 0;
    if (waits || this.#done || this.#over || this.#failure !== null) return null;
    this.#done = true;
    this.#detach();
    return { lease: this.#lease, from: this.feed.position.seq, isLast: (event) => this.#isLast(event) };
  }

  async return(): Promise<IteratorResult<LoggedEvent, void>> {
    this.close();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<IteratorResult<LoggedEvent, void>> {
    this.close();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Lets go of the feed; a waiting `next()` ends. */
  close(): void {
    if (this.#done) return;
    this.#done = true;
    if (this.#isRead) read -= 1;
    // What was lost behind the last event is nothing to this stream.
    this.#failure = null;
    this.#detach();
    this.#lease.release();
    this.#wakeUp();
  }

  async #resume(feed: Feed, after: Position): Promise<void> {
    const recent = feed.recentAfter(after);
    if (recent !== null) {
      // Memory may reach past the position at which this stream attached; the queue has those too.
      this.#prepared = recent.filter((event) => event.seq <= this.#attachedAt.seq && this.#wants(event));
      return;
    }
    // The first page now, so that a lost history is said before the subscription is accepted.
    this.#replay = after;
    await this.#readPage();
    // A feed that lags behind the cursor is brought there: only then are both known to be of one history.
    while (feed.position.seq < after.seq && !this.#done) {
      await feed.repair();
      if (feed.position.seq < after.seq) await feed.readAfter(after);
    }
    this.#throwFailure();
  }

  /** Something is to be read before the queue may be handed out. */
  get #isStarting(): boolean {
    return this.#snapshot !== null || this.#replay !== null || this.#overrun;
  }

  /** The next event of the snapshot, then of the replay, read page by page as the client takes them. */
  async #started(): Promise<LoggedEvent | undefined> {
    while (this.#isStarting && !this.#done) {
      try {
        if (this.#snapshot !== null) await this.#readSnapshotPage(this.#snapshot);
        else if (this.#replay !== null) await this.#readPage();
        else this.#replayOverrun();
      } catch (error) {
        this.#breakStart();
        this.#fail(error instanceof PlayheadError ? error : unavailable(error));
      }
      const event = this.#prepared.shift();
      if (event !== undefined) return event;
    }
    return undefined;
  }

  /** What waits in the queue is behind a gap now, so it must not be handed out (G2). */
  #breakStart(): void {
    this.#snapshot = null;
    this.#replay = null;
    this.#overrun = false;
    this.#queue.clear();
  }

  /** The queue begins anew at the feed's present position; what it would have held up to there is in the log. */
  #replayOverrun(): void {
    this.#overrun = false;
    this.#replay = this.#attachedAt;
    this.#attachedAt = this.feed.position;
  }

  async #readPage(): Promise<void> {
    const from = this.#replay;
    if (from === null) return;
    const { events, atEnd } = await this.feed.readAfter(from);
    const last = events.at(-1);
    this.#checkMeeting(from, events, atEnd);
    // Past the position at which this stream attached, the queue has everything.
    const met = last === undefined || last.seq >= this.#attachedAt.seq || atEnd;
    this.#replay = met ? null : { epoch: last.epoch, seq: last.seq, hash: last.hash };
    this.#prepared.push(...events.filter((event) => event.seq <= this.#attachedAt.seq && this.#wants(event)));
  }

  /**
   * The log once had the event at which this stream attached. When it no longer has, the history was rolled back since,
   * and the queue holds events of the lost one (G2).
   */
  #checkMeeting(from: Position, events: readonly LoggedEvent[], atEnd: boolean): void {
    const { seq, hash } = this.#attachedAt;
    const met = events.find((event) => event.seq === seq);
    const ends = atEnd && (events.at(-1)?.seq ?? from.seq) < seq;
    if (ends || (met !== undefined && met.hash !== hash)) throw expired();
  }

  async #beginSnapshot(): Promise<void> {
    this.#snapshot = new Snapshot(this.#sources, this.#request, this.feed.reads);
    await this.#readSnapshotPage(this.#snapshot);
  }

  async #readSnapshotPage(snapshot: Snapshot): Promise<void> {
    const events = await snapshot.readPage();
    await this.#learnEpoch();
    // The rest would be the state of another history than the one that the stream began with.
    if (this.#failure !== null) return this.#breakStart();
    if (snapshot.atEnd) this.#snapshot = null;
    this.#prepared.push(...events.filter((event) => !this.#isAhead(event)));
  }

  #loadJob(jobId: string): Promise<JobState | null> {
    const { jobs } = this.#sources;
    const { projectId } = this.#request;
    return this.feed.reads.ask(`job ${jobId}`, () => jobs.load(projectId, jobId));
  }

  /** Read after the jobs: a history that began meanwhile is still to come from the feed, an older one is not. */
  async #learnEpoch(): Promise<void> {
    if (this.#epoch !== '') return;
    const { epoch } = this.#attachedAt;
    this.#epoch = epoch === '' ? (await this.#sources.log.head(this.#request.projectId)).epoch : epoch;
  }

  #take(event: LoggedEvent): void {
    if (this.#after !== null && event.seq <= this.#after.seq) {
      if (event.seq === this.#after.seq && event.hash !== this.#after.hash) this.#fail(expired());
      return;
    }
    if (this.#over || this.#overrun || !this.#wants(event)) return;
    if (!this.#queue.push(event)) this.#onFullQueue();
    this.#wakeUp();
  }

  #onFullQueue(): void {
    if (this.#isStarting && this.#isTaking) {
      this.#queue.clear();
      this.#overrun = true;
      this.#isTaking = false;
      return;
    }
    const message = 'Too many undelivered events; subscribe again with after: the last event id';
    this.#fail(new PlayheadError('SUBSCRIBER_TOO_SLOW', message));
  }

  #wants(event: LoggedEvent): boolean {
    return this.#request.jobId == null || event.event.jobId === this.#request.jobId;
  }

  #isLast({ epoch, seq, event }: LoggedEvent): boolean {
    if (this.#request.jobId == null || !isEnding(event)) return false;
    return this.#jobLast === null || epoch !== this.#jobLast.epoch || seq >= this.#jobLast.seq;
  }

  /** Whether the feed will still hand this on, because it is behind the position at which this stream attached. */
  #isAhead(place: Position | null): boolean {
    if (place === null || place.epoch !== this.#epoch) return false;
    // What the client has already is not handed on, though the feed may be behind the cursor.
    return place.seq > Math.max(this.#attachedAt.seq, this.#after?.seq ?? 0);
  }

  #fail(failure: PlayheadError): void {
    this.#failure ??= failure;
    this.#detach();
    this.#wakeUp();
  }

  #throwFailure(): void {
    if (this.#failure === null) return;
    const failure = this.#failure;
    this.#failure = null;
    this.close();
    throw failure;
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

function unavailable(cause: unknown): PlayheadError {
  return new PlayheadError('UNAVAILABLE', 'Reading the event log failed; subscribe again with after', {
    cause,
  });
}
