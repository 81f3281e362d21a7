/**
 * On a Redis Cluster, a job's snapshot, its queue entry and its place in `unended` lie on different nodes. A failover may lose
 * the last two and keep the snapshot, and nobody would ever look at that job again. So the projects in which jobs were made are
 * kept too, and their jobs that have not ended are put under watch again and again. A single server loses its latest writes
 * first, and `unended` is written before the snapshot, so there is nothing to do there.
 */
import type { Redis } from 'ioredis';
import type { JobStore } from '../log/job-store.ts';
import { clusterOf } from '../redis/cluster.ts';
import type { Keys } from '../redis/keys.ts';
import { memberOf } from './watch.ts';

/** Projects looked at per sweep. */
const PROJECTS_PAGE = 20;
const JOBS_PAGE = 500;
/** A project that has had no new job for this long is no longer looked at. */
const KEPT_MS = 8 * 86_400_000;

interface RewatchParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly jobs: Pick<JobStore, 'activeIds'>;
}

/**
 * Puts the jobs of some projects under watch, unless they are already.
 * @param offset where in the list of projects to begin
 * @returns where to begin the next time
 */
export async function rewatch(
  { redis, keys, jobs }: RewatchParts,
  offset: number,
  now: number,
): Promise<number> {
  if (clusterOf(redis) === null) return 0;
  await redis.zremrangebyscore(keys.projects, 0, now - KEPT_MS);
  const projects = await redis.zrange(keys.projects, offset, String(offset + PROJECTS_PAGE - 1));
  for (const projectId of projects) {
    const members = (await jobs.activeIds(projectId)).map((id) => memberOf({ projectId, id }));
    for (let start = 0; start < members.length; start += JOBS_PAGE) {
      const page = members.slice(start, start + JOBS_PAGE);
      await redis.zadd(keys.unended, 'NX', ...page.flatMap((member) => [String(now), member]));
    }
  }
  return projects.length < PROJECTS_PAGE ? 0 : offset + PROJECTS_PAGE;
}
