-- Counts the bytes of a project's stored files, by job and by name. Each call is one atomic step.
--
-- KEYS  1 usage: bytes by job id, and `:total`  2 files: bytes by name, of the job  3 job
-- ARGV  1 mode  2 jobId  3 name, or with drop how names begin  4 bytes  5 most of the job  6 most of the project
--
-- Modes   record   counts a file before it is stored, in place of an earlier one of that name
--         drop     takes back what was counted for the names
--         recount  sets the job's count by its files; none for a job that is gone
--         total    sets the project's count by those of its jobs
-- Answer  { code, bytes of the job, bytes of the project }
--         OK; GONE: no such job; JOB, PROJECT: the file would go over that limit; nothing was counted then

local mode, jobId, name = ARGV[1], ARGV[2], ARGV[3]

local function of(field)
  return tonumber(redis.call('HGET', KEYS[1], field) or 0) or 0
end

-- Both hashes are read before anything is written: one of another type stops the script while nothing is.
local jobBytes = of(jobId)

local function sum(found)
  local bytes = 0
  for at = 1, #found, 2 do
    if found[at] ~= ':total' then bytes = bytes + (tonumber(found[at + 1]) or 0) end
  end
  return bytes
end

-- Sets the job's count, and moves the project's by the difference.
local function set(bytes)
  local total = of(':total') + bytes - jobBytes
  if bytes > 0 then redis.call('HSET', KEYS[1], jobId, bytes) else redis.call('HDEL', KEYS[1], jobId) end
  redis.call('HSET', KEYS[1], ':total', string.format('%.0f', total))
end

local code = 'OK'
if mode == 'record' then
  local change = tonumber(ARGV[4]) - (tonumber(redis.call('HGET', KEYS[2], name) or 0) or 0)
  if redis.call('EXISTS', KEYS[3]) == 0 then
    code = 'GONE'
  elseif change > 0 and jobBytes + change > tonumber(ARGV[5]) then
    code = 'JOB'
  elseif change > 0 and of(':total') + change > tonumber(ARGV[6]) then
    code = 'PROJECT'
  else
    redis.call('HSET', KEYS[2], name, ARGV[4])
    set(jobBytes + change)
  end
elseif mode == 'drop' then
  local bytes, files = jobBytes, redis.call('HGETALL', KEYS[2])
  for at = 1, #files, 2 do
    if string.sub(files[at], 1, #name) == name then
      bytes = bytes - (tonumber(files[at + 1]) or 0)
      redis.call('HDEL', KEYS[2], files[at])
    end
  end
  if name == '' then bytes = 0 end
  set(math.max(0, bytes))
elseif mode == 'recount' then
  local files = redis.call('HGETALL', KEYS[2])
  if redis.call('EXISTS', KEYS[3]) == 0 then
    files = {}
    redis.call('UNLINK', KEYS[2])
  end
  set(sum(files))
else
  redis.call('HSET', KEYS[1], ':total', string.format('%.0f', sum(redis.call('HGETALL', KEYS[1]))))
end
if redis.call('HLEN', KEYS[1]) == 1 then redis.call('UNLINK', KEYS[1]) end
return { code, of(jobId), of(':total') }
