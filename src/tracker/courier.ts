/**
 * Carries out what the outbox decides: sends over a transport, waits, and tells each task what became of it. No failure on the
 * way reaches a task (G6); the log gets one line when the server goes away and one when it is back.
 */
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { Outbox, type OutboxEvent, type Sending } from './outbox.ts';
import type { Task } from './task.ts';
import {
  type Ending,
  type Lease,
  type StopReason,
  type TrackerTransport,
  type TrackRequest,
  TransportError,
} from './transport.ts';

/** Is notified of what becomes of a task. */
export interface Follower {
  opened(lease: Lease): void;
  /** The server takes no more of its reports. */
  stopped(stop: StopReason): void;
  ended(): void;
  /** The server will never accept the task, or its ending. */
  refused(error: TransportError): void;
}

interface CourierParts {
  readonly transport: TrackerTransport;
  /** Only differences matter, so it may be a monotonic clock. */
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0..1, for the jitter of waits. */
  readonly random: () => number;
  /** Draws the key of an attempt. */
  readonly newKey: () => string;
}

export class Courier {
  readonly #parts: CourierParts;
  readonly #outbox: Outbox;
  readonly #followers = new Map<Task, Follower>();
  readonly #listening = new Map<Task, () => void>();
  /** Tasks for which a refused report has been logged already. */
  readonly #toldOf = new WeakSet<Task>();
  readonly #drains = new Set<() => void>();
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Infinity;
  #isClosed = false;

  constructor(parts: CourierParts) {
    this.#parts = parts;
    this.#outbox = new Outbox(parts.newKey);
  }

  /** @returns null when no more tasks are accepted */
  open(request: TrackRequest, follower: Follower): Task | null {
    const task = this.#isClosed ? null : this.#outbox.open(request);
    if (task === null) {
      const why = this.#isClosed ? 'the connection to Playhead is closed' : 'too many tasks are kept already';
      this.#parts.logger.warn(namesOf(request), `${nameOf(request)} goes on unseen: ${why}`);
      return null;
    }
    this.#followers.set(task, follower);
    this.#proceed();
    return task;
  }

  /** Must be called when a task that was not dirty has reported something. */
  noteSaid(task: Task): void {
    this.#outbox.noteSaid(task);
    this.#proceed();
  }

  /** @returns false when the task has ended already */
  end(task: Task, ending: Ending): boolean {
    if (this.#outbox.end(task, ending)) {
      this.#proceed();
      return true;
    }
    // If it was stopped or released, the reason is known already.
    if (task.ending !== null) {
      const message = `${nameOf(task.request)} has ended before; what came behind is left out`;
      this.#parts.logger.warn(namesOf(task.request), message);
    }
    return false;
  }

  /** Sends nothing more for a task. */
  release(task: Task): void {
    this.#outbox.release(task);
    this.#forget(task);
  }

  unsent(): readonly Task[] {
    return this.#outbox.unsent();
  }

  /** Waits until everything has been sent, but no longer than `waitMs`; keeps the process alive meanwhile. */
  async drain(waitMs: number): Promise<void> {
    if (this.unsent().length === 0) return;
    this.#outbox.hurry();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#drains.add(resolve);
    const limit = setTimeout(resolve, waitMs);
    this.#timer?.ref();
    this.#proceed();
    await promise;
    clearTimeout(limit);
    this.#drains.delete(resolve);
    if (this.#drains.size === 0) this.#timer?.unref();
  }

  /** Stops sending; requests under way are given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const task of this.#followers.keys()) this.#forget(task);
    await this.#parts.transport.close();
  }

  /** Sends what is due, and sets the timer for what comes next. */
  #proceed(): void {
    if (this.#isClosed) return;
    const now = this.#parts.clock.now();
    for (let next = this.#outbox.take(now); next !== null; next = this.#outbox.take(now)) {
      // Never rejects.
      void this.#send(next);
    }
    const dueAt = this.#outbox.dueAt();
    if (dueAt === this.#timerAt) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#timerAt = dueAt;
    if (dueAt === Infinity) return;
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, dueAt - now));
    // Unsent reports keep the process alive only when it is about to end (exit-watch.ts), and then for a limited time.
    if (this.#drains.size === 0) this.#timer.unref();
  }

  #wake(): void {
    this.#timer = null;
    this.#timerAt = Infinity;
    this.#proceed();
  }

