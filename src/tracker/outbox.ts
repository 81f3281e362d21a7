/**
 * Decides what is sent to Playhead, and when. Pure, with the time and random numbers as inputs; courier.ts does the sending.
 *
 * - Progress is sent in rounds, at least 100 ms apart, with the newest that each task has reported: at most ten reports a
 *   second for each task, in few requests however many tasks there are.
 * - A silent task joins a round every third of its lease: one heartbeat for the process, not one for each job.
 * - An ending is sent at once, after the task's last report, and is kept until it is answered.
 * - While the server is away, one request at a time tries it, after growing waits with jitter; everything else waits for it.
 */
import { Task } from './task.ts';
import {
  type Ending,
  type EndingReport,
  type Lease,
  type ProgressReport,
  type Receipt,
  type StopReason,
  type Tracked,
  type TrackRequest,
  TransportError,
} from './transport.ts';

/** Something to send. Exactly one of `answered` and `failed` must be called for each. */
export type Sending =
  | { readonly type: 'track'; readonly task: Task; readonly request: TrackRequest; readonly key: string }
  | {
      readonly type: 'report';
      readonly tasks: readonly Task[];
      readonly reports: readonly (readonly ProgressReport[])[];
    }
  | { readonly type: 'end'; readonly task: Task; readonly report: EndingReport };

/** What an answer means for a task. */
export type OutboxEvent =
  | { readonly type: 'opened'; readonly task: Task; readonly lease: Lease }
  | { readonly type: 'stopped'; readonly task: Task; readonly stop: StopReason }
  | { readonly type: 'ended'; readonly task: Task }
  /** The server will never accept `what`. The task is then over, unless it was only a report or a result. */
  | {
      readonly type: 'refused';
      readonly task: Task;
      readonly what: Sending['type'] | 'result';
      readonly error: TransportError;
    };

/** The least time between two rounds: at most ten a second. */
const ROUND_MS = 100;
/** Including their short steps, fewer than the 500 reports that a server takes at once. */
const MAX_TASKS_AT_ONCE = 200;
/** trackJob and endings under way at once. */
const MAX_SINGLES = 8;
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5_000;
/** How many tasks are kept, including those whose ending waits for the server; about 100 MB in the worst case. */
const MAX_TASKS = 100_000;

export class Outbox {
  readonly #newKey: () => string;
  /** All tasks that are not over. */
  readonly #tasks = new Set<Task>();
  readonly #toOpen: Task[] = [];
  readonly #toEnd: Task[] = [];
  /** Open tasks with something to report since their last report. */
  #dirty = new Set<Task>();
  /** What is left of the current round. */
  #round: Task[] = [];
  #nextRoundAt = 0;
  #heartbeatAt = Infinity;
  #isReporting = false;
  #singles = 0;
  /** Consecutive failures; above 0, the server counts as away. */
  #failures = 0;
  #retryAt = 0;

  /** @param newKey draws the key of an attempt */
  constructor(newKey: () => string) {
    this.#newKey = newKey;
  }

  /** How many tasks are not over. */
  get size(): number {
    return this.#tasks.size;
  }

  get isServerAway(): boolean {
    return this.#failures > 0;
  }

  /** Tasks whose latest report, an ending or progress, the server does not have. */
  unsent(): readonly Task[] {
    return [...this.#tasks].filter(
      ({ ending, isDirty, inFlight }) => ending !== null || isDirty || inFlight !== null,
    );
  }

