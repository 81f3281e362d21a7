-- Puts an entry aside that its worker can't carry out, and with it those at the head of the queue that it can't carry out
-- either, so that a worker pays one round trip for a thousand of them. Parked entries keep their place in the order: their
-- scores are those that BullMQ has given them.
--
-- Keys    activeKey, stalledKey, prioritizedKey, markerKey: BullMQ's
--         parkedKey: set of the workflows that have parked entries; with `:` and a workflow after it, a sorted set of its entries
--         callsKey: how many more workers may be woken for them (recall.lua)
-- Args    prefix: what BullMQ's keys begin with; id, token: of the entry, and of the worker's lock on it
--         workflow: of the entry; most: how many are looked at; calls
-- More    the workflows that the worker carries out
-- Answer  how many were parked; 0 when the worker has lost the entry

-- BullMQ's scores: the priority, and after it a number that grows with each entry.
local SCORE_PER_PRIORITY = 0x100000000

local entryKey = prefix .. id
if redis.call('GET', entryKey .. ':lock') ~= token or redis.call('LREM', activeKey, 1, id) == 0 then return 0 end
redis.call('DEL', entryKey .. ':lock')
redis.call('SREM', stalledKey, id)
-- It was taken, but no attempt has begun.
redis.call('HINCRBY', entryKey, 'ats', -1)

local function park(name, entry, score)
  redis.call('ZADD', parkedKey .. ':' .. name, score, entry)
  redis.call('SADD', parkedKey, name)
end

local priority = tonumber(redis.call('HGET', entryKey, 'priority') or 0)
park(workflow, id, priority * SCORE_PER_PRIORITY)

local known = {}
for at = MORE, #ARGV do known[ARGV[at]] = true end
local parked = 1
local head = redis.call('ZRANGE', prioritizedKey, 0, tonumber(most) - 1, 'WITHSCORES')
for at = 1, #head, 2 do
  local isRead, data = pcall(cjson.decode, redis.call('HGET', prefix .. head[at], 'data'))
  local name = isRead and type(data) == 'table' and data.workflow
  -- Entries of earlier versions do not say; the worker that takes one finds out.
  if type(name) ~= 'string' or known[name] then break end
  redis.call('ZREM', prioritizedKey, head[at])
  park(name, head[at], head[at + 1])
  parked = parked + 1
end
redis.call('SET', callsKey, calls)
redis.call('ZADD', markerKey, 0, '0')
return parked
