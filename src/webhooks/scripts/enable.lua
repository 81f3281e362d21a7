-- Enables a disabled webhook again: what waits is sent at once, and its time starts anew.
--
-- Keys    settingsKey, dueKey (redis/keys.ts)
-- Args    now (ms)
-- Answer  1; 0: there is no such webhook

if redis.call('HEXISTS', settingsKey, 'url') == 0 then return 0 end
if redis.call('HDEL', settingsKey, 'disabledReason') == 0 then return 1 end
redis.call('HDEL', settingsKey, 'pausedUntil')
redis.call('HSET', settingsKey, 'enabledAt', now)
for _, jobId in ipairs(redis.call('ZRANGE', dueKey, 0, -1)) do redis.call('ZADD', dueKey, now, jobId) end
return 1
