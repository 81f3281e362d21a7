/** What a stream of events is requested with, made from, and handed over as. */

import type { LoggedEvent } from '../progress/events.ts';
import type { QueueLimits } from './delivery-queue.ts';
import type { FeedHandle, FeedHub } from './feed-hub.ts';
import type { JobStore } from './job-store.ts';
import type { EventLog } from './log.ts';
import type { SnapshotPaging } from './snapshot.ts';

export interface StreamRequest {
  readonly projectId: string;
  /** Only this job: the stream ends after its last event; null: the whole project. */
  readonly jobId?: string | null | undefined;
  /** Cursor of the last event the client has; the stream goes on after it. */
  readonly after?: string | null | undefined;
  /** Begin with the latest event of each job that has not ended; ignored with `after`. */
  readonly snapshot: boolean;
  /** The number of newest jobs in a snapshot of the whole project, 1 to MAX_SNAPSHOT_LIMIT; null: all. */
  readonly snapshotLimit?: number | null | undefined;
}

export interface StreamSources {
  readonly hub: FeedHub;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly limits?: QueueLimits;
  readonly snapshotPaging?: SnapshotPaging;
  /** The events of a snapshot as they are to be reported now, with predictions; in the order given. */
  readonly predict?: (events: readonly LoggedEvent[]) => Promise<readonly LoggedEvent[]>;
}

/** The part of a stream that is still to come, taken over by somebody who serves several subscribers at once. */
export interface Handover {
  /** Yours to release. */
  readonly lease: FeedHandle;
  /** Everything up to this seq has been handed out or is not wanted; the feed delivers what comes after it. */
  readonly from: number;
  /** Whether the stream ends with this event, which it wants. */
  isLast(event: LoggedEvent): boolean;
}
