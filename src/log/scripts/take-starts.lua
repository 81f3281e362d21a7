-- The order of the queue's entries (queue/bullmq-fairness.ts): the first of `count` starts for a project.
--
-- stateKey    hash: `now`, the virtual time; `last:PROJECT`, the project's last start; `highest`, the highest of all; and
--             `at`, when that was given (s)
-- waitingKey  sorted set: the entries that wait
-- parkedKey   a set that exists while entries wait apart from those
-- limit       the highest start there may be

-- Longer than it takes to add an entry and to note its start.
local SETTLE_SECONDS = 5

local function takeStarts(stateKey, waitingKey, parkedKey, project, count, limit)
  local state = redis.call('HMGET', stateKey, 'now', 'last:' .. project, 'highest', 'at')
  local now, last = tonumber(state[1] or 0), tonumber(state[2] or 0)
  local highest, at = tonumber(state[3] or 0), tonumber(state[4] or 0)
  local time = tonumber(redis.call('TIME')[1])
  local settled = now >= highest or math.abs(time - at) >= SETTLE_SECONDS
  if settled and redis.call('ZCARD', waitingKey) == 0 and redis.call('EXISTS', parkedKey) == 0 then
    redis.call('DEL', stateKey)
    now, last, highest = 0, 0, 0
  end
  local first = math.min(math.max(now, last) + 1, limit)
  last = math.min(first + count - 1, limit)
  redis.call('HSET', stateKey, 'last:' .. project, last)
  if last > highest then redis.call('HSET', stateKey, 'highest', last, 'at', time) end
  return first
end
