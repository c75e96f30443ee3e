-- Ends the preparation of a campaign: from here on its batches may be called.
--
-- KEYS[1]  campaign    the campaign's record
-- ARGV[1]  planned     number of batches
-- ARGV[2]  audience    JSON: what became of the list
-- ARGV[3]  sendableAt  no call before this, milliseconds
-- ARGV[4]  reason      why nothing was planned, or ""
--
-- Returns the campaign's state now
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'preparing' then return state or 'gone' end
redis.call('HSET', KEYS[1], 'state', 'sending', 'planned', ARGV[1], 'audience', ARGV[2], 'sendableAt', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'reason', ARGV[4]) end
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 'sending'
