-- Ends a campaign's calls for good; what is under way or accepted is followed to its end.
--
-- KEYS[1]  campaign  the campaign's record
-- ARGV[1]  reason    CANCELED (by a person) or DEADLINE
--
-- Returns "moved" or "illegal" (it is on its way out already, or ended)
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'scheduled' and state ~= 'preparing' and state ~= 'sending' then return 'illegal' end
redis.call('HSET', KEYS[1], 'state', 'canceling', 'reason', ARGV[1])
redis.call('HDEL', KEYS[1], 'paused')
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 'moved'
