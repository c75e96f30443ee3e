-- Ends the time in which a campaign only waits for its start.
--
-- KEYS[1]  campaign  the campaign's record
-- ARGV[1]  now       milliseconds
--
-- Returns the campaign's state now
local is = redis.call('HMGET', KEYS[1], 'state', 'startAt', 'paused')
if is[1] ~= 'scheduled' or is[3] or tonumber(ARGV[1]) < tonumber(is[2]) then return is[1] or 'gone' end
redis.call('HSET', KEYS[1], 'state', 'preparing')
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 'preparing'
