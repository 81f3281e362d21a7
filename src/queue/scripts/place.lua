-- The place of a waiting entry among all that wait, from 1; nil when it does not wait. In one step: an entry that moves on
-- meanwhile is counted once.
--
-- Keys    waitKey, prioritizedKey: BullMQ's; parkedKey: as in park.lua
-- Args    id

-- BullMQ takes entries without a priority first, from the right end of its list.
local unordered = redis.call('LLEN', waitKey)
local at = redis.call('LPOS', waitKey, id)
if at then return unordered - at end

local sets = { prioritizedKey }
for _, workflow in ipairs(redis.call('SMEMBERS', parkedKey)) do sets[#sets + 1] = parkedKey .. ':' .. workflow end
for _, own in ipairs(sets) do
  local rank = redis.call('ZRANK', own, id)
  if rank then
    local score, before = redis.call('ZSCORE', own, id), unordered + rank
    for _, other in ipairs(sets) do
      if other ~= own then before = before + redis.call('ZCOUNT', other, '-inf', '(' .. score) end
    end
    return before + 1
  end
end
