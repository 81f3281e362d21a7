-- Forgets parked entries that BullMQ has removed.
--
-- Keys    parkedKey: as in park.lua
-- Args    prefix: what BullMQ's keys begin with; only: the entry that was removed; empty: any may have been

for _, workflow in ipairs(redis.call('SMEMBERS', parkedKey)) do
  local key = parkedKey .. ':' .. workflow
  local entries = only ~= '' and { only } or redis.call('ZRANGE', key, 0, -1)
  for _, id in ipairs(entries) do
    if redis.call('EXISTS', prefix .. id) == 0 then redis.call('ZREM', key, id) end
  end
  if redis.call('EXISTS', key) == 0 then redis.call('SREM', parkedKey, workflow) end
end
