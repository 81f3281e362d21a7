/** Builds what tests of tracked jobs share: the path of jobs, and a process that begins and reports them. */
import type { Redis } from 'ioredis';
import type { Tracked } from '../../src/jobs/tracked-begin.ts';
import type { TrackInput } from '../../src/jobs/tracked-input.ts';
import { TrackedJobs } from '../../src/jobs/tracked-jobs.ts';
import { memberOf } from '../../src/jobs/watch.ts';
import { connect } from './harness.ts';
import { createJobPath, type JobPath, type JobPathOptions } from './job-harness.ts';

export const STEPS = [
  { name: 'probe', share: 1 },
  { name: 'encode', share: 8 },
  { name: 'save', share: 1 },
];

/** The receipt of who has lost the job. */
export const REFUSED = { accepted: false, stop: 'LOST' };

export interface TrackedPath extends JobPath {
  readonly tracked: TrackedJobs;
  track(input?: Partial<TrackInput>): Promise<Tracked & { readonly holder: Holder }>;
  /** Lets the job be silent for too long. */
  expire(begun: Tracked): Promise<void>;
}

interface Holder {
  readonly projectId: string;
  readonly jobId: string;
  readonly lease: string;
}

export async function createTrackedPath(options: JobPathOptions = {}): Promise<TrackedPath> {
  const path = await createJobPath(options);
  const { keys, projectId, redis } = path;
  const { maxQueuedJobs } = options;
  const tracked = new TrackedJobs({ redis: connect(), keys, maxQueuedJobs });
  return {
    ...path,
    tracked,
    track: async (input = {}) => {
      const begun = await tracked.track({ projectId, taskName: 'transcode', ...input });
      return { ...begun, holder: { projectId, jobId: begun.job.id, lease: begun.lease } };
    },
    expire: async ({ job }) => {
      await redis.hset(keys.project(projectId).job(job.id), 'leaseUntil', 1);
      await redis.zadd(keys.leases, 1, memberOf(job));
    },
  };
}

/** Redis' time (ms). */
export async function timeOf(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
