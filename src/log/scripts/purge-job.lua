-- Takes a job out of every list of its project, and removes its snapshot and its steps' outputs and lines.
--
-- Keys    jobKey, outputsKey, linesKey, batchKey, activeKey
-- More    keys of sorted sets of ids
-- Args    jobId; when: `lost` leaves alone a job that has a snapshot
-- @returns how many lists had the job; -1 when it was left alone

if when == 'lost' and redis.call('EXISTS', jobKey) == 1 then return -1 end
redis.call('UNLINK', jobKey, outputsKey, linesKey, batchKey)
local lists = redis.call('SREM', activeKey, jobId)
for at = MORE_KEYS, #KEYS do lists = lists + redis.call('ZREM', KEYS[at], jobId) end
return lists
