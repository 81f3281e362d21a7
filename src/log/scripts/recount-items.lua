-- Sets a batch's counts from the items that exist. The progress of items stays (G5), unless all of it is lost.
--
-- Keys    batchKey
-- More    keys of the items' jobs, in their order
-- Args    when: `wrong` leaves alone counts that add up; done: millionths of an item that has ended
-- More    the statuses

local items = #KEYS - MORE_KEYS + 1
local isLost = redis.call('EXISTS', batchKey) == 0
local counted, isOff = 0, false
for at = MORE, #ARGV do
  local count = tonumber(redis.call('HGET', batchKey, ARGV[at]) or 0) or -1
  counted, isOff = counted + count, isOff or count < 0
end
if when == 'wrong' and not isOff and counted == items then return end

local counts, sum = {}, 0
for index = 0, items - 1 do
  local found = redis.pcall('HMGET', KEYS[MORE_KEYS + index], 'status', 'progress')
  local status = not found.err and found[1]
  if status then
    counts[status] = (counts[status] or 0) + 1
    if isLost then
      local isOver = status == 'COMPLETED' or status == 'FAILED' or status == 'CANCELLED'
      local progress = isOver and tonumber(done) or math.floor((tonumber(found[2] or 0) or 0) * done)
      redis.call('HSET', batchKey, 'p' .. index, progress)
      sum = sum + progress
    end
  end
end
if isLost then redis.call('HSET', batchKey, 'sum', sum) end
for at = MORE, #ARGV do redis.call('HSET', batchKey, ARGV[at], counts[ARGV[at]] or 0) end
