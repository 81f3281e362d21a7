-- Adds lines to those that are kept of a job's steps, newest last. A job that has been removed gets none: nothing would remove
-- them.
--
-- Keys    jobKey, linesKey
-- Args    most: how many lines are kept, the newest ones
-- More    lines, as JSON

if redis.call('EXISTS', jobKey) == 0 then return 0 end
for at = MORE, #ARGV do redis.call('XADD', linesKey, 'MAXLEN', most, '*', 'line', ARGV[at]) end
return 1
