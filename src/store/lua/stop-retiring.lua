-- Ends the removal of a campaign that has changed since it was looked at: it stays.
--
-- KEYS[1]  retiring   campaigns that are being removed
-- ARGV[1]  id         the campaign's id
-- ARGV[2]  claimedAt  its mark in the index when it was looked at, or ""
--
-- Returns "stopped", or "done" when another worker has removed it
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 'done' end
redis.call('HDEL', KEYS[1], ARGV[1])
return 'stopped'
