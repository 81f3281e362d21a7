/** Puts right in Redis what no event can: jobs whose snapshots are lost or can't be read, and counts of batches. */
import type { Redis } from 'ioredis';
import { itemId, JOB_STATUSES, type JobState } from '../progress/state.ts';
import type { StepTables } from '../progress/steps.ts';
import type { Keys } from '../redis/keys.ts';

/**
 * KEYS 1 job  2 outputs  3 batch  4 active  5.. sorted sets of ids  ARGV 1 id  2 `lost`: leave it when there is a snapshot
 * @returns how many places knew the job; -1 when there is a snapshot
 */
const PURGE = `
if ARGV[2] == 'lost' and redis.call('EXISTS', KEYS[1]) == 1 then return -1 end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3])
local places = redis.call('SREM', KEYS[4], ARGV[1])
for at = 5, #KEYS do places = places + redis.call('ZREM', KEYS[at], ARGV[1]) end
return places`;

interface RepairParts {
  readonly redis: Redis;
  readonly keys: Keys;
  readonly workflows: StepTables;
}

/**
 * Takes a job out of every list of its project, whatever it was, with its snapshot and what its steps left.
 * @param when `lost`: only where it has no snapshot; a job is listed in the step that writes its snapshot, so one that is
 *   listed without any has lost it
 * @returns whether it was listed anywhere
 */
export async function purgeJob(
  { redis, keys, workflows }: RepairParts,
  { projectId, jobId }: { readonly projectId: string; readonly jobId: string },
  when: 'lost' | 'any',
): Promise<boolean> {
  const { job, outputs, batch, active, latest, jobs, items, index, itemIndex } = keys.project(projectId);
  const indexes = [...workflows.keys()].flatMap((workflow) =>
    JOB_STATUSES.flatMap((status) => [index(workflow, status), itemIndex(workflow, status)]),
  );
  const names = [job(jobId), outputs(jobId), batch(jobId), active, latest, jobs, items, ...indexes];
  return Number(await redis.eval(PURGE, names.length, ...names, jobId, when)) > 0;
}

/**
 * KEYS 1 batch  2.. the items' jobs  ARGV 1 `wrong`: leave counts that add up  2 millionths of an item that has ended
 *   3.. the statuses
 * The progress of items stays (G5), unless all of it is lost.
 */
const RECOUNT = `
local isLost = redis.call('EXISTS', KEYS[1]) == 0
local counted, isOff = 0, false
for at = 3, #ARGV do
  local count = tonumber(redis.call('HGET', KEYS[1], ARGV[at]) or 0) or -1
  counted, isOff = counted + count, isOff or count < 0
end
if ARGV[1] == 'wrong' and not isOff and counted == #KEYS - 1 then return end
local counts, sum = {}, 0
for at = 2, #KEYS do
  local found = redis.pcall('HMGET', KEYS[at], 'status', 'progress')
  local status = not found.err and found[1]
  if status then
    counts[status] = (counts[status] or 0) + 1
    if isLost then
      local isOver = status == 'COMPLETED' or status == 'FAILED' or status == 'CANCELLED'
      local done = isOver and tonumber(ARGV[2]) or math.floor((tonumber(found[2] or 0) or 0) * ARGV[2])
      redis.call('HSET', KEYS[1], 'p' .. (at - 2), done)
      sum = sum + done
    end
  end
end
if isLost then redis.call('HSET', KEYS[1], 'sum', sum) end
for at = 3, #ARGV do redis.call('HSET', KEYS[1], ARGV[at], counts[ARGV[at]] or 0) end`;

/** append.lua's DONE. */
const DONE = 1_000_000;

/**
 * Makes a batch's counts those of the items that there are: one that was lost no longer counts as what it was.
 * @param when `wrong`: only where they do not add up to its items, which is cheap to see
 */
export async function recountItems(
  { redis, keys }: RepairParts,
  { id, projectId, itemCount }: Pick<JobState, 'id' | 'projectId' | 'itemCount'>,
  when: 'wrong' | 'any',
): Promise<void> {
  const { batch, job } = keys.project(projectId);
  const names = [batch(id), ...Array.from({ length: itemCount }, (_, index) => job(itemId(id, index)))];
  await redis.eval(RECOUNT, names.length, ...names, when, DONE, ...JOB_STATUSES);
}
