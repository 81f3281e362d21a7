-- How a job comes into being on a single Redis, in one step: append.lua's `create`, as `append`, with what surrounds it. The
-- reconciler watches the job from then on, the project's files must leave room, and the job's entry gets its place in the order
-- of the queue (take-starts.lua).
--
-- Keys    unendedKey; usageKey: bytes of the project's stored files; startsKey, waitingKey, parkedKey: as take-starts.lua has them
-- Args    watchedAs, watchedSince: the job's member and score in `unended`
--         project
--         maxFileBytes: the bytes of files at which there is no room; empty: any
--         starts: how many places are to be taken; highestStart
-- Answer  as append.lua, with an eighth value: with OK the first of the starts, if any was taken; with FULL the bytes of files,
--         if it is they that leave no room

local startCount, limit = tonumber(starts), tonumber(maxFileBytes)
local used = limit and (tonumber(redis.pcall('HGET', usageKey, ':total') or 0) or 0)
local full = used and used >= limit
if full then maxUnfinished = '-1' end

-- Keys that are written after the append are read before it: one of another type stops the script with nothing written.
redis.call('ZSCORE', unendedKey, watchedAs)
if redis.call('ZCARD', waitingKey) > 0 then redis.call('HGET', startsKey, 'now') end

local answer = append()
if answer[1] == 'OK' then
  redis.call('ZADD', unendedKey, watchedSince, watchedAs)
  if startCount > 0 then answer[8] = takeStarts(startsKey, waitingKey, parkedKey, project, startCount, tonumber(highestStart)) end
elseif answer[1] == 'FULL' and full then
  answer = { 'FULL', 0, '', '', 0, '', 0, used }
end
return answer
