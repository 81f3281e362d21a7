-- Adds a webhook to a project.
--
-- Keys    webhooksKey: ids of the project's webhooks; settingsKey
-- Args    id; now (ms); most: how many a project may have
-- More    the webhook's fields: name, value, name, value ...
-- Answer  1; 0: the project has as many as it may

if redis.call('ZCARD', webhooksKey) >= tonumber(most) and not redis.call('ZSCORE', webhooksKey, id) then return 0 end
redis.call('HSET', settingsKey, unpack(ARGV, MORE))
redis.call('ZADD', webhooksKey, now, id)
return 1
