-- Ends a campaign's calls for good; what is under way or accepted is followed to its end.
--
-- KEYS[1]  campaign  the campaign's record
-- KEYS[2]  log       the account's audit log
-- ARGV[1]  reason    CANCELED (by a person) or DEADLINE
-- ARGV[2]  entry     what is written to the log, JSON, or ""
--
-- Returns "moved" or "illegal" (it is on its way out already, or ended)
-- @include audit
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'scheduled' and state ~= 'preparing' and state ~= 'sending' then return 'illegal' end
redis.call('HSET', KEYS[1], 'state', 'canceling', 'reason', ARGV[1])
redis.call('HDEL', KEYS[1], 'paused')
redis.call('HINCRBY', KEYS[1], 'version', 1)
audit(KEYS[2], ARGV[2])
return 'moved'
