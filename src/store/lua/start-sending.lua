-- Ends the preparation of a campaign: from here on its batches may be called. Not while one of them is missing: a
-- failover in the midst of a plan may lose what was acknowledged before it.
--
-- KEYS[1]  campaign    the campaign's record
-- KEYS[2]  open        open batches of the campaign: before the first call all of them
-- ARGV[1]  planned     number of batches
-- ARGV[2]  audience    JSON: what became of the list
-- ARGV[3]  sendableAt  no call before this, milliseconds
-- ARGV[4]  reason      why nothing was planned, or ""
--
-- Returns the campaign's state now, or "incomplete"
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'preparing' then return state or 'gone' end
if redis.call('SCARD', KEYS[2]) < tonumber(ARGV[1]) then return 'incomplete' end
redis.call('HSET', KEYS[1], 'state', 'sending', 'planned', ARGV[1], 'audience', ARGV[2], 'sendableAt', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'reason', ARGV[4]) end
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 'sending'
