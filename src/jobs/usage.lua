-- Counts the bytes of a project's stored files, by job and by name. Each call is one atomic step.
--
-- Keys    usageKey: bytes by job id, and `:total`; filesKey: bytes by name, of the job; jobKey
-- Args    mode, jobId; name (for drop: the beginning of names); bytes; maxJobBytes, maxProjectBytes
--
-- Modes   record   counts a file before it is stored, in place of an earlier one of that name
--         drop     subtracts what was counted for the names
--         recount  sets the job's count from its files; none for a job that is gone
--         total    sets the project's count from those of its jobs
-- Answer  { code, bytes of the job, bytes of the project }
--         OK; GONE: no such job; JOB, PROJECT: the file would go over that limit; nothing was counted then

local function of(field)
  return tonumber(redis.call('HGET', usageKey, field) or 0) or 0
end

-- Both hashes are read before anything is written, so that a key of another type stops the script with nothing written.
local jobBytes = of(jobId)

local function sum(found)
  local total = 0
  for at = 1, #found, 2 do
    if found[at] ~= ':total' then total = total + (tonumber(found[at + 1]) or 0) end
  end
  return total
end

-- Sets the job's count, and moves the project's by the difference.
local function set(count)
  local total = of(':total') + count - jobBytes
  if count > 0 then redis.call('HSET', usageKey, jobId, count) else redis.call('HDEL', usageKey, jobId) end
  redis.call('HSET', usageKey, ':total', string.format('%.0f', total))
end

local code = 'OK'
if mode == 'record' then
  local change = tonumber(bytes) - (tonumber(redis.call('HGET', filesKey, name) or 0) or 0)
  if redis.call('EXISTS', jobKey) == 0 then
    code = 'GONE'
  elseif change > 0 and jobBytes + change > tonumber(maxJobBytes) then
    code = 'JOB'
  elseif change > 0 and of(':total') + change > tonumber(maxProjectBytes) then
    code = 'PROJECT'
  else
    redis.call('HSET', filesKey, name, bytes)
    set(jobBytes + change)
  end
elseif mode == 'drop' then
  local left, files = jobBytes, redis.call('HGETALL', filesKey)
  for at = 1, #files, 2 do
    if string.sub(files[at], 1, #name) == name then
      left = left - (tonumber(files[at + 1]) or 0)
      redis.call('HDEL', filesKey, files[at])
    end
  end
  if name == '' then left = 0 end
  set(math.max(0, left))
elseif mode == 'recount' then
  local files = redis.call('HGETALL', filesKey)
  if redis.call('EXISTS', jobKey) == 0 then
    files = {}
    redis.call('UNLINK', filesKey)
  end
  set(sum(files))
else
  redis.call('HSET', usageKey, ':total', string.format('%.0f', sum(redis.call('HGETALL', usageKey))))
end
if redis.call('HLEN', usageKey) == 1 then redis.call('UNLINK', usageKey) end
return { code, of(jobId), of(':total') }
