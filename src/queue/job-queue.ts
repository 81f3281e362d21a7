/**
 * The port to the engine that hands jobs to workers.
 *
 * An **entry** stands for one run of a job: from its creation or a retry to its end. It is named by the snapshot's `queueId`,
 * and is added at most once. The engine keeps entries in an order that is fair between projects, gives each to one worker at a
 * time, and gives it to another when that worker dies. Only the snapshot says what a job is, and whether it has ended; an entry
 * that is missing is added again by the reconciler.
 *
 * BullMQ is the only adapter (bullmq-queue.ts). test/queue/conformance.test.ts is what every adapter has to do.
 */
import type { QueuedWork } from '../eta/queue-source.ts';
import type { AttemptBasis } from '../log/job-store.ts';
import type { JobState } from '../progress/state.ts';
import type { Workflow } from '../progress/steps.ts';

/**
 * The state of an entry.
 *
 *   waiting           | a worker may take it
 *   delayed           | waits for the time of its next attempt
 *   active            | a worker has it, or had it and is not known to be dead
 *   waiting-for-items | a batch's own, until the entries of its items are done
 *   failed            | its attempts, or the workers that it may lose, are used up
 *   missing           | it is done, was removed, or was never added
 */
export type EntryState = 'waiting' | 'delayed' | 'active' | 'waiting-for-items' | 'failed' | 'missing';

/** An entry that no version of ours has written. It has been reported by the time this is thrown. */
export class DamagedEntry extends Error {
  override readonly name = 'DamagedEntry';
}

export interface EntryFacts {
  /** For an item: the batch whose entry waits for this one. */
  readonly batch?: JobState | undefined;
  /** What `placing` has answered; default: a place is taken now. */
  readonly place?: number | undefined;
  /** The input of a job that has just been made, as JSON. */
  readonly input?: string | undefined;
}

/**
 * What the script that makes a job needs in order to take the job's place in the queue in the same step of Redis, so that a
 * creation costs no second round trip (log/scripts/take-starts.lua). All keys are in the slot of the queue.
 */
export interface Placing {
  /** A hash of the places that were taken. */
  readonly stateKey: string;
  /** A sorted set of waiting entries; all that counts is whether it is empty. */
  readonly waitingKey: string;
  /** A set that exists while entries wait apart from those, for a worker that has their workflow. */
  readonly parkedKey: string;
  /** The last place; everything after it is taken in the order in which it came. */
  readonly highest: number;
}

/** An entry in a worker's hands. */
export interface TakenEntry {
  readonly id: string;
  readonly projectId: string;
  readonly jobId: string;
  /** The number of the job's attempt that begins, from 1, counted over all runs. */
  readonly attempt: number;
  /** How many further attempts the run has if this one fails. */
  readonly retriesLeft: number;
  /** What the attempt begins with, if the entry holds it; null: read the snapshot. */
  readonly basis: AttemptBasis | null;
  /** Aborted when another worker may have the entry: work on it must stop (G4). */
  readonly lost: AbortSignal;
}

/**
 * What has become of a taken entry.
 *
 *   done           | it is removed
 *   failed         | it joins the failed ones, whatever attempts are left
 *   retry          | it waits, then the next attempt may begin
 *   handed-back    | this worker is closing; another takes it, and no attempt is counted
 *   lost           | it is left to the worker that has it, or to the check for dead workers
 *   items-are-left | a batch's own that was woken early: it waits for its items again, at most for `againMs`
 *   left-to-others | this worker lacks the workflow: it waits in its place for one that has it, and no attempt is counted
 */
export type EntryOutcome =
  | { readonly kind: 'done' | 'handed-back' | 'lost' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'retry'; readonly reason: string; readonly delayMs: number }
  | { readonly kind: 'items-are-left'; readonly againMs: number }
  | { readonly kind: 'left-to-others'; readonly workflow: Workflow };

/** Carries out an entry. One that rejects has failed, and may be tried again. */
export type EntryHandler = (entry: TakenEntry) => Promise<EntryOutcome>;

export interface TakeOptions {
  /** Entries at a time. */
  readonly concurrency: number;
  /**
   * The workflows that the worker carries out: of the entries that were left to others, it is given those. Its handler may
   * leave any others that it takes. Default: it is given none that were left.
   */
  readonly workflows?: readonly Workflow[] | undefined;
  /** How long a silent worker keeps an entry; default 30 s. */
  readonly leaseMs?: number | undefined;
  /** How often a worker reports that it is alive; default: half of `leaseMs`. */
  readonly renewMs?: number | undefined;
  /** How often entries of dead workers are looked for; default 30 s. */
  readonly lossCheckMs?: number | undefined;
  /** How many workers an entry may lose before it fails; default 1. */
  readonly maxLosses?: number | undefined;
}

export interface EntryTaker {
  /** Resolves when it takes entries. */
  ready(): Promise<void>;
  /** Stops taking entries. @returns when those that it has are done, which is never while the engine is away: set a limit */
  close(): Promise<void>;
}

export interface QueueListing {
  /** In the order in which they are taken, of all projects. */
  readonly waiting: readonly QueuedWork[];
  readonly active: readonly QueuedWork[];
}

export interface JobQueue {
  readonly placing: Placing;

  /** Adds the entry for a job's present run; one that is there already stays as it is. */
  add(job: JobState, facts?: EntryFacts): Promise<void>;

  /**
   * Adds the entries of a batch in one step: one for each item, and the batch's own, which waits until each of them is done,
   * failed or not. Entries that are there already stay as they are.
   */
  addBatch(batch: JobState, items: readonly JobState[]): Promise<void>;

  /**
   * Removes an entry; for a batch, only its own: an item's entry that a worker has must not prevent that.
   * @returns false when a worker has it (that worker is told by other means), so that it stays
   */
  remove(entryId: string): Promise<boolean>;

  /**
   * Removes a batch's entry, and those of its items that no worker has.
   * @returns false when a worker has the batch's own
   */
  removeBatch(entryId: string): Promise<boolean>;

  /** @throws DamagedEntry */
  stateOf(entryId: string): Promise<EntryState>;

  /** Why an entry failed; null when it did not. */
  failureOf(entryId: string): Promise<string | null>;

  /**
   * The place of a waiting job among all that wait, in the order in which workers take them at this moment: 1 is taken next.
   * A job of another project that is added later may still go first.
   * @returns null unless the job is QUEUED and its entry waits: not for a batch, whose items are what waits, nor in the
   *   moments in which an entry is added or taken
   */
  positionOf(job: Pick<JobState, 'status' | 'itemCount' | 'queueId'>): Promise<number | null>;

  /** The first waiting entries, and all that run. An entry is the same object in each listing, and damaged ones are left out. */
  list(mostWaiting: number): Promise<QueueListing>;

  /** Until when an entry is delayed, in ms since the epoch by the clock of the process that delayed it; null when it is not. */
  delayedUntil(entryId: string): Promise<number | null>;

  /** Ends the wait of a delayed entry. */
  endDelay(entryId: string): Promise<void>;

  /** Entries by the engine's own states, for operators. */
  counts(): Promise<ReadonlyMap<string, number>>;

  /** Begins to take entries at once. */
  take(handler: EntryHandler, options: TakeOptions): EntryTaker;

  close(): Promise<void>;
}
