/**
 * One subscriber's events: what the subscription asks for, from the snapshot or the cursor on, then live. The states that a
 * stream goes through are in stream-state.ts; this file has what is read, and handed out, in each.
 *
 * The order of the start makes it free of races (G8):
 *   1. The stream attaches to the feed: from now on everything after the feed's position waits in the queue.
 *   2. It reads the snapshot, which is the latest event of each job that has not ended, page by page (snapshot.ts). What is
 *      after the position comes live anyway and is left out, so the snapshot is the state at that position, sorted by seq,
 *      except for jobs that went on while it was read. Or it replays what is after the client's cursor, up to the position:
 *      from the feed's memory, or else page by page from the log.
 *   3. It hands out the queue. If that was overrun meanwhile, it replays what the queue would have held, and so on.
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
import type { FeedHandle } from './feed-hub.ts';
import { expired } from './log-page.ts';
import { Snapshot } from './snapshot.ts';
import type { Handover, StreamRequest, StreamSources } from './stream-request.ts';
import {
  failureOf,
  isReading,
  keepsQueue,
  type StreamEvent,
  type StreamState,
  type Stretch,
  transit,
} from './stream-state.ts';

export type { Handover, StreamRequest, StreamSources };

/** Counts events handed to iterating readers: server-sent events, and documents that are not shared. */
const DELIVERED = METERS.eventsDelivered.cell('iterator');

const ANSWERED = Promise.resolve();
const TAKEN: StreamEvent = { name: 'taken' };

/** The number of streams that are read by `next()`. */
let read = 0;
METERS.subscribers.observe(() => read);

/**
 * Opens a stream of events.
 * @returns an iterator whose `return()` lets go at once, even while idle. It throws EVENTS_EXPIRED when the history after the
 *   cursor is lost (G2), and SUBSCRIBER_TOO_SLOW when the client falls too far behind (G7)
 * @throws PlayheadError BAD_USER_INPUT for a broken cursor, NOT_FOUND for an unknown job, EVENTS_EXPIRED, UNAVAILABLE
 */