  /** @returns null when too many tasks are kept already */
  open(request: TrackRequest): Task | null {
    if (this.#tasks.size >= MAX_TASKS) return null;
    const task = new Task(request, this.#newKey());
    this.#tasks.add(task);
    this.#toOpen.push(task);
    return task;
  }

  /** Must be called when a task that was not dirty has reported something. */
  noteSaid(task: Task): void {
    task.isDirty = true;
    if (task.phase === 'open' && task.ending === null) this.#dirty.add(task);
  }

  /** @returns false when the task has ended already */
  end(task: Task, ending: Ending): boolean {
    if (task.phase === 'over' || task.ending !== null) return false;
    task.ending = ending;
    if (task.phase === 'open' && task.inFlight === null) this.#toEnd.push(task);
    return true;
  }

  /** Sends nothing more for a task; its lease runs out. */
  release(task: Task): void {
    task.phase = 'over';
    this.#tasks.delete(task);
    this.#dirty.delete(task);
  }

  /** Makes the next request try a server that is away at once. */
  hurry(): void {
    this.#retryAt = 0;
  }

  /** When `take` will have something to send, in ms; Infinity when an answer or a report has to come first. */
  dueAt(): number {
    if (this.#failures > 0 && this.#isBusy) return Infinity;
    return Math.max(this.#retryAt, this.#nextAt());
  }

  /** Returns what to send now; call it until it returns null. */
  take(now: number): Sending | null {
    if (now < this.dueAt()) return null;
    return this.#takeSingle() ?? this.#takeReports(now);
  }

  answered(sending: Sending, answer: unknown, now: number): readonly OutboxEvent[] {
    this.#failures = 0;
    this.#retryAt = 0;
    switch (sending.type) {
      case 'track':
        this.#singles -= 1;
        return this.#opened(sending.task, answer as Tracked, now);
      case 'report': {
        this.#isReporting = false;
        const receipts = answer as readonly (Receipt | TransportError)[];
        let last = -1;
        return sending.tasks.flatMap((task, index) => {
          // Of several reports of a task, the newest counts.
          last += sending.reports[index]?.length ?? 0;
          return this.#reported(task, receipts[last], now);
        });
      }
      case 'end':
        this.#singles -= 1;
        return this.#ended(sending.task, answer as Receipt);
    }
  }

  /** @param random 0..1 */
  failed(sending: Sending, error: TransportError, now: number, random: number): readonly OutboxEvent[] {
    if (sending.type === 'report') this.#isReporting = false;
    else this.#singles -= 1;
    if (!error.isPassing) return this.#refused(sending, error, now);
    this.#putBack(sending);
    // Requests that were under way together with the failed one do not count as further failures.
    if (now < this.#retryAt) return [];
    const wait = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#retryAt = now + Math.max(error.retryAfterMs, wait * (0.5 + random / 2));
    return [];
  }

  get #isBusy(): boolean {
    return this.#isReporting || this.#singles > 0;
  }

  #nextAt(): number {
    const hasSingle = this.#toOpen.length > 0 || this.#toEnd.length > 0;
    if (hasSingle && this.#singles < MAX_SINGLES) return 0;
    return this.#reportsAt();
  }

  #reportsAt(): number {
    if (this.#isReporting) return Infinity;
    if (this.#round.length > 0) return 0;
    return this.#dirty.size > 0 ? this.#nextRoundAt : Math.max(this.#nextRoundAt, this.#heartbeatAt);
  }

  #takeSingle(): Sending | null {
    if (this.#singles >= MAX_SINGLES) return null;
    const ending = takeFirst(this.#toEnd, ({ phase }) => phase === 'open');
    if (ending?.ending) {
      this.#singles += 1;
      const before = ending.isDirty ? ending.takeReports() : [];
      const report = { ...ending.place(), before, ending: ending.ending };
      return { type: 'end', task: ending, report };
    }
    const task = takeFirst(this.#toOpen, ({ phase }) => phase === 'opening');
    if (task === undefined) return null;
    this.#singles += 1;
    return { type: 'track', task, request: task.request, key: task.key };
  }

  #takeReports(now: number): Sending | null {
    if (now < this.#reportsAt()) return null;
    if (this.#round.length === 0) this.#beginRound(now);
    const tasks: Task[] = [];
    while (this.#round.length > 0 && tasks.length < MAX_TASKS_AT_ONCE) {
      const task = this.#round.at(-1);
      if (task?.phase === 'open' && task.ending === null) {
        if (task.isSuspect && tasks.length > 0) break;
        tasks.push(task);
      }
      this.#round.pop();
      if (task?.isSuspect) break;
    }
    if (tasks.length === 0) return null;
    this.#isReporting = true;
    const reports = tasks.map((task) => {
      this.#dirty.delete(task);
      task.isSuspect = false;
      return task.takeReports();
    });
    return { type: 'report', tasks, reports };
  }

  #beginRound(now: number): void {
    if (now >= this.#heartbeatAt) {
      const everyMs = this.#heartbeatMs();
      for (const task of this.#tasks) {
        if (task.phase === 'open' && now - task.sentAt >= everyMs / 2) this.#dirty.add(task);
      }
      this.#heartbeatAt = now + everyMs;
    }
    // A round is taken from its end.
    this.#round = [...this.#dirty].reverse();
    this.#dirty = new Set();
    this.#nextRoundAt = now + ROUND_MS;
  }

  /** A third of the shortest lease, so that one lost round does not end any lease. */
  #heartbeatMs(): number {
    let least = Infinity;
    for (const { phase, request } of this.#tasks) {
      if (phase === 'open') least = Math.min(least, request.leaseSeconds);
    }
    return (least * 1_000) / 3;
  }

  #opened(task: Task, { stop, ...lease }: Tracked, now: number): readonly OutboxEvent[] {
    if (task.phase !== 'opening') return [];
    if (stop !== null) {
      this.release(task);
      return [{ type: 'stopped', task, stop }];
    }
    task.phase = 'open';
    task.lease = lease;
    task.sentAt = now;
    this.#heartbeatAt = Math.min(this.#heartbeatAt, now + (task.request.leaseSeconds * 1_000) / 3);
    if (task.ending !== null) this.#toEnd.push(task);
    else if (task.isDirty) this.#dirty.add(task);
    return [{ type: 'opened', task, lease }];
  }

  #reported(task: Task, receipt: Receipt | TransportError | undefined, now: number): readonly OutboxEvent[] {
    if (task.phase !== 'open') return [];
    if (receipt instanceof TransportError) return this.#notReported(task, receipt, now);
    if (receipt?.accepted !== true) return this.#stopped(task, receipt);
    task.settle();
    task.sentAt = now;
    if (task.ending !== null) this.#toEnd.push(task);
    return [];
  }

  #ended(task: Task, receipt: Receipt): readonly OutboxEvent[] {
    if (task.phase !== 'open') return [];
    if (!receipt.accepted) return this.#stopped(task, receipt);
    task.settle();
    this.release(task);
    return [{ type: 'ended', task }];
  }

  #stopped(task: Task, receipt: Receipt | undefined): readonly OutboxEvent[] {
    const stop = receipt?.stop ?? 'LOST';
    // The server gave the attempt up because it had been silent.
    if (stop === 'LOST' && hasLapsed(task, receipt)) return this.#reopen(task);
    this.release(task);
    return [{ type: 'stopped', task, stop }];
  }

  /** Nobody else has the job: the task continues as its next attempt. */
  #reopen(task: Task): readonly OutboxEvent[] {
    task.reopen(this.#newKey());
    this.#toOpen.push(task);
    return [];
  }

  #putBack(sending: Sending): void {
    switch (sending.type) {
      case 'track':
        this.#toOpen.unshift(sending.task);
        break;
      case 'report':
        for (const task of sending.tasks) this.#restore(task);
        break;
      case 'end':
        sending.task.restore();
        this.#toEnd.unshift(sending.task);
        break;
    }
  }

  #restore(task: Task): void {
    task.restore();
    if (task.phase !== 'open') return;
    if (task.ending !== null) this.#toEnd.push(task);
    // A heartbeat, too, is due again.
    else this.#dirty.add(task);
  }

