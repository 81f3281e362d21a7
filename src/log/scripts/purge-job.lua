-- Takes a job out of every list of its project, with its snapshot and what its steps left and said.
--
-- Keys    jobKey, outputsKey, linesKey, batchKey, activeKey
-- More    keys of sorted sets of ids
-- Args    jobId; when: `lost` leaves a job that has a snapshot
-- @returns how many lists had the job; -1 when it was left

if when == 'lost' and redis.call('EXISTS', jobKey) == 1 then return -1 end
redis.call('UNLINK', jobKey, outputsKey, linesKey, batchKey)
local lists = redis.call('SREM', activeKey, jobId)
for at = MORE_KEYS, #KEYS do lists = lists + redis.call('ZREM', KEYS[at], jobId) end
return lists
