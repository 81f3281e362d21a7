/** What predictions need to know about the queue. */
import type { Eta } from '../progress/events.ts';
import type { RunSoFar, WorkSize } from '../progress/run-so-far.ts';
import type { WorkerOffer } from '../redis/heartbeat.ts';

/** A queue entry. Nothing of it changes while it waits and runs, and it is the same object in every view. */
export interface QueuedWork {
  readonly projectId: string;
  readonly jobId: string;
  /** A batch's task name belongs to no workflow: its entry only writes the last event. */
  readonly taskName: string;
  readonly size: WorkSize;
}

export interface RunningWork extends QueuedWork {
  /** What was predicted for it; null if nothing was. */
  readonly eta: Eta | null;
  /** How far it had come when that was reported; null if that is unknown. */
  readonly run: RunSoFar | null;
}

export interface QueueView {
  /** In the order in which workers take them; those far back are left out. */
  readonly waiting: readonly QueuedWork[];
  readonly running: readonly RunningWork[];
  readonly offers: readonly WorkerOffer[];
}

export interface QueueSource {
  /** The queue at this moment. */
  read(): Promise<QueueView>;
}
