-- Removes an unreadable delivery from those that wait, so that those behind it get their turn.
--
-- Keys    waitingKey, dueKey (redis/keys.ts)
-- Args    jobId; member: the entry in waitingKey; empty: there is none, though the job is due

redis.call('ZREM', waitingKey, member)
local next = redis.call('ZRANGEBYLEX', waitingKey, '[' .. jobId .. '|', '(' .. jobId .. '}', 'LIMIT', 0, 1)[1]
if not next then redis.call('ZREM', dueKey, jobId) end
