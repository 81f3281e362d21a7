-- Records what became of an attempt to deliver.
--
-- Two senders may work on the same delivery for a moment: one that was held up for longer than its lease, and its successor. So
-- a success counts whoever achieved it, and a failure only if nobody else has settled an attempt meanwhile.
--
-- Keys    settingsKey, waitingKey, dueKey, deliveriesKey, finishedKey, recordsKey, bodiesKey (redis/keys.ts)
-- Args    id, jobId: of the delivery
--         expected: its record as read; record: its new record
--         outcome: delivered; failed, which gives it up; or later
--         now (ms); again: with later, the time (ms) of the next attempt
--         pausedUntil (ms), disabledReason: of the webhook; empty: unchanged
--         keep: how many finished deliveries to keep; forgetBefore (ms): those finished by then are removed
-- Answer  1; 0: the delivery is no longer the first of its job, or another sender was faster

if redis.call('EXISTS', settingsKey) == 0 then return 0 end
local function first()
  -- `}` comes right after `|`, so this finds all members that begin with the job's id and a `|`.
  return redis.call('ZRANGEBYLEX', waitingKey, '[' .. jobId .. '|', '(' .. jobId .. '}', 'LIMIT', 0, 1)[1]
end
local member = first()
if not member or string.sub(member, -#id - 1) ~= '|' .. id then return 0 end
if outcome ~= 'delivered' and redis.call('HGET', recordsKey, id) ~= expected then return 0 end
-- Read before anything is written: a key of the wrong type stops the script here.
redis.call('ZCARD', dueKey)
redis.call('ZCARD', deliveriesKey)
redis.call('ZCARD', finishedKey)
redis.call('HLEN', bodiesKey)

redis.call('HSET', recordsKey, id, record)
if outcome == 'delivered' then
  redis.call('HSET', settingsKey, 'succeededAt', now)
  redis.call('HDEL', settingsKey, 'pausedUntil')
else
  if pausedUntil ~= '' then redis.call('HSET', settingsKey, 'pausedUntil', pausedUntil) end
  if disabledReason ~= '' then redis.call('HSETNX', settingsKey, 'disabledReason', disabledReason) end
end

if outcome == 'later' then
  redis.call('ZADD', dueKey, again, jobId)
  return 1
end
redis.call('ZREM', waitingKey, member)
redis.call('ZADD', finishedKey, now, id)
if first() then redis.call('ZADD', dueKey, now, jobId) else redis.call('ZREM', dueKey, jobId) end

local function forget(ids)
  for _, old in ipairs(ids) do
    redis.call('ZREM', finishedKey, old)
    redis.call('ZREM', deliveriesKey, old)
    redis.call('HDEL', recordsKey, old)
    redis.call('HDEL', bodiesKey, old)
  end
end
forget(redis.call('ZRANGE', finishedKey, 0, -tonumber(keep) - 1))
forget(redis.call('ZRANGEBYSCORE', finishedKey, '-inf', forgetBefore))
return 1
