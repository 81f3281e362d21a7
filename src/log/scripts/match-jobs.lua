-- Finds which of some jobs contain a text: in their title, id, error or, if asked for, a value of their input.
--
-- Keys    jobsKey, for its slot; after it the hashes of the jobs
-- Args    needle: the text to look for, its letters A to Z in lower case
--         needleInJson: the same as it stands in a JSON string
--         withInput: `1` if inputs are searched too
-- @returns for each job 1 or 0

local function says(value)
  if type(value) == 'table' then
    for _, part in pairs(value) do
      if says(part) then return true end
    end
    return false
  end
  return type(value) == 'string' and string.find(string.lower(value), needle, 1, true) ~= nil
end

-- Decoded only if the text contains it: most do not, and the name of a field is not a value.
local function jsonSays(text, pick)
  if not text or not string.find(string.lower(text), needleInJson, 1, true) then return false end
  local isJson, value = pcall(cjson.decode, text)
  return isJson and type(value) == 'table' and says(pick and pick(value) or value)
end

local function ofError(value)
  return { value.message, value.code }
end

local answer = {}
if jobsKey then
  for at = MORE_KEYS, #KEYS do
    local job = redis.pcall('HMGET', KEYS[at], 'id', 'title', 'error', 'input')
    local found = not job.err
      and (says(job[1]) or says(job[2]) or jsonSays(job[3], ofError) or (withInput == '1' and jsonSays(job[4])))
    answer[#answer + 1] = found and 1 or 0
  end
end
return answer
