-- The only writer of events. One atomic step: check, number, log, snapshot, publish.
--
-- Redis does not roll back a script that fails. So every key is read before anything is written (a key of another type stops
-- the script there), the first write is XADD, the only one that Redis may refuse, and no write after it can fail.
--
-- Keys    metaKey, logKey, jobKey, jobsKey (of items: those of items), activeKey, latestKey
--         idempotencyKey (jobKey again when there is none)
--         queuedKey, runningKey, ...: the index of the job's workflow by status
--         batchKey: counts and progress of the batch that the job is, or is an item of (otherwise jobKey again)
--         parentKey: the job key of the batch that the job is an item of (otherwise jobKey again)
-- Args    mode, jobId, attempt, writeId, event (JSON), status (the new one)
--         publish (PUBLISH or SPUBLISH), channel
--         logLength, logSeconds (the log's lifetime), idempotencySeconds (of an idempotency key)
--         notAfter: the latest time (ms, by Redis' clock) at which it may be written; empty: any
--         itemIndex: of an item, its place in the batch
--         maxUnfinished: with create and retry, how many unfinished jobs the project may have beforehand; empty: any
--         fingerprint: with create, of the input; empty: any
--         queueId: with begin, the queue entry that the attempt belongs to
--         items: with report and retry, `index:progress,...` (millionths)
--         counts: with finish, `succeeded:failed:cancelled`
--         now: with report, the time (ms)
-- More    snapshot fields that change: name, value, name, value
--
-- Modes   create   the job's first event; the job must not exist. With the status RUNNING its first attempt has begun
--         begin    an attempt takes the job; later events of earlier attempts are refused
--         event    an event of the attempt that has begun
--         release  an attempt failed and another will follow; the attempt can't write any more
--         end      the last event, by the attempt that has begun
--         close    the last event, from outside (cancel, worker lost), while `attempt` is the one last seen
--         retry    an ended job begins anew; `attempt` is the next number. For a batch, `items` are reset. With the status
--                  RUNNING that attempt has begun
--         report   a batch's progress: raises `items` and fills in the event's progress and counts
--         finish   a batch's last event, while no item is left and the counts are `counts`
-- Answer  { code, seq, epoch, jobId, attempt of the batch that the job is an item of, or 0, hash, version }
--         OK; DUP: this very write is in the log already (clients send commands in flight again after a reconnect)
--         EXISTS: the idempotency key has a job; CONFLICT: it has one of other input; GONE: no such job
--         ENDED: nothing comes after an ending (G3), and no attempt of an item begins after that of its batch
--         FULL: the project has as many unfinished jobs as it may
--         FENCED: a newer attempt has the job (G4); STALE: the job, or its batch, moved on since it was read
--         LATE: sent so long ago that nobody waits for it, and the reconciler may have forgotten the job
--
-- Epoch   When meta or the log is lost (gone, of another type, or older than the other), the numbering goes on after the
--         log's last entry as another history: with an epoch of its own, and without the entries before it, which no
--         cursor reaches any more (EVENTS_EXPIRED).
--
-- Version Each job counts its events, and each event says which of them it is.
--
-- Earlier What the record of a job says of an attempt (steps, startedAt, maxAttempts) is kept by the attempt's number when a
--         later one takes its place: its events are still shown with the job as they left it.
--
-- Batch   The hash holds the number of items by status, `p<index>`, the progress of each item, and `sum`, that of all.
--         An item that has ended counts as done, whatever its end, and no item's progress is ever lowered except by the
--         retry of its batch. The mean is read when the event is written, so it never goes back within an attempt of
--         the batch (G5), in whatever order items report, and counts and snapshots never differ.

local INDEX = {
  QUEUED = queuedKey, RUNNING = runningKey, RETRYING = retryingKey,
  COMPLETED = completedKey, FAILED = failedKey, CANCELLED = cancelledKey,
}
local ENDED = { COMPLETED = true, FAILED = true, CANCELLED = true }
local DONE = 1000000

attempt = tonumber(attempt)
local isItem = parentKey ~= jobKey
local isBatch = not isItem and batchKey ~= jobKey

local job = redis.call('HMGET', jobKey, 'status', 'fence', 'begun', 'attempt', 'recent', 'itemCount', 'startedAt',
  'queueId', 'version')
local oldStatus, fence, begun, seen = job[1], tonumber(job[2]), tonumber(job[3]), tonumber(job[4])
local recent, total, startedAt, presentQueueId = job[5] or '', tonumber(job[6] or 0), job[7], job[8]
local version = (tonumber(job[9] or 0) or 0) + 1

local parent = isItem and redis.call('HMGET', parentKey, 'status', 'attempt') or {}
local parentStatus, parentAttempt = parent[1], tonumber(parent[2] or 0)

local at = string.find(recent, writeId, 1, true)
if at then
  local seq, hash, versionThen = string.match(recent, '^(%d+):(%x+),(%d*)', at + #writeId + 1)
  local epoch = redis.call('HGET', metaKey, 'epoch') or ''
  return { 'DUP', tonumber(seq or 0), epoch, jobId, parentAttempt, hash or '', tonumber(versionThen or 0) or 0 }
end

if notAfter ~= '' then
  local time = redis.call('TIME')
  if time[1] * 1000 + time[2] / 1000 > tonumber(notAfter) then return { 'LATE', 0, '', jobId } end
end

local function countEnded()
  local found = redis.call('HMGET', batchKey, 'COMPLETED', 'FAILED', 'CANCELLED')
  return tonumber(found[1] or 0), tonumber(found[2] or 0), tonumber(found[3] or 0)
end

local function isFull()
  local limit = tonumber(maxUnfinished)
  return limit and redis.call('SCARD', activeKey) > limit
end

local ended = ENDED[oldStatus or '']
if mode == 'create' then
  if idempotencyKey ~= jobKey then
    local other = redis.call('GET', idempotencyKey)
    -- The key may outlive its job. The job's key has the hash tag of this project, so it lies in the same slot.
    local otherKey = other and string.sub(jobKey, 1, -#jobId - 1) .. other
    if other and redis.call('EXISTS', otherKey) == 1 then
      -- Jobs made by earlier versions have no fingerprint.
      local made = redis.call('HGET', otherKey, 'fingerprint') or fingerprint
      return { (made == fingerprint or fingerprint == '') and 'EXISTS' or 'CONFLICT', 0, '', other }
    end
  end
  if oldStatus then return { 'EXISTS', 0, '', jobId } end
  if isItem and (not parentStatus or ENDED[parentStatus]) then return { 'STALE', 0, '', jobId } end
  if isFull() then return { 'FULL', 0, '', jobId } end
  fence, begun = 1, status == 'RUNNING' and 1 or 0
elseif not oldStatus then
  return { 'GONE', 0, '', jobId }
elseif mode == 'retry' then
  local again = oldStatus == 'FAILED' or oldStatus == 'CANCELLED' or (isBatch and oldStatus == 'COMPLETED')
  if not again or attempt ~= seen + 1 then return { 'STALE', 0, '', jobId } end
  if isItem and (not parentStatus or ENDED[parentStatus]) then return { 'STALE', 0, '', jobId } end
  if isFull() then return { 'FULL', 0, '', jobId } end
  fence = attempt
  if status == 'RUNNING' then begun = attempt end
elseif ended then
  return { 'ENDED', 0, '', jobId }
elseif mode == 'close' or mode == 'report' then
  if attempt ~= seen then return { 'STALE', 0, '', jobId } end
elseif mode == 'finish' then
  local completed, failed, cancelled = countEnded()
  local same = counts == completed .. ':' .. failed .. ':' .. cancelled
  if attempt ~= seen or not same or completed + failed + cancelled < total then return { 'STALE', 0, '', jobId } end
elseif mode == 'begin' then
  if isItem and (not parentStatus or ENDED[parentStatus]) then return { 'ENDED', 0, '', jobId } end
  -- Attempts are counted per queue entry, so the numbers of an earlier run's entry may be those of the present run.
  if presentQueueId ~= queueId or attempt < fence or attempt <= begun then return { 'FENCED', 0, '', jobId } end
  fence, begun = attempt, attempt
elseif attempt ~= fence or attempt ~= begun then
  return { 'FENCED', 0, '', jobId }
end
if mode == 'release' then fence = attempt + 1 end

-- Further fields for the job's hash, and those for the batch's: name, value, name, value ...
local filled, counted
local isCounted = isItem and oldStatus ~= status
local isMean = isBatch and (mode == 'report' or mode == 'retry')
if isCounted or isMean then
  filled, counted = {}, {}

  local function read(name)
    return tonumber(redis.call('HGET', batchKey, name) or 0) or 0
  end

  local function put(name, value)
    counted[#counted + 1] = name
    counted[#counted + 1] = string.format('%.0f', value)
  end

  -- Raises items' progress, or resets it when `anew`. @return the sum over all items
  local function raise(progress, anew)
    local sum = read('sum')
    for index, value in string.gmatch(progress, '(%d+):(%d+)') do
      local present, before = tonumber(value), read('p' .. index)
      if present > before or anew then
        put('p' .. index, present)
        sum = sum + present - before
      end
    end
    put('sum', sum)
    return sum
  end

  if isCounted then
    if oldStatus then put(oldStatus, read(oldStatus) - 1) end
    put(status, read(status) + 1)
    if ENDED[status] then raise(itemIndex .. ':' .. DONE, false) end
  else
    local told = cjson.decode(event)
    told.progress = math.floor(raise(items, mode == 'retry') / total) / DONE
    filled = { 'progress', tostring(told.progress) }
    if mode == 'report' then
      local completed, failed, cancelled = countEnded()
      told.metadata.completed, told.metadata.failed, told.metadata.cancelled = completed, failed, cancelled
      told.metadata.total = total
      filled[3], filled[4] = 'metadata', cjson.encode(told.metadata)
      if not startedAt or startedAt == '' then
        filled[5], filled[6] = 'startedAt', now
      end
    end
    event = cjson.encode(told)
  end
end

-- A field of the record as JSON; `otherwise` if it can't be read.
local function toValue(text, otherwise)
  return text and text ~= '' and pcall(cjson.decode, text) and text or otherwise
end

-- What an ending from outside leaves as the attempt had it (Remains in events.ts).
local remains = ''
if mode == 'close' or mode == 'finish' then
  local left = redis.call('HMGET', jobKey, 'progress', 'step', 'metadata')
  remains = ',"remains":{"progress":' .. toValue(left[1], '0') .. ',"step":'
    .. (left[2] and left[2] ~= '' and cjson.encode(left[2]) or 'null') .. ',"metadata":' .. toValue(left[3], 'null')
    .. '}'
end

-- What the record says of an attempt is kept when the next one takes its place, up to 32 KB in all.
local earlier
if oldStatus and (mode == 'begin' or mode == 'retry') and seen and attempt > seen then
  local left = redis.call('HMGET', jobKey, 'steps', 'startedAt', 'maxAttempts', 'earlier')
  local before = left[4] and #left[4] < 32768 and left[4] or '{}'
  earlier = string.sub(before, 1, -2) .. (before == '{}' and '' or ',') .. '"' .. seen .. '":{"steps":'
    .. toValue(left[1], '{}') .. ',"startedAt":' .. toValue(left[2], 'null') .. ',"maxAttempts":'
    .. toValue(left[3], '1') .. '}}'
end

-- The event is a JSON object, and not empty.
event = string.sub(event, 1, -2) .. ',"version":' .. version .. remains .. '}'

local begins, ends = mode == 'create' or mode == 'retry', ENDED[status]
local before = redis.pcall('HMGET', metaKey, 'epoch', 'seq', 'tag')
local isMetaForeign = before.err ~= nil
if oldStatus ~= status then
  if oldStatus then redis.call('ZSCORE', INDEX[oldStatus], jobId) end
  redis.call('ZSCORE', INDEX[status], jobId)
end
if mode == 'create' then redis.call('ZSCORE', jobsKey, jobId) end
if begins or ends then redis.call('SISMEMBER', activeKey, jobId) end

local function add(seq, hash)
  return redis.pcall('XADD', logKey, 'MAXLEN', '~', logLength, seq .. '-0', 'tag', hash, 'event', event)
end

-- The hash of an event stands for everything before it too: the same write after another history has another one.
local function hashBehind(previous)
  return string.sub(redis.sha1hex(previous .. writeId), 1, 24)
end

local epoch, previous = before[1], before[3] or ''
local seq = string.format('%.0f', (tonumber(before[2] or 0) or 0) + 1)
local hash = hashBehind(previous)
local added = epoch and add(seq, hash)
local refusal = type(added) == 'table' and added.err or ''
if not epoch or string.find(refusal, 'equal or smaller', 1, true) or string.find(refusal, 'WRONGTYPE', 1, true) then
  local entries = redis.pcall('XREVRANGE', logKey, '+', '-', 'COUNT', 1)
  if entries.err then redis.call('UNLINK', logKey) end
  local last = entries[1] and tonumber(string.match(entries[1][1], '^%d+'))
  local highest = math.max(last or 0, tonumber(before[2] or 0) or 0)
  -- The id of the write that begins a history names it: it is random, and no other history has it.
  epoch, previous, hash = writeId, '', hashBehind('')
  seq = string.format('%.0f', highest + 1)
  added = add(seq, hash)
  if last and type(added) ~= 'table' then redis.call('XTRIM', logKey, 'MINID', seq) end
end
if type(added) == 'table' then return added end
if isMetaForeign then redis.call('UNLINK', metaKey) end
-- Hashes are stored as `tag` and `lastTag`, which every version reads.
redis.call('HSET', metaKey, 'epoch', epoch, 'seq', seq, 'tag', hash)

-- The version follows the comma, at which earlier versions stop reading.
recent = string.sub(writeId .. ':' .. seq .. ':' .. hash .. ',' .. version .. ';' .. recent, 1, 1000)
redis.call('HSET', jobKey, 'fence', fence, 'begun', begun, 'recent', recent, 'lastEpoch', epoch, 'lastSeq', seq,
  'lastTag', hash, 'lastEvent', event, 'version', version, unpack(ARGV, MORE))
if mode == 'create' then redis.call('HSET', jobKey, 'firstSeq', seq) end
if filled and filled[1] then redis.call('HSET', jobKey, unpack(filled)) end
if earlier then redis.call('HSET', jobKey, 'earlier', earlier) end
if counted then redis.call('HSET', batchKey, unpack(counted)) end

if oldStatus ~= status then
  if oldStatus then redis.call('ZREM', INDEX[oldStatus], jobId) end
  redis.call('ZADD', INDEX[status], 0, jobId)
end
if mode == 'create' then
  redis.call('ZADD', jobsKey, 0, jobId)
  if idempotencyKey ~= jobKey then redis.call('SET', idempotencyKey, jobId, 'EX', idempotencySeconds) end
end
if begins then redis.call('SADD', activeKey, jobId) end
if ends then redis.call('SREM', activeKey, jobId) end
local placed = ends and redis.pcall('ZREM', latestKey, jobId) or redis.pcall('ZADD', latestKey, seq, jobId)
-- A key of another type is removed: its next reader makes it anew (latest-page.lua).
if type(placed) == 'table' then redis.call('UNLINK', latestKey) end
redis.call('EXPIRE', metaKey, logSeconds)
redis.call('EXPIRE', logKey, logSeconds)

local message = epoch .. ' ' .. seq .. ' ' .. hash .. ' ' .. previous .. ' ' .. event
local told = redis.pcall(publish, channel, message)
-- Redis 6.2 has no sharded Pub/Sub (channel.ts does the same).
if publish == 'SPUBLISH' and type(told) == 'table' and told.err then redis.pcall('PUBLISH', channel, message) end
return { 'OK', tonumber(seq), epoch, jobId, parentAttempt, hash, version }
