/**
 * The state that a stream of a whole project begins with: the latest event of each job that has not ended, in the order of
 * the log, read page by page as the client takes them.
 *
 * The pages are read at different moments. A job that goes on meanwhile moves past the position at which the stream attached to
 * its feed; the stream leaves it out, since the feed hands that event on. A job that stands still keeps its place. So every job
 * is in the snapshot, or comes live, or both with the older event first (G1, G8).
 */
import { pause } from '../core/pause.ts';
import type { SharedReads } from '../core/shared-reads.ts';
import type { LoggedEvent } from '../progress/events.ts';
import { withDeadline } from '../redis/client.ts';
import type { JobStore, LatestPage } from './job-store.ts';

/** The most jobs of a limited snapshot, which is read at once. */
export const MAX_SNAPSHOT_LIMIT = 1_000;

export interface SnapshotPaging {
  /** The number of jobs of a page. */
  readonly length: number;
  /** The pause between the further pages of all snapshots of this process, in ms: others' work goes on meanwhile. */
  readonly everyMs: number;
}

/** A page is about 1 ms of work, which is what other subscribers may have to wait for. */
const DEFAULT_PAGING: SnapshotPaging = { length: 100, everyMs: 5 };

/** How long a snapshot waits for predictions; a stream has 2 s for its start. */
const PREDICT_LIMIT_MS = 500;

let nextPageAt = 0;

/** Waits for its turn among the further pages of all snapshots. */
async function awaitTurn(everyMs: number): Promise<void> {
  const now = performance.now();
  const at = Math.max(nextPageAt, now);
  nextPageAt = at + everyMs;
  if (at > now) await pause(at - now);
}

/** What a snapshot is to hold. */
interface SnapshotRequest {
  readonly projectId: string;
  /** Only this job, ended or not; null: the whole project. */
  readonly jobId?: string | null | undefined;
  /** The number of the project's newest jobs that it is to hold; null: all. */
  readonly snapshotLimit?: number | null | undefined;
}

interface SnapshotSources {
  readonly jobs: Pick<JobStore, 'lastEvents' | 'latestOfNewest' | 'latestPage'>;
  /** The events as they are to be reported now, with predictions; in the order given. */
  readonly predict?: (events: readonly LoggedEvent[]) => Promise<readonly LoggedEvent[]>;
  /** Default: 100 jobs every 5 ms. */
  readonly snapshotPaging?: SnapshotPaging;
}

export class Snapshot {
  readonly #sources: SnapshotSources;
  readonly #request: SnapshotRequest;
  readonly #reads: SharedReads;
  /** Where the next page begins; undefined: at the oldest event. */
  #from: string | undefined;
  #atEnd = false;
  /** Whether predictions are asked for: until one fails, or comes too late. */
  #predicts = true;

  /** @param reads the project's reads: callers that ask for the same page at the same time share it */
  constructor(sources: SnapshotSources, request: SnapshotRequest, reads: SharedReads) {
    this.#sources = sources;
    this.#request = request;
    this.#reads = reads;
  }

  /** Whether the last page has been read. */
  get atEnd(): boolean {
    return this.#atEnd;
  }

  /** The next page, which may be empty. */
  async readPage(): Promise<readonly LoggedEvent[]> {
    const from = this.#from;
    const { jobId = null, snapshotLimit = null } = this.#request;
    const { events, next } = await this.#reads.ask(`latest ${jobId} ${snapshotLimit} ${from}`, async () => {
      if (from !== undefined) await awaitTurn(this.#paging.everyMs);
      const page = await this.#read(from);
      return { ...page, events: await this.#tell(page.events) };
    });
    this.#from = next;
    this.#atEnd = next === undefined;
    return events;
  }

  get #paging(): SnapshotPaging {
    return this.#sources.snapshotPaging ?? DEFAULT_PAGING;
  }

  async #read(from: string | undefined): Promise<LatestPage> {
    const { jobs } = this.#sources;
    const { projectId, jobId = null, snapshotLimit = null } = this.#request;
    if (jobId !== null) {
      const events = await jobs.lastEvents(projectId, [jobId]);
      return { events: events.filter((event) => event !== null), next: undefined };
    }
    if (snapshotLimit === null) return jobs.latestPage(projectId, this.#paging.length, from);
    return { events: await jobs.latestOfNewest(projectId, snapshotLimit), next: undefined };
  }

  /** A prediction is an extra: a stream neither fails nor waits for one that does not come. */
  async #tell(events: readonly LoggedEvent[]): Promise<readonly LoggedEvent[]> {
    const { predict } = this.#sources;
    if (predict === undefined || !this.#predicts) return events;
    try {
      return await withDeadline(predict(events), PREDICT_LIMIT_MS);
    } catch {
      this.#predicts = false;
      return events;
    }
  }
}
