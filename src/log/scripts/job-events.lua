-- Events of one job in a stretch of the project's log, oldest first. The log is scanned in pieces, so that a long one holds
-- nobody up: a caller that wants more asks again.
--
-- Keys    logKey
-- Args    jobId
--         from, upTo: seqs, both inclusive
--         length: the most entries that are scanned
--         limit: the most events that are returned
-- @returns the seq up to which the log was scanned, `upTo` when nothing is left; then seq, hash and event of each

local entries = redis.call('XRANGE', logKey, from .. '-0', upTo .. '-0', 'COUNT', length)
-- Quotes in a text are escaped, so this is the name of a field; the caller checks whose.
local mark = '"jobId":"' .. jobId .. '"'
local found = { #entries < tonumber(length) and upTo or string.match(entries[#entries][1], '^%d+') }
for _, entry in ipairs(entries) do
  local seq, hash, event = string.match(entry[1], '^%d+'), entry[2][2], entry[2][4]
  if string.find(event, mark, 1, true) then
    found[#found + 1], found[#found + 2], found[#found + 3] = seq, hash, event
    if (#found - 1) / 3 == tonumber(limit) then
      found[1] = seq
      break
    end
  end
end
return found
