/**
 * On a Redis Cluster a job's snapshot, its queue entry and its place in `unended` lie on different nodes, and a failover may
 * take the last two of a job whose snapshot stays: nobody would ever look at it again. So the projects that jobs were made in
 * are kept too, and their jobs that have not ended are put under watch again and again. A single server loses from its end,
 * where `unended` comes before the snapshot: there is nothing to do there.
 */
import type { Redis } from 'ioredis';
import type { JobStore } from '../log/job-store.ts';
import { clusterOf } from '../redis/cluster.ts';
import type { Keys } from '../redis/keys.ts';
import { memberOf } from './watch.ts';

/** Projects looked at per sweep. */
const PROJECTS_PAGE = 20;
const JOBS_PAGE = 500;
/** A project without a new job for this long is looked at no more. */
const KEPT_MS = 8 * 86_400_000;

interface RewatchParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly jobs: Pick<JobStore, 'activeIds'>;
}

/**
 * Puts the jobs of some projects under watch that are not.
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
