-- A heartbeat of a tracked job: it may be silent for `waitMs` again. No event is written.
--
-- Keys    jobKey
-- Args    lease, waitMs
-- @returns the hash of the job's last event when the lease is held, and renewed; nil otherwise

local job = redis.call('HMGET', jobKey, 'status', 'tracked', 'lastTag')
if job[1] ~= 'RUNNING' or not job[2] then return nil end
local tracked = cjson.decode(job[2])
if type(tracked) ~= 'table' or tracked.lease ~= lease or type(tracked['end']) == 'string' then return nil end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', jobKey, 'leaseUntil', string.format('%.0f', now + tonumber(waitMs)))
return job[3] or ''