  #notReported(task: Task, error: TransportError, now: number): readonly OutboxEvent[] {
    if (error.isPassing) {
      this.#restore(task);
      return [];
    }
    // Redis has lost the job.
    if (error.code === 'NOT_FOUND' && task.phase === 'open') return this.#reopen(task);
    task.settle();
    task.sentAt = now;
    if (task.ending !== null && task.phase === 'open') this.#toEnd.push(task);
    return [{ type: 'refused', task, what: 'report', error }];
  }

  #refused(sending: Sending, error: TransportError, now: number): readonly OutboxEvent[] {
    if (sending.type === 'report') {
      const { tasks } = sending;
      if (tasks.length > 1) {
        for (const task of tasks) {
          task.isSuspect = true;
          this.#restore(task);
        }
        return [];
      }
      return tasks.flatMap((task) => this.#notReported(task, error, now));
    }
    const { task } = sending;
    if (sending.type === 'end' && error.code === 'NOT_FOUND' && task.phase === 'open')
      return this.#reopen(task);
    if (sending.type === 'end' && sending.report.before.length > 0) {
      // It may be the report that was refused: try the ending alone, since that is what counts.
      task.settle();
      this.#toEnd.unshift(task);
      return [{ type: 'refused', task, what: 'report', error }];
    }
    if (sending.type === 'end' && task.makeEndingBare()) {
      this.#toEnd.unshift(task);
      return [{ type: 'refused', task, what: 'result', error }];
    }
    this.release(task);
    return [{ type: 'refused', task, what: sending.type, error }];
  }
}

/** The lease ran out, and no other attempt has begun. */
function hasLapsed({ lease }: Task, receipt: Receipt | undefined): boolean {
  const job = receipt?.job;
  if (job === undefined || job.attempt !== lease?.attempt) return false;
  return job.status === 'RETRYING' || (job.status === 'FAILED' && job.errorCode === 'WORKER_LOST');
}

/** Removes and returns the first task for which `isSo` still holds, and drops those before it. */
function takeFirst(tasks: Task[], isSo: (task: Task) => boolean): Task | undefined {
  for (let task = tasks.shift(); task !== undefined; task = tasks.shift()) if (isSo(task)) return task;
  return undefined;
}
