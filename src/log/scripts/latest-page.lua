-- A page of a project's unended jobs with their latest events, in the order of the log.
--
-- Keys    latestKey, activeKey
-- Args    from: where the page begins: `-inf`, or `(seq` of the last job of the page before
--         length: how many jobs a page has at least
--         prefix: what job keys begin with
-- @returns where the next page begins, empty when this is the last; then epoch, seq, hash and event of each job

length = tonumber(length)

if from == '-inf' then
  local count = redis.pcall('ZCARD', latestKey)
  if type(count) == 'table' then
    -- A key of another type is removed, and made anew below.
    redis.call('UNLINK', latestKey)
    count = 0
  end
  -- Jobs that were written before this index existed are added. One whose hash is lost gets a place too, so that this is done
  -- once.
  if count < redis.call('SCARD', activeKey) then
    for _, id in ipairs(redis.call('SMEMBERS', activeKey)) do
      local seq = redis.pcall('HGET', prefix .. id, 'lastSeq')
      redis.call('ZADD', latestKey, 'NX', tonumber(type(seq) == 'string' and seq or 0) or 0, id)
    end
  end
end

local found = redis.call('ZRANGE', latestKey, from, '+inf', 'BYSCORE', 'LIMIT', 0, length, 'WITHSCORES')
local answer = { '' }
if #found == 2 * length then
  -- Jobs of an earlier epoch may have the same seq: those at the page's end belong to it too.
  local last = found[#found]
  while found[#found] == last do
    found[#found], found[#found - 1] = nil, nil
  end
  for _, value in ipairs(redis.call('ZRANGE', latestKey, last, last, 'BYSCORE', 'WITHSCORES')) do
    found[#found + 1] = value
  end
  answer[1] = '(' .. last
end

for at = 1, #found, 2 do
  local job = redis.pcall('HMGET', prefix .. found[at], 'lastEpoch', 'lastSeq', 'lastTag', 'lastEvent')
  -- A job whose hash is lost or broken has nothing to show.
  if not job.err and job[1] and job[2] and job[3] and job[4] then
    for field = 1, 4 do answer[#answer + 1] = job[field] end
  end
end
return answer