  async #send(sending: Sending): Promise<void> {
    const { clock, logger, random } = this.#parts;
    let events: readonly OutboxEvent[];
    const wasAway = this.#outbox.isServerAway;
    try {
      const answer = await this.#carry(sending);
      events = this.#outbox.answered(sending, answer, clock.now());
      if (wasAway && !this.#isClosed) logger.info({}, 'Playhead takes reports again; what was kept is sent');
    } catch (caught) {
      const error = toTransportError(caught);
      events = this.#outbox.failed(sending, error, clock.now(), random());
      if (error.isPassing && !wasAway && !this.#isClosed) {
        logger.warn({ code: error.code }, `Playhead takes no reports: ${error.message}. They are kept`);
      }
    }
    for (const event of events) this.#tell(event);
    if (this.#drains.size > 0 && this.unsent().length === 0) for (const drained of this.#drains) drained();
    this.#proceed();
  }

  #carry(sending: Sending): Promise<unknown> {
    const { transport } = this.#parts;
    switch (sending.type) {
      case 'track':
        return transport.track(sending.request, sending.key);
      case 'report':
        return transport.report(sending.reports.flat());
      case 'end':
        return transport.end(sending.report);
    }
  }

  #tell(event: OutboxEvent): void {
    const { task } = event;
    const follower = this.#followers.get(task);
    switch (event.type) {
      case 'opened':
        follower?.opened(event.lease);
        this.#listen(task, event.lease);
        return;
      case 'stopped':
        return this.#stop(task, event.stop);
      case 'ended':
        this.#forget(task);
        return follower?.ended();
      case 'refused':
        this.#sayRefused(event);
        if (task.phase !== 'over') return;
        this.#forget(task);
        return follower?.refused(event.error);
    }
  }

  #listen(task: Task, lease: Lease): void {
    this.#listening.get(task)?.();
    const { transport } = this.#parts;
    const stopListening = transport.listen(task.request.projectId, lease, (stop) => {
      this.#outbox.release(task);
      this.#stop(task, stop);
    });
    this.#listening.set(task, stopListening);
  }

  #stop(task: Task, stop: StopReason): void {
    const follower = this.#followers.get(task);
    this.#forget(task);
    const { level, why } = STOPS[stop];
    const message = `${nameOf(task.request)} ${why}; nothing more is taken of it`;
    this.#parts.logger[level]({ ...namesOf(task.request), stop }, message);
    follower?.stopped(stop);
  }

  #forget(task: Task): void {
    this.#followers.delete(task);
    this.#listening.get(task)?.();
    this.#listening.delete(task);
  }

  #sayRefused({ task, what, error }: OutboxEvent & { readonly type: 'refused' }): void {
    if (what === 'report') {
      if (this.#toldOf.has(task)) return;
      this.#toldOf.add(task);
    }
    const fields = { ...namesOf(task.request), code: error.code };
    const refused = WORDS[what].replace('%', nameOf(task.request));
    this.#parts.logger.error(fields, `Playhead refused ${refused}: ${error.message}`);
  }
}

const STOPS = {
  CANCELLED: { level: 'info', why: 'was cancelled' },
  LOST: { level: 'warn', why: 'has been taken over by another attempt, or its job is gone' },
} as const satisfies Record<StopReason, object>;

const WORDS = {
  track: 'to track %, which goes on unseen',
  report: 'a report of %',
  result: 'the result of %, or the details of its error; its ending is sent without',
  end: 'the ending of %',
} as const satisfies Record<(OutboxEvent & { readonly type: 'refused' })['what'], string>;

function namesOf({ externalId, projectId, taskName }: TrackRequest): object {
  return { projectId, taskName, externalId };
}

/** For log messages: not every logger shows fields. */
function nameOf({ externalId, taskName }: TrackRequest): string {
  return `${taskName} ${externalId}`;
}

/** Anything else is a bug in the transport, which must not end a task's reports. */
function toTransportError(error: unknown): TransportError {
  if (error instanceof TransportError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TransportError('INTERNAL', message, { isPassing: true, cause: error });
}
