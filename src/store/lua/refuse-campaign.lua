-- Ends a campaign that can't be sent, before anything is planned.
--
-- KEYS[1]  campaign  the campaign's record
-- ARGV[1]  reason    of its report
-- ARGV[2]  trouble   why, JSON
--
-- Returns the campaign's state now
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'scheduled' and state ~= 'preparing' then return state or 'gone' end
redis.call('HSET', KEYS[1], 'state', 'sending', 'planned', 0, 'reason', ARGV[1], 'refused', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 'sending'
