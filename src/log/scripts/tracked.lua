-- An event of a tracked job: append.lua's, as `append`, with what is special about such jobs. Any process may report them, so
-- an event is written only while the job is still as its writer has read it, and the lease is renewed in the same step.
--
-- Keys    externalKey: leads from the job's name in its own system to the job (jobKey again when it has none)
-- Args    knownVersion, knownHash: with all modes but `create`, the job's version and the hash of its last event as its writer
--         knows them. A version may come again where Redis has lost its last writes; a hash does not
--         waitMs: how long the job may be silent from now on; empty: the time stays as it is
--         lapsed: 1: only when the job has been silent for too long
--         externalSeconds: how long externalKey leads to the job, with modes that begin an attempt; empty: as long as it does
--         callKey: with create, the idempotency key of the call; empty: none
-- Answer  as append.lua, with EXISTS also when externalKey has a job that has not completed, or that the same call has made;
--         STALE when the job is not as it was read, or has not been silent for too long

local found = redis.call('HMGET', jobKey, 'version', 'leaseUntil', 'recent', 'lastTag')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local isRepeat = string.find(found[3] or '', writeId, 1, true)

if not isRepeat and mode == 'create' and externalKey ~= jobKey then
  local other = redis.call('GET', externalKey)
  -- The key may outlive its job. The job's key has the hash tag of this project, so it lies in the same slot.
  local made = other and redis.call('HMGET', string.sub(jobKey, 1, -#jobId - 1) .. other, 'status', 'tracked') or {}
  if made[1] then
    local isSameCall = callKey ~= '' and made[2] and cjson.decode(made[2]).key == callKey
    if made[1] ~= 'COMPLETED' or isSameCall then return { 'EXISTS', 0, '', other } end
  end
elseif not isRepeat and found[1] then
  local isKnown = found[1] == knownVersion and (found[4] or '') == knownHash
  if mode ~= 'create' and not isKnown then return { 'STALE', 0, '', jobId } end
  if lapsed == '1' and (tonumber(found[2] or 0) or 0) > now then return { 'STALE', 0, '', jobId } end
end

local answer = append()
if answer[1] ~= 'OK' then return answer end
if waitMs ~= '' then redis.call('HSET', jobKey, 'leaseUntil', string.format('%.0f', now + tonumber(waitMs))) end
if externalSeconds ~= '' and externalKey ~= jobKey then redis.call('SET', externalKey, jobId, 'EX', externalSeconds) end
return answer