export async function openEventStream(sources: StreamSources, request: StreamRequest): Promise<EventStream> {
  const after = request.after == null ? null : decodeCursor(request.after);
  const lease = await sources.hub.acquire(request.projectId);
  const stream = new EventStream(sources, request, lease, after);
  try {
    await withDeadline(stream.begin());
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
  readonly #lease: FeedHandle;
  readonly #queue: DeliveryQueue;
  readonly #detach: () => void;
  /** The feed's position when this stream attached. */
  readonly #attachedAt: Position;
  /** The client's cursor. If the feed lags behind it, the client already has what the feed hands on up to there. */
  readonly #after: Position | null;
  #state: StreamState = { name: 'opening', failure: null };
  /** Events read from the snapshot or the replay, handed out before anything else. */
  #prepared: LoggedEvent[] = [];
  /** The present history's epoch; empty while nothing has been written. */
  #epoch = '';
  /** The job's last event when the stream opened; an ending before it is not the last, since the job was retried. */
  #jobLast: Position | null = null;
  #isOfEndedJob = false;
  /** The stream is read by `next()`, and counted in `read`. */
  #isRead = false;
  #wake: (() => void) | null = null;
  /** Settles when every `next()` so far has been answered. */
  #steps: Promise<void> = ANSWERED;

  /** @param after the decoded cursor of the request */
  constructor(sources: StreamSources, request: StreamRequest, lease: FeedHandle, after: Position | null) {
    this.#sources = sources;
    this.#request = request;
    this.#lease = lease;
    this.#after = after;
    this.#queue = new DeliveryQueue(sources.limits ?? DEFAULT_QUEUE_LIMITS);
    this.#attachedAt = lease.feed.position;
    this.#detach = lease.feed.attach({
      onEvent: (event) => this.#take(event),
      onExpired: () => this.#transit({ name: 'failed', failure: expired() }),
    });
  }

  /** Prepares the start; the stream has no gap from here on. */
  async begin(): Promise<void> {
    const { projectId, jobId } = this.#request;
    const job = jobId == null ? null : await this.#loadJob(jobId);
    if (jobId != null && job === null) {
      throw new PlayheadError('NOT_FOUND', `There is no job ${jobId} in project ${projectId}`);
    }
    this.#jobLast = job?.last ?? null;
    if (this.#after !== null) await this.#resume(this.#after);
    else if (this.#request.snapshot) await this.#beginSnapshot();
    else this.#transit({ name: 'begun', start: 'live' });
    await this.#learnEpoch();
    if (job !== null && hasEnded(job.status) && !this.#isAhead(job.last)) {
      // Anything that came meanwhile belongs to a later run.
      this.#isOfEndedJob = true;
      this.#transit({ name: 'jobWasOver' });
      if (!isReading(this.#state) && this.#prepared.length === 0) this.close();
    }
  }

  /** Calls are answered one after the other, as an async generator's are. */
  next(): Promise<IteratorResult<LoggedEvent, void>> {
    const step = this.#steps.then(() => this.#step());
    this.#steps = step.then(nothing, nothing);
    return step;
  }

  async #step(): Promise<IteratorResult<LoggedEvent, void>> {
    if (!this.#isRead && !this.done) {
      this.#isRead = true;
      read += 1;
    }
    for (;;) {
      const event = await this.#nextReady();
      if (event !== undefined) {
        DELIVERED.value += 1;
        return { done: false, value: event };
      }
      this.#endWhenEmpty();
      if (this.done) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /**
   * Takes the events that are ready, instead of `next()`: oldest first, at most `limit`. Waits only for the first, and only
   * while it is being read.
   * @returns an empty list when the stream is up to date, or has ended (`done`)
   * @throws PlayheadError as `next()` does
   */
  async takeReady(limit: number): Promise<readonly LoggedEvent[]> {
    const events: LoggedEvent[] = [];
    while (events.length < limit && !this.done) {
      if (events.length > 0 && this.#prepared.length === 0 && isReading(this.#state)) break;
      const event = await this.#nextReady();
      if (event === undefined) break;
      events.push(event);
    }
    if (events.length === 0) this.#endWhenEmpty();
    return events;
  }

  /** Whether the stream has ended: after its last event, or because it was closed. */
  get done(): boolean {
    return this.#state.name === 'closed';
  }

  /** Whether the job had ended when the stream opened: what is left then comes without waiting for anything to happen. */
  get isOfEndedJob(): boolean {
    return this.#isOfEndedJob;
  }

  /** The project's feed. */
  get feed(): Feed {
    return this.#lease.feed;
  }

  /** Another hold on the feed, to be released by the caller. */
  shareLease(): FeedHandle {
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
    const isUpToDate = this.#prepared.length === 0 && this.#queue.length === 0;
    if (this.#state.name !== 'live' || !isUpToDate) return null;
    this.#transit({ name: 'closed' });
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

  /** Lets go of the feed; a waiting `next()` ends. Anything lost after the last event does not concern this stream. */
  close(): void {
    if (this.done) return;
    if (this.#isRead) read -= 1;
    this.#transit({ name: 'closed' });
    this.#lease.release();
    this.#wakeUp();
  }

  #transit(event: StreamEvent): void {
    const before = this.#state;
    this.#state = transit(before, event);
    if (this.#state === before) return;
    if (!keepsQueue(this.#state)) this.#queue.clear();
    const isFailing = failureOf(this.#state) !== null;
    if (isFailing || this.done) this.#detach();
    if (isFailing) this.#wakeUp();
  }

  /** The next event that is ready, or can be read; it counts as taken. */
  async #nextReady(): Promise<LoggedEvent | undefined> {
    const event = this.#prepared.shift() ?? (await this.#readStart()) ?? this.#queue.shift();
    if (event === undefined || this.done) return undefined;
    this.#transit(TAKEN);
    if (this.#isLast(event)) this.close();
    return event;
  }

  /** Called when nothing is left to hand out: a stream that has failed reports it, and one in the state `rest` is over. */
  #endWhenEmpty(): void {
    const failure = failureOf(this.#state);
    if (failure !== null || this.#state.name === 'rest') this.close();
    if (failure !== null) throw failure;
  }

  async #resume(after: Position): Promise<void> {
    const { feed } = this;
    const recent = feed.recentAfter(after);
    if (recent !== null) {
      // Memory may reach past the position at which this stream attached; the queue has those events too.
      this.#prepared = recent.filter((event) => event.seq <= this.#attachedAt.seq && this.#wants(event));
      this.#transit({ name: 'begun', start: 'live' });
      return;
    }
    // The first page is read now, so that a lost history is reported before the subscription is accepted.
    const stretch = { from: after, upTo: this.#attachedAt };
    this.#transit({ name: 'begun', start: stretch });
    await this.#readPage(stretch);
    // A feed that lags behind the cursor is brought up to it: only then are both known to belong to one history.
    while (feed.position.seq < after.seq && !this.done) {
      await feed.repair();
      if (feed.position.seq < after.seq) await feed.pageAfter(after);
    }
    const failure = failureOf(this.#state);
    if (failure !== null) throw failure;
  }

  /** The next event of the snapshot, then of the replay, read page by page as the client takes them. */
  async #readStart(): Promise<LoggedEvent | undefined> {
    while (isReading(this.#state)) {
      try {
        await this.#readOn(this.#state);
      } catch (error) {
        const failure = error instanceof PlayheadError ? error : unavailable(error);
        this.#transit({ name: 'unread', failure });
      }
      const event = this.#prepared.shift();
      if (event !== undefined) return event;
    }
    return undefined;
  }

  async #readOn(state: StreamState): Promise<void> {
    if (state.name === 'snapshot') return this.#readSnapshotPage(state.pages);
    if (state.name === 'overrun') return this.#transit({ name: 'requeued', position: this.feed.position });
    const stretch = state.name === 'replay' || state.name === 'rest' ? state.stretch : null;
    if (stretch !== null) await this.#readPage(stretch);
  }

  async #readPage({ from, upTo }: Stretch): Promise<void> {
    const { events, atEnd } = await this.feed.pageAfter(from);
    checkMeeting(from, upTo, events, atEnd);
    const last = events.at(-1);
    // Past `upTo` the queue has everything.
    const met = last === undefined || last.seq >= upTo.seq || atEnd;
    const next = met ? null : { epoch: last.epoch, seq: last.seq, hash: last.hash };
    this.#transit({ name: 'read', next, attachedAt: this.#attachedAt });
    this.#prepared.push(...events.filter((event) => event.seq <= upTo.seq && this.#wants(event)));
  }

  async #beginSnapshot(): Promise<void> {
    const pages = new Snapshot(this.#sources, this.#request, this.feed.reads);
    this.#transit({ name: 'begun', start: pages });
    await this.#readSnapshotPage(pages);
  }

  async #readSnapshotPage(pages: Snapshot): Promise<void> {
    const events = await pages.readPage();
    await this.#learnEpoch();
    // The stream has failed or was closed meanwhile.
    if (this.#state.name !== 'snapshot') return;
    this.#prepared.push(...events.filter((event) => !this.#isAhead(event)));
    if (pages.atEnd) this.#transit({ name: 'read', next: null, attachedAt: this.#attachedAt });
  }

  #loadJob(jobId: string): Promise<JobState | null> {
    const { jobs } = this.#sources;
    const { projectId } = this.#request;
    return this.feed.reads.ask(`job ${jobId}`, () => jobs.load(projectId, jobId));
  }

  /** Called after the jobs were read: a history that began meanwhile is still to come from the feed, an older one is not. */
  async #learnEpoch(): Promise<void> {
    if (this.#epoch !== '') return;
    const { epoch } = this.#attachedAt;
    this.#epoch = epoch === '' ? (await this.#sources.log.head(this.#request.projectId)).epoch : epoch;
  }

  #take(event: LoggedEvent): void {
    if (this.#after !== null && event.seq <= this.#after.seq) {
      const isOther = event.seq === this.#after.seq && event.hash !== this.#after.hash;
      if (isOther) this.#transit({ name: 'failed', failure: expired() });
      return;
    }
    if (!keepsQueue(this.#state) || !this.#wants(event)) return;
    if (!this.#queue.push(event)) this.#transit({ name: 'full', failure: tooSlow() });
    this.#wakeUp();
  }

  #wants(event: LoggedEvent): boolean {
    return this.#request.jobId == null || event.event.jobId === this.#request.jobId;
  }

  #isLast({ epoch, seq, event }: LoggedEvent): boolean {
    if (this.#request.jobId == null || !isEnding(event)) return false;
    return this.#jobLast === null || epoch !== this.#jobLast.epoch || seq >= this.#jobLast.seq;
  }

  /** Whether the feed will still hand this on, because it comes after the position at which this stream attached. */
  #isAhead(place: Position | null): boolean {
    if (place === null || place.epoch !== this.#epoch) return false;
    // Events that the client has already are not handed on, though the feed may lag behind the cursor.
    return place.seq > Math.max(this.#attachedAt.seq, this.#after?.seq ?? 0);
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

/**
 * Checks that the log still has the event at which the queue begins. If it does not, the history has been rolled back since,
 * and the queue holds events of the lost one (G2).
 * @throws PlayheadError EVENTS_EXPIRED
 */
function checkMeeting(from: Position, upTo: Position, events: readonly LoggedEvent[], atEnd: boolean): void {
  const met = events.find((event) => event.seq === upTo.seq);
  const ends = atEnd && (events.at(-1)?.seq ?? from.seq) < upTo.seq;
  if (ends || (met !== undefined && met.hash !== upTo.hash)) throw expired();
}

function tooSlow(): PlayheadError {
  const message = 'Too many undelivered events; subscribe again with after: the last event id';
  return new PlayheadError('SUBSCRIBER_TOO_SLOW', message);
}

function unavailable(cause: unknown): PlayheadError {
  return new PlayheadError('UNAVAILABLE', 'Reading the event log failed; subscribe again with after', {
    cause,
  });
}
