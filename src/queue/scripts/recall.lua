-- What a worker does just before it takes an entry: the first parked entry that it can carry out goes back to its place in the
-- queue, if that is the head. So the worker takes the next of all entries that it can carry out, parked or not.
--
-- A sleeping worker is woken by BullMQ's marker, which is one for all: a worker that finds nothing of its own wakes the next
-- one, in the order in which they went to sleep, a limited number of times.
--
-- Keys    waitKey, prioritizedKey, markerKey: BullMQ's; parkedKey, callsKey: as in park.lua
-- Args    prefix: what BullMQ's keys begin with
-- More    the workflows that the worker carries out
-- Answer  1 when an entry has gone back

if redis.call('EXISTS', parkedKey) == 0 then return 0 end

-- The first of a workflow's parked entries; those that were removed meanwhile are dropped.
local function firstOf(workflow)
  local key = parkedKey .. ':' .. workflow
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  while first[1] and redis.call('EXISTS', prefix .. first[1]) == 0 do
    redis.call('ZREM', key, first[1])
    first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  end
  if not first[1] then redis.call('SREM', parkedKey, workflow) end
  return first[1], tonumber(first[2])
end

local found
for at = MORE, #ARGV do
  local id, score = firstOf(ARGV[at])
  if id and (not found or score < found.score) then found = { workflow = ARGV[at], id = id, score = score } end
end

if not found then
  if tonumber(redis.call('GET', callsKey) or 0) > 0 and not redis.call('ZSCORE', markerKey, '0') then
    redis.call('INCRBY', callsKey, -1)
    redis.call('ZADD', markerKey, 0, '0')
  end
  return 0
end

local head = redis.call('ZRANGE', prioritizedKey, 0, 0, 'WITHSCORES')
if redis.call('LLEN', waitKey) > 0 or (head[1] and tonumber(head[2]) < found.score) then return 0 end
local key = parkedKey .. ':' .. found.workflow
redis.call('ZREM', key, found.id)
if redis.call('EXISTS', key) == 0 then redis.call('SREM', parkedKey, found.workflow) end
-- A batch's own entry has no priority, and no place among the others.
if found.score == 0 then
  redis.call('RPUSH', waitKey, found.id)
else
  redis.call('ZADD', prioritizedKey, found.score, found.id)
end
return 1
