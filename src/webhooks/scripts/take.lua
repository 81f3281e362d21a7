-- Makes deliveries of a stretch of the log and moves the webhook's cursor past it, in one step: whatever dies before or after,
-- each event is taken exactly once, by whoever comes first.
--
-- Keys    settingsKey, waitingKey, dueKey, deliveriesKey, recordsKey, bodiesKey (redis/keys.ts)
-- Args    from, to: the expected and the new cursor
--         readUntil (ms): the time of the last event; now (ms)
-- More    each delivery's id, job id, record and body
-- Answer  how many there were; -1: the cursor is a different one, or the webhook is gone

if redis.call('HGET', settingsKey, 'cursor') ~= from then return -1 end
-- Read before anything is written: a key of the wrong type stops the script here.
redis.call('ZCARD', waitingKey)
redis.call('ZCARD', dueKey)
redis.call('ZCARD', deliveriesKey)
redis.call('HLEN', bodiesKey)
local count = 0
for at = MORE, #ARGV, 4 do
  local id, jobId, record, body = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if redis.call('HEXISTS', recordsKey, id) == 0 then
    local ordinal = redis.call('HINCRBY', settingsKey, 'ordinal', 1)
    redis.call('HSET', recordsKey, id, record)
    redis.call('HSET', bodiesKey, id, body)
    redis.call('ZADD', deliveriesKey, ordinal, id)
    redis.call('ZADD', waitingKey, 0, jobId .. '|' .. string.format('%012d', ordinal) .. '|' .. id)
    redis.call('ZADD', dueKey, 'NX', now, jobId)
    count = count + 1
  end
end
redis.call('HSET', settingsKey, 'cursor', to, 'readUntil', readUntil)
return count
