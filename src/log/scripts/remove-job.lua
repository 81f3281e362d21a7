-- Removes everything that is kept of an ended job. An item is removed only when its batch is gone.
--
-- Keys    jobKey, outputsKey, linesKey, batchKey, jobsKey (of items: those of items), activeKey, latestKey
--         indexKey: the index of the job's workflow and status
--         parentKey: the job key of its batch (otherwise jobKey again)
-- Args    jobId; status, attempt, finishedAt (ms), as they must still be
-- @returns 1 when it was removed

local now = redis.call('HMGET', jobKey, 'status', 'attempt', 'finishedAt')
if now[1] ~= status or now[2] ~= attempt or (now[3] or '') ~= finishedAt then return 0 end
if parentKey ~= jobKey and redis.call('EXISTS', parentKey) == 1 then return 0 end
-- Read before anything is removed: a key of another type stops the script here.
redis.call('ZSCORE', jobsKey, jobId)
redis.call('ZSCORE', indexKey, jobId)
redis.call('SISMEMBER', activeKey, jobId)
redis.call('UNLINK', jobKey, outputsKey, linesKey, batchKey)
redis.call('ZREM', jobsKey, jobId)
redis.call('ZREM', indexKey, jobId)
redis.call('SREM', activeKey, jobId)
redis.pcall('ZREM', latestKey, jobId)
return 1
