-- Sends a delivery again: a finished one after all others of its job, one that waits for its next attempt at once.
--
-- Keys    settingsKey, waitingKey, dueKey, deliveriesKey, finishedKey, recordsKey (redis/keys.ts)
-- Args    id, jobId: of the delivery
--         expected: its record as read; record: its new record, if it is finished
--         now (ms)
-- Answer  1; 0: the delivery has changed since it was read

if redis.call('HGET', recordsKey, id) ~= expected then return 0 end
if not redis.call('ZSCORE', finishedKey, id) then
  local first = redis.call('ZRANGEBYLEX', waitingKey, '[' .. jobId .. '|', '(' .. jobId .. '}', 'LIMIT', 0, 1)[1]
  if first and string.sub(first, -#id - 1) == '|' .. id then redis.call('ZADD', dueKey, now, jobId) end
  return 1
end
redis.call('ZCARD', dueKey)
redis.call('ZCARD', deliveriesKey)
local ordinal = redis.call('HINCRBY', settingsKey, 'ordinal', 1)
redis.call('HSET', recordsKey, id, record)
redis.call('ZREM', finishedKey, id)
redis.call('ZADD', deliveriesKey, ordinal, id)
redis.call('ZADD', waitingKey, 0, jobId .. '|' .. string.format('%012d', ordinal) .. '|' .. id)
redis.call('ZADD', dueKey, 'NX', now, jobId)
return 1
