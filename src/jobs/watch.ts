/**
 * The two sets that the reconciler works through: jobs under watch (`unended`), and ended jobs whose data will be removed
 * (`retired`). Each is written by itself, since they may lie on different nodes of a Cluster.
 *
 * A job is put under watch in the step that writes it (creation.ts) or, for retries, items of batches and everything on a
 * Cluster, before that step. That write may be carried out much later than it was sent (ioredis sends it when Redis is back);
 * until then the reconciler finds no such job, or one that has ended. So neither is left to chance: append.lua refuses a write
 * that comes later than WRITE_LIMIT_MS after the watch began (LATE), and the reconciler forgets no id before FORGET_AFTER_MS.
 * The time between the two allows for clocks that differ.
 */
import type { Redis } from 'ioredis';
import type { JobState } from '../progress/state.ts';
import { clusterOf } from '../redis/cluster.ts';
import type { Keys } from '../redis/keys.ts';
import { WRITE_LIMIT_MS } from '../redis/write-deadline.ts';

type Watched = Pick<JobState, 'projectId' | 'id'>;

export const FORGET_AFTER_MS = 10 * 60_000;

/** KEYS 1 unended  ARGV score, member, score, member … @returns Redis' time (ms) */
const WATCH = `
redis.call('ZADD', KEYS[1], unpack(ARGV))
local time = redis.call('TIME')
return time[1] * 1000 + math.floor(time[2] / 1000)`;

/** KEYS 1 a set  ARGV member, highest score that it may have to be removed, member, score … */
const FORGET = `
for at = 1, #ARGV, 2 do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[at])
  if score and tonumber(score) <= tonumber(ARGV[at + 1]) then redis.call('ZREM', KEYS[1], ARGV[at]) end
end`;

/** The name of a job in both sets. */
export function memberOf({ projectId, id }: Watched): string {
  return `${projectId}|${id}`;
}

/** The job of a member of either set. */
export function splitMember(member: string): { readonly projectId: string; readonly jobId: string } {
  const at = member.indexOf('|');
  return { projectId: member.slice(0, at), jobId: member.slice(at + 1) };
}

/**
 * Puts jobs under the reconciler's watch; at most 1,000 at once.
 * @param now ms since the epoch
 * @returns until when the jobs may be written, for AppendCommand.notAfter
 */
export async function watch(
  redis: Redis,
  keys: Keys,
  jobs: readonly Watched[],
  now: number,
): Promise<number> {
  const scores = jobs.flatMap((job) => [now, memberOf(job)]);
  const [time] = await Promise.all([
    redis.eval(WATCH, 1, keys.unended, ...scores),
    noteProjects(redis, keys, jobs, now),
  ]);
  return Number(time) + WRITE_LIMIT_MS;
}

/** Notes the jobs' projects on a Cluster, which may lose a job's place in `unended` and nothing else of it (rewatch.ts). */
async function noteProjects(redis: Redis, keys: Keys, jobs: readonly Watched[], now: number): Promise<void> {
  if (clusterOf(redis) === null) return;
  const projects = new Set(jobs.map(({ projectId }) => projectId));
  await redis.zadd(keys.projects, ...[...projects].flatMap((projectId) => [now, projectId]));
}

/** A job as it stands in `unended`. */
export interface WatchedJob {
  readonly member: string;
  readonly projectId: string;
  readonly jobId: string;
  /** ms since the epoch. */
  readonly since: number;
}

/** A member of a set, and the highest score (ms) at which it may be taken out. */
export interface Forgotten {
  readonly member: string;
  readonly upTo: number;
}

/** Takes jobs out of a set, except those whose score is higher: they have been put there anew. */
export async function forget(redis: Redis, set: string, jobs: readonly Forgotten[]): Promise<void> {
  await redis.eval(FORGET, 1, set, ...jobs.flatMap(({ member, upTo }) => [member, upTo]));
}
